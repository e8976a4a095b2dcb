"""Recipes of the data of ReasonPix2Pix's ablation; `recipes.train.reason_parts` builds both."""

from __future__ import annotations

from pixwright.build.run.recipe import Recipe, reasonpix2pix


def _changed(**change: object) -> Recipe:
    return Recipe.model_validate(reasonpix2pix().model_dump() | change)


def parts() -> Recipe:
    """300 places: six of part I for three of part II and two of part III, whose rows take a core twenty seconds each; in the paper's shares they would be two thirds.

    `pixwright build reasonpix2pix --recipe recipes/build/reasonpix2pix.py:parts --source packaged --source folder:PHOTOGRAPHS`; without photographs there is no part III. 17 minutes of one core; with a larger `--count` the first rows are the same.
    """
    return _changed(name="reason-parts", count=300, shard_size=75, options={"shares": "I=6,II=3,III=2"})


def first() -> Recipe:
    """600 places of part I alone, from other scenes.

    `pixwright build reasonpix2pix --recipe recipes/build/reasonpix2pix.py:first --source packaged`. Four minutes of one core.
    """
    return _changed(name="reason-first", count=600, shard_size=75, seed=1, options={"shares": "I=1"})
