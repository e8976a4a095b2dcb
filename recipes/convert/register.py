"""Write hash and size of every packaged file into registry.json. Run after any conversion."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

WEIGHTS = Path(__file__).parents[2] / "src/pixwright/weights"


def main() -> None:
    file = WEIGHTS / "registry.json"
    rows = json.loads(file.read_text())
    for row in rows:
        if row["kind"] == "package":
            content = (WEIGHTS / "data" / row["file"]).read_bytes()
            row["sha256"], row["size"] = hashlib.sha256(content).hexdigest(), len(content)
    file.write_text("[\n" + ",\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n]\n")


if __name__ == "__main__":
    main()
