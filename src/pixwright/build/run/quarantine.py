"""Quarantined: a row that could not be made, with its reason. It is kept as a row, so that nothing disappears without a word."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quarantined:
    """`reason` is `code: detail`, such as `missing_picture: 'cow.png' is not in the folder`; reports count by the code."""

    id: str
    reason: str
    origin: str = ""
    """The source row, file or asset at fault, if it is known."""
    type: str = ""
    """The edit type that was tried, if it was of one."""
    trial: bool = False
    """One try at a place, that could not be made; another may have filled the place."""

    @property
    def code(self) -> str:
        """The part of the reason that is counted."""
        return code_of(self.reason)


def code_of(reason: str) -> str:
    """`code: detail` -> `code`. A `Sample.rejected` is written in the same way."""
    return reason.partition(":")[0].strip()
