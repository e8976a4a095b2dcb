"""What sentences say in another order or with more words than a command: passives, the place first, asides. Said again in the order of a command.

`emptied` takes out words that name nothing ("any instances of", "the presence of") before anything is read. `ways` gives what to try where a sentence is not read as it
stands: "the kite ought to be eradicated" as "eradicate the kite", "placed on the bench is a cat" as "add a cat on the bench".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pixwright.parse.order.asides import fits_in, without_asides, without_purpose
from pixwright.parse.order.empties import emptied
from pixwright.parse.order.foreseen import foreseen
from pixwright.parse.order.verbless import (
    coloured_behind,
    doing_last,
    fixed_behind,
    levelled,
    merged_one,
    newly_placed,
    no_more,
    others_gone,
    parts_alone,
    should_be,
    somebody_there,
    unlikened,
    without_lead,
    written_there,
)
from pixwright.parse.order.voice import (
    active,
    attached,
    behind_all,
    exchanged,
    is_place,
    joining,
    nearer,
    place_last,
    place_named,
    through,
)
from pixwright.parse.tokens import Token

__all__ = ["emptied", "fits_in", "foreseen", "is_place", "ways", "without_asides", "without_purpose"]

_TURNS: tuple[Callable[[list[Token]], list[Token]], ...] = (
    place_last,
    behind_all,
    active,
    place_named,
    joining,
    through,
    attached,
    exchanged,
    nearer,
)
_ELLIPSES: tuple[Callable[[list[Token]], list[Token]], ...] = (
    unlikened,
    without_lead,
    others_gone,
    parts_alone,
    newly_placed,
    fixed_behind,
    coloured_behind,
    somebody_there,
    levelled,
    no_more,
    merged_one,
    written_there,
    doing_last,
    should_be,
)


def ways(tokens: list[Token]) -> Iterator[list[Token]]:
    """The sentence in the order of a command, if that is another one."""
    said = tokens
    for turn in _TURNS:
        said = turn(said)
    if said != tokens:
        yield said
    for turn in _ELLIPSES:
        if (said := turn(tokens)) != tokens:
            yield said
