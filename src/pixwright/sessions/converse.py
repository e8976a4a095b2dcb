"""`say`: words to a session -> what became of it. Either a version is made, or another one becomes the current one, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from pixwright.errors import InvalidRecord, NothingToUndo, UnclearInstruction
from pixwright.files import Job, UserPlace
from pixwright.flow import Watch, understood, unwatched
from pixwright.media import free_path, load_attachment, load_picture, save_plain
from pixwright.parse.rules import plan_of
from pixwright.parse.turns import edits
from pixwright.parse.turns.edits import Anew
from pixwright.parse.turns.moves import Again, Another, Dose, Fresh, GoTo, Instead, Move, Redo, Undo
from pixwright.parse.turns.reading import Past, is_about, read_turn
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan, Step
from pixwright.records.result import Report
from pixwright.records.thing import Thing
from pixwright.redoing import recorded_job
from pixwright.sessions.making import MadeEdit, make
from pixwright.sessions.pointing import pointed_at
from pixwright.sessions.records import Session, Version
from pixwright.sessions.store import Sessions
from pixwright.systems import System, build

ANYWHERE = UserPlace()
"""Nobody pointed."""
MOST_CANDIDATES = 10
"""Versions that one saying may make."""


@dataclass(frozen=True)
class Saying:
    """What a person says to a session, and everything else that can change the pixels of the answer."""

    words: str
    attachments: tuple[Path, ...] = ()
    """What the words call [1], [2], ...; where none is given, those of the last version that had some."""
    place: UserPlace = ANYWHERE
    version: str | None = None
    """The version that is edited; None is the current one."""
    system: str = "local"
    options: Mapping[str, str] = field(default_factory=dict)
    controls: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    n: int = 1
    """Seeds of which the best is kept."""
    candidates: int = 1
    """Versions to be made side by side, each with its own seed; the best becomes the current one."""
    keep_gps: bool = False
    sign: bool | None = None
    mark: bool = True
    policy: bool = False
    """These three as `files.Job` has them."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What became of a saying."""

    session: Session
    """As it is now."""
    told: tuple[str, ...] = ()
    """What was done in the session, a line each, for a person."""
    made: tuple[MadeEdit, ...] = ()
    """The edits, also one that was not done; none where the words only went to another version."""


def say(
    store: Sessions, session: str, saying: Saying, system: System | None = None, watch: Watch = unwatched
) -> Answer:
    """Read the words against the session, and do what they ask for. `system`: already built; else the one that is named. `watch` hears of every step.

    Raises UnclearInstruction, NothingToUndo, NothingFound and what an edit raises; then no version was made.
    """
    return _Turn(store, store.get(session), saying, system, watch).answer()


def chain_of(session: Session, version: Version) -> tuple[Version, ...]:
    """The versions whose edits are in a version's picture, oldest first, without the original."""
    way = [version]
    while way[-1].base is not None:
        way.append(session.version(way[-1].base))
    return tuple(reversed(way[:-1]))


