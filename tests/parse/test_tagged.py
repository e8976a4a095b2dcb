"""What the grammar does not read whole is tagged, said plainly, and read then."""

from __future__ import annotations

import pytest

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.tagging.tagger import TaggedStep
from pixwright.errors import UnclearInstruction
from pixwright.parse import parse, without_tags
from pixwright.parse.tagged import TaggedReading, read
from pixwright.parse.tagged.choice import better, measures, settled, weights
from pixwright.parse.tagged.commands import obey, steps_of
from pixwright.records.instruction import Instruction
from pixwright.records.kind import EditType

ENCODERS = Encoders()


def step(text, kind, means="", **roles):
    """A tagged step of the whole text, its roles quoted."""
    places = {role: ((text.index(words), text.index(words) + len(words)),) for role, words in roles.items()}
    return TaggedStep((0, len(text)), kind, 1.0, means, places, 1.0, 1.0)


@pytest.mark.parametrize(
    ("text", "kind", "means", "roles", "brief"),
    [
        ("that bin, gone", "remove", "", {"target": "that bin"}, ("remove", "bin", None)),
        ("sofa: walnut", "material_change", "wood", {"target": "sofa", "value": "walnut"}, ("material_change", "sofa", "walnut")),
        ("no wait the cat becomes a fox", "replace", "", {"target": "the cat", "value": "a fox"}, ("replace", "cat", "fox")),
        ("way too dark", "tone_transfer", "brightness+", {"amount": "way"}, ("tone_transfer", None, "brightness")),
        ("hat for him", "add", "", {"target": "him", "value": "hat"}, ("add", None, "hat")),
        ("SALE on it", "textual_change", "", {"value": "SALE"}, ("textual_change", None, "SALE")),
        ("as if in anime", "style_change", "anime", {}, ("style_change", None, "anime")),
        ("a bit to the left, the vase", "movement", "", {"target": "the vase", "place": "to the left"}, ("movement", "vase", None)),
    ],
)  # fmt: skip
def test_a_tagged_step_is_said_plainly(text, kind, means, roles, brief):
    (made,) = steps_of(text, step(text, kind, means, **roles))
    assert (made.type.value, made.target and str(made.target), made.value) == brief
    assert made.instruction == text


@pytest.mark.parametrize(
    ("text", "kind", "means", "roles", "brief"),
    [
        ("goat tipped over", "rotation_change", "tilt", {"target": "goat"}, ("action_change", "goat", "tilt")),
        ("postbox: a phone booth, yellow", "replace", "", {"target": "postbox", "value": "a phone booth, yellow"}, ("replace", "postbox", "phone booth, yellow")),
        ("goat and donkey the other way round", "relation_change", "", {"target": "goat", "value": "donkey"}, ("relation_change", "goat", None)),
        ("the gate wide open", "appearance_alter", "", {"target": "the gate", "value": "open"}, ("action_change", "gate", "open")),
        ("fog, the whole bank of it, away", "remove", "", {"target": "fog"}, ("tone_transfer", None, "haze")),
        ("a wasp nest from one beam to the other", "remove", "", {"target": "a wasp nest from one beam to the other"}, ("remove", "wasp nest from one beam to the other", None)),
        ("the drum in her lap", "movement", "", {"target": "the drum", "place": "in her lap"}, ("relation_change", "drum", None)),
    ],
)  # fmt: skip
def test_the_thing_that_was_tagged_is_the_steps(text, kind, means, roles, brief):
    """A command that the rules read as something about another thing, or torn, is not taken."""
    made = steps_of(text, step(text, kind, means, **roles))
    assert made and [(s.type.value, s.target and str(s.target), s.value) for s in made] == [brief]


def test_what_is_so_already_is_no_edit():
    text = "the slow green turtle"
    assert steps_of(text, step(text, "color_alter", target="the slow green turtle", value="green")) is None


def test_less_of_a_control_has_a_sign():
    (made,) = steps_of("calm the colours", step("calm the colours", "tone_transfer", "saturation-"))
    assert made.value == "saturation" and made.amount.value < 0


def test_what_stays_is_protected():
    text = "the sky pink, not the church"
    (made,) = steps_of(text, step(text, "color_alter", "pink", target="the sky", value="pink", protect="the church"))
    assert str(made.protect) == "church"


def test_a_thing_does_not_end_in_of_the():
    text = "clear the crumbs at the edge of the"
    (made,) = steps_of(text, step(text, "remove", target="the crumbs at the edge of the"))
    assert str(made.target) == "crumbs at the edge"


def test_a_look_without_a_rule_is_left_to_the_editor():
    text = "fence to be creosoted"
    (made,) = steps_of(text, step(text, "appearance_alter", target="fence", value="creosoted"))
    assert (made.type, made.value) == (EditType.APPEARANCE_ALTER, "creosoted")


def test_a_tone_without_a_word_is_nothing():
    assert steps_of("do it", step("do it", "tone_transfer")) is None


def test_what_the_rules_do_not_read_is_not_obeyed():
    assert obey("snarf the quux") is None and obey("remove the cat")[0].type is EditType.REMOVE


def test_a_whole_command_is_settled_and_asks_no_network():
    text = "make the car red"
    assert settled(text, without_tags(Instruction(text), None, None))


