"""Witnesses: what the pixels themselves say against an edit. None knows the name of what was edited, and none trusts the mask it was edited by.

Start at `WITNESSES` here and `trust.py`, which says from what value on one objects, and how much it counts. A witness is a function Look -> Heard, or None
where it has nothing to say: whether it has is told by what the step does (its traits, its evidence), not by its type. `outline`, `hole`, `arrival`, `change`,
`surface`, `whole` and `stranger` hold them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pixwright.judge.look import Look
from pixwright.judge.witnesses import arrival, change, hole, outline, stranger, surface, whole
from pixwright.judge.witnesses.heard import Heard
from pixwright.records.result import Cure

__all__ = ["WITNESSES", "Heard", "Witness"]


@dataclass(frozen=True)
class Witness:
    """`hear` measures; `cure` is what another try could mend where it objects."""

    hear: Callable[[Look], Heard | None]
    cure: Cure | None = None


WITNESSES: dict[str, Witness] = {
    "found": Witness(outline.found, Cure.PLACE),
    "outline_on_edges": Witness(outline.on_edges, Cure.PLACE),
    "drawn_anew": Witness(outline.drawn_anew, Cure.PLACE),
    "cut_anew": Witness(outline.cut_anew),
    "ragged": Witness(outline.ragged, Cure.PLACE),
    "goes_on": Witness(outline.goes_on, Cure.PLACE),
    "rest_of_it": Witness(outline.rest, Cure.PLACE),
    "whole_owner": Witness(outline.whole_owner, Cure.PLACE),
    "foreground": Witness(outline.foreground),
    "leftovers": Witness(hole.leftovers, Cure.PLACE),
    "filling": Witness(hole.filling, Cure.WAY),
    "filled": Witness(hole.filled),
    "seam": Witness(hole.seam, Cure.WAY),
    "pieces": Witness(arrival.pieces),
    "cut_off": Witness(arrival.cut_off),
    "drawn": Witness(arrival.drawn),
    "other_name": Witness(arrival.other_name),
    "place": Witness(arrival.place, Cure.WAY),
    "by_anchor": Witness(arrival.by_anchor, Cure.WAY),
    "covers": Witness(arrival.covers, Cure.WAY),
    "rests": Witness(arrival.rests, Cure.WAY),
    "upright": Witness(arrival.upright),
    "legible": Witness(arrival.legible, Cure.WAY),
    "ends_on_edges": Witness(change.ends_on_edges, Cure.PLACE),
    "new_edges": Witness(change.new_edges, Cure.WAY),
    "other_colours": Witness(surface.other_colours, Cure.WAY),
    "camouflage": Witness(surface.camouflage),
    "flat_pattern": Witness(surface.flat_pattern, Cure.WAY),
    "lost_detail": Witness(surface.lost_detail, Cure.WAY),
    "faint": Witness(surface.faint, Cure.WAY),
    "blotches": Witness(whole.blotches, Cure.WAY),
    "vanished": Witness(whole.vanished, Cure.WAY),
    "slight": Witness(whole.slight, Cure.WAY),
    "wished": Witness(whole.wished),
    "colours_only": Witness(whole.colours_only),
    "dissolved": Witness(whole.dissolved, Cure.WAY),
    "noise": Witness(whole.noise, Cure.WAY),
    "stranger": Witness(stranger.stranger, Cure.WAY),
    "broken": Witness(stranger.broken, Cure.WAY),
}
"""Name -> witness."""