class _Turn:
    """One saying on its way."""

    def __init__(self, store: Sessions, session: Session, saying: Saying, system: System | None, watch: Watch) -> None:
        self._store, self._session, self._saying, self._given = store, session, saying, system
        self._watch = watch
        self._at = session.version(saying.version) if saying.version else session.now
        self._told: list[str] = []
        self._made: list[MadeEdit] = []

    def answer(self) -> Answer:
        for move in read_turn(self._saying.words, self._past()):
            self._do(move)
        return Answer(self._session, tuple(self._told), tuple(self._made))

    def _past(self) -> Past:
        chain = chain_of(self._session, self._at)
        names = tuple(one.name for one in self._session.versions if one.name)
        return Past(tuple(one.record.plan.steps for one in chain if one.record is not None), names)

    def _do(self, move: Move) -> None:
        match move:
            case Undo(thing=None):
                self._go(*back(self._session, self._at, move.count))
            case Undo():
                assert move.thing is not None
                self._without(move.thing)
            case Redo():
                self._go(*forward(self._session, self._at, move.count))
            case GoTo():
                self._go(found(self._session, move), ())
            case Again():
                self._anew(edits.once_more(self._last_steps(), move.target))
            case Another():
                self._another()
            case Dose():
                controls = tuple(step.controls for step in self._report().steps)
                self._anew(edits.stronger(self._last_steps(), move.factor, controls))
            case Instead() | Fresh():
                self._fresh(move.words, isinstance(move, Instead), isinstance(move, Instead) and move.sure)

    def _go(self, version: Version, undone: tuple[str, ...]) -> None:
        self._session = self._store.go(self._session.id, version.id, undone)
        self._at = self._session.now
        self._told.append(f"now at version {self._at.number}: {self._at.title}")

    def _last_steps(self) -> tuple[Step, ...]:
        past = self._past()
        if not past.last:
            raise UnclearInstruction(
                f"{self._saying.words!r} refers to an edit, and this is the original; say what to edit"
            )
        return past.last

    def _report(self) -> Report:
        """The report of the version that is edited."""
        from json import loads

        if self._at.report is None:
            raise UnclearInstruction(
                f"{self._saying.words!r} refers to an edit, and this is the original; say what to edit"
            )
        try:
            whole = loads(self._store.file(self._session, self._at, self._at.report).read_bytes())
            return Report.model_validate(whole["report"])
        except (OSError, ValueError, KeyError) as error:
            raise InvalidRecord(
                f"the report of version {self._at.number} cannot be read; edit the picture afresh"
            ) from error

    def _fresh(self, words: str, corrects: bool, sure: bool) -> None:
        """An instruction of its own, or what stands for the last edit's."""
        past = self._past()
        if corrects and (anew := edits.instead(words, past, sure)):
            self._anew(anew)
            return
        base = self._at
        attachments = self._attachments(base)
        pixels = self._pixels(base)
        system = self._system()
        before = Instruction(words, tuple(load_attachment(path) for path in attachments), past.steps)
        try:
            plan = understood(before, pixels, system, system.eyes())
        except UnclearInstruction:
            if not (anew := edits.instead(words, past, sure)):
                raise
            self._anew(anew)
            return
        steps = edits.alike(plan.steps, past.last, words)
        self._make(self._job(words, attachments), base, plan.model_copy(update={"steps": steps}), pixels, system)

    def _anew(self, anew: Anew, seed: int | None = None) -> None:
        """The last edit, changed."""
        record = self._at.record
        assert record is not None and self._at.base is not None, "there was a last edit"
        base = self._session.version(self._at.base) if anew.before else self._at
        job = self._job(self._saying.words, self._attachments(self._at))
        job = replace(job, system=record.system, seed=record.seed if seed is None else seed)
        given = tuple(self._store.input(self._session, self._at, one) for one in self._at.inputs)
        recorded = recorded_job(record, self._store.picture(self._session, base), [], given)
        same_thing = [step.target for step in anew.steps] == [step.target for step in record.plan.steps]
        place = recorded.place if same_thing and anew.before else ANYWHERE
        controls = recorded.controls if anew.controls is None else {**recorded.controls, **anew.controls}
        job = replace(
            job,
            place=job.place if job.place != ANYWHERE else place,
            options=dict(recorded.options) | dict(self._saying.options),
            controls={**controls, **self._saying.controls},
        )
        plain = [step.model_copy(update={"source_caption": "", "edited_caption": ""}) for step in anew.steps]
        plan = plan_of(self._saying.words, plain, "rules")
        self._make(job, base, plan, self._pixels(base), self._system(record.system, job.options))

    def _another(self) -> None:
        """The last edit with the next seed."""
        steps = self._last_steps()
        before, record = self._at, self._at.record
        assert record is not None, "there was a last edit"
        self._anew(Anew(steps, before=True), seed=record.seed + 1)
        made = self._made[-1].version
        if made is not None and np.array_equal(self._pixels(before), self._pixels(made)):
            self._session = self._store.delete_version(made.id)
            self._go(before, ())
            self._made.pop()
            self._told[-1] = "it came out the same: this edit leaves nothing to chance; say what shall be otherwise"

    def _without(self, thing: Thing) -> None:
        """Take back the last edit of a thing, and make again what came after it."""
        chain = chain_of(self._session, self._at)
        index = max(
            i for i, one in enumerate(chain) if one.record and any(is_about(s, thing) for s in one.record.plan.steps)
        )
        gone = chain[index]
        assert gone.record is not None and gone.base is not None, "an edit has both"
        left = [step for step in gone.record.plan.steps if not is_about(step, thing)]
        base = self._session.version(gone.base)
        again = ([(gone, left)] if left else []) + [(one, None) for one in chain[index + 1 :]]
        if not again:
            self._go(base, ())
            return
        for version, steps in again:
            assert version.record is not None, "an edit has one"
            given = tuple(self._store.input(self._session, version, one) for one in version.inputs)
            job = recorded_job(version.record, self._store.picture(self._session, base), [], given)
            plan = (
                version.record.plan if steps is None else version.record.plan.model_copy(update={"steps": tuple(steps)})
            )
            made = make(
                self._store, self._session, job, base, self._at, self._system(job.system, job.options), plan, version.instruction,
                self._watch,
            )  # fmt: skip
            self._take(made)
            if made.version is not None:
                base = made.version
        self._told.append(
            f"took back '{gone.title}' and made {len(again)} later edit{'s' * (len(again) > 1)} again without it"
        )

    def _make(self, job: Job, base: Version, plan: Plan, pixels: Array, system: System) -> None:
        """Edit, once or for several candidates, at the place that earlier versions tell."""
        if job.place == ANYWHERE:
            chain, before = chain_of(self._session, base), chain_of(self._session, self._at)
            mask = pointed_at(plan.steps, chain, before, pixels, self._store, self._session, system.eyes())
            if mask is not None:
                with self._store.draft(self._session) as folder:
                    target = free_path(folder / "spoken-of.png")
                    save_plain(mask, target)
                    self._candidates(replace(job, place=UserPlace(found=target)), base, plan, system)
                return
        self._candidates(job, base, plan, system)

    def _candidates(self, job: Job, base: Version, plan: Plan, system: System) -> None:
        parent, made = self._at, []
        for seed in range(job.seed, job.seed + min(self._saying.candidates, MOST_CANDIDATES)):
            one = make(
                self._store,
                self._session,
                replace(job, seed=seed),
                base,
                parent,
                system,
                plan,
                self._saying.words,
                self._watch,
            )
            self._take(one)
            made.append(one)
        best = max(made, key=lambda one: one.done.result.report.rank)
        if best.version is not None and self._at.id != best.version.id:
            self._session = self._store.go(self._session.id, best.version.id)
            self._at = self._session.now

    def _take(self, made: MadeEdit) -> None:
        self._session = made.session
        self._made.append(made)
        if made.version is not None:
            self._at = made.version
            self._told.append(f"version {made.version.number}: {made.version.title}")

    def _job(self, words: str, attachments: tuple[Path, ...]) -> Job:
        """A job as the saying has it; its picture is set when it is made."""
        asked = self._saying
        return Job(
            Path(), words, None, attachments, asked.place, asked.system, asked.seed, asked.n,
            keep_gps=asked.keep_gps, options=asked.options, controls=asked.controls, sign=asked.sign, mark=asked.mark, policy=asked.policy,
        )  # fmt: skip

    def _attachments(self, version: Version) -> tuple[Path, ...]:
        """What was attached now; else what the last version had that had something."""
        if self._saying.attachments:
            return self._saying.attachments
        for one in reversed(chain_of(self._session, version)):
            if one.record is not None and one.record.attachments:
                given = {kept.sha256: self._store.input(self._session, one, kept) for kept in one.inputs}
                return tuple(given[sha] for _, sha in one.record.attachments if sha in given)
        return ()

    def _pixels(self, version: Version) -> Array:
        return np.ascontiguousarray(load_picture(self._store.picture(self._session, version)).pixels[..., :3])

    def _system(self, name: str | None = None, options: Mapping[str, str] | None = None) -> System:
        """The system that was given, where it is the one that is needed; else a new one."""
        wanted, chosen = name or self._saying.system, self._saying.options if options is None else options
        if self._given is None or self._given.name != wanted or dict(self._given.options) != dict(chosen):
            self._given = build(wanted, None if self._given is None else self._given.encoders, chosen)
        return self._given


