"""The process that opens one document, with little memory, little time and nothing of ours but that document.

Reads a line of JSON and the document from standard input, writes a line of JSON and, if asked, the new document.
"""

import contextlib
import json
import sys
from collections.abc import Sequence
from typing import Any, BinaryIO

from .content import Kind, Mark, Unreadable, checked

MEMORY = 1 << 30
CPU_SECONDS = 40
_MAGIC: Sequence[tuple[bytes, str]] = (
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "office"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"RIFF", "image"),
    (b"BM", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
)


def kind_of(data: bytes) -> str:
    """What a document is, by its first bytes: "image", "pdf", "office", or "" for none that is read."""
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), "")


def _kind(name: str) -> Kind:
    from . import image, office, pdf

    return {"image": image.KIND, "pdf": pdf.KIND, "office": office.KIND}[name]


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer one request. An answer without "ok" means that the document is not to pass."""
    request = json.loads(source.readline())
    data = source.read()
    answer: dict[str, Any] = {}
    body = b""
    try:
        kind = _kind(request["kind"])
        if request["do"] == "read":
            answer = {"ok": True, "texts": checked(kind.read(data))}
        else:
            body = kind.write(data, [Mark(*mark) for mark in request["marks"]])
            answer = {"ok": True}
    except Unreadable:
        answer = {}
    sink.write(json.dumps(answer).encode() + b"\n" + body)
    sink.flush()


def limit() -> None:
    """Take memory, time and core dumps away from this process and what it starts."""
    with contextlib.suppress(ImportError):  # Windows has none of it; there the parent's clock is all
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    limit()
    serve(sys.stdin.buffer, sys.stdout.buffer)
