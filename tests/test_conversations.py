"""Conversations as data: agent says, server sees, server says, agent sees. Their form: `conversations/README.md`."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pii_shield import policy, rules, tokens
from pii_shield.conversation import Conversation, Outcome
from pii_shield.detect.engine import Engine
from pii_shield.entities import DEFAULT_TYPES
from pii_shield.shielding import Party, Shield
from pii_shield.vault.memory import MemoryVault
from pii_shield.wire import methods
from pii_shield.wire.protect import Options

Json = Any
FOLDER = Path(__file__).with_name("conversations")
ENGINE = Engine(rules.load(), DEFAULT_TYPES)
PLACEHOLDER = re.compile(r"\{(any)\}|\{(bare )?([A-Z]+):(\d+)(~\d+)?\}")
ID = "[0-9A-HJKMNP-TV-Z]{9}"
TURN_KEYS = {"agent says", "server says", "agent sees", "server sees", "at", "because"}


class Number(NamedTuple):
    """A JSON number as it was spelled: equal to no string."""

    spelling: str


def loads(text: str | bytes) -> Json:
    return json.loads(text, parse_int=Number, parse_float=Number)


def dumps(node: Json) -> str:
    """JSON of a tree from `loads`."""
    if isinstance(node, Number):
        return node.spelling
    if isinstance(node, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{dumps(value)}" for key, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ",".join(map(dumps, node)) + "]"
    return json.dumps(node)


class Names:
    """Which id each placeholder stands for, bound when it is first seen."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def fill(self, text: str) -> str:
        """The text with tokens in place of placeholders that are bound."""
        return PLACEHOLDER.sub(lambda match: self._written(match, self._ids[f"{match[3]}:{match[4]}"]), text)

    def match(self, expected: str, actual: str) -> bool:
        """Whether the actual text is the expected one; binds placeholders that are new."""
        groups: dict[str, str] = {}
        pieces, position = [], 0
        for placeholder in PLACEHOLDER.finditer(expected):
            pieces.append(re.escape(expected[position : placeholder.start()]))
            pieces.append(".*" if placeholder[1] else self._pattern(placeholder, groups))
            position = placeholder.end()
        found = re.fullmatch("".join([*pieces, re.escape(expected[position:])]), actual, re.DOTALL)
        if found:
            self._ids |= {name: found[group] for name, group in groups.items()}
        return found is not None and len(set(self._ids.values())) == len(self._ids)

    def _pattern(self, placeholder: re.Match[str], groups: dict[str, str]) -> str:
        name = f"{placeholder[3]}:{placeholder[4]}"
        if name in self._ids:
            return re.escape(self._written(placeholder, self._ids[name]))
        first = name not in groups
        group = groups.setdefault(name, f"g{len(groups)}")
        hole = "\0"
        return re.escape(self._written(placeholder, hole)).replace(
            re.escape(hole), f"(?P<{group}>{ID})" if first else f"(?P={group})"
        )

    @staticmethod
    def _written(placeholder: re.Match[str], id_: str) -> str:
        core = f"{placeholder[3]}_{id_}{placeholder[5] or ''}"
        return core if placeholder[2] else f"[{core}]"


def same(expected: Json, actual: Json, names: Names) -> bool:
    """Whether a message is the expected one: same order of keys, numbers spelled the same, tokens by name."""
    if type(expected) is not type(actual):
        return False
    if isinstance(expected, dict):
        pairs = zip(expected.items(), actual.items(), strict=False)
        return len(expected) == len(actual) and all(
            names.match(theirs[0], ours[0]) and same(theirs[1], ours[1], names) for theirs, ours in pairs
        )
    if isinstance(expected, list):
        items = zip(expected, actual, strict=False)
        return len(expected) == len(actual) and all(same(theirs, ours, names) for theirs, ours in items)
    return names.match(expected, actual) if isinstance(expected, str) else expected == actual


