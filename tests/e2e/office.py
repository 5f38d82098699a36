"""Several canned servers on one user's machine, direct or behind the shield, sharing one vault and scope."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .harness import SERVERS, Home, Peer, loads

Json = Any


class Office:
    """Servers by name.

    Attributes:
        peers: the client's end of each started server.
    """

    def __init__(self, folder: Path, config: str, shielded: bool = True) -> None:
        self._folder = folder
        self._shielded = shielded
        self.home = Home(folder / "machine", config)
        self.peers: dict[str, Peer] = {}

    def start(self, name: str, tools: Mapping[str, Json], known_as: str = "") -> Peer:
        """Start one server; `known_as` is the name it goes by, by default its own."""
        folder = self._folder / name
        folder.mkdir()
        (folder / "tools.json").write_text(json.dumps(tools), encoding="utf-8")
        command = [sys.executable, str(SERVERS / "canned.py"), str(folder)]
        peer = Peer(self.home.shielded(known_as or name, command) if self._shielded else command, self.home)
        self.peers[name] = peer
        peer.initialize()
        peer.request("tools/list")
        return peer

    def close(self) -> None:
        for peer in self.peers.values():
            peer.close()

    def __enter__(self) -> "Office":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def emit(self, name: str, text: str) -> None:
        """What the server's plain tools answer with from now on."""
        (self._folder / name / "emit").write_text(text, encoding="utf-8")

    def received(self, name: str) -> bytes:
        """Every byte that reached the server."""
        return (self._folder / name / "received").read_bytes()

    def calls(self, name: str) -> list[Json]:
        """(tool, arguments) of every call that reached the server, numbers as spelled."""
        messages = [loads(line) for line in self.received(name).splitlines()]
        params = [message["params"] for message in messages if message.get("method") == "tools/call"]
        return [(call["name"], call.get("arguments")) for call in params]


def content(result: Json) -> Json:
    """What a model works with: the structured result, else the text."""
    assert "content" in result, result
    assert not result.get("isError"), result
    return result.get("structuredContent", result["content"][0]["text"])
