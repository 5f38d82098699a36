"""What `pii_shield` offers to programs, and what importing it costs: nothing."""

import subprocess
import sys

import pytest

import pii_shield


def test_importing_the_package_imports_nothing_else() -> None:
    program = "import sys; before = set(sys.modules); import pii_shield; print(*set(sys.modules) - before)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ["pii_shield"]


@pytest.mark.parametrize("name", sorted(pii_shield._HOMES))
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert name in dir(pii_shield)
    assert getattr(pii_shield, name).__doc__


def test_no_module_hides_a_public_name() -> None:
    program = (
        "import pii_shield.assemble, pii_shield.shielding, pii_shield.client.reveal, pii_shield.client.instrument;"
        "print(*(callable(getattr(pii_shield, name)) for name in pii_shield._HOMES))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert set(shown) == {"True"}


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError):
        _ = pii_shield.nothing  # type: ignore[attr-defined]
