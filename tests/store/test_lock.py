"""The lock between processes: exclusive, bounded, gone with its holder."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pii_shield.errors import VaultError
from pii_shield.store.lock import FileLock, try_lock

HOLD = (
    "import sys, pathlib; from pii_shield.store.lock import FileLock\n"
    "with FileLock(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
)


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str], kill: bool) -> None:
    if kill:
        process.kill()
    process.communicate()


@pytest.mark.parametrize("kill", [False, True])
def test_is_free_again_when_its_holder_leaves_or_dies(tmp_path: Path, kill: bool) -> None:
    process = holder(tmp_path / "lock")
    taken = threading.Event()

    def take() -> None:
        with FileLock(tmp_path / "lock"):
            taken.set()

    waiter = threading.Thread(target=take)
    waiter.start()
    assert not taken.wait(0.2)
    end(process, kill)
    assert taken.wait(10)
    waiter.join()


def test_waiting_for_it_ends_with_an_error(tmp_path: Path) -> None:
    process = holder(tmp_path / "lock")
    with pytest.raises(VaultError) as caught, FileLock(tmp_path / "lock", seconds=0.1):
        pass
    assert caught.value.code == "PS408"
    end(process, kill=False)
    with FileLock(tmp_path / "lock", seconds=10):
        pass


def test_a_wait_that_was_given_up_does_not_take_the_lock_later(tmp_path: Path) -> None:
    process = holder(tmp_path / "lock")
    for _ in range(3):
        with pytest.raises(VaultError), FileLock(tmp_path / "lock", seconds=0.05):
            pass
    waiters = [thread for thread in threading.enumerate() if thread.name == "vault-lock"]
    end(process, kill=False)
    for waiter in waiters:
        waiter.join(10)
    assert len(waiters) == 3
    with FileLock(tmp_path / "lock", seconds=0):
        pass


def test_is_released_by_an_error_inside(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock", seconds=1)
    with pytest.raises(KeyError), lock:
        raise KeyError
    with lock:
        pass


def test_trying_does_not_wait(tmp_path: Path) -> None:
    process = holder(tmp_path / "lock")
    assert try_lock(tmp_path / "lock") is None
    end(process, kill=True)
    descriptor = try_lock(tmp_path / "lock")
    assert descriptor is not None
    os.close(descriptor)
