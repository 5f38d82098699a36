"""The table of disguises that people read is what the engine does."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
TABLE = ROOT / "benchmarks" / "DISGUISES.md"


def test_the_published_table_is_what_is_found() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "disguises.py")]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    assert said == TABLE.read_text("utf-8"), "run: python benchmarks/disguises.py > benchmarks/DISGUISES.md"