@pytest.mark.parametrize("text", ["remove the cat beside the lamp", "remove the cat on the chair"])
def test_a_command_that_names_what_no_step_speaks_of_is_not_settled(text):
    plan = without_tags(Instruction("remove the cat"), None, ENCODERS)
    assert settled("remove the cat", plan) and not settled(text, plan)


def test_what_tells_two_readings_apart_is_seen():
    ruled = without_tags(Instruction("remove the cat"), None, ENCODERS)
    longer = without_tags(Instruction("remove the small cat"), None, ENCODERS)
    found = measures(ruled, TaggedReading(longer.steps, 1.0, 1.0, 1.0, (), ()))
    assert found["tagger says more of a thing"] == 1.0 and found["rules say more of a thing"] == 0.0
    assert found["rules know the things"] == 1.0 and found["odd words in the rules' things"] == 0.0


def test_the_same_kinds_stay_in_the_rules_words():
    plan = without_tags(Instruction("remove the cat"), None, ENCODERS)
    assert not better(plan, TaggedReading(plan.steps, 1.0, 1.0, 1.0, (), ()))


def test_an_unsure_reading_does_not_stand_in_for_none():
    plan = without_tags(Instruction("remove the cat"), None, ENCODERS)
    assert not better(None, TaggedReading(plan.steps, 0.3, 1.0, 1.0, (), ()))
    assert better(None, TaggedReading(plan.steps, 0.9, 1.0, 1.0, (), ()))


def test_every_measure_has_its_weight():
    plan = without_tags(Instruction("remove the cat"), None, ENCODERS)
    assert measures(plan, TaggedReading((), 1.0, 1.0, 1.0, (), ())).keys() == weights().keys()


@pytest.mark.parametrize(
    ("text", "brief"),
    [
        ("replace the ginger cat with a blue cat", ("color_alter", "ginger cat", "blue")),
        ("turn the mugs into glass ones", ("material_change", "mugs", "glass")),
        ("replace the tree with a palm tree", ("replace", "tree", "palm tree")),
        ("make it midday instead of night", ("tone_transfer", None, "noon")),
    ],
)
def test_the_same_thing_in_another_colour_stays(text, brief):
    (made,) = obey(text)
    assert (made.type.value, made.target and str(made.target), made.value) == brief


def test_one_is_the_other_things_noun():
    text = "swap the round mirror for a square one"
    (made,) = steps_of(text, step(text, "replace", target="the round mirror", value="a square one"))
    assert (str(made.target), made.value) == ("round mirror", "square mirror")


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("Can't have cars in a regency shoot. Carriages!", [("replace", "cars")]),
        ("the gate: wrought iron rather than planks", [("material_change", "gate")]),
        ("Nan's cardigan came out green on this scan, it was lilac", [("color_alter", "nan's cardigan")]),
        ("that ladder behind me, gone please", [("remove", "ladder behind me")]),
    ],
)
def test_neighbours_of_what_people_type(text, steps):
    """Made up after the training, of no row's words."""
    plan = parse(Instruction(text), None, ENCODERS, use_llm=False)
    assert [(s.type.value, str(s.target).lower()) for s in plan.steps] == steps


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hat on the dog", "add"),
        ("scarf on the boy, then blur the background", "add"),
        ("the hat on the dog, not on the chair", "relation_change"),
    ],
)
def test_what_can_be_worn_is_put_on_whom_it_is_said_of(text, kind):
    assert read(text, ENCODERS).steps[0].type == kind


def test_what_asks_for_nothing_is_refused():
    with pytest.raises(UnclearInstruction):
        parse(Instruction("lovely picture of my aunt"), None, ENCODERS, use_llm=False)


def test_an_unsure_reading_says_what_it_was_taken_for():
    """And so no result of it is called done."""
    sure = parse(Instruction("that ladder behind me, gone please"), None, ENCODERS, use_llm=False).steps[0]
    unsure = parse(Instruction("that umbrella is in the way of everything"), None, ENCODERS, use_llm=False).steps[0]
    assert not sure.why and unsure.why == "taken for remove: umbrella"


def test_what_is_asked_for_twice_is_one_step():
    assert [step.value for step in read("way too dark, brighten it a bit", ENCODERS).steps] == ["brightness"]


@pytest.mark.parametrize(
    ("text", "value", "target"),
    [
        ("a lamp next to the sofa is what it needs, a tall one", "tall lamp", None),
        ("the dog's collar, the red one, make it green", "green", "dog's red collar"),
        ("Add an owl above the barn, near the pines", "owl", None),
    ],
)
def test_what_is_told_behind_a_thing_is_no_step(text, value, target):
    steps = parse(Instruction(text), None, ENCODERS, use_llm=False).steps
    assert [(step.value, str(step.target) if step.target else None) for step in steps] == [(value, target)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("looks dark", ["brightness"]),
        ("looks blurry", ["sharpness"]),
        ("looks hazy", ["haze"]),
        ("make it look foggy", ["fog"]),
    ],
)
def test_how_a_picture_looks_is_a_complaint_and_no_wish(text, values):
    assert [step.value for step in parse(Instruction(text), None, ENCODERS, use_llm=False).steps] == values


def test_the_tagger_counts_before_what_was_worked_out_from_a_situation():
    steps = parse(
        Instruction("its so dark inside, brighten the room so i can see it"), None, ENCODERS, use_llm=False
    ).steps
    assert [(step.value, str(step.target)) for step in steps] == [("brightness", "None")], "a room has no outline"
