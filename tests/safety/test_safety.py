"""The gate: what it stops, and that it asks for the picture only where it matters."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data

from pixwright import safety
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.decency import Decency
from pixwright.errors import Refused


def never() -> bool:
    raise AssertionError("the picture was asked about")


def test_minors_are_refused_without_a_look_at_the_picture():
    with pytest.raises(Refused, match="minors"):
        safety.check_words("make the schoolgirl naked", never)


def test_a_person_in_the_picture_decides():
    with pytest.raises(Refused, match="person in a photograph"):
        safety.check_words("undress her", lambda: True)
    safety.check_words("make the statue naked", lambda: False)


@pytest.mark.parametrize("said", ["make the cup red", "remove the boy in the red shirt", "make the child smile"])
def test_ordinary_words_pass_without_a_look(said):
    safety.check_words(said, never)


def test_persons_are_seen():
    encoders = Encoders()
    assert safety.person_in(skimage.data.astronaut(), encoders)
    assert not safety.person_in(skimage.data.coffee(), encoders)


class Sayer:
    """A reader whose answers are given: no explicit picture belongs into a repository."""

    def __init__(self, *explicit: float, second: tuple[float, ...] = ()) -> None:
        self.answers, self.second = list(explicit), list(second)

    def read(self, picture: np.ndarray) -> Decency:
        value = self.answers.pop(0)
        return Decency(0, 0, 1 - value, value, 0, self.second.pop(0) if self.second else None)


def test_an_explicit_result_of_a_person_is_refused_and_one_that_was_so_before_is_not():
    encoders, person = Encoders(), skimage.data.astronaut()
    with pytest.raises(Refused, match="looks explicit"):
        safety.check_picture(person, person, encoders, Sayer(0.95, 0.1))
    safety.check_picture(person, person, encoders, Sayer(0.95, 0.9))
    safety.check_picture(person, person, encoders, Sayer(0.5))
    safety.check_picture(skimage.data.coffee(), skimage.data.coffee(), encoders, Sayer(0.95, 0.1))


def test_two_classifiers_that_agree_are_believed_sooner_than_one():
    encoders, person = Encoders(), skimage.data.astronaut()
    safety.check_picture(person, person, encoders, Sayer(0.6))
    with pytest.raises(Refused, match="looks explicit"):
        safety.check_picture(person, person, encoders, Sayer(0.6, 0.1, second=(0.7, 0.2)))
    safety.check_picture(person, person, encoders, Sayer(0.6, second=(0.3,)))
    with pytest.raises(Refused):
        safety.check_picture(person, person, encoders, Sayer(0.3, 0.1, second=(0.9, 0.1)))
    safety.check_picture(person, person, encoders, Sayer(0.6, 0.5, second=(0.7, 0.6)))


def test_ordinary_photographs_are_not_explicit():
    reader = Encoders().decency
    for name in ("chelsea", "astronaut", "coffee"):
        assert reader.read(getattr(skimage.data, name)()).explicit < safety.EXPLICIT / 2


def test_the_policy_of_a_job_stops_it_before_anything_is_written(tmp_path):
    from PIL import Image

    from pixwright.files import Job, edit_file

    path = tmp_path / "her.png"
    Image.fromarray(skimage.data.astronaut()).save(path)
    with pytest.raises(Refused):
        edit_file(Job(path, "make her naked", policy=True))
    assert [one.name for one in tmp_path.iterdir()] == ["her.png"]
