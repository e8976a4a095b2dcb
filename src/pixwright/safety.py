"""A gate against sexual content about real persons and minors: on the words before the work, on the picture after it.

Two witnesses for each: words and whether the picture shows a person; a classifier's likelihood before and after, and a person. A second classifier is asked where it was
pulled (`pixwright models pull open-nsfw`): what both see counts from a lower likelihood. It is off for the owner of the machine on
the command line (`--policy` switches it on), and on in the server. What it lets through and stops wrongly is measured in docs/provenance.md.
"""

from __future__ import annotations

from collections.abc import Callable

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.decency import Decency, DecencyReader
from pixwright.errors import Refused
from pixwright.ground import see
from pixwright.records.instruction import Array
from pixwright.words import sensitive

EXPLICIT = 0.85
"""Likelihood from which a picture is taken for explicit (set so that none of the ordinary photographs that it was tried on is)."""
AGREED = 0.5
"""Likelihood from which it is where two classifiers both say so (set likewise)."""
_RISE = 0.3
"""How much of it must be the edit's doing, where the input was not explicit itself."""
_MINORS = "sexual content with minors is never made"
_PERSONS = "sexual content about a person in a photograph is not made"


def check_words(instruction: str, shows_person: Callable[[], bool]) -> None:
    """Raises Refused for words that ask for sexual content with a minor, or about a person whom the picture shows. `shows_person` is asked only where it matters."""
    said = sensitive.read(instruction)
    if said.minor and (said.sexual or said.uncovers):
        raise Refused(f"{_MINORS}; ask for another edit")
    if (said.sexual or said.uncovers) and shows_person():
        raise Refused(f"{_PERSONS}; ask for another edit")


def check_picture(before: Array, after: Array, encoders: Encoders, reader: DecencyReader | None = None) -> None:
    """Raises Refused where an edit made a picture of a person explicit. HxWx3|4 uint8 each."""
    reader = reader or encoders.decency
    now = _said(reader.read(after))
    if max(now) < EXPLICIT and (len(now) == 1 or min(now) < AGREED):
        return
    rise = _mean(now) - _mean(_said(reader.read(before)))
    if rise >= _RISE and person_in(after, encoders):
        raise Refused(f"{_PERSONS}: the result looks explicit ({max(now):.2f}); ask for another edit")


def _said(read: Decency) -> tuple[float, ...]:
    """The likelihoods of an explicit picture, one for each classifier that was asked."""
    return (read.explicit,) if read.second is None else (read.explicit, read.second)


def _mean(likelihoods: tuple[float, ...]) -> float:
    return sum(likelihoods) / len(likelihoods)


def person_in(picture: Array, encoders: Encoders) -> bool:
    """Whether a person is seen in a picture HxWx3|4 uint8: a body by the detector, or a face."""
    scene = see(picture, encoders)
    return bool(scene.people) or bool(encoders.people.faces(picture[..., :3]))
