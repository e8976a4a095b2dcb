"""NAME=VALUE options as tables."""

from __future__ import annotations

from pixwright.errors import InvalidOption


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
