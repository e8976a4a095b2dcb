"""Whatever a command ends with is one line and an exit code; no traceback reaches a user."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import TypeVar

from pixwright.cli.say import say
from pixwright.errors import PixwrightError

T = TypeVar("T")
_INTERRUPTED, _INTERNAL = 130, 70
"""Exit codes by the convention of shells (128 + SIGINT) and of sysexits.h (EX_SOFTWARE)."""
_SHOWN = 200
"""Characters of a foreign reason that are shown."""
_NO_MEMORY = "pixwright: out_of_memory: the picture is too large for this machine's memory; make it smaller first"


def _ran_out(error: Exception) -> bool:
    """Whether a library says so that has no class of its own for it."""
    try:
        from pixwright.smaller import ran_out
    except ImportError:  # with no memory left nothing can be imported
        return False
    return ran_out(error)


def guarded(body: Callable[[], T]) -> int:
    """Run it; whatever happens ends in one line and an exit code, never in a traceback."""
    try:
        body()
    except PixwrightError as error:
        if "--json" in sys.argv:  # programs read standard output
            say(json.dumps({"error": {"code": error.code, "message": str(error)}}, ensure_ascii=False))
        say(f"pixwright: {error.code}: {error}", err=True)
        return error.exit_code
    except KeyboardInterrupt:
        say("pixwright: interrupted", err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader went away, as `head` does; the interpreter must not try to write what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError:
        say(_NO_MEMORY, err=True)
        return 2
    except OSError as error:
        say(f"pixwright: system_error: {error}; check the path, its rights and the free space", err=True)
        return 2
    except Exception as error:
        if os.environ.get("PIXWRIGHT_DEBUG"):
            raise
        if _ran_out(error):
            say(_NO_MEMORY, err=True)
            return 2
        reason = str(error).partition("\n")[0][:_SHOWN]
        say(
            f"pixwright: internal: {type(error).__name__}: {reason}; this is our fault: please report it "
            "(PIXWRIGHT_DEBUG=1 shows where)",
            err=True,
        )
        return _INTERNAL
    return 0