class Stage:
    """The servers of one conversation on one vault."""

    def __init__(self, script: Json) -> None:
        vault = MemoryVault(lambda: tokens.mint_id(8, random.Random(self._next()).randrange))
        self._minted = 0
        self.names = Names()
        self._ids: dict[str, int] = {}
        servers = script.get("servers", {"server": {}})
        self.first = next(iter(servers))
        profile = script.get("profile", "balanced")
        self._conversations = {
            name: self._conversation(vault, profile, name, script.get("options", {}), **said)
            for name, said in servers.items()
        }

    def _next(self) -> int:
        self._minted += 1
        return self._minted

    @staticmethod
    def _conversation(
        vault: MemoryVault, profile: str, name: str, options: Json, trusted: bool = False
    ) -> Conversation:
        party = Party("default", f"{name}#1", trusted)
        shield = Shield(vault, ENGINE, policy.PROFILES[profile], party, lambda: 0.0)
        chosen = Options(options.get("instructions", False), frozenset(options.get("pass", ())))
        return Conversation(lambda: shield, chosen, echo=profile != "strict")

    def play(self, turn: Json) -> None:
        """One line of one side, and what becomes of it on both."""
        assert turn.keys() <= TURN_KEYS, turn.keys() - TURN_KEYS
        server = turn.get("at", self.first)
        conversation = self._conversations[server]
        from_agent = "agent says" in turn
        said = self._line(turn["agent says" if from_agent else "server says"], server, new=from_agent)
        outcome = (conversation.from_client if from_agent else conversation.from_server)(said)
        other, own = ("server sees", "agent sees") if from_agent else ("agent sees", "server sees")
        forwarded = [] if outcome.forward is None else [outcome.forward]
        for side, lines in ((other, forwarded), (own, list(outcome.replies))):
            self._check(turn.get(side), lines, said, server, f"{side} (of {outcome})")
        assert_no_value(outcome, said)

    def _line(self, message: Json, server: str, new: bool) -> bytes:
        if isinstance(message, str):
            return self.names.fill(message).encode()
        return self.names.fill(dumps(self._complete(message, server, new))).encode()

    def _complete(self, message: Json, server: str, new: bool = False) -> Json:
        """A message without "jsonrpc" gets it; without "id", a request or response gets that of the open request."""
        if isinstance(message, list) or "jsonrpc" in message:
            return message
        notification = message.get("method", "").startswith("notifications/")
        if "id" in message or notification:
            return {"jsonrpc": "2.0", **message}
        if new and "method" in message:
            self._ids[server] = self._ids.get(server, 0) + 1
        return {"jsonrpc": "2.0", "id": Number(str(self._ids[server])), **message}

    def _check(self, expected: Json, lines: list[bytes], said: bytes, server: str, where: str) -> None:
        if expected == "the same":
            assert lines == [said], where
        elif expected is None:
            assert lines == [], where
        else:
            assert len(lines) == 1, where
            wanted = self._complete(expected, server)
            assert same(wanted, loads(lines[0]), self.names), f"{where}\nwanted {dumps(wanted)}"


def assert_no_value(outcome: Outcome, said: bytes) -> None:
    """What the human is told repeats nothing of the message."""
    told = set(re.findall(r"[\w.+-]+@[\w.-]+|\d{4,}", outcome.notice))
    assert not [word for word in told if word.encode() in said], outcome.notice


def scripts() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.json")):
        for script in loads(path.read_text(encoding="utf-8")):
            yield pytest.param(script, id=f"{path.stem}: {script['about']}")


@pytest.mark.parametrize("script", list(scripts()))
def test_conversation(script: Json) -> None:
    stage = Stage(script)
    for turn in script["turns"]:
        stage.play(turn)


WRONG: dict[str, Json] = {
    "another token": {"a": "{EMAIL:1}", "b": "{EMAIL:1}"},
    "the value": {"a": "{EMAIL:1}", "b": "joe@example.com"},
    "another order": {"b": "{EMAIL:2}", "a": "{EMAIL:1}"},
    "a missing key": {"a": "{EMAIL:1}"},
    "another label": {"a": "{PHONE:1}", "b": "{EMAIL:2}"},
    "nothing": None,
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_conversation_that_goes_otherwise_fails(wrong: str) -> None:
    turn = {"server says": {"id": Number("9"), "result": {"a": "jane@example.com", "b": "joe@example.com"}}}
    expected = {"id": Number("9"), "result": WRONG[wrong]} if WRONG[wrong] else None
    with pytest.raises(AssertionError):
        Stage({}).play({**turn, "agent sees": expected})


def test_numbers_that_are_spelled_otherwise_differ() -> None:
    assert same(loads("[1.0]"), loads("[1.0]"), Names())
    assert not same(loads("[1.0]"), loads("[1.00]"), Names())
    assert not same(loads("[1]"), loads('["1"]'), Names())


def test_every_method_of_the_table_has_a_conversation() -> None:
    played = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json"))
    named = {*methods.REQUESTS, *methods.RESULTS, *methods.URI_FIELDS}
    assert {method for method in named if f'"method": "{method}"' not in played} == set()
