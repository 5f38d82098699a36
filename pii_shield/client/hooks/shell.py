"""A shell whose output has tokens: what it says is searched where it arises, also when a command fails or goes on in
the background, which the client's hooks for tools do not see.
"""

import codecs
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Final

from ...errors import ShieldError

SECONDS: Final = 3.0
"""How long output waits for more of it, so that what belongs together is searched together."""
MAX_HELD: Final = 1 << 20
"""Characters that wait at most."""
_LINGER: Final = 0.3
"""How long after its end a shell's output may come from what it has left behind."""
_TICK: Final = 0.05
_WITHHELD: Final = "[output withheld by pii_shield {}: {}]\n"
Protect = Callable[[str], str]


def run(argv: Sequence[str], environ: Mapping[str, str], protect: Protect, drain: Sequence[str]) -> int:
    """Run a shell on this process's own streams.

    Args:
        argv: the real shell and its arguments.
        environ: for it; ours is not passed on.
        protect: a text with tokens; raises ShieldError if it cannot be checked.
        drain: command that does the same for what comes in on stdin, for programs that outlive the shell.

    Returns:
        The shell's exit code.
    """
    is_one = os.path.samestat(os.fstat(1), os.fstat(2))
    ends = [os.pipe() for _ in range(1 if is_one else 2)]
    plain = {name: value for name, value in environ.items() if not name.startswith("PII_SHIELD_")}
    try:
        shell = subprocess.Popen(list(argv), stdout=ends[0][1], stderr=ends[-1][1], env=plain)  # noqa: S603 - the user's
    except OSError as error:
        os.write(2, f"pii-shield: the shell cannot be started: {error.strerror}\n".encode())
        return 127
    finally:
        for _, end in ends:
            os.close(end)
    _pass_signals_on(shell)
    streams = [Stream(end, to, protect) for (end, _), to in zip(ends, (1, 2), strict=False)]
    while any(stream.is_open for stream in streams) and shell.poll() is None:
        for stream in streams:
            stream.carry()
    code = shell.wait()
    for stream in streams:
        stream.finish(drain)
    return code if code >= 0 else 128 - code


def filter_stdin(protect: Protect) -> None:
    """The same for stdin, to its end."""
    stream = Stream(0, 1, protect)
    while stream.is_open:
        stream.carry()
    stream.finish(())


def _pass_signals_on(shell: "subprocess.Popen[bytes]") -> None:
    """What ends the shell ends it there; what it has said until then is still shown."""

    def tell(number: int, _: FrameType | None) -> None:
        shell.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, tell)


class Stream:
    """Carries one stream from a pipe to its place, in a thread of its own."""

    def __init__(self, source: int, to: int, protect: Protect) -> None:
        self._source = source
        self._to = to
        self._protect = protect
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._held = ""
        self._since = 0.0
        self._lock = threading.Lock()
        self._in_order = threading.Lock()
        self._is_left = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def is_open(self) -> bool:
        """Whether more may come."""
        return self._reader.is_alive()

    def carry(self) -> None:
        """Wait a moment; show what has waited long enough."""
        self._reader.join(_TICK)
        self._show_old()

    def finish(self, drain: Sequence[str]) -> None:
        """Show all there is; what comes later from programs that the shell left behind, another process carries."""
        self._reader.join(_LINGER)
        with self._lock:
            self._is_left = self._reader.is_alive()
            if self._is_left:
                subprocess.Popen(list(drain), stdin=self._source, stdout=self._to, start_new_session=True)  # noqa: S603
        self._show(len(self._held))

    def _read(self) -> None:
        while True:
            data = _readable(self._source)
            with self._lock:
                if self._is_left:
                    return
                said = os.read(self._source, 1 << 16) if data else b""
                if data and not said:
                    self._held += self._decoder.decode(b"", True)
                    return
                if said:
                    self._since = self._since if self._held else time.monotonic()
                    self._held += self._decoder.decode(said)
            if len(self._held) > MAX_HELD:
                self._show_old(0.0)

    def _show_old(self, seconds: float = SECONDS) -> None:
        """Show whole lines that have waited long enough."""
        held = self._held
        if held and time.monotonic() - self._since >= seconds:
            self._show(held.rfind("\n") + 1 or (len(held) if len(held) > MAX_HELD else 0))

    def _show(self, end: int) -> None:
        with self._in_order:
            with self._lock:
                text, self._held = self._held[:end], self._held[end:]
                self._since = time.monotonic()
            if text:
                self._write(text)

    def _write(self, text: str) -> None:
        try:
            shown = self._protect(text)
        except ShieldError as error:
            shown = _WITHHELD.format(error.code, error)
        except Exception as error:  # noqa: BLE001 - fail closed: nothing is shown that was not checked
            shown = _WITHHELD.format("PS000", f"internal error ({type(error).__name__})")
        _write(self._to, shown.encode("utf-8", "surrogateescape"))


def _readable(source: int) -> bool:
    import select

    return bool(select.select([source], [], [], _TICK)[0])


def _write(to: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(to, view) :]
