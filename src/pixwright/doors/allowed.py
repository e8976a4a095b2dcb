"""Which files an assistant may read and write: those in the folders that the server's owner named, whatever links say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pixwright.errors import InvalidOption


@dataclass(frozen=True)
class Allowed:
    """Folders, resolved. What lies in none of them can neither be read nor written."""

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, folders: list[Path]) -> Allowed:
        """The folders that were named, or the current one where none was. Raises InvalidOption for what is no folder."""
        for folder in folders:
            if not folder.is_dir():
                raise InvalidOption(f"--allow {folder} is not a folder that exists; name one")
        return cls(tuple(folder.resolve() for folder in folders or [Path.cwd()]))

    def path(self, given: str, what: str) -> Path:
        """The resolved path of a file that a client named. Raises InvalidOption where it lies outside."""
        try:
            path = Path(given).expanduser()
            path = (path if path.is_absolute() else self.folders[0] / path).resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise InvalidOption(f"{what} {given[:200]!r} is no path; give the path of a file") from error
        if not any(path.is_relative_to(folder) for folder in self.folders):
            there = ", ".join(map(str, self.folders))
            raise InvalidOption(
                f"{what} {given[:200]!r} is outside of the allowed folders ({there}); allow its folder: pixwright mcp --allow DIR"
            )
        return path
