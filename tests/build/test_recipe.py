"""A recipe decides everything, and says so in one canonical text."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pixwright.build.run.recipe import RECIPES, Recipe, load_maker, load_recipe, paper_types, uniform
from pixwright.errors import InvalidOption
from pixwright.records.kind import EditType


def recipe(**change):
    return Recipe(**{"name": "x", "maker": "a.b:make", "count": 1000} | change)


def test_the_hash_is_of_the_values_not_of_their_order():
    one = recipe(
        types={EditType.ADD: 1.0, EditType.REMOVE: 2.0}, thresholds={"all": {"l1": (None, 0.1), "clip": (0.2, None)}}
    )
    two = recipe(
        types={EditType.REMOVE: 2.0, EditType.ADD: 1.0}, thresholds={"all": {"clip": (0.2, None), "l1": (None, 0.1)}}
    )
    assert one.sha256() == two.sha256()
    assert Recipe.model_validate_json(one.canonical()) == one
    assert one.type_of(17) == two.type_of(17)


@pytest.mark.parametrize("field", sorted(set(Recipe.model_fields) - {"maker", "name", "count"}))
def test_every_field_is_in_the_hash(field):
    other = {
        "seed": 1,
        "shard_size": 9,
        "size": 512,
        "types": paper_types(),
        "sources": ("a",),
        "split": "test",
        "filters": False,
        "thresholds": {"add": {"l1": (None, 0.5)}},
        "formats": ("webdataset",),
        "jpeg_quality": 90,
        "options": {"a": "b"},
    }[field]
    assert recipe(**{field: other}).sha256() != recipe().sha256()
    assert recipe(**{field: other}).rows_sha256() != recipe().rows_sha256()


def test_the_length_is_not_in_a_shards_identity():
    assert recipe(count=7).sha256() != recipe().sha256()
    assert recipe(count=7).rows_sha256() == recipe().rows_sha256()


@pytest.mark.parametrize(
    "change", [{"count": 0}, {"types": {}}, {"types": {EditType.ADD: 0.0}}, {"formats": ()}, {"name": "../a"}]
)
@pytest.mark.parametrize("extra", [{}, {"colour": "red"}])
def test_nonsense_is_refused(change, extra):
    with pytest.raises(ValidationError):
        recipe(**change, **extra)


def test_thresholds_name_real_types():
    with pytest.raises(ValidationError, match="removal"):
        recipe(thresholds={"removal": {"l1": (None, 0.1)}})


def test_table_seven():
    types = paper_types()
    assert sum(types.values()) == 2_506_403
    assert set(EditType) - set(types) == {EditType.STYLE_TRANSFER}


def test_uniform_types_are_exactly_equal_in_any_multiple_of_26():
    found = Counter(recipe(types=uniform()).type_of(index) for index in range(26 * 50))
    assert set(found.values()) == {50} and len(found) == 26


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=26), st.integers(100, 3000))
def test_shares_are_kept_at_any_length(weights, length):
    types = dict(zip(EditType, weights))
    one = recipe(types=types)
    found = Counter(one.type_of(index) for index in range(length))
    for kind, weight in types.items():
        assert abs(found[kind] - length * weight / sum(weights)) < 6, kind


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5000), st.integers(1, 700))
def test_shards_cover_every_place_once(count, size):
    one = recipe(count=count, shard_size=size)
    places = [place for shard in range(one.shards) for place in range(*one.span(shard))]
    assert places == list(range(count))


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_recipes_that_are_known_by_name(name):
    assert load_recipe(name).name == name
    assert f"pixwright build {name}" in (RECIPES[name].__doc__ or "")


HELD = sorted((Path(__file__).parents[2] / "recipes" / "build").glob("*.py"))
"""What lies there: recipes, and the drawing of rated rows."""


@pytest.mark.parametrize("path", [one for one in HELD if "-> Recipe" in one.read_text()], ids=lambda p: p.stem)
def test_recipes_of_the_repository_say_how_they_are_run(path):
    names = [
        one.name for one in ast.parse(path.read_text()).body if isinstance(one, ast.FunctionDef) and one.name[0] != "_"
    ]
    assert names
    recipes = {name: load_recipe(f"{path}:{name}") for name in names}
    assert len({one.sha256() for one in recipes.values()}) == len(names)
    for one in ast.parse(path.read_text()).body:
        if isinstance(one, ast.FunctionDef) and one.name in names:
            assert f"{path.name}:{one.name}" in (ast.get_docstring(one) or "")


def test_a_recipe_of_ones_own(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from pixwright.build.run.recipe import Recipe\n"
        "def night():\n    return Recipe(name='night', maker='json:loads', count=3)\n"
        "def wrong():\n    return 3\n"
    )
    assert load_recipe(f"{path}:night").name == "night"
    for reference, said in [
        (f"{path}:wrong", "not a function that returns"),
        (f"{path}:nothing", "not a function that returns"),
        (f"{tmp_path}/other.py:night", "is not a file"),
        ("anyedits", "is no recipe"),
    ]:
        with pytest.raises(InvalidOption, match=said):
            load_recipe(reference)


def test_a_maker_that_is_not_there_is_one_line():
    with pytest.raises(InvalidOption, match="'nowhere:make'"):
        load_maker(recipe(maker="nowhere:make"))
    with pytest.raises(InvalidOption, match="'json:make'"):
        load_maker(recipe(maker="json:make"))
