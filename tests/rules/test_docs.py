"""The generated pages are what the code says, and the prose names only commands that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import typer.main
from laws import ORDER

from pixwright.cli.app import app

ROOT = Path(__file__).parents[2]


def test_generated_pages_are_fresh():
    done = subprocess.run([sys.executable, "recipes/docs.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def unknown_commands(text):
    known = set(typer.main.get_command(app).commands)
    return {
        name for name in re.findall(r"pixwright ([a-z]+)\b", text) if name in re.findall(r"`pixwright ([a-z]+)\b", text)
    } - known


def test_the_readme_names_only_commands_that_exist():
    assert not unknown_commands((ROOT / "README.md").read_text())
    assert unknown_commands("`pixwright conjure x`") == {"conjure"}


def test_the_import_law_is_told_as_it_is_kept():
    told = " <- ".join("{parse, ground, edit, judge}" if room == "VERBS" else room for room in ORDER[:-1])
    assert f"`{told}`" in (ROOT / "docs/architecture.md").read_text(), f"docs/architecture.md should say: {told}"


def test_the_index_names_every_page():
    index = (ROOT / "docs" / "README.md").read_text()
    assert not [
        page.name for page in (ROOT / "docs").glob("*.md") if page.name != "README.md" and f"({page.name})" not in index
    ]


def test_links_in_the_docs_lead_somewhere():
    broken = []
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert not broken, broken
