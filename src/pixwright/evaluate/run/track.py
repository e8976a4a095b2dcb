"""Where a run's progress is written besides: always JSON lines; TensorBoard and others through accelerate's trackers where that is installed."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from pixwright.errors import InvalidOption
from pixwright.extras import optional
from pixwright.journal import Journal

LOG = "log.jsonl"


class _Tracker(Protocol):
    """The part of accelerate's `GeneralTracker` that is used."""

    def store_init_configuration(self, values: dict[str, Any]) -> None: ...
    def log(self, values: dict[str, Any], step: int | None = None) -> None: ...
    def finish(self) -> None: ...


class Track:
    """`log` writes numbers at a step to `log.jsonl` and to every tracker."""

    def __init__(self, folder: Path, trackers: tuple[str, ...] = (), config: dict[str, Any] | None = None) -> None:
        self._trackers = [_open(name, folder) for name in trackers]
        plain = {key: value for key, value in (config or {}).items() if isinstance(value, str | int | float)}
        for one in self._trackers:
            one.store_init_configuration(plain)
        self._log = Journal(folder / LOG)
        self._log.append([{"step": 0, **plain}])

    def __enter__(self) -> Track:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._log.__exit__(kind, problem, trace)
        for one in self._trackers:
            one.finish()

    def log(self, values: dict[str, float], step: int) -> None:
        """Numbers by name."""
        self._log.append([{"step": step, **values}])
        for one in self._trackers:
            one.log(values, step=step)


def _open(name: str, folder: Path) -> _Tracker:
    """Raises `MissingExtra` without accelerate, `InvalidOption` for a tracker that it does not have here."""
    state, tracking = (optional(f"accelerate.{part}", f"tracker {name!r}", "train") for part in ("state", "tracking"))
    there = [str(one) for one in tracking.get_available_trackers()]
    if name not in there:
        raise InvalidOption(f"no tracker is called {name!r} here; installed: {', '.join(there) or 'none'}")
    state.PartialState()
    kind = tracking.LOGGER_TYPE_TO_CLASS[name]
    made: _Tracker = kind("evaluate", logging_dir=str(folder)) if kind.requires_logging_directory else kind("evaluate")
    # Newer trackers are made first and started then, as Accelerator.init_trackers does; older ones have no `start`.
    getattr(made, "start", lambda: None)()
    return made
