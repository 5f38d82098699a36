"""Documents read by a process of their own: whatever is wrong with one, it does not pass.

Does I/O: starts that process, once for each document and step, and ends it when its time is up.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from ..errors import ConfigError
from .content import MAX_BYTES, Mark, Text, Unreadable
from .worker import kind_of

SECONDS = 45.0
_MODULES = {"PIL": "Pillow", "pytesseract": "pytesseract", "pypdf": "pypdf"}
_KEPT = ("PATH", "LANG", "LC_ALL", "TESSDATA_PREFIX", "SYSTEMROOT", "PYTHONPATH", "TMPDIR", "TEMP")
FAMILIES = {"image": frozenset({"image"}), "other": frozenset({"pdf", "office"})}
"""Kinds that may stand where a message says "image", or anything else that is neither sound nor video."""


def need() -> None:
    """Refuse at once what could never be read.

    Raises:
        ConfigError: a package or tesseract is missing.
    """
    for module, package in _MODULES.items():
        if find_spec(module) is None:
            fix = 'pip install "pii-shield-mcp[documents]"'
            raise ConfigError(f"{package} is not installed, and reading documents needs it", code="PS335", fix=fix)
    if shutil.which("tesseract") is None:
        fix = "install it, for example: apt install tesseract-ocr, brew install tesseract"
        raise ConfigError(
            "the program tesseract is not installed, and reading pictures needs it", code="PS336", fix=fix
        )


class Document:
    """One document of a message.

    Args:
        data: its bytes.
        family: what the message says it is: "image" or "other".

    Raises:
        Unreadable: it is too big, or nothing of that family.
    """

    def __init__(self, data: bytes, family: str) -> None:
        self._data = data
        self._kind = kind_of(data)
        if len(data) > MAX_BYTES or self._kind not in FAMILIES.get(family, ()):
            raise Unreadable

    def read(self) -> list[Text]:
        """What it says.

        Raises:
            Unreadable: it cannot be read, or not in time.
        """
        head, _ = self._ask({"do": "read", "kind": self._kind})
        return [Text(*row) for row in head["texts"]]  # type: ignore[attr-defined]

    def write(self, marks: Sequence[Mark]) -> bytes:
        """The document without its metadata, with marks in place.

        Raises:
            Unreadable: it cannot be written like that.
        """
        _, body = self._ask({"do": "write", "kind": self._kind, "marks": list(marks)})
        return body

    def _ask(self, request: dict[str, object]) -> tuple[dict[str, object], bytes]:
        # -P: the folder that we were started in may be anybody's, and must not be a place for modules.
        command = [sys.executable, "-P", "-m", "pii_shield.documents.worker"]
        environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environ, "OMP_THREAD_LIMIT": "1"},
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(json.dumps(request).encode() + b"\n" + self._data, SECONDS)
        except subprocess.TimeoutExpired:
            raise Unreadable from None
        finally:
            _end(process)
        head, _, body = output.partition(b"\n")
        try:
            answer = json.loads(head)
        except ValueError:
            raise Unreadable from None
        if not answer.get("ok"):
            raise Unreadable
        return answer, body


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End it with all that it started, and leave nothing open."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with process:
        process.wait()
