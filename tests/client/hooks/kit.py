"""A session of Claude Code as its hooks see it: events in, answers out, files in a folder of their own."""

import json
from pathlib import Path
from typing import Any

from pii_shield.client.hooks.means import Means
from pii_shield.client.hooks.reply import reply
from pii_shield.settings import Config, Server

JANE, PHONE = "jane.roe@example.com", "+49 30 1234567"


class Session:
    """One folder; each event is answered by means of its own, as each comes to a process of its own."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.home = folder / "home"
        self.cwd = folder / "work"
        self.vault = folder / "shield" / "vault.db"
        for place in (self.home, self.cwd, self.vault.parent):
            place.mkdir()
        self.settings = Config(vault=self.vault, scope="claude-code", **settings)
        self.environ = {"HOME": str(self.home)}

    def means(self) -> Means:
        return Means(self.settings, self.environ, "linux")

    def answer(self, name: str, **fields: Any) -> dict[str, Any]:
        event = {"hook_event_name": name, "cwd": str(self.cwd), "transcript_path": str(self.home / "t/s.jsonl")}
        answer: dict[str, Any] = json.loads(reply(json.dumps({**event, **fields}).encode(), self.means))
        return answer

    def before(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return self.answer("PreToolUse", tool_name=tool, tool_input=arguments).get("hookSpecificOutput", {})

    def after(self, tool: str, response: Any, **arguments: Any) -> Any:
        """What the model reads."""
        said = self.answer("PostToolUse", tool_name=tool, tool_input=arguments, tool_response=response)
        return said.get("hookSpecificOutput", {}).get("updatedToolOutput", response)

    def read(self, path: Path) -> str:
        """What Read shows of a file."""
        file = {"filePath": str(path), "content": path.read_text(), "numLines": 1, "startLine": 1, "totalLines": 1}
        return self.after("Read", {"type": "text", "file": file}, file_path=str(path))["file"]["content"]

    def write(self, path: Path, content: str) -> dict[str, Any]:
        """Write as the client does it: ask, write what the model said, tell."""
        asked = self.before("Write", file_path=str(path), content=content)
        if asked:
            return asked
        path.write_bytes(content.encode())
        response = {"type": "create", "filePath": str(path), "content": content, "structuredPatch": []}
        call = {"tool_name": "Write", "tool_input": {"file_path": str(path), "content": content}}
        return self.answer("PostToolUse", tool_response=response, **call)


TRUSTED = {"claude-code": Server(trusted=True)}
