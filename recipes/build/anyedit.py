"""Recipes of larger AnyEdit runs: `pixwright build anyedit --recipe recipes/build/anyedit.py:NAME -o FOLDER`."""

from __future__ import annotations

from pixwright.build.run.recipe import Recipe, anyedit, paper_types


def _changed(**change: object) -> Recipe:
    return Recipe.model_validate(anyedit().model_dump() | change)


def ten_thousand() -> Recipe:
    """10,000 pairs of all 26 types in equal shares, 256 px, parquet and tar.

    `pixwright build anyedit --recipe recipes/build/anyedit.py:ten_thousand --workers 2`. The time to aim at is 20 minutes on two cores.
    """
    return _changed(name="anyedit-10k", count=10_000, formats=("parquet", "webdataset"))


def paper() -> Recipe:
    """2,506,403 places in the shares of the paper's table 7 (25 types: it has no row for `style_transfer`), 512 px, JPEG.

    `pixwright build anyedit --recipe recipes/build/anyedit.py:paper --workers 64 --cluster HOST:PORT`. Build `ten_thousand` first: from its manifests
    `pixwright.build.run.engine.projection` says what this one costs.
    """
    types = paper_types()
    return _changed(
        name="anyedit-paper",
        count=round(sum(types.values())),
        types=types,
        size=512,
        shard_size=500,
        formats=("webdataset",),
        jpeg_quality=95,
    )
