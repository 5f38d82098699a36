"""What is built in the background is there when it is asked for."""

import threading

import pytest

from pii_shield.errors import VaultError
from pii_shield.eventually import Eventually


def test_what_is_built_in_the_background_is_waited_for() -> None:
    gate = threading.Event()
    later = Eventually(lambda: gate.wait(10) and "built")
    gate.set()
    assert later() == "built"


def test_what_fails_to_build_fails_for_everyone_who_asks() -> None:
    def build() -> None:
        raise VaultError("locked")

    later = Eventually(build)
    for _ in range(2):
        with pytest.raises(VaultError):
            later()
