"""Who looks at the client's output: told by the client's terminal, as its hooks have none of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pii_shield.client.hooks import screen

pty = pytest.importorskip("pty")
fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")
HOOK = "import sys; from pii_shield.client.hooks.screen import is_watched; sys.stderr.write(str(is_watched()))"
CLIENT = f"""
import subprocess, sys
sys.exit(subprocess.run(["/bin/sh", "-c", sys.executable + ' -c "{HOOK}"; true'], start_new_session=True).returncode)
"""


def watched(*, terminal: bool, to_terminal: bool) -> str:
    """What a hook says that a client starts in a session of its own, through a shell."""
    main, side = pty.openpty()

    def attach() -> None:
        fcntl.ioctl(side, termios.TIOCSCTTY, 0)

    try:
        done = subprocess.run(
            [sys.executable, "-c", CLIENT],
            start_new_session=True,
            preexec_fn=attach if terminal else None,
            stdin=subprocess.DEVNULL,
            stdout=side if to_terminal else subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            timeout=60,
            check=True,
        )
        return done.stderr.decode()
    finally:
        os.close(main)
        os.close(side)


@pytest.mark.parametrize(
    ("terminal", "to_terminal", "is_watched"), [(True, True, "True"), (False, False, "False"), (False, True, "False")]
)
def test_the_clients_terminal_counts(terminal: bool, to_terminal: bool, is_watched: str) -> None:
    assert watched(terminal=terminal, to_terminal=to_terminal) == is_watched


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="without /proc nobody knows where output goes")
def test_a_client_whose_output_is_a_pipe_shows_nobody_anything() -> None:
    assert watched(terminal=True, to_terminal=False) == "False"


def test_a_process_that_is_not_there_is_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    assert screen._process(2**22 + 7) is None
    monkeypatch.setattr(screen, "_PROC", Path("/no/such/folder"))
    own = screen._process(os.getpid())
    assert own is None or own.parent == os.getppid()
