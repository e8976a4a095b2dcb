"""`say`: words to a session -> what became of it. A version is made, or another one becomes the current one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from pixwright.errors import NothingToUndo, UnclearInstruction
from pixwright.files import Done, Job, UserPlace, account, edit_file, recorded_job
from pixwright.media import load_attachment, load_picture, save_plain, write_atomically
from pixwright.parse.turns import edits
from pixwright.parse.turns.edits import Anew
from pixwright.parse.turns.moves import Again, Another, Dose, Fresh, GoTo, Instead, Move, Redo, Undo
from pixwright.parse.turns.reading import Past, is_about, read_turn
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region
from pixwright.records.result import Report
from pixwright.records.thing import Thing
from pixwright.sessions.pointing import pointed_at
from pixwright.sessions.records import Kept, Place, Session, Version
from pixwright.sessions.store import Sessions, ending, fresh, kept, now
from pixwright.systems import System, build
