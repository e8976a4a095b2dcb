"""The laws of the house as pure functions: source text in, violations out. `test_laws.py` runs them on `src` and on planted violations."""

from __future__ import annotations

import ast
from pathlib import Path

SRC = Path(__file__).parents[2] / "src" / "pixwright"

ORDER = [
    "records",
    "media",
    "weights",
    "nn",
    "encoders",
    "models",
    "VERBS",
    "systems",
    "flow",
    "files",
    "batch",
    "build",
    "train",
    "evaluate",
    "cli",
    "__main__",
]
VERBS = {"parse", "ground", "edit", "judge"}
FREE = {"errors", "__init__", "compare"}
"""Modules that any room above `records` may import: they hold words or show a finished result."""

FILE_LINES, FUNCTION_LINES = 500, 60


def room_of(module: str) -> str:
    """`pixwright.edit.filling.fill` -> `edit`; `pixwright` -> `__init__`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def rank(room: str) -> int:
    return ORDER.index("VERBS" if room in VERBS else room)


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
    for line, name in imports(ast.parse(source)):
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
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                broken.append(f"{module}:{node.lineno} {node.name} has {length} lines, more than {FUNCTION_LINES}")
    return broken


def typed_surface(module: str, source: str) -> list[str]:
    """Every public function is fully typed and documented, and takes no **kwargs."""
    broken = []
    for node in ast.walk(ast.parse(source)):
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
    """No `except:` or `except Exception` outside the two runners of many jobs."""
    if module in {"pixwright.batch", "pixwright.build.run.engine"}:
        return []
    broad = {"Exception", "BaseException"}
    return [
        f"{module}:{node.lineno} catches everything"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in broad))
    ]


def no_pickle(module: str, source: str) -> list[str]:
    """Nothing that can run code from a file is ever loaded."""
    tree = ast.parse(source)
    names = {n for node in ast.walk(tree) if isinstance(node, ast.Import) for n in (a.name for a in node.names)}
    broken = [f"{module} imports {n}" for n in names & {"pickle", "dill", "joblib", "shelve"}]
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            broken.append(f"{module}:{node.value.lineno} allows pickle")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec"):
            broken.append(f"{module}:{node.lineno} calls {node.func.id}")
    return broken


LAWS = [import_law, size_budget, typed_surface, broad_except, no_pickle]


def modules() -> list[tuple[str, str]]:
    """(module name, source) of every file of the package."""
    found = []
    for path in sorted(SRC.rglob("*.py")):
        parts = ("pixwright", *path.relative_to(SRC).with_suffix("").parts)
        found.append((".".join(parts).removesuffix(".__init__"), path.read_text(encoding="utf-8")))
    return found
