"""The laws of the house as pure functions: source text in, violations out. `test_laws.py` runs them on `src` and on planted violations."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from pixwright.records import vocabulary

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "pixwright"

ORDER = [
    "records",
    "words",
    "media",
    "weights",
    "nn",
    "encoders",
    "models",
    "mllm",
    "VERBS",
    "systems",
    "canvas",
    "flow",
    "motion",
    "sequence",
    "smaller",
    "api",
    "safety",
    "provenance",
    "pointing",
    "files",
    "redoing",
    "cutting",
    "batch",
    "watch",
    "video",
    "scene3d",
    "sessions",
    "live",
    "build",
    "train",
    "evaluate",
    "serve",
    "doors",
    "cli",
    "__main__",
]
VERBS = {"parse", "ground", "edit", "judge"}
FREE = {"errors", "extras", "journal", "__init__", "compare"}
"""Modules that any room above `records` may import: they hold words or show a finished result."""

FILE_LINES, FUNCTION_LINES, FOLDER_FILES = 500, 60, 20

PLAIN_NUMBERS = {0, 1, 2, -1, 0.5, 255}
"""Numbers that need no name where they stand."""
INLINE_NUMBERS = 60
"""Most other numbers inside code in a thousand lines of a room. A number with a name at the top of a module does not count."""
TESTS_A_LINE = 0.35
"""Lines of `tests/ROOM` for each line of `ROOM`, at least."""

# Where the house does not keep a law yet: the present figures, which may only get better. A test asks for the new figure when one does.
FULL_FOLDERS: dict[str, int] = {}
INLINE_CEILINGS = {"edit": 222.0}
TEST_FLOORS: dict[str, float] = {}
INLINE_SLACK, TEST_SLACK = 0.05, 0.03
"""How far a room may be better than its figure before that is to be changed: a share of the former, and lines of tests a line."""

Files: TypeAlias = list[tuple[str, str]]
"""(module name, source)."""


def room_of(module: str) -> str:
    """`pixwright.edit.filling.fill` -> `edit`; `pixwright` -> `__init__`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def rank(room: str) -> int:
    return ORDER.index("VERBS" if room in VERBS else room)


@lru_cache(maxsize=1)
def parsed(source: str) -> ast.Module:
    """The tree of a module: law after law asks for the same."""
    return ast.parse(source)


@lru_cache(maxsize=1)
def nodes(source: str) -> tuple[ast.AST, ...]:
    """Every node of that tree."""
    return tuple(ast.walk(parsed(source)))


def broken_by(laws: Iterable[Callable[[str, str], list[str]]], files: Files) -> dict[str, list[str]]:
    """Law -> what breaks it, module by module, so that each is parsed once."""
    found: dict[str, list[str]] = {law.__name__: [] for law in laws}
    for module, source in files:
        for law in laws:
            found[law.__name__] += law(module, source)
    return found


