"""`pixwright session ...`: editing in turns. Without `--session` the one that was used last is meant, so that a newcomer names none."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixwright.cli.options import (
    AttachOpt,
    BoxOpt,
    MaskOpt,
    NotPointOpt,
    PointOpt,
    QuietOpt,
    ScribbleOpt,
    SeedOpt,
    SeedsOpt,
    SetControlOpt,
    SetOpt,
    SystemOpt,
)
from pixwright.cli.say import say, say_json
from pixwright.cli.values import controls_from, place_from, settings_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixwright.files import Job
    from pixwright.sessions.converse import Answer
    from pixwright.sessions.records import Session, Version
    from pixwright.sessions.store import Sessions

session_app = typer.Typer(
    help="Edit a picture in turns: undo, redo, branch, and words that refer to what was said before.",
    no_args_is_help=True,
)


def _names() -> list[str]:
    """For the shell's completion."""
    return [one.name for one in _store().all()]


SessionOpt = Annotated[
    str | None,
    typer.Option(
        "--session", "-s", metavar="NAME", help="Which session; default: the last one used.", autocompletion=_names
    ),
]
VersionOpt = Annotated[
    str | None,
    typer.Option("--version", metavar="VERSION", help="A version's number or name; default: the current one."),
]
PlainJsonOpt = Annotated[bool, typer.Option("--json", help="Print the session, all of it, as JSON.")]
RowsJsonOpt = Annotated[bool, typer.Option("--json", help="Print the list as JSON.")]
EditJsonOpt = Annotated[
    bool, typer.Option("--json", help="Print what was done, the current picture's path and the reports as JSON.")
]
CountArg = Annotated[int, typer.Argument(metavar="[STEPS]", min=1)]
LAST = "last"
"""The file that names the session that the command line used last."""


@session_app.command("new")
def new(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE")],
    name: Annotated[str | None, typer.Option("--name", help="What to call it; default: as the picture.")] = None,
    as_json: PlainJsonOpt = False,
) -> None:
    """Begin a session with a copy of a picture."""
    store = _store()
    session = store.create(picture, name)
    _use(store, session)
    if as_json:
        _print(session)
        return
    say(f"session '{session.name}' begun; now: pixwright session edit \"make the cup blue\"")


@session_app.command("edit")
def edit(
    words: Annotated[str, typer.Argument(metavar="WORDS", help='Such as "make it darker", "a bit more", "undo that".')],
    session: SessionOpt = None,
    version: VersionOpt = None,
    attach: AttachOpt = None,
    mask: MaskOpt = None,
    box: BoxOpt = None,
    point: PointOpt = None,
    not_point: NotPointOpt = None,
    scribble: ScribbleOpt = None,
    n: SeedsOpt = 1,
    seed: SeedOpt = 0,
    system: SystemOpt = "local",
    setting: SetOpt = None,
    set_control: SetControlOpt = None,
    as_json: EditJsonOpt = False,
    quiet: QuietOpt = False,
) -> None:
    """Say what to do with the current picture; words may refer to what was said before."""
    from pixwright.sessions import converse

    store = _store()
    held = _session(store, session)
    _use(store, held)
    place = place_from(mask, box, point, not_point, scribble)
    saying = converse.Saying(
        words, tuple(attach or ()), place, _version(held, version).id, system, settings_from(setting),
        controls_from(set_control), seed, n,
    )  # fmt: skip
    answer = converse.say(store, held.id, saying)
    _tell(store, answer, as_json, quiet)


@session_app.command("undo")
def undo(steps: CountArg = 1, session: SessionOpt = None, as_json: PlainJsonOpt = False) -> None:
    """Go back to the version before, or several steps."""
    from pixwright.sessions.converse import back

    _stepped(back, steps, session, as_json)


@session_app.command("redo")
def redo(steps: CountArg = 1, session: SessionOpt = None, as_json: PlainJsonOpt = False) -> None:
    """Go forward again."""
    from pixwright.sessions.converse import forward

    _stepped(forward, steps, session, as_json)


