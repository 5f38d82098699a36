"""The functions of the package itself use the settings and the vault of whoever runs the process."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, sys
import pii_shield
from pii_shield.client.standing import standing
shown = standing().protect("jane.roe@example.com", server="crm")
assert standing() is standing()
print(pii_shield.reveal(shown), "".join(pii_shield.reveal_stream(["to ", *shown])), shown != "jane.roe@example.com")
if hasattr(os, "fork"):
    sys.stdout.flush()
    child = os.fork()
    if not child:
        print(pii_shield.reveal(shown), flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""


def test_they_share_one_shield_in_a_process_and_none_over_a_fork(tmp_path: Path) -> None:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_CONFIG", "XDG_DATA", "XDG_STATE", "PII_SHIELD_"))
    }
    environ = {**kept, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    first, *forked = done.stdout.splitlines()
    assert first == "jane.roe@example.com to jane.roe@example.com True"
    assert forked == ["jane.roe@example.com"] * len(forked)
    assert not done.stderr
