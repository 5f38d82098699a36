"""What a server is called when nobody named it: its package or program. No I/O."""

import re
from collections.abc import Sequence
from typing import NamedTuple


class _Runner(NamedTuple):
    """A program that runs another one.

    Attributes:
        words: sub-command that must follow ("run" in `uv run`), one of these; empty: none.
        flags: options without an argument that may stand before the server.
        names: options whose argument is the server.
    """

    words: tuple[tuple[str, ...], ...] = ((),)
    flags: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


_NPX = _Runner(flags=frozenset(("-y", "--yes", "-q", "--quiet")), names=frozenset(("-p", "--package")))
_UVX = _Runner(flags=frozenset(("-q", "--quiet", "--offline", "--isolated")), names=frozenset(("--from",)))
_PYTHON = _Runner(flags=frozenset(("-u", "-I", "-E", "-s", "-S", "-P", "-B", "-O")), names=frozenset(("-m",)))
_NODE = _Runner(flags=frozenset(("--no-warnings", "--enable-source-maps", "--experimental-strip-types")))
_RUNNERS = {
    "npx": _NPX,
    "bunx": _NPX,
    "npm": _Runner((("exec",), ("x",)), _NPX.flags | {"--"}, _NPX.names),
    "pnpm": _Runner((("dlx",), ("exec",)), _NPX.flags, _NPX.names),
    "yarn": _Runner((("dlx",),), _NPX.flags, _NPX.names),
    "uvx": _UVX,
    "uv": _Runner((("tool", "run"), ("run",)), _UVX.flags, _UVX.names),
    "pipx": _Runner((("run",),), frozenset(), frozenset(("--spec",))),
    "python": _PYTHON,
    "node": _NODE,
    "bun": _Runner((("run",), ()), _NODE.flags),
    "tsx": _NODE,
}
_NOTHING_SAID = frozenset(("index", "main", "server", "__main__", "cli", "dist", "build", "bin", "src", "lib", "out"))
"""File and folder names that every second server has; the folder above says more."""
_SPEC = re.compile(r"@?[A-Za-z0-9][\w.-]*(?:/[\w.-]+)?(?:\[[\w,.-]*\])?(?:(?:@|==)[\w.+*^~-]+)?")
"""An npm or PyPI package, with scope, extras and version."""


def default_name(argv: Sequence[str]) -> str:
    """A name for the server that `argv` starts: `npx -y @scope/server-git@1.2 /repo` is "server-git".

    Looks no further than the package or script: later arguments may hold credentials. An option it does not know ends
    the search too, and the program itself gives the name.
    """
    program = _stem(argv[0])
    runner = _RUNNERS.get(re.sub(r"[\d.]+$", "", program))
    served = _served(argv[1:], runner) if runner else ""
    return _clean(_package(served)) or _clean(program) or "server"


def _served(args: Sequence[str], runner: _Runner) -> str:
    """The argument that says what to run, "" if that is not plain."""
    words = next((words for words in runner.words if tuple(args[: len(words)]) == words), None)
    if words is None:
        return ""
    rest = iter(args[len(words) :])
    for arg in rest:
        if arg in runner.names:
            return next(rest, "")
        if arg not in runner.flags:
            return "" if arg.startswith("-") else arg
    return ""


def _package(served: str) -> str:
    """`served` without scope, extras and version; for a path the file, or the nearest folder that says something."""
    is_scoped = served.startswith("@")
    if _SPEC.fullmatch(served) and (is_scoped or "/" not in served) and not served.endswith(_SCRIPTS):
        return re.split(r"[@\[=]", served.rpartition("/")[2])[0]
    parts = [part for part in re.split(r"[/\\]", served) if part.strip(".")]
    names = [_stem(part) for part in reversed(parts)]
    return next((name for name in names if name not in _NOTHING_SAID), "")


_SCRIPTS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".py", ".pyz")


def _stem(path: str) -> str:
    name = re.split(r"[/\\]", path)[-1]
    return re.sub(r"\.(?:exe|cmd|bat|sh|pyz?|[cm]?[jt]s)$", "", name)


def _clean(name: str) -> str:
    """Only what is safe in a log, a table and a file name, and at most 64 characters of it."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:64]