@session_app.command("go")
def go(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="A number, or a version's name; 0 is the original.")
    ],
    session: SessionOpt = None,
    as_json: PlainJsonOpt = False,
) -> None:
    """Go to a version; what is edited next branches off there."""
    store = _store()
    held = _session(store, session)
    _use(store, held)
    _moved(store, store.go(held.id, _version(held, version).id), as_json)


@session_app.command("list")
def list_all(as_json: RowsJsonOpt = False) -> None:
    """List all sessions, the one that was changed last first."""
    store = _store()
    sessions = store.all()
    if as_json:
        rows = [
            {"id": one.id, "name": one.name, "created": one.created, "versions": len(one.versions)} for one in sessions
        ]
        say_json(rows)
        return
    last = _last(store)
    for one in sessions:
        now = f"at {one.now.number}: {one.now.title}"
        say(f"{'*' if one.id == last else ' '} {one.name:24} {len(one.versions):3} versions, {now}")
    if not sessions:
        say("there is none yet; begin one: pixwright session new PICTURE", err=True)


@session_app.command("show")
def show(session: SessionOpt = None, as_json: PlainJsonOpt = False) -> None:
    """Show the versions as a tree, with a star at the current one."""
    store = _store()
    held = _session(store, session)
    if as_json:
        _print(held)
        return
    say(f"{held.name}: {store.picture(held, held.now)}")
    for version, depth in _tree(held):
        mark = "*" if version.id == held.current else " "
        done = "" if version.verdict in (None, "done") else f" ({version.verdict})"
        say(f"{mark} {version.number:3} {'  ' * depth}{_told(version)}{done}")


@session_app.command("name")
def name(
    new_name: Annotated[str, typer.Argument(metavar="NAME")],
    version: Annotated[
        str | None, typer.Option("--version", metavar="VERSION", help="Name this version instead of the session.")
    ] = None,
    session: SessionOpt = None,
) -> None:
    """Name the session, or one of its versions: "go back to NAME" then finds it."""
    store = _store()
    held = _session(store, session)
    if version is None:
        held = store.rename(held.id, new_name)
        say(f"session '{held.name}'")
        return
    one = _version(held, version)
    store.rename_version(one.id, new_name)
    say(f"version {one.number}: {new_name}")


@session_app.command("delete")
def delete(
    session: Annotated[str, typer.Argument(metavar="SESSION", help="A session's name.", autocompletion=_names)],
    version: Annotated[
        str | None, typer.Option("--version", metavar="VERSION", help="Only this version, and all that came of it.")
    ] = None,
) -> None:
    """Delete a session with all its pictures, or one version with all that came of it."""
    store = _store()
    held = _session(store, session)
    if version is None:
        store.delete(held.id)
        say(f"session '{held.name}' deleted")
        return
    one = _version(held, version)
    gone = len(held.below(one.id))
    left = store.delete_version(one.id)
    say(f"{gone} version{'s' * (gone > 1)} deleted; now at version {left.now.number}: {left.now.title}")


@session_app.command("export")
def export(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE|DIR", help="NAME.pixwright, a new folder, or a picture's name."),
    ] = None,
    version: VersionOpt = None,
    session: SessionOpt = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
) -> None:
    """Write the whole session as one .pixwright file or a folder; or, with a picture's name, the current picture."""
    from pixwright.media import check_target, write_atomically
    from pixwright.sessions.pack import SUFFIX
    from pixwright.sessions.pack import export as export_session

    store = _store()
    held = _session(store, session)
    one = _version(held, version)
    picture = store.picture(held, one)
    target = output or Path(held.name.replace("/", "-") + SUFFIX)
    if target.suffix.lower() == picture.suffix:
        check_target(target, force=force)
        write_atomically(target, picture.read_bytes(), replace=force)
        say(f"{target}: version {one.number} of '{held.name}'")
        return
    say(f"{export_session(store, held, target, force=force)}: {len(held.versions)} versions of '{held.name}'")


