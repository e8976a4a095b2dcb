"""What a start costs, and what it must not load. Each check is shown to fail on a planted violation."""

from __future__ import annotations

import resource
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
HELP_SECONDS = 0.5
CORE = ["flow", "files", "batch", "cli", "systems"]


def processor_seconds(code: str) -> float:
    """Processor time of a fresh interpreter, best of three: the wall clock of a busy machine says nothing about us."""
    best = float("inf")
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


HELP = "import sys; sys.argv = ['pixwright', '--help']\nfrom pixwright.cli.app import main\nmain()"


def test_help_is_quick():
    assert processor_seconds(HELP) < HELP_SECONDS


def test_a_slow_help_is_found():
    slow = "import time\nt = time.process_time()\nwhile time.process_time() - t < 0.6: pass\n"
    assert processor_seconds(slow + HELP) > HELP_SECONDS


def loaded_after(code: str) -> set[str]:
    """Top-level modules in `sys.modules` after the code ran."""
    shown = "\nimport sys; print(' '.join({name.split('.')[0] for name in sys.modules}))"
    out = subprocess.run([sys.executable, "-c", code + shown], check=True, capture_output=True, text=True)
    return set(out.stdout.split())


HEAVY = {"torch", "transformers", "diffusers", "tensorflow", "ray"}


def test_the_core_imports_no_torch():
    loaded = loaded_after("\n".join(f"import pixwright.{name}" for name in CORE))
    assert "pixwright" in loaded
    assert not loaded & HEAVY


def test_a_planted_heavy_import_is_found(tmp_path):
    (tmp_path / "torch.py").write_text("")
    assert "torch" in loaded_after(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport torch")


def test_the_core_install_has_no_torch():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {d.split(">")[0].split("[")[0].strip() for d in project["dependencies"]}
    assert not names & HEAVY
    assert set(project["optional-dependencies"]) == {
        "torch",
        "train",
        "data",
        "cluster",
        "published",
        "quantised",
        "eval",
        "serve",
        "mcp",
        "provenance",
        "heif",
        "video",
        "dev",
    }
