"""`make demo`: edit a real photograph by instruction, and say where the result is."""

from __future__ import annotations

import time
from pathlib import Path

from pixwright.compare import comparison
from pixwright.files import Job, edit_file
from pixwright.media import save_plain

HERE = Path(__file__).parent
OUT = HERE.parent / "out"
INSTRUCTION = 'make the cup and the saucer blue and write "GOOD MORNING" at the bottom'


def main() -> None:
    """One edit of `coffee.png`, with the report's main figures."""
    OUT.mkdir(exist_ok=True)
    start = time.perf_counter()
    job = Job(HERE / "coffee.png", INSTRUCTION, OUT / "demo.png", force=True)
    done = edit_file(job)
    save_plain(comparison(done.original.pixels, done.result), OUT / "demo-compare.png")
    report = done.result.report
    print(f"instruction    {INSTRUCTION}")
    for step, outcome in zip(done.result.plan.steps, report.steps, strict=True):
        print(f"  {outcome.verdict:10} {step.type}: {step.target or 'the picture'}, {step.value}")
        for reason in outcome.reasons:
            print(f"             {reason}")
    print(f"changed        {report.changed_fraction:.1%} of the pixels in {time.perf_counter() - start:.2f} s")
    print(f"outside        largest difference {report.file_outside_max_difference}")
    print(f"result         {done.output}")
    print(f"before, after  {OUT / 'demo-compare.png'}")


if __name__ == "__main__":
    main()