def imports(tree: ast.AST) -> list[tuple[int, str]]:
    """(line, module) of every import of ours, those inside functions and under TYPE_CHECKING included."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"pixwright.{alias.name}" for alias in node.names] if node.module == "pixwright" else [node.module]
            found += [(node.lineno, name) for name in names]
    return [(line, name) for line, name in found if name.split(".")[0] == "pixwright"]


def import_law(module: str, source: str) -> list[str]:
    """A room imports only what stands below it; the four verbs never import each other; `records` imports only records."""
    room = room_of(module)
    if room in FREE:
        return []
    broken = []
    for line, name in imports(parsed(source)):
        other = room_of(name)
        if other == room or (other in FREE and room != "records") or name == "pixwright.__version__":
            continue
        if other not in FREE and rank(other) < rank(room):
            continue
        broken.append(f"{module}:{line} imports {name}: {room} may not import {other}")
    return broken


def size_budget(module: str, source: str) -> list[str]:
    """Hard limits: 500 lines a file, 60 a function (docstrings included)."""
    broken = []
    if (lines := source.count("\n")) > FILE_LINES:
        broken.append(f"{module} has {lines} lines, more than {FILE_LINES}")
    for node in nodes(source):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                broken.append(f"{module}:{node.lineno} {node.name} has {length} lines, more than {FUNCTION_LINES}")
    return broken


def typed_surface(module: str, source: str) -> list[str]:
    """Every public function is fully typed and documented, and takes no **kwargs."""
    broken = []
    for node in nodes(source):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        where = f"{module}:{node.lineno} {node.name}"
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        untyped = [a.arg for a in arguments if a.annotation is None and a.arg not in ("self", "cls")]
        if untyped or node.returns is None:
            broken.append(f"{where} is not fully typed ({', '.join(untyped) or 'return'})")
        if node.args.kwarg is not None:
            broken.append(f"{where} takes **{node.args.kwarg.arg}")
    return broken


def broad_except(module: str, source: str) -> list[str]:
    """No `except:` or `except Exception` outside the three runners of many jobs and the last guard of the command line."""
    if module in {"pixwright.batch", "pixwright.build.run.engine", "pixwright.serve.work", "pixwright.cli.guard"}:
        return []
    broad = {"Exception", "BaseException"}
    return [
        f"{module}:{node.lineno} catches everything"
        for node in nodes(source)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in broad))
    ]


def no_pickle(module: str, source: str) -> list[str]:
    """Nothing that can run code from a file is ever loaded."""
    names = {n for node in nodes(source) if isinstance(node, ast.Import) for n in (a.name for a in node.names)}
    broken = [f"{module} imports {n}" for n in names & {"pickle", "dill", "joblib", "shelve"}]
    for node in nodes(source):
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            broken.append(f"{module}:{node.value.lineno} allows pickle")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec"):
            broken.append(f"{module}:{node.lineno} calls {node.func.id}")
    return broken


def no_wall_clock(module: str, source: str) -> list[str]:
    """No test asserts on the wall clock: it says how busy the machine was. Processor time (`time.process_time`) is fine."""
    clocks = {"perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "time", "time_ns", "now"}
    return [
        f"{module}:{node.lineno} asserts on the wall clock"
        for node in nodes(source)
        if isinstance(node, ast.Assert)
        for call in ast.walk(node.test)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute | ast.Name)
        if (call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id) in clocks
    ]


def one_module_per_class(files: Files) -> list[str]:
    """A public class name stands for one thing in the whole package, so that a stranger who reads it knows which."""
    homes = defaultdict(set)
    for module, source in files:
        for node in nodes(source):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].add(module)
    shared = {name: sorted(where) for name, where in homes.items() if len(where) > 1}
    return [f"class {name} is defined in {', '.join(shared[name])}" for name in sorted(shared)]


def folder_size(files: Files) -> list[str]:
    """At most twenty files in a folder: more are two folders."""
    counted = Counter(module.rpartition(".")[0] for module, _ in files)
    return [
        f"{folder} holds {n} files, more than {most}"
        for folder, n in counted.items()
        if n > (most := FULL_FOLDERS.get(folder, FOLDER_FILES))
    ]


def folder_of(module: str) -> str:
    """The room that a module's lines are counted for; the single files beside the rooms count as one, `flow`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 2 else "flow"


def inline_numbers(files: Files) -> dict[str, float]:
    """Numbers inside code, in a thousand lines of each room."""
    numbers: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for module, source in files:
        tree = parsed(source)
        named = {
            id(part) for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) for part in ast.walk(node)
        }
        numbers[folder_of(module)] += sum(
            isinstance(node, ast.Constant)
            and type(node.value) in (int, float)
            and id(node) not in named
            and node.value not in PLAIN_NUMBERS
            for node in ast.walk(tree)
        )
        lines[folder_of(module)] += source.count("\n")
    return {room: 1000 * numbers[room] / lines[room] for room in numbers if lines[room]}


def numbers_named(files: Files) -> list[str]:
    """A number that decides something has a name and a docstring that say what it is."""
    return [
        f"{room} has {share:.1f} inline numbers in a thousand lines, more than {ceiling:g}"
        for room, share in inline_numbers(files).items()
        if share > (ceiling := INLINE_CEILINGS.get(room, INLINE_NUMBERS))
    ]


def tests_by_room(files: Files, tests: Files) -> dict[str, float]:
    """Lines of tests for each line of a room."""
    lines, tested = Counter[str](), Counter[str]()
    for counted, read in ((lines, files), (tested, tests)):
        for module, source in read:
            counted[folder_of(module)] += source.count("\n")
    return {room: tested[room] / lines[room] for room in lines}


def directly_tested(files: Files, tests: Files) -> list[str]:
    """Every room has tests of its own."""
    return [
        f"{room} has {share:.2f} lines of tests a line, fewer than {floor:g}"
        for room, share in tests_by_room(files, tests).items()
        if share < (floor := TEST_FLOORS.get(room, TESTS_A_LINE))
    ]


def room_says_what_it_is(module: str, source: str) -> list[str]:
    """Every folder says what is in it and where to start."""
    return (
        [f"{module} has no docstring"] if module.endswith("__init__") and not ast.get_docstring(parsed(source)) else []
    )


TYPE_TABLES = {
    "pixwright.records.kind": "the table",
    "pixwright.edit.dispatch": "editors",
    "pixwright.judge.__init__": "checks",
    "pixwright.build.pairs.__init__": "makers of pairs",
}
"""Where edit types may be listed: the table and the registries. The registry of rules, `parse/rules`, lists none: a rule names the type it makes."""
MOST_TYPES = 2
"""Members of `EditType` that one display may hold elsewhere: more is a column of the table that lost its way."""


