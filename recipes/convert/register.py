"""Write hash and size of every packaged file into registry.json, then the table of docs/weights.md. Run after any conversion."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "src/pixwright/weights"
PAGE = ROOT / "docs/weights.md"
START, END = "<!-- table: written by recipes/convert/register.py -->", "<!-- end -->"


def source(row: dict[str, str]) -> str:
    """Where an entry comes from, for the table."""
    match row["kind"]:
        case "package":
            return f"in the package, from {row['origin']}"
        case "wheel":
            return f"wheel `{row['package']}`"
        case "local":
            return f"`{row['file']}` in the store"
        case _:
            return f"hub `{row['repo']}`"


def table(rows: list[dict[str, str]]) -> str:
    """The registry as a Markdown table."""
    lines = ["| name | what | source | licence | size | input | loss |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        size = f"{int(row['size']) / 1e6:.1f} MB" if row.get("size") else "not recorded"
        loss = row.get("loss", "none: as published")
        lines.append(
            f"| `{row['name']}` | {row['about']} | {source(row)} | {row['licence']} | {size} | {row['input']} | {loss} |"
        )
    return "\n".join(lines)


def main() -> None:
    file = WEIGHTS / "registry.json"
    rows = json.loads(file.read_text())
    for row in rows:
        if row["kind"] == "package":
            content = (WEIGHTS / "data" / row["file"]).read_bytes()
            row["sha256"], row["size"] = hashlib.sha256(content).hexdigest(), len(content)
    file.write_text("[\n" + ",\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n]\n")
    before, _, rest = PAGE.read_text().partition(START)
    PAGE.write_text(f"{before}{START}\n{table(rows)}\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
