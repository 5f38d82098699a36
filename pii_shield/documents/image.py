"""Pictures: read by tesseract, marks are black boxes over its words, written anew from the pixels alone."""

import io
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

from .content import Kind, Mark, Text, Unreadable, by_text

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
MAX_PIXELS = 40_000_000
SMALL = 1200
"""Pixels: narrower pictures are read at twice their size, since small letters are missed."""
SECONDS = 20
_MODES = {"PNG": ("L", "LA", "RGB", "RGBA"), "WEBP": ("RGB", "RGBA"), "GIF": ("L", "RGB")}
_PADDING = 2


class _Word(NamedTuple):
    start: int
    end: int
    box: tuple[int, int, int, int]


def read(data: bytes) -> list[Text]:
    """One text: the lines of the picture."""
    return [Text(_lines(_opened(data))[0])]


def write(data: bytes, marks: Sequence[Mark]) -> bytes:
    """The picture from its pixels alone: no EXIF, no comments, nothing behind its end."""
    from PIL import ImageDraw

    image = _opened(data)
    kind = image.format or "PNG"
    pixels = image.convert(_mode(image, kind))
    pixels.info = {}  # comments, profiles, resolution: all that would be written again
    if marks:
        _, words = _lines(image)
        draw = ImageDraw.Draw(pixels)
        for mark in by_text(marks)[0]:
            for word in words:
                if word.start < mark.end and mark.start < word.end:
                    draw.rectangle(word.box, fill=0 if pixels.mode == "L" else "black")
    out = io.BytesIO()
    pixels.save(out, kind, **({"quality": 95} if kind in ("JPEG", "WEBP") else {}))
    return out.getvalue()


def _mode(image: Any, kind: str) -> str:
    fitting = _MODES.get(kind, ("L", "RGB"))
    has_alpha = "A" in image.mode or "transparency" in image.info
    return (
        image.mode if image.mode in fitting and not has_alpha else "RGBA" if has_alpha and "RGBA" in fitting else "RGB"
    )


def _opened(data: bytes) -> Any:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if getattr(image, "n_frames", 1) > 1:
            raise Unreadable  # every frame can say something else
        image.load()
    return image


def _lines(image: Any) -> tuple[str, list[_Word]]:
    """The text of a picture, and where its words stand in both."""
    import pytesseract  # type: ignore[import-untyped]
    from PIL import Image

    scale = 2 if image.width < SMALL else 1
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image.convert("RGBA"), mask=image.convert("RGBA").getchannel("A"))
    big = flat.resize((image.width * scale, image.height * scale)) if scale > 1 else flat
    seen = pytesseract.image_to_data(big, output_type=pytesseract.Output.DICT, timeout=SECONDS)
    text, words, last = "", [], None
    for number, word in enumerate(seen["text"]):
        if not word.strip():
            continue
        line = tuple(seen[key][number] for key in ("block_num", "par_num", "line_num"))
        text += "" if last is None else " " if line == last else "\n"
        last = line
        left, top, width, height = (seen[key][number] // scale for key in ("left", "top", "width", "height"))
        box = (left - _PADDING, top - _PADDING, left + width + _PADDING, top + height + _PADDING)
        words.append(_Word(len(text), len(text) + len(word), box))
        text += word
    return text, words


KIND = Kind(read, write)
