"""What somebody is said to have, and what that says of him: "with a hat on the right" stands there, "with his back to us" faces away, and everybody has eyes."""

from __future__ import annotations

from dataclasses import dataclass

from pixwright.records.thing import Link, Place, Thing
from pixwright.words import adjectives as adj
from pixwright.words.lexicon import lexicon

_BACKS = (["back"], ["backs"])
_AWAY = ("facing",), ("away",)
"""How it is said, in states and other words, that somebody turns the back to us."""


@dataclass(frozen=True)
class Had:
    """`what` somebody has, without what is said of himself: `places`, a `link`, `states` and other words. `anyhow`: everybody has it, so that it tells nobody from others."""

    what: Thing
    places: tuple[Place, ...] = ()
    link: Link | None = None
    states: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    anyhow: bool = False


def had_by(head: str, what: Thing) -> Had:
    """What "`head` with `what`" says of each of the two."""
    nouns = lexicon()
    somebody = head == "person" or nouns.is_(head, "person")
    turned = somebody and what.owner is not None and what.text.split()[1:2] in _BACKS
    places = tuple(place for place in what.places if not (turned and place in adj.PLACES["back"]))
    link = what.link if nouns.is_(what.head, "part") else None
    rest = what.model_copy(update={"places": (), **({"link": None} if link else {})})
    states, said = _AWAY if turned else ((), ())
    return Had(rest, places, link, states, said, turned or (somebody and _has_anyhow(what)))


def _has_anyhow(what: Thing) -> bool:
    """Eyes, and how one's own hands are held; not a beard, nor what has a colour."""
    entry = lexicon().look(what.head)
    if what.colours:
        return False
    if entry is None:
        return what.owner is not None
    return entry.is_("part") and not entry.worn and not entry.is_("hair")