def back(session: Session, at: Version, count: int | None) -> tuple[Version, tuple[str, ...]]:
    """The version `count` steps back (None: the original), and what redo then goes to. Raises NothingToUndo."""
    way = session.path(at.id)[:-1]
    if not way or (count is not None and count > len(way)):
        there = f"only {len(way)} step{'s' * (len(way) != 1)} back" if way else "this is the original"
        raise NothingToUndo(f"nothing to undo: {there}; see: pixwright session show")
    target = way[0] if count is None else way[-count]
    passed = session.path(at.id)[len(session.path(target.id)) :]
    earlier = session.undone if at.id == session.current else ()
    return target, (*earlier, *(one.id for one in reversed(passed)))


def forward(session: Session, at: Version, count: int | None) -> tuple[Version, tuple[str, ...]]:
    """The version `count` steps forward (None: as far as there are any), and what redo then goes to. Raises NothingToUndo."""
    undone, version = list(session.undone if at.id == session.current else ()), at
    steps = 0
    while count is None or steps < count:
        below = session.children(version.id)
        if undone and undone[-1] in {one.id for one in below}:
            version = session.version(undone.pop())
        elif below:
            version, undone = below[-1], []
        else:
            break
        steps += 1
    if not steps or (count is not None and steps < count):
        raise NothingToUndo(f"nothing to redo: {steps} step{'s' * (steps != 1)} forward; see: pixwright session show")
    return version, tuple(undone)


def found(session: Session, where: GoTo) -> Version:
    """The version of a number (-1 the newest) or a name. Raises NothingToUndo."""
    if where.name:
        one = next((one for one in session.versions if (one.name or "").casefold() == where.name.casefold()), None)
    elif where.number is not None and where.number < 0:
        one = session.versions[where.number] if -where.number <= len(session.versions) else None
    else:
        one = next((one for one in session.versions if one.number == where.number), None)
    if one is None:
        there = ", ".join(str(version.number) for version in session.versions)
        raise NothingToUndo(f"there is no version {where.name or where.number}; there is: {there}")
    return one