@session_app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="What `session export` wrote.")],
    as_json: PlainJsonOpt = False,
) -> None:
    """Take in an exported session."""
    from pixwright.sessions.pack import unpack

    store = _store()
    held = unpack(store, source)
    _use(store, held)
    if as_json:
        _print(held)
        return
    say(f"session '{held.name}': {len(held.versions)} versions, at {held.now.number}: {held.now.title}")


@session_app.command("verify")
def verify(session: SessionOpt = None, version: VersionOpt = None, as_json: RowsJsonOpt = False) -> None:
    """Make every version again, and compare byte for byte."""
    from pixwright.sessions.again import verify as verify_session

    store = _store()
    held = _session(store, session)
    rows = []
    for one in verify_session(store, held, () if version is None else (_version(held, version),)):
        rows.append({"number": one.version.number, "id": one.version.id, "same": one.same, "notes": one.notes})
        if not as_json:
            say(f"{one.version.number:3} {'identical' if one.same else 'NOT identical'}: {one.version.title}")
            for note in one.notes:
                say(f"    {note}")
    if as_json:
        say_json(rows)
    if not all(row["same"] for row in rows):
        raise typer.Exit(3)


def edit_in(name: str, job: Job, *, report: Path | None, compare: Path | None, as_json: bool, quiet: bool) -> None:
    """`pixwright edit PICTURE WORDS --session NAME`: an edit whose result is a version too, and whose words may refer to earlier ones.

    PICTURE begins the session, or is a picture of it: of its original the current version is edited, of another version that one.
    """
    from pixwright.cli.account import write_accounts
    from pixwright.errors import InvalidOption
    from pixwright.files import check_output
    from pixwright.media import free_path, write_atomically
    from pixwright.sessions import converse
    from pixwright.weights.store import digest

    if job.library is not None:
        raise InvalidOption(
            '--library and --session were both given; attach the cut-out instead: "add [1]" --attach FILE'
        )
    target = check_output(job)
    store = _store()
    held = next((one for one in store.all() if one.name.casefold() == name.casefold()), None)
    held = held or store.create(job.picture, name)
    _use(store, held)
    sha = digest(job.picture)
    at = held.now if held.original.picture.sha256 == sha else None
    at = at or next((one for one in reversed(held.versions) if one.picture.sha256 == sha), None)
    if at is None:
        raise InvalidOption(f"{job.picture} is no picture of session '{name}'; give one that is, or another --session")
    own = store.picture(held, at).suffix
    if job.output is not None and job.output.suffix.lower().replace("jpeg", "jpg") != own:
        raise InvalidOption(f"{job.output} must end in {own}: the pictures of session '{held.name}' keep their format")
    saying = converse.Saying(
        job.instruction, job.attachments, job.place, at.id, job.system, job.options, job.controls, job.seed, job.n,
        keep_gps=job.keep_gps, sign=job.sign, mark=job.mark, policy=job.policy,
    )  # fmt: skip
    answer = converse.say(store, held.id, saying)
    now = answer.session.now
    if not answer.made or answer.made[-1].version is not None:
        picture = store.picture(answer.session, now)
        if picture.suffix != own:  # a transparent background, which a JPEG cannot hold
            target = free_path(target.with_suffix(picture.suffix))
        write_atomically(target, picture.read_bytes(), replace=job.force)
    done = answer.made[-1].done if answer.made else None
    if done is not None:
        write_accounts(done, report, compare, replace=job.force)
    _tell(store, answer, as_json, quiet)
    if not quiet and not as_json and (done is None or done.output is not None):
        say(f"{target} (in session '{answer.session.name}')")


def _store() -> Sessions:
    from pixwright.sessions.store import Sessions, data_folder

    return Sessions(data_folder() / "sessions")


