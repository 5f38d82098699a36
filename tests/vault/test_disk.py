"""A disk that is full or broken: nothing is sent that was not kept, and what was kept can be read."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pii_shield.errors import VaultError
from pii_shield.store import database

from .contract import SCOPE
from .kit import CRM, MAILER, email, grant, sqlite_vault


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that can be filled up."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("needs root to mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=14m,mode=0700", "tmpfs", place], check=False).returncode:
        pytest.skip("cannot mount a small disk here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(place: Path) -> None:
    with contextlib.suppress(OSError), open(place / "filler", "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def test_a_full_disk_stops_writing_and_keeps_reading_and_erasing(small_disk: Path) -> None:
    vault = sqlite_vault(small_disk)
    ann, bob = vault.put(SCOPE, CRM, [email("ann"), email("bob")])
    fill(small_disk)
    kept = []
    with pytest.raises(VaultError) as caught:
        for n in range(10_000):  # the log has room left in its last blocks
            kept += vault.put(SCOPE, CRM, [email(f"user{n}")])
    assert caught.value.code == "PS409"

    assert vault.open([grant(ann)])[0].reveal() == "ann@example.com"
    assert len(vault.open([grant(ref) for ref in kept])) == len(kept)
    with pytest.raises(VaultError):
        vault.open([grant(ann, MAILER)])  # a release that cannot go on record is none
    assert vault.look(SCOPE, [ann])[0].granted == frozenset()

    assert vault.forget(SCOPE, bob) is True
    assert vault.look(SCOPE, [bob]) == [None]
    assert vault.look(SCOPE, [ann]) != [None]

    (small_disk / "filler").unlink()
    (new,) = vault.put(SCOPE, CRM, [email("new")])
    vault.close()
    vault = sqlite_vault(small_disk)
    assert vault.open([grant(new), *map(grant, kept)])[0].reveal() == "new@example.com"
    assert (small_disk / "data" / "vault.db.ballast").stat().st_size == database.BALLAST_BYTES
    vault.close()


BROKEN_DISK = """
import resource, signal, sys
from pathlib import Path
from kit import CRM, email, grant, sqlite_vault
from pii_shield.errors import VaultError

directory = Path(sys.argv[1])
vault = sqlite_vault(directory)
(ann,) = vault.put("default", CRM, [email("ann")])
log = directory / "data" / "vault.db-wal"
resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 5000, resource.RLIM_INFINITY))
codes = []
for call in (lambda: vault.put("default", CRM, [email(f"user{n}") for n in range(50)]),
             lambda: vault.put("default", CRM, [email("ann")]),
             lambda: vault.open([grant(ann)]),
             lambda: vault.known("default", 0)):
    try:
        call()
        codes.append("fine")
    except VaultError as error:
        codes.append(error.code)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
try:
    vault.put("default", CRM, [email("bob")])
    codes.append("fine")
except VaultError as error:
    codes.append(error.code)
vault.close()
print(" ".join(codes))
"""


@pytest.mark.skipif(os.name == "nt", reason="no such limit there")
def test_after_an_error_of_the_disk_the_vault_stays_closed(tmp_path: Path) -> None:
    script = subprocess.run(
        [sys.executable, "-c", BROKEN_DISK, str(tmp_path)],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert script.stdout.split() == ["PS411"] * 5, script.stderr
    vault = sqlite_vault(tmp_path)
    assert [known.spelling for known in vault.known(SCOPE, 0)[1]] == ["ann@example.com"]
    vault.close()
