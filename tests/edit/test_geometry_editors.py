"""The geometric editors and `composite`: what they promise, on odd sizes and on a photograph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from pixwright.edit.composite import blend, composite
from pixwright.edit.contract import Context, Proposal
from pixwright.edit.dispatch import edit, module_of, needs_target
from pixwright.edit.filling.fill import fill
from pixwright.edit.filling.shadows import cast_shadow
from pixwright.edit.placing.lifting import bounds
from pixwright.encoders.bundle import Encoders
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.placement import Grid
from pixwright.records.plan import Amount, Frame, Relation, Step, Unit, Where
from pixwright.records.region import Region, whole

SIZES = [(139, 211), (64, 64), (7, 9), (1, 64), (64, 1), (97, 40)]


def region_of(mask: Array) -> Region:
    box = bounds(mask)
    boxes = () if box is None else (box,)
    return Region(mask, boxes, 0.9, "thing", "phrase", (mask > 0).astype(np.uint8))


def disc(height: int, width: int, x: float, y: float, radius: float) -> Array:
    mask = np.zeros((height, width), np.uint8)
    cv2.circle(mask, (round(x * width), round(y * height)), max(1, round(radius * min(height, width))), 255, -1)
    return cv2.GaussianBlur(mask, (3, 3), 0)


def context_with(places: dict[str, Array] | None = None, seed: int = 3) -> Context:
    """A context whose grounder knows hand-made masks, and nothing else."""

    def ground(picture: Array, phrase: str) -> Region:
        mask = (places or {}).get(phrase, np.zeros(picture.shape[:2], np.uint8))
        return replace(region_of(mask), phrase=phrase)

    return Context(seed, Encoders(), ground)


def scene(height: int, width: int, mask: Array) -> Array:
    """Sky over grass with texture, and a striped red thing under the mask."""
    rng = np.random.default_rng(5)
    rows = np.linspace(0, 1, height)[:, None]
    sky, grass = np.array([120, 170, 230.0]), np.array([60, 130, 50.0])
    picture = np.where((rows < 0.5)[..., None], sky + 40 * rows[..., None], grass) + np.zeros((height, width, 1))
    picture += rng.normal(0, 8, (height, width, 1))
    stripes = np.where((np.arange(width) // 4 % 2)[None, :, None] == 0, [200, 30, 30.0], [230, 200, 40.0])
    picture = np.where((mask > 127)[..., None], stripes, picture)
    return np.clip(picture, 0, 255).astype(np.uint8)


STEPS: dict[str, Step] = {
    "remove": Step(type=EditType.REMOVE, instruction="", target="thing"),
    "move left": Step(type=EditType.MOVEMENT, instruction="", target="thing", where=Where(relation=Relation.LEFT)),
    "move corner": Step(
        type=EditType.MOVEMENT, instruction="", target="thing", where=Where(relation=Relation.BOTTOM_RIGHT)
    ),
    "larger": Step(type=EditType.RESIZE, instruction="", target="thing", amount=Amount(value=1.5, unit=Unit.FACTOR)),
    "smaller": Step(type=EditType.RESIZE, instruction="", target="thing", amount=Amount(value=-40, unit=Unit.PERCENT)),
    "turn": Step(
        type=EditType.ROTATION_CHANGE, instruction="", target="thing", amount=Amount(value=30, unit=Unit.DEGREES)
    ),
    "other side": Step(type=EditType.ROTATION_CHANGE, instruction="", target="thing", value="seen from the other side"),
    "beside": Step(
        type=EditType.RELATION_CHANGE,
        instruction="",
        target="thing",
        where=Where(relation=Relation.RIGHT, anchor="post"),
    ),
    "inside": Step(
        type=EditType.RELATION_CHANGE,
        instruction="",
        target="thing",
        where=Where(relation=Relation.INSIDE, anchor="post"),
    ),
    "swap": Step(
        type=EditType.RELATION_CHANGE,
        instruction="",
        target="thing",
        where=Where(relation=Relation.SWAP, anchor="post"),
    ),
    **{
        name: Step(type=EditType.ACTION_CHANGE, instruction="", target="thing", value=name)
        for name in ("face left", "turn around", "lie down", "tilt", "lean", "jump", "fly", "flip", "stand up")
    },
    "implicit": Step(type=EditType.IMPLICIT_CHANGE, instruction="be happy"),
    "zoom in": Step(type=EditType.RESIZE, instruction="", value="zoom in"),
    "zoom out": Step(type=EditType.RESIZE, instruction="", value="zoom out"),
    "slant": Step(type=EditType.ROTATION_CHANGE, instruction="", amount=Amount(value=12, unit=Unit.DEGREES)),
}


CASES = [(name, size) for name in STEPS for size in SIZES] + [("remove", (331, 509)), ("larger", (331, 509))]


@pytest.mark.parametrize(("name", "size"), CASES)
def test_outside_the_mask_nothing_changes(name: str, size: tuple[int, int]) -> None:
    height, width = size
    mask = disc(height, width, 0.4, 0.55, 0.16)
    picture = scene(height, width, mask)
    kept = picture.copy()
    step = STEPS[name]
    region = region_of(mask) if step.target else whole(height, width)
    places = {"post": disc(height, width, 0.8, 0.6, 0.12)}
    proposal = edit(picture, step, region, context_with(places))
    result, effective = composite(picture, proposal)
    assert np.array_equal(picture, kept), "the input was written to"
    assert result.dtype == np.uint8 and result.shape == picture.shape
    assert np.array_equal(result[effective == 0], picture[effective == 0])
    if proposal.refused is not None:
        assert np.array_equal(result, picture) and "\n" not in proposal.refused
    again, _ = composite(picture, edit(picture, step, region, context_with(places)))
    assert np.array_equal(result, again), "the same seed must give the same picture"


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_blend_is_exact_at_the_ends_and_respects_the_limit(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    before, after = (rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(2))
    mask = rng.choice(np.array([0, 1, 127, 254, 255], np.uint8), (height, width))
    limit = rng.choice(np.array([0, 60, 255], np.uint8), (height, width))
    result = blend(before, after, mask)
    assert np.array_equal(result[mask == 0], before[mask == 0])
    assert np.array_equal(result[mask == 255], after[mask == 255])
    exact = np.round(before + (after.astype(float) - before) * (mask[..., None] / 255.0))
    assert np.abs(result - exact).max() <= 1
    limited, effective = composite(before, Proposal(after, mask), limit)
    assert np.array_equal(limited[limit == 0], before[limit == 0]) and (effective <= limit).all()


@pytest.mark.parametrize(
    ("relation", "grown"), [(Relation.LEFT, (0, 1)), (Relation.BOTTOM, (1, 0)), (Relation.EVERY_SIDE, (1, 1))]
)
@pytest.mark.parametrize("size", [(131, 97), (1, 64), (7, 9)])
def test_outpaint_keeps_the_old_picture(relation: Relation, grown: tuple[int, int], size: tuple[int, int]) -> None:
    picture = scene(*size, np.zeros(size, np.uint8))
    step = Step(
        type=EditType.OUTPAINT,
        instruction="",
        where=Where(relation=relation),
        amount=Amount(value=50, unit=Unit.PERCENT),
    )
    proposal = edit(picture, step, whole(*size), context_with())
    result, mask = composite(picture, proposal)
    assert proposal.refused is None and proposal.evidence.canvas is not None
    x0, y0, x1, y1 = proposal.evidence.canvas
    assert np.array_equal(result[y0:y1, x0:x1], picture)
    assert not mask[y0:y1, x0:x1].any()
    assert (result.shape[0] > size[0], result.shape[1] > size[1]) == (bool(grown[0]), bool(grown[1]))


@pytest.mark.parametrize(("ratio", "size"), [((2, 1), (120, 240)), ((1, 1), (180, 180)), ((3, 4), (240, 180))])
@pytest.mark.parametrize("blocks", [Grid(), Grid(2, 2), Grid(2, 2, True, True)])
def test_outpaint_reaches_a_proportion(ratio: tuple[int, int], size: tuple[int, int], blocks: Grid) -> None:
    picture = scene(120, 180, np.zeros((120, 180), np.uint8))
    frame = Frame(width=ratio[0], height=ratio[1], ratio=True)
    step = Step(type=EditType.OUTPAINT, instruction="", frame=frame)
    proposal = edit(picture, step, whole(120, 180), replace(context_with(), grid=blocks))
    result, mask = composite(picture, proposal)
    assert result.shape[:2] == size and proposal.evidence.canvas is not None
    x0, y0, x1, y1 = proposal.evidence.canvas
    before = (size[1] - x1 if blocks.from_right else x0), (size[0] - y1 if blocks.from_bottom else y0)
    assert before[0] % blocks.across == 0 and before[1] % blocks.down == 0
    assert np.array_equal(result[y0:y1, x0:x1], picture) and not mask[y0:y1, x0:x1].any()
    there = step.model_copy(update={"frame": Frame(width=3, height=2, ratio=True)})
    assert "already" in (edit(picture, there, whole(120, 180), context_with()).refused or "")


def test_a_border_is_of_one_colour_about_the_same_picture() -> None:
    picture = scene(60, 90, np.zeros((60, 90), np.uint8))
    everywhere, ten = Where(relation=Relation.EVERY_SIDE), Amount(value=10, unit=Unit.PIXELS)
    step = Step(type=EditType.OUTPAINT, instruction="", value="#203040", where=everywhere, amount=ten)
    result, mask = composite(picture, edit(picture, step, whole(60, 90), context_with()))
    assert result.shape == (80, 110, 3) and np.array_equal(result[10:70, 10:100], picture)
    assert (result[mask > 0] == (0x20, 0x30, 0x40)).all() and int((mask > 0).sum()) == 80 * 110 - 60 * 90
    odd = step.model_copy(update={"value": "wobbly"})
    assert "no colour" in (edit(picture, odd, whole(60, 90), context_with()).refused or "")


def test_crop_and_quarter_turn_hold_the_old_pixels() -> None:
    picture = scene(60, 91, np.zeros((60, 91), np.uint8))
    square = Frame(width=1, height=1, ratio=True)
    crop = Step(type=EditType.RESIZE, instruction="crop to a square", value="crop", frame=square)
    result, _ = composite(picture, edit(picture, crop, whole(60, 91), context_with()))
    assert result.shape == (60, 60, 3) and np.array_equal(result, picture[:, 15:75])
    turn = Step(type=EditType.ROTATION_CHANGE, instruction="", amount=Amount(value=90, unit=Unit.DEGREES))
    result, _ = composite(picture, edit(picture, turn, whole(60, 91), context_with()))
    assert np.array_equal(result, np.rot90(picture, -1)), "90 degrees is clockwise"


def test_a_tampered_canvas_is_put_right() -> None:
    picture = scene(20, 30, np.zeros((20, 30), np.uint8))
    wrong = np.zeros((20, 40, 3), np.uint8)
    result, _ = composite(picture, Proposal(wrong, np.full((20, 40), 255, np.uint8), Evidence(canvas=(10, 0, 40, 20))))
    assert np.array_equal(result[:, 10:], picture)
    with pytest.raises(AssertionError):
        composite(picture, Proposal(wrong[:5, :5], np.zeros((5, 5), np.uint8), Evidence(canvas=(0, 0, 9, 9))))


def test_removal_of_a_thing_leaves_its_surroundings() -> None:
    mask = disc(160, 200, 0.5, 0.5, 0.2)
    picture = scene(160, 200, mask)
    truth = scene(160, 200, np.zeros_like(mask))
    result, _ = composite(picture, edit(picture, STEPS["remove"], region_of(mask), context_with()))
    inside = mask > 127
    error = np.abs(cv2.blur(result, (9, 9)).astype(float) - cv2.blur(truth, (9, 9)))[inside].mean()
    assert error < 12, "sky above, grass below"
    assert result[inside].std(axis=0).mean() > 0.6 * truth[inside].std(axis=0).mean(), "texture is kept, not smeared"
    assert not ((result[..., 0].astype(int) - result[..., 1] > 90) & inside).any(), "nothing red is left"


def test_fill_keeps_texture_on_a_photograph() -> None:
    picture = np.ascontiguousarray(data.coffee()[200:400, 0:260])
    hole = np.zeros(picture.shape[:2], np.uint8)
    hole[120:160, 20:70] = 255
    result = fill(picture, hole, rng=np.random.default_rng(0))
    assert np.array_equal(result[hole == 0], picture[hole == 0])

    def detail(p: Array) -> float:
        return float(np.abs(cv2.Laplacian(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), cv2.CV_32F))[hole > 0].mean())

    assert detail(result) > 0.5 * detail(picture)


def test_fill_does_not_copy_what_is_forbidden() -> None:
    picture = scene(90, 120, np.zeros((90, 120), np.uint8))
    picture[60:80, 80:110] = (255, 0, 255)
    picture[60:80, 20:40] = (255, 0, 255)
    hole, forbid = np.zeros((90, 120), np.uint8), np.zeros((90, 120), np.uint8)
    hole[58:82, 18:42] = 255
    forbid[58:82, 78:112] = 255
    result = fill(picture, hole, rng=np.random.default_rng(0), forbid=forbid)
    assert not (result[hole > 0] == (255, 0, 255)).all(axis=1).any()


@pytest.mark.parametrize("full", [True, False])
def test_fill_of_everything_or_nothing(full: bool) -> None:
    picture = scene(20, 20, np.zeros((20, 20), np.uint8))
    hole = np.full((20, 20), 255 if full else 0, np.uint8)
    assert np.array_equal(fill(picture, hole, rng=np.random.default_rng(0)), picture)


def test_movement_lands_where_the_evidence_says() -> None:
    mask = disc(150, 220, 0.3, 0.5, 0.15)
    picture = scene(150, 220, mask)
    step = Step(
        type=EditType.MOVEMENT,
        instruction="",
        target="thing",
        where=Where(relation=Relation.RIGHT),
        amount=Amount(value=80, unit=Unit.PIXELS),
    )
    proposal = edit(picture, step, region_of(mask), context_with())
    result, _ = composite(picture, proposal)
    assert proposal.evidence.displacement == (80.0, 0.0)
    solid = cv2.erode(mask, np.ones((5, 5), np.uint8)) == 255
    assert np.array_equal(result[np.roll(solid, 80, axis=1)], picture[solid])
    assert not ((result[..., 0].astype(int) - result[..., 1] > 90) & solid).any(), "nothing is left behind"


def test_mirroring_twice_gives_the_object_back() -> None:
    mask = disc(120, 160, 0.5, 0.5, 0.2)
    picture = scene(120, 160, mask)
    once, _ = composite(picture, edit(picture, STEPS["face left"], region_of(mask), context_with()))
    solid = cv2.erode(mask, np.ones((7, 7), np.uint8)) == 255
    x0, y0, x1, y1 = bounds(mask) or (0, 0, 0, 0)
    inner = solid[y0:y1, x0:x1] & solid[y0:y1, x0:x1][:, ::-1]
    assert np.array_equal(once[y0:y1, x0:x1][inner], picture[y0:y1, x0:x1][:, ::-1][inner])


def test_a_contact_shadow_is_found_and_a_dark_floor_is_not() -> None:
    mask = disc(160, 200, 0.5, 0.5, 0.18)
    picture = np.full((160, 200, 3), (170, 160, 140), np.uint8)
    lit = picture.copy()
    cv2.ellipse(lit, (110, 112), (42, 9), 0, 0, 360, (85, 80, 70), -1)
    lit[mask > 127] = (200, 30, 30)
    assert cast_shadow(lit, mask, mask * 0)[0][112, 135] > 127
    plain = picture.copy()
    plain[mask > 127] = (200, 30, 30)
    assert not cast_shadow(plain, mask, mask * 0)[0].any()


REFUSALS: list[tuple[Step, Callable[[Array], Region]]] = [
    (Step(type=EditType.REMOVE, instruction="", target="ghost"), lambda p: region_of(np.zeros(p.shape[:2], np.uint8))),
    (
        Step(type=EditType.REMOVE, instruction="", target="all"),
        lambda p: region_of(np.full(p.shape[:2], 255, np.uint8)),
    ),
    (Step(type=EditType.MOVEMENT, instruction="", target="thing"), lambda p: region_of(disc(80, 90, 0.5, 0.5, 0.2))),
    (
        Step(
            type=EditType.RELATION_CHANGE,
            instruction="",
            target="thing",
            where=Where(relation=Relation.ON, anchor="moon"),
        ),
        lambda p: region_of(disc(80, 90, 0.5, 0.5, 0.2)),
    ),
    (
        Step(type=EditType.RESIZE, instruction="", target="thing", amount=Amount(value=0, unit=Unit.FACTOR)),
        lambda p: region_of(disc(80, 90, 0.5, 0.5, 0.2)),
    ),
    (
        Step(type=EditType.ACTION_CHANGE, instruction="", target="thing", value="dance"),
        lambda p: region_of(disc(80, 90, 0.5, 0.5, 0.2)),
    ),
    (
        Step(type=EditType.OUTPAINT, instruction="", where=Where(relation=Relation.INSIDE)),
        lambda p: whole(80, 90),
    ),
]


@pytest.mark.parametrize(("step", "where"), REFUSALS)
def test_what_cannot_be_done_is_refused_with_a_way_out(step: Step, where: Callable[[Array], Region]) -> None:
    picture = scene(80, 90, np.zeros((80, 90), np.uint8))
    proposal = edit(picture, step, where(picture), context_with())
    assert proposal.refused and ":" in proposal.refused
    assert np.array_equal(composite(picture, proposal)[0], picture)


def test_every_type_has_a_module_and_a_rule() -> None:
    assert all(import_module(module_of(kind)).edit for kind in EditType)
    assert needs_target(Step(type=EditType.REMOVE, instruction=""))
    assert needs_target(Step(type=EditType.COLOR_ALTER, instruction="", target="car"))
    assert not needs_target(Step(type=EditType.COLOR_ALTER, instruction=""))
    assert not needs_target(Step(type=EditType.ADD, instruction="", target="dog"))


@pytest.mark.parametrize(("value", "way"), [("flip horizontal", np.s_[:, ::-1]), ("flip vertical", np.s_[::-1])])
def test_a_flip_of_the_picture_is_exact(value: str, way: tuple[slice, ...]) -> None:
    picture = data.astronaut()[:90, :120]
    step = Step(type=EditType.ROTATION_CHANGE, instruction="mirror the picture", value=value)
    assert np.array_equal(edit(picture, step, whole(90, 120), context_with()).picture, picture[way])


@pytest.mark.parametrize(("words", "axis"), [("taller", (1.0, 1.5)), ("wider", (1.5, 1.0)), ("bigger", (1.5, 1.5))])
def test_taller_and_wider_change_one_measure_only(words: str, axis: tuple[float, float]) -> None:
    mask = disc(160, 160, 0.5, 0.6, 0.15)
    picture = scene(160, 160, mask)
    step = Step(
        type=EditType.RESIZE,
        instruction=f"make the thing {words}",
        target="thing",
        amount=Amount(value=1.5, unit=Unit.FACTOR),
    )
    proposal = edit(picture, step, region_of(mask), context_with())
    (x0, y0, x1, y1), (a, b, c, d) = proposal.evidence.placed[0], region_of(mask).boxes[0]
    assert abs((x1 - x0) - axis[0] * (c - a)) <= 3
    assert abs((y1 - y0) - axis[1] * (d - b)) <= 3
    assert abs(y1 - d) <= 2, "it keeps its foot"


def standing(box: tuple[int, int, int, int], size: tuple[int, int] = (240, 320)) -> tuple[Array, Region]:
    """A scene with one upright thing in it."""
    mask = np.zeros(size, np.uint8)
    mask[box[1] : box[3], box[0] : box[2]] = 255
    return scene(*size, mask), region_of(mask)


def acted(box: tuple[int, int, int, int], value: str, words: str = "") -> Proposal:
    picture, region = standing(box)
    return edit(
        picture,
        Step(type=EditType.ACTION_CHANGE, instruction=words, target="thing", value=value),
        region,
        context_with(),
    )


def test_what_stands_leans_on_its_foot_when_it_is_tilted() -> None:
    for words, sign in (("tilt it to the right", 1), ("tilt it to the left", -1)):
        x0, y0, x1, y1 = acted((140, 60, 180, 200), "tilt", words).evidence.placed[0]
        assert abs(y0 - 60) <= 2 and abs(y1 - 200) <= 2 and x1 - x0 > 60
        assert sign * ((x0 + x1) / 2 - 160) > 10


def test_lying_down_stays_in_the_frame_and_is_for_upright_things() -> None:
    x0, y0, x1, y1 = acted((10, 60, 50, 200), "lie down").evidence.placed[0]
    assert x0 >= 0 and x1 - x0 >= 135 and abs(y1 - 200) <= 2
    assert "bend" in str(acted((100, 100, 220, 200), "lie down").refused)
    assert "cuts" in str(acted((140, 60, 180, 240), "lie down").refused)


def test_what_the_frame_cuts_at_the_foot_does_not_fly() -> None:
    assert "bottom" in str(acted((140, 100, 200, 240), "jump").refused)
    assert acted((140, 100, 200, 200), "jump").refused is None


def test_the_mirror_image_of_a_thing_that_is_cut_stands_at_the_other_side() -> None:
    proposal = acted((0, 80, 90, 200), "face left")
    assert "other side" in str(proposal.partly)
    changed = np.abs(proposal.picture.astype(int) - standing((0, 80, 90, 200))[0]).max(axis=2) > 40
    assert changed[90:190, 240:318].mean() > 0.5


def test_growth_stops_at_the_frame_and_says_so() -> None:
    picture, region = standing((140, 60, 180, 200))
    larger = Step(type=EditType.RESIZE, instruction="", target="thing", amount=Amount(value=2.5, unit=Unit.FACTOR))
    proposal = edit(picture, larger, region, context_with())
    assert proposal.evidence.placed[0][1] <= 3 and proposal.evidence.placed[0][3] >= 237
    assert proposal.evidence.factor == pytest.approx(240 / 140, abs=0.02) and "leave the picture" in str(
        proposal.partly
    )


def test_what_grows_beyond_the_upper_edge_comes_nearer() -> None:
    picture, region = standing((140, 20, 180, 120))
    larger = Step(type=EditType.RESIZE, instruction="", target="thing", amount=Amount(value=2, unit=Unit.FACTOR))
    proposal = edit(picture, larger, region, context_with())
    x0, y0, x1, y1 = proposal.evidence.placed[0]
    assert proposal.partly is None and abs(y1 - y0 - 200) <= 3 and y0 >= 0 and y1 > 195


def test_a_crop_can_have_a_thing_in_its_middle() -> None:
    picture, region = standing((200, 100, 260, 180))
    crop = Step(
        type=EditType.RESIZE, instruction="", target="thing", value="crop", where=Where(relation=Relation.CENTER)
    )
    x0, y0, x1, y1 = edit(picture, crop, region, context_with()).evidence.canvas
    assert abs((x0 + x1) / 2 - 230) <= 9 and abs((y0 + y1) / 2 - 140) <= 9
    assert (x1 - x0) / (y1 - y0) == pytest.approx(320 / 240, rel=0.15) and x1 - x0 > 120


def test_a_turned_thing_stays_in_the_frame() -> None:
    picture, region = standing((20, 100, 300, 130))
    turn = Step(
        type=EditType.ROTATION_CHANGE, instruction="", target="thing", amount=Amount(value=90, unit=Unit.DEGREES)
    )
    proposal = edit(picture, turn, region, context_with())
    x0, y0, x1, y1 = proposal.evidence.placed[0]
    assert y1 - y0 > 0.9 * 240 and "smaller" in proposal.notes[0]


@pytest.mark.parametrize(
    ("words", "left"), [("put it on the left side", 10), ("move it to the left", 80), ("move it to the left edge", 10)]
)
def test_a_side_is_a_place_and_to_the_left_a_step(words: str, left: int) -> None:
    picture, region = standing((160, 100, 200, 180))
    move = Step(type=EditType.MOVEMENT, instruction=words, target="thing", where=Where(relation=Relation.LEFT))
    box = edit(picture, move, region, context_with()).evidence.placed[0]
    assert abs(box[0] - left) < 25 and box[1] == 100


def test_controls_move_turn_and_size_a_thing() -> None:
    picture, region = standing((140, 100, 180, 180))
    told = replace(context_with(), controls={"move_x": 25.0, "move_y": 0.0, "angle": 90.0, "factor": 0.5})
    moved = edit(picture, STEPS["move left"], region, told)
    assert moved.evidence.displacement == (80.0, 0.0) and {c.name for c in moved.controls} == {"move_x", "move_y"}
    assert edit(picture, STEPS["turn"], region, told).evidence.angle == 90
    assert edit(picture, STEPS["larger"], region, told).evidence.factor == 0.5


@pytest.mark.parametrize(("left", "asked", "said"), [(4, None, True), (150, None, False), (4, 4.0, False)])
def test_a_movement_that_nobody_would_see_is_said_to_be_one(left: int, asked: float | None, said: bool) -> None:
    picture, region = standing((left, 100, left + 90, 180))
    amount = Amount(value=asked, unit=Unit.PIXELS) if asked else None
    words = "move it to the left"
    move = Step(
        type=EditType.MOVEMENT, instruction=words, target="thing", where=Where(relation=Relation.LEFT), amount=amount
    )
    partly = edit(picture, move, region, context_with()).partly or ""
    assert ("room for 4 pixels only" in partly) == said


@pytest.mark.parametrize(("relation", "angle"), [(None, 90), (Relation.LEFT, -90)])
def test_a_picture_that_is_turned_nobody_says_how_far_is_turned_by_a_quarter_and_told(relation, angle):
    where = None if relation is None else Where(relation=relation)
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    step = Step(type=EditType.ROTATION_CHANGE, instruction="", where=where)
    made = edit(picture, step, whole(40, 60), context_with())
    assert np.array_equal(made.picture, np.rot90(picture, -angle // 90)) and "not said" in (made.partly or "")


def _large(*sides: str) -> Array:
    """A thing that fills a third of 90x120, and reaches those sides of the frame."""
    mask = np.zeros((90, 120), np.uint8)
    left, top = (0 if "left" in sides else 30), (0 if "top" in sides else 25)
    mask[top : 90 if "bottom" in sides else 80, left : 120 if "right" in sides else 85] = 255
    return mask


@pytest.mark.parametrize("sides", [("right",), ("top", "right"), ("bottom",), ()])
def test_what_the_frame_cuts_or_what_fills_it_moves_with_the_whole_view(sides: tuple[str, ...]) -> None:
    mask = _large(*sides)
    picture = scene(90, 120, mask)
    move = Step(
        type=EditType.MOVEMENT, instruction="move it to the right", target="thing", where=Where(relation=Relation.RIGHT)
    )
    proposal = edit(picture, move, region_of(mask), context_with())
    assert proposal.refused is None and proposal.picture.shape == picture.shape
    dx, dy = proposal.evidence.displacement or (0, 0)
    assert dx >= 0.1 * 120 and dy == 0
    by = round(dx)
    assert np.array_equal(proposal.picture[:, by:], picture[:, :-by]), "all that was there, further to the right"
    assert any("made up on the other" in note for note in proposal.notes)


def test_what_the_frame_cuts_is_not_moved_away_from_there() -> None:
    mask = _large("left")
    move = Step(
        type=EditType.MOVEMENT, instruction="move it to the right", target="thing", where=Where(relation=Relation.RIGHT)
    )
    refused = edit(scene(90, 120, mask), move, region_of(mask), context_with()).refused
    assert refused is not None and "cuts thing at the left" in refused