def _use(store: Sessions, session: Session) -> None:
    """Remember it as the one that was used last."""
    from pixwright.media import write_atomically

    write_atomically(store.root / LAST, session.id.encode())


def _last(store: Sessions) -> str | None:
    try:
        return (store.root / LAST).read_text(encoding="utf-8").strip()
    except OSError:
        return None


def _session(store: Sessions, name: str | None) -> Session:
    """The session of that name or id; without one the last. Raises UnknownSession."""
    from pixwright.errors import UnknownSession

    if name is None:
        last = _last(store)
        with suppress(UnknownSession):  # it may have been deleted; then the one that was changed last is meant
            return store.get(last or "")
        newest = store.all()[:1]
        if not newest:
            raise UnknownSession("there is no session yet; begin one: pixwright session new PICTURE")
        return newest[0]
    known = store.all()
    same = [one for one in known if one.name.casefold() == name.casefold() or one.id == name]
    if not same:
        there = ", ".join(one.name for one in known[:8]) or "none yet"
        raise UnknownSession(f"no session is called {name!r}; there is: {there}")
    return same[0]


def _version(session: Session, text: str | None) -> Version:
    """The version of that number, name or id; without one the current. Raises NothingToUndo."""
    from pixwright.parse.turns.moves import GoTo
    from pixwright.sessions.converse import found

    if text is None:
        return session.now
    by_id = next((one for one in session.versions if one.id == text), None)
    return by_id or found(session, GoTo(int(text)) if text.lstrip("-").isdigit() else GoTo(name=text))


def _stepped(
    along: Callable[[Session, Version, int | None], tuple[Version, tuple[str, ...]]],
    steps: int,
    session: str | None,
    as_json: bool,
) -> None:
    """So many steps along the versions, by `converse.back` or `forward`."""
    store = _store()
    held = _session(store, session)
    version, undone = along(held, held.now, steps)
    _moved(store, store.go(held.id, version.id, undone), as_json)


def _moved(store: Sessions, session: Session, as_json: bool) -> None:
    if as_json:
        _print(session)
        return
    say(f"now at version {session.now.number}: {session.now.title}")
    say(f"  {store.picture(session, session.now)}")


def _tell(store: Sessions, answer: Answer, as_json: bool, quiet: bool) -> None:
    """What became of the words; exit code 3 where a step was not done."""
    from pixwright.cli.account import tell

    now = answer.session.now
    if as_json:
        whole = {
            "session": answer.session.id,
            "told": answer.told,
            "current": {"number": now.number, "id": now.id, "picture": str(store.picture(answer.session, now))},
            "edits": [json.loads(made.done.account()) for made in answer.made],
        }
        say_json(whole)
    elif not quiet:
        for made in answer.made:
            tell(made.done)
        for line in answer.told:
            say(line)
    if any(made.done.result.report.missed for made in answer.made):
        raise typer.Exit(3)


def _print(session: Session) -> None:
    say_json(session.model_dump(mode="json", exclude_none=True))


def _tree(session: Session) -> list[tuple[Version, int]]:
    """Every version with its depth: a line of versions stays at one depth, a branch goes deeper."""
    rows: list[tuple[Version, int]] = []
    todo = [(session.original, 0)]
    while todo:
        version, depth = todo.pop()
        rows.append((version, depth))
        below = session.children(version.id)
        todo += [(child, depth) for child in below[-1:]]
        todo += [(child, depth + 1) for child in reversed(below[:-1])]
    return rows


def _told(version: Version) -> str:
    """A version's name and words; where they refer to earlier ones, what they meant."""
    meant = "; ".join(step.instruction for step in version.record.plan.steps) if version.record is not None else ""
    words = version.instruction or version.title
    more = f" [{meant}]" if meant and meant.casefold() not in words.casefold() else ""
    return f"{version.name}: {words}{more}" if version.name else f"{words}{more}"
