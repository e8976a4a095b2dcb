"""NAME=VALUE options, and the door for assistants, before anything is loaded."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from pixwright.cli.app import app
from pixwright.cli.values import controls_from, settings_from
from pixwright.errors import InvalidOption


def test_settings_are_a_table_and_the_last_of_a_name_counts():
    assert settings_from(None) == {}
    assert settings_from(["steps=20", "text=a=b", "steps=30", "empty="]) == {"steps": "30", "text": "a=b", "empty": ""}
    for bad in ("steps", "=20", ""):
        with pytest.raises(InvalidOption, match="NAME=VALUE"):
            settings_from([bad])


def test_controls_are_numbers():
    assert controls_from(["exposure=-0.4", "2.grain=1e-1"]) == {"exposure": -0.4, "2.grain": 0.1}
    with pytest.raises(InvalidOption, match="exposure=more is no number"):
        controls_from(["exposure=more"])


def test_assistants_are_told_of_folders_that_are_none(tmp_path):
    done = CliRunner().invoke(app, ["mcp", "--allow", str(tmp_path / "missing")], prog_name="pixwright")
    assert isinstance(done.exception, InvalidOption) and "is not a folder" in str(done.exception)
