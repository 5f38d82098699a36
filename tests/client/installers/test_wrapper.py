import shlex

import pytest

from pii_shield.client.installers import wrapper


@pytest.mark.parametrize(
    ("line", "inner"),
    [
        ("/opt/bin/pii-shield run --name crm --scope cursor -- npx -y crm", "npx -y crm"),
        ("pii-shield run -- crm", "crm"),
        ("C:/tools/pii-shield.exe run --name x -- cmd /c npx x", "cmd /c npx x"),
        ("/usr/bin/python3.12 -P -m pii_shield run --name x -- uvx y", "uvx y"),
        ("pii-shield run --name a -- pii-shield run --name b -- x", "pii-shield run --name b -- x"),
    ],
)
def test_the_shield_at_the_head_is_recognised_and_can_be_taken_off(line: str, inner: str) -> None:
    argv = shlex.split(line)
    wrap = wrapper.find(argv)
    assert wrap is not None and wrap.is_ours and not wrap.through
    assert argv[wrap.length :] == shlex.split(inner)


@pytest.mark.parametrize(
    ("line", "through"),
    [
        ("env A=b /opt/pii-shield run -- crm", "env"),
        ("/usr/bin/env -i pii-shield run --name x -- crm", "env"),
        ("uvx --from pii-shield-mcp pii-shield run -- crm", "uvx"),
        ("uvx --from=git+https://example.com/pii-shield pii-shield run -- crm", "uvx"),
        ("uv run --project /src pii-shield run -- crm", "uv"),
        ("docker run -i --rm -e A=b example.com/pii-shield:1.2 run -- crm", "docker"),
        ("docker run -i image /usr/bin/pii-shield run -- crm", "docker"),
        ("podman run -i image python -m pii_shield run -- crm", "podman"),
        ("sh -c 'exec pii-shield run -- crm'", "sh"),
        ("bash -lc 'env A=b pii-shield run -- crm'", "env"),
        ("cmd /c pii-shield run -- crm", "cmd"),
        ("timeout 60 pii-shield run -- crm", "timeout"),
    ],
)
def test_the_shield_behind_another_program_is_recognised_but_not_taken_apart(line: str, through: str) -> None:
    wrap = wrapper.find(shlex.split(line))
    assert wrap is not None and wrap.is_ours
    assert (wrap.through, wrap.length) == (through, 0)


@pytest.mark.parametrize(
    "line",
    [
        "uvx pii-shield run -- crm",
        "uv tool run pii-shield run -- crm",
        "pipx run pii-shield run -- x",
        "uvx --from pii-shield==1.1.0 pii-shield run -- x",
    ],
)
def test_the_strangers_package_of_that_name_is_told_apart(line: str) -> None:
    wrap = wrapper.find(shlex.split(line))
    assert wrap is not None and not wrap.is_ours


@pytest.mark.parametrize(
    "line",
    [
        "npx -y crm",
        "crm --user-agent pii-shield run -- x",
        "pii-shield scan file",
        "pii-shield run --name x --",
        "pii-shield run crm",
        "docker run -i crm --label pii-shield",
        "uvx mcp-server-git --repository /src/pii-shield",
        "python -m crm pii_shield run -- x",
        "sh -c 'unfinished",
        "sh",
        "env",
    ],
)
def test_other_command_lines_are_not_taken_for_protected(line: str) -> None:
    argv = ["sh", "-c", "un'finished x"] if "unfinished" in line else shlex.split(line)
    assert wrapper.find(argv) is None


def test_shells_in_shells_end() -> None:
    assert wrapper.find(["sh", "-c"] * 50 + ["pii-shield", "run", "--", "x"]) is None


def test_a_name_like_an_option_stays_a_name() -> None:
    assert wrapper.words(("p",), "-x", "s") == ("p", "run", "--name=-x", "--scope", "s", "--")
    assert wrapper.words(("p",), "x", "s") == ("p", "run", "--name", "x", "--scope", "s", "--")