def one_table_of_types(module: str, source: str) -> list[str]:
    """No set, tuple, list or dict of edit types, and no slice of them, outside the table and the registries."""
    if module in TYPE_TABLES or "EditType" not in source:
        return []
    tree = parsed(source)
    names = _names_of_edit_type(tree)
    listed = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _lists(node.value, names)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    broken = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Set | ast.Tuple | ast.List | ast.Dict):
            held = [n for n in ast.walk(node) if isinstance(n, ast.Attribute) and _is_member(n, names)]
            if len(held) > MOST_TYPES:
                broken.append(f"{module}:{node.lineno} lists {len(held)} edit types")
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            of_list = isinstance(node.value, ast.Name) and node.value.id in listed
            if of_list or _lists(node.value, names):
                broken.append(f"{module}:{node.lineno} slices the edit types")
    return broken


def _names_of_edit_type(tree: ast.AST) -> set[str]:
    """What `EditType` is called in a module: by import, and by assignment."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == "EditType"
    }
    return names | {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in names
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _is_member(node: ast.Attribute, names: set[str]) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in names and node.attr.isupper()


def _lists(node: ast.AST, names: set[str]) -> bool:
    """`list(EditType)`, `tuple(EditType)`, `[*EditType]`."""
    if isinstance(node, ast.Call):
        return any(isinstance(one, ast.Name) and one.id in names for one in node.args)
    if isinstance(node, ast.List | ast.Tuple):
        return any(
            isinstance(one, ast.Starred) and isinstance(one.value, ast.Name) and one.value.id in names
            for one in node.elts
        )
    return False


SPEAKS = ("words", "parse")
"""`words/` holds the lists; `parse/` the closed words of its grammar."""
WORDS_IN_A_LIST = 8
"""From so many plain words on a literal is a list of English."""
FIELDS = {
    "pixwright.batch": "columns of a job file",
    "pixwright.build.run.browse": "columns",
    "pixwright.build.run.shard": "columns",
    "pixwright.build.measure.planted": "names of planted faults",
    "pixwright.build.sets.bench": "keys of a recipe",
    "pixwright.build.scene.compose": "how a place holds things",
    "pixwright.build.source.coco": "categories of a data set",
    "pixwright.build.source.indexing": "categories of a data set",
    "pixwright.extras": "names of extras",
    "pixwright.evaluate.readers.listed": "columns",
    "pixwright.evaluate.report.page": "columns",
    "pixwright.evaluate.report.results": "columns",
    "pixwright.evaluate.run.task": "columns",
    "pixwright.evaluate.study.study": "keys of a file",
    "pixwright.models.layouts.recognise": "names of layouts",
    "pixwright.nn.tasks": "names of experts",
    "pixwright.serve.routes.openai": "values of another protocol",
    "pixwright.edit.toning.grade": "names of parameters",
}
"""Modules whose lists are names in files, not language."""
_PLAIN = re.compile(r"[a-z]+(?:[ -][a-z]+){0,2}")


def word_lists(module: str, source: str) -> list[str]:
    """No list of English words outside `words/`, but for the canonical vocabulary and the closed words of the grammar in `parse/`."""
    if room_of(module) in SPEAKS or module in FIELDS or module == "pixwright.records.vocabulary":
        return []
    canonical = {str(word) for value in vars(vocabulary).values() if isinstance(value, tuple | dict) for word in value}
    broken = []
    for node in nodes(source):
        words = _words_in(node)
        if len(words) >= WORDS_IN_A_LIST and not set(words) <= canonical:
            broken.append(f"{module}:{node.lineno} lists {len(words)} words: {' '.join(words[:4])} ...")  # type: ignore[attr-defined]
    return broken


def _words_in(node: ast.AST) -> list[str]:
    held: list[str] = []
    if isinstance(node, ast.Set | ast.List | ast.Tuple):
        held = [one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
        text = node.func.value
        held = text.value.split() if isinstance(text, ast.Constant) and isinstance(text.value, str) else []
    return [word for word in held if _PLAIN.fullmatch(word)]


LAWS = [
    import_law,
    size_budget,
    typed_surface,
    broad_except,
    no_pickle,
    room_says_what_it_is,
    one_table_of_types,
    word_lists,
]
"""Of one file of the package."""
TEST_LAWS = [no_wall_clock]
"""Of one file of the tests."""
HOUSE_LAWS = [one_module_per_class, folder_size, numbers_named]
"""Of the package as a whole."""


def modules() -> Files:
    """(module name, source) of every file of the package."""
    return _read(SRC, "pixwright")


def test_modules() -> Files:
    """The same of the tests: `tests.ROOM.name`."""
    return _read(ROOT / "tests", "tests")


def _read(folder: Path, name: str) -> Files:
    found = []
    for path in sorted(folder.rglob("*.py")):
        module = ".".join((name, *path.relative_to(folder).with_suffix("").parts))
        found.append((module, path.read_text(encoding="utf-8")))
    return found
