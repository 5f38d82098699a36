"""Sixteen processes, one vault."""

import json
import os
import subprocess
import sys
from pathlib import Path

from .kit import sqlite_vault

MEMBER = Path(__file__).with_name("crowd_member.py")
PROCESSES, POOL = 16, 100
PUTS = int(os.environ.get("VAULT_PUTS", "250"))
"""Per process. The acceptance run sets VAULT_PUTS=1000."""


def test_sixteen_processes_agree_on_a_hundred_identities(tmp_path: Path) -> None:
    commands = [[sys.executable, str(MEMBER), str(tmp_path), str(n), str(PUTS), str(POOL)] for n in range(PROCESSES)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    members = [subprocess.Popen(command, **pipes) for command in commands]  # type: ignore[call-overload]
    for member in members:
        assert member.stdout.readline() == "ready\n"
    for member in members:
        member.stdin.write("go\n")
        member.stdin.flush()
    reports = [json.loads(member.communicate()[0]) for member in members]
    assert [member.returncode for member in members] == [0] * PROCESSES

    ids: dict[str, set[str]] = {}
    for report in reports:
        for value, found in report["ids"].items():
            ids.setdefault(value, set()).update(found)
    print(f"\n{PROCESSES} processes x {PUTS} puts: worst wait {max(report['worst'] for report in reports):.3f} s")
    assert {len(found) for found in ids.values()} == {1}
    vault = sqlite_vault(tmp_path)
    assert vault.info().live == {"default": {"EMAIL": POOL}}
    assert len({known.ref.id for known in vault.known("default", 0)[1]}) == POOL
    vault.close()
