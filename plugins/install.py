"""Put a plug-in where its program looks for it.

    python plugins/install.py gimp | krita | comfyui  [FOLDER]

FOLDER is the program's own folder of plug-ins, where it is not the usual one; of ComfyUI it is always needed (its `custom_nodes`).
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path

HERE = Path(__file__).parent
CLIENT = HERE / "pixwright_client.py"


def usual(program: str) -> Path | None:
    """The user's folder of plug-ins on this system; None where there is no usual one."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", home / "AppData" / "Roaming"))
        return {"gimp": base / "GIMP" / "3.0" / "plug-ins", "krita": base / "krita" / "pykrita"}.get(program)
    if sys.platform == "darwin":
        base = home / "Library" / "Application Support"
        return {"gimp": base / "GIMP" / "3.0" / "plug-ins", "krita": base / "krita" / "pykrita"}.get(program)
    config = Path(os.environ.get("XDG_CONFIG_HOME", home / ".config"))
    data = Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share"))
    return {"gimp": config / "GIMP" / "3.0" / "plug-ins", "krita": data / "krita" / "pykrita"}.get(program)


def install(program: str, folder: Path) -> Path:
    """Copy the plug-in with its client; the folder that it is in now. Raises SystemExit for an unknown program."""
    if not (HERE / program).is_dir() or program == "__pycache__":
        raise SystemExit(f"{program!r} is none of: gimp, krita, comfyui")
    (plugin,) = (one for one in (HERE / program).iterdir() if one.is_dir() and one.name != "__pycache__")
    target = folder / plugin.name
    shutil.copytree(plugin, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(CLIENT, target)
    for one in (HERE / program).glob("*.desktop"):
        shutil.copy2(one, folder)
    for one in target.glob(f"{plugin.name}.py"):  # GIMP runs only what may be run
        one.chmod(one.stat().st_mode | stat.S_IXUSR)
    return target


def main() -> None:
    """The command."""
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    program = sys.argv[1]
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else usual(program)
    if folder is None:
        raise SystemExit(f"name the folder: python plugins/install.py {program} FOLDER")
    print(f"{install(program, folder)}: restart {program}")


if __name__ == "__main__":
    main()
