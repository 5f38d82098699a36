"""Hypothesis strategies: the same servers written down as people and programs do, in each format."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=8).map(
    lambda word: word.replace(" ", "_").replace("\u00a0", "_")
)
BARE = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=8).map(lambda word: f"k{word}")
SCALARS = st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=6)


@st.composite
def _server(draw: Callable[..., Any], scalars: st.SearchStrategy[Any]) -> dict[str, Any]:
    keys: dict[str, Any] = {"command": "x" + "".join(draw(WORDS).split())}
    if draw(st.booleans()):
        keys["args"] = draw(st.lists(WORDS, max_size=3))
    if draw(st.booleans()):
        keys["env"] = draw(st.dictionaries(BARE, WORDS, max_size=2))
    for key in draw(st.lists(BARE, max_size=2, unique=True)):
        keys[key] = draw(scalars)
    return {key: keys[key] for key in draw(st.permutations(list(keys)))}


def servers(
    scalars: st.SearchStrategy[Any] = SCALARS, names: st.SearchStrategy[str] = NAMES
) -> st.SearchStrategy[dict[str, Any]]:
    """Servers by name."""
    return st.dictionaries(names, _server(scalars), min_size=1, max_size=3)


class Jsonc:
    """Writes JSON with blanks, comments and trailing commas wherever they may stand."""

    TRIVIA = ("", "", "", " ", "\t", "\n", "\r\n\t", '// c, "x": {\n', '/* ] } " */', " /**/ ")

    def __init__(self, draw: Callable[..., Any]) -> None:
        self._draw = draw

    def text(self, value: Any) -> str:
        return f"{self._gap()}{self._value(value)}{self._gap()}"

    def _gap(self) -> str:
        return str(self._draw(st.sampled_from(self.TRIVIA)))

    def _value(self, value: Any) -> str:
        if isinstance(value, dict):
            parts = [f"{self._scalar(key)}{self._gap()}:{self._gap()}{self._value(val)}" for key, val in value.items()]
            return "{" + self._inside(parts) + "}"
        if isinstance(value, list):
            return "[" + self._inside([self._value(item) for item in value]) + "]"
        return self._scalar(value)

    def _inside(self, parts: list[str]) -> str:
        inner = ",".join(f"{self._gap()}{part}{self._gap()}" for part in parts)
        return inner + ("," if parts and self._draw(st.booleans()) else "") + self._gap()

    def _scalar(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=self._draw(st.booleans()))


class Toml:
    """Writes `[mcp_servers.NAME]` tables, inline tables and dotted keys."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self._draw = draw
        self._line = draw(st.sampled_from(("\n", "\r\n")))

    def text(self, named: dict[str, Any]) -> str:
        ways = (self._tables, self._inline, self._dotted)
        head = self._draw(st.sampled_from(("", "# c", 'model = "o" # c', "a.b = [ 1, # ]\n 2 ]")))
        text = "\n".join([head, *self._draw(st.sampled_from(ways))(named)]) + self._draw(st.sampled_from(("", "\n")))
        return text.replace("\n", self._line)

    def _tables(self, named: dict[str, Any]) -> list[str]:
        lines = []
        for name, keys in named.items():
            lines.append(f"[ mcp_servers . {self._key(name)} ]{self._comment()}")
            tables = {key: value for key, value in keys.items() if isinstance(value, dict)}
            lines += [
                f"  {key} = {self._value(value)}{self._comment()}" for key, value in keys.items() if key not in tables
            ]
            for key, value in tables.items():
                lines.append(f"[mcp_servers.{self._key(name)}.{key}]")
                lines += [f"{inner} = {self._value(text)}" for inner, text in value.items()]
        return lines

    def _inline(self, named: dict[str, Any]) -> list[str]:
        return ["[mcp_servers]", *(f"{self._key(name)} = {self._value(keys)}" for name, keys in named.items())]

    def _dotted(self, named: dict[str, Any]) -> list[str]:
        return [
            f"mcp_servers.{self._key(name)}.{key} = {self._value(value)}{self._comment()}"
            for name, keys in named.items()
            for key, value in keys.items()
        ]

    def _comment(self) -> str:
        return str(self._draw(st.sampled_from(("", " # c = [", "\n# d"))))

    def _key(self, name: str) -> str:
        return name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else self._basic(name)

    def _basic(self, text: str) -> str:
        return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

    def _value(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{self._key(key)} = {self._value(val)}" for key, val in value.items()) + " }"
        if isinstance(value, list):
            between = self._draw(st.sampled_from((", ", ",", ", # c\n  ")))
            end = (
                self._draw(st.sampled_from(("", " ", "\n"))) if not value else self._draw(st.sampled_from(("", ",\n")))
            )
            return "[" + between.join(map(self._value, value)) + end + "]"
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int):
            return str(value)
        plain = "'" not in value and "\x7f" not in value and value.isprintable()
        return f"'{value}'" if plain and self._draw(st.booleans()) else self._basic(value)


class Yaml:
    """Writes Goose's `extensions` in block and flow style."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self._draw = draw

    def text(self, named: dict[str, Any]) -> str:
        lines = [self._draw(st.sampled_from(("# c", "---", "GOOSE_MODEL: x"))), "extensions:"]
        for name, keys in named.items():
            lines += self._server(json.dumps(name, ensure_ascii=False), keys)
        return self._draw(st.sampled_from(("\n", "\r\n"))).join(lines) + "\n"

    def _server(self, name: str, keys: dict[str, Any]) -> list[str]:
        keys = {"cmd" if key == "command" else key: value for key, value in keys.items()}
        if self._draw(st.booleans()):
            return [f"  {name}: {self._flow(keys)}"]
        lines = [f"  {name}:{self._comment()}"]
        for key, value in keys.items():
            if isinstance(value, list) and value and self._draw(st.booleans()):
                indent = self._draw(st.sampled_from(("    ", "      ")))
                lines += [
                    f"    {key}:{self._comment()}",
                    *(f"{indent}- {self._scalar(item)}{self._comment()}" for item in value),
                ]
            else:
                lines.append(f"    {key}: {self._flow(value)}{self._comment()}")
        return lines

    def _comment(self) -> str:
        return str(self._draw(st.sampled_from(("", "  # c: [", " "))))

    def _flow(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self._scalar(key)}: {self._flow(val)}" for key, val in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self._flow, value)) + "]"
        return self._scalar(value)

    def _scalar(self, value: Any) -> str:
        plain = (
            isinstance(value, str)
            and value.isascii()
            and value.isalpha()
            and value.lower() not in ("null", "true", "false")
        )
        if plain and self._draw(st.booleans()):
            return str(value)
        if isinstance(value, str) and "'" not in value and value.isascii() and self._draw(st.booleans()):
            return f"'{value}'"
        return json.dumps(value, ensure_ascii=False)
