"""The house: a room stands above all that it imports, rooms on one line do not import each other, no cycles."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "pii_shield"

# Bottom up. A name is a module or a package of pii_shield.
LINES = [
    {"types", "errors", "entities", "paths", "naming", "eventually"},
    {"jsontext", "checks", "store", "documents"},
    {"rules", "roles", "tokens", "profiles"},
    {"detect", "policy", "reading"},
    {"tuning", "wire", "vault", "audit", "examples", "otlp"},
    {"settings"},
    {"known", "compiled", "config", "recorder", "evidence"},
    {"observing", "off", "tuned", "engines", "blobs", "needs"},
    {"shielding", "revealing", "recording", "logins", "upstreams"},
    {"conversation"},
    {"telemetry"},
    {"assemble"},
    {"proxy", "demo", "client"},
    {"doctor"},
    {"cli"},
    {"__main__"},
]
LEVEL = {room: level for level, line in enumerate(LINES) for room in line}
PURE = ("wire", "detect", "tuning", "tokens", "policy", "roles", "jsontext", "checks")
DOES_IO = {
    "socket",
    "sqlite3",
    "subprocess",
    "asyncio",
    "mcp",
    "pathlib",
    "os",
    "io",
    "urllib.request",
    "http",
    "tempfile",
}
# Read models and users' files; the rest of their room does not.
LOADERS = {ROOT / "detect" / "presidio" / name for name in ("load.py", "users.py")}
MAX_LINES = 300


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def room_of(path: Path) -> str:
    relative = path.relative_to(ROOT)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imports(path: Path) -> set[tuple[str, str]]:
    """(absolute module, imported name) of every import in a file, relative ones resolved."""
    package = ("pii_shield", *path.relative_to(ROOT).parts[:-1])
    found: set[tuple[str, str]] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            found |= {(module, alias.name) for alias in node.names}
    return found


def rooms_imported(path: Path) -> set[str]:
    rooms = set()
    for module, name in imports(path):
        parts = module.split(".")
        if parts[0] == "pii_shield":
            rooms.add(parts[1] if len(parts) > 1 else name)
    return rooms & LEVEL.keys()


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_room_stands_above_what_it_imports(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    assert room in LEVEL, "a new room: say on which line it stands"
    for other in rooms_imported(path) - {room}:
        assert LEVEL[other] < LEVEL[room], f"{room} must not import {other}"


@pytest.mark.parametrize(
    "path", [p for p in modules() if room_of(p) in PURE and p not in LOADERS], ids=lambda p: str(p.relative_to(ROOT))
)
def test_pure_rooms_do_no_io_and_say_so(path: Path) -> None:
    assert not {module for module, _ in imports(path)} & DOES_IO
    if path.name != "__init__.py":
        assert "No I/O" in (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n\n")[0]


def test_only_assemble_knows_the_concrete_vaults() -> None:
    knowing = {
        room_of(path)
        for path in modules()
        for module, name in imports(path)
        if module.startswith("pii_shield.vault") and {"sqlite", "memory"} & {*module.split("."), name}
    }
    assert knowing - {"vault"} <= {"assemble"}


def test_modules_inside_a_room_form_no_cycle() -> None:
    graph: dict[str, set[str]] = {}
    for path in modules():
        name = ".".join(("pii_shield", *path.relative_to(ROOT).with_suffix("").parts))
        targets = {f"{m}.{n}" for m, n in imports(path)} | {m for m, _ in imports(path)}
        graph[name] = targets
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"cycle: {' -> '.join((*trail, name))}"
        if name not in done:
            for target in graph[name] & graph.keys():
                visit(target, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


def test_broad_excepts_stand_only_where_things_fail_closed() -> None:
    allowed = {"conversation.py": 5, "eventually.py": 1, "reply.py": 2, "shell.py": 1}
    for path in modules():
        broad = sum(
            isinstance(node, ast.ExceptHandler)
            and (
                node.type is None
                or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))
            )
            and not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)  # cleans up and raises again
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
        )
        assert broad <= allowed.get(path.name, 0), path.name


def test_the_start_path_imports_nothing_heavy() -> None:
    program = (
        "import sys; import pii_shield.cli.run, pii_shield.proxy.stdio, pii_shield.assemble, pii_shield.config;"
        "print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    heavy = {
        "mcp",
        "presidio_analyzer",
        "spacy",
        "pydantic",
        "numpy",
        "asyncio",
        "phonenumbers",
        "cryptography",
        "sqlite3",
    }
    assert not heavy & set(loaded)
