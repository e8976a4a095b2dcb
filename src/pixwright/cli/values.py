"""Options as the values that they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pixwright.cli.options import YesNo
from pixwright.errors import InvalidOption

if TYPE_CHECKING:
    from pixwright.pointing import UserPlace


def place_from(
    mask: Path | None,
    box: str | None,
    points: list[str] | None,
    not_points: list[str] | None,
    scribble: Path | None = None,
    limits: YesNo = YesNo.YES,
    protect: Path | None = None,
    markup: Path | None = None,
) -> UserPlace:
    """Where the user pointed, from the options of a command."""
    from pixwright.pointing import UserPlace

    at = tuple(points or ()), tuple(not_points or ())
    return UserPlace(mask, box, *at, scribble, limits=limits is YesNo.YES, protect=protect, markup=markup)


def settings_from(given: list[str] | None) -> dict[str, str]:
    """NAME=VALUE texts as a table. Raises InvalidOption."""
    table = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InvalidOption(f"{text!r} is not NAME=VALUE, such as steps=20")
        table[name] = value
    return table


def controls_from(given: list[str] | None) -> dict[str, float]:
    """NAME=NUMBER texts as a table. Raises InvalidOption."""
    table = {}
    for name, value in settings_from(given).items():
        try:
            table[name] = float(value)
        except ValueError:
            raise InvalidOption(f"control {name}={value} is no number, such as exposure=-0.4") from None
    return table
