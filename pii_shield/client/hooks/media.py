"""Files that hold what cannot be searched: a client would show them as pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from ...errors import PolicyDenied

_MAGIC: Final = {
    b"%PDF": "other",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
    b"GIF8": "image",
    b"RIFF": "image",
}
_SUFFIXES: Final = {
    ".pdf": "other",
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic"), "image"),
}


def check(path: Path, passes: Callable[[str], bool]) -> None:
    """Refuse a file whose content may not pass unsearched.

    Args:
        passes: whether a family of content may: "image", "other".

    Raises:
        PolicyDenied: it may not.
    """
    family = _family(path)
    if family and not passes(family):
        kind = "images" if family == "image" else "other"
        raise PolicyDenied(
            f"this file holds {'an image' if family == 'image' else 'binary content'}, which cannot be searched for "
            f"personal data; the person can let it pass with [blobs] {kind} in pii-shield's settings",
            code="PS363",
        )


def _family(path: Path) -> str:
    """What kind of binary content a file is, by its name and how it begins; "" if none that a client would show."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError:
        head = b""
    begins = next((family for magic, family in _MAGIC.items() if head.startswith(magic)), "")
    return begins or _SUFFIXES.get(path.suffix.lower(), "")
