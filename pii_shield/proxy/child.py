"""The server as a child process: found, started, signalled with all its offspring, reaped."""

# ruff: noqa: PTH113, PTH118, PTH119
# pathlib would cost 5 ms at every start of every server.

import contextlib
import errno
import os
import subprocess
import time
from collections.abc import Mapping, Sequence

from ..errors import ShieldError

PRIVATE_PREFIX = "PII_SHIELD_"
"""Environment variables that the server never sees: keys and policy are ours alone."""
POLL = 0.02
"""Seconds between two looks at a process group that is ending."""


class StartError(ShieldError):
    """The server cannot be started. Names the program only, never its arguments: they may hold credentials."""

    code = "PS800"

    def __init__(self, message: str, *, fix: str, code: str, exit_code: int) -> None:
        super().__init__(message, fix=fix, code=code)
        self.exit_code = exit_code


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` without what is ours."""
    return {name: text for name, text in environ.items() if not name.startswith(PRIVATE_PREFIX)}


def resolve(program: str, environ: Mapping[str, str]) -> str:
    """The file that a client's exec would run for `program`: as given if it has a slash, else the first on PATH.

    Raises:
        StartError: there is none (exit code 127), or none that may be executed (126).
    """
    folders = [""] if os.sep in program else os.get_exec_path(environ)
    candidates = [os.path.join(folder, program) for folder in folders] if program else []
    files = [path for path in candidates if os.path.isfile(path)]
    for path in files:
        if os.access(path, os.X_OK):
            return path
    raise _not_executable(program) if files else _not_found(program)


def _not_found(program: str) -> StartError:
    return StartError(
        f'the server\'s program "{os.path.basename(program)}" was not found',
        fix="install it, or give its full path after --; a desktop client may have a shorter PATH than your shell",
        code="PS801",
        exit_code=127,
    )


def _not_executable(program: str, reason: int = errno.EACCES) -> StartError:
    name = errno.errorcode.get(reason, str(reason))
    return StartError(
        f'the server\'s program "{os.path.basename(program)}" cannot be executed ({name})',
        fix="make it executable (chmod +x) and check its first line, or start it through its interpreter",
        code="PS802",
        exit_code=126,
    )


class Child:
    """A running server in a session of its own, so that a signal reaches its offspring and nobody else.

    Attributes:
        stdin, stdout, stderr: our ends of its pipes, as file descriptors.
    """

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("a child needs three pipes")
        self._process = process
        # Taken over from the file objects: pumps read and write whole descriptors, nothing is buffered in between.
        self.stdin, self.stdout, self.stderr = (
            os.dup(stream.fileno()) for stream in (process.stdin, process.stdout, process.stderr)
        )
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()

    def wait(self) -> None:
        """Block until the server's own process has ended. It stays unreaped, so its group id cannot be reused."""
        if hasattr(os, "waitid"):
            with contextlib.suppress(ChildProcessError):  # reaped meanwhile
                os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        else:  # macOS before Python 3.13
            self._process.wait()

    def signal(self, number: int) -> bool:
        """Signal the server and all its offspring; False if there is nobody left."""
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS says EPERM for a group of zombies
            return False
        return True

    def reap(self, term: int, kill: int, grace: float) -> int:
        """End what is left of the group, collect the server, and return the exit code that is ours to pass on.

        Args:
            term, kill: the signals to send, the second one to what outlives `grace` seconds.
        """
        self.signal(term)
        code = self._collect(grace)
        if code is None or not self._group_ends(grace):
            self.signal(kill)
            code = self._collect(grace) if code is None else code
        if code is None:  # not even SIGKILL: a process stuck in the kernel
            return 128 + kill
        return code if code >= 0 else 128 - code

    def _collect(self, seconds: float) -> int | None:
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def _group_ends(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.signal(0):
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL)
        return True


def spawn(argv: Sequence[str], executable: str, environ: Mapping[str, str], folder: str | None = None) -> Child:
    """Start the server.

    Args:
        argv: as the user gave it; argv[0] stays what it was, as some programs look at it.
        executable: the file to run, from `resolve`.
        environ: our environment; what is private to us is left out.
        folder: where to start it; None for our own.

    Raises:
        StartError: the system refuses to run the file, or this is not a POSIX system.
    """
    if os.name != "posix":
        raise StartError(
            "pii-shield run needs process groups, which this system does not have",
            fix="run the client and its servers under Linux, macOS or WSL",
            code="PS803",
            exit_code=126,
        )
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(  # noqa: S603 - running the user's command is what this program is for
            argv,
            executable=executable,
            env=child_environment(environ),
            cwd=folder,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            bufsize=0,
            start_new_session=True,
        )
    except OSError as error:
        raise _not_executable(argv[0], error.errno or errno.ENOEXEC) from None
    return Child(process)
