"""A file that the model has written with tokens gets the values, byte for byte what stood there before."""

from pathlib import Path
from typing import Any, Final

from ... import jsontext, tokens
from ...errors import ConfigError, ShieldError, WireError
from ..installers import files
from .before import ARGUMENT, release_of, request_of
from .contract import Event
from .means import Means
from .tools import tool

_LEFT: Final = "The file holds tokens in place of values, since {} ({}). Tell the person."


def write_back(event: Event, means: Means) -> str:
    """Put values in place of the tokens that a tool has just written.

    Returns:
        What the model must know; "" if all went well or there was nothing to do.
    """
    text = event.input.get(tool(event.tool).writes)
    if not isinstance(text, str) or not tokens.may_hold(text):
        return ""
    shield = means.shield()
    try:
        plan, asked = release_of(event)
        new = shield.release(plan, asked) if plan else None
        if new is None:
            return ""
        _fill(_path(event), text, jsontext.loads(new)["params"]["arguments"][ARGUMENT])
    except ShieldError as error:
        shield.failed("out", request_of(event), error)
        return _LEFT.format(error, error.code)
    return ""


def _path(event: Event) -> Path:
    said: Any = event.response if isinstance(event.response, dict) else {}
    named = said.get("filePath") or said.get("notebook_path") or event.input.get("file_path")
    path = named or event.input.get("notebook_path")
    if not isinstance(path, str):
        raise WireError("the tool did not say which file it wrote", code="PS366")
    return Path(event.cwd) / path


def _fill(path: Path, written: str, meant: str) -> None:
    """Change what was written to what was meant, and no other byte.

    Raises:
        ConfigError: it does not stand there.
    """
    before = files.read(path)
    for old, new in _spelled(path, written, meant):
        if old in before:
            files.replace(path, before, before.replace(old, new))
            return
    raise ConfigError("what was written does not stand in it", code="PS366")


def _spelled(path: Path, written: str, meant: str) -> list[tuple[bytes, bytes]]:
    """The ways a client may have written a text: line ends as the file has them, JSON strings in a notebook."""
    pairs = [(written, meant)]
    if path.suffix == ".ipynb":
        pairs = [(jsontext.quote(written)[1:-1], jsontext.quote(meant)[1:-1])]
        lines = zip(written.splitlines(keepends=True), meant.splitlines(keepends=True), strict=False)
        pairs += [(jsontext.quote(old)[1:-1], jsontext.quote(new)[1:-1]) for old, new in lines if old != new]
    pairs += [(old.replace("\n", "\r\n"), new.replace("\n", "\r\n")) for old, new in pairs]
    return [(old.encode(), new.encode()) for old, new in pairs if old]
