"""`pii-shield run` from its command line: the real program in front of real servers."""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

import pytest

from pii_shield.cli import run

SERVER = Path(__file__).parent.parent / "proxy" / "scripted_server.py"
LIMIT = 60


def parse(*words: str):
    parser = ArgumentParser()
    run.add_parser(parser.add_subparsers())
    return parser.parse_args(["run", *words])


def shield(tmp_path: Path, *words: str, flags: tuple[str, ...] = (), python: tuple[str, ...] = (), **run_options):
    """Run to the end; the vault, home and configuration are temporary."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("PII_SHIELD_")}
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    return subprocess.run(
        [sys.executable, *python, "-m", "pii_shield", "run", "--vault", str(tmp_path / "vault.db"), *flags, *words],
        cwd=tmp_path,
        env={**environ, **home, "PYTHONPATH": str(Path(__file__).parent.parent.parent)},
        capture_output=True,
        check=False,
        timeout=LIMIT,
        **run_options,
    )


def messages(*requests: dict) -> bytes:
    return b"".join(json.dumps({"jsonrpc": "2.0", **request}).encode() + b"\n" for request in requests)


def test_options_stand_before_the_servers_command_which_keeps_all_of_its_own():
    args = parse("--name", "crm", "--scope", "s", "--", "npx", "-y", "pkg", "--name", "x", "--", "--vault")
    assert (args.name, args.scope, args.vault, args.config) == ("crm", "s", None, None)
    assert args.command == ["--", "npx", "-y", "pkg", "--name", "x", "--", "--vault"]


def test_the_dashes_may_be_left_out():
    assert parse("--name", "crm", "npx", "-y", "pkg").command == ["npx", "-y", "pkg"]


@pytest.mark.parametrize("words", [(), ("--",), ("--name", "x", "--")])
def test_a_missing_command_is_wrong_usage(tmp_path, words):
    done = shield(tmp_path, *words)
    assert done.returncode == 2
    assert b"the server's command is missing" in done.stderr


def test_a_program_that_does_not_exist_is_explained_without_its_arguments(tmp_path):
    done = shield(tmp_path, "--", "no-such-program", "--password=hunter2")
    assert done.returncode == 127
    assert b"PS801" in done.stderr
    assert b'"no-such-program" was not found' in done.stderr
    assert b"hunter2" not in done.stderr
    assert done.stdout == b""


def test_wrong_configuration_stops_the_server_that_was_already_starting(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("[policy]\nprofil = 1\n")
    config.chmod(0o600)
    done = shield(tmp_path, "--", "/bin/sleep", "600", flags=("--config", str(config)))
    assert done.returncode == 3
    assert b"line 2" in done.stderr


def test_the_exit_code_is_the_servers(tmp_path):
    done = shield(tmp_path, "--", sys.executable, str(SERVER), "exits_at_once", input=b"")
    assert done.returncode == 3


def test_values_become_tokens_for_the_client_and_values_again_for_their_server(tmp_path):
    say = {"method": "tools/call", "params": {"name": "echo", "arguments": {"note": "x"}}}
    vault = ("--vault", str(tmp_path / "v.db"))
    with subprocess.Popen(
        [sys.executable, "-m", "pii_shield", "run", *vault, "--", sys.executable, str(SERVER), "crm"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parent.parent.parent)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        process.stdin.write(messages({"id": 1, **say}))
        process.stdin.flush()
        text = json.loads(process.stdout.readline())["result"]["content"][0]["text"]
        assert text.startswith("write to [EMAIL_")
        say["params"]["arguments"] = {"email": text.removeprefix("write to ")}
        process.stdin.write(messages({"id": 2, **say}))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["result"]["content"][0]["text"] == "as expected"
        process.stdin.close()
        assert process.wait(LIMIT) == 0


def test_nothing_heavy_is_imported(tmp_path):
    call = {"id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {"note": "x"}}}
    command = ("--", sys.executable, str(SERVER), "crm")
    done = shield(tmp_path, *command, python=("-X", "importtime"), input=messages(call))
    assert b"[EMAIL_" in done.stdout
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.decode().splitlines()}
    assert "pii_shield" in imported
    heavy = {"mcp", "presidio_analyzer", "spacy", "pydantic", "numpy", "asyncio", "anyio"}
    assert not imported & heavy
