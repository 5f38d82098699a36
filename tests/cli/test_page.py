"""Help pages fit the screen and have what people look for; wrong command lines are told what was meant."""

import pytest

from pii_shield import cli
from pii_shield.cli import COMMANDS, page

WIDTH = 80


def pages() -> list[tuple[str, ...]]:
    """Every command that there is, with the commands below it."""
    found: list[tuple[str, ...]] = [()]
    for command in COMMANDS:
        found.append((command,))
        found += [(command, below) for below in page.children(page.leaf(cli.parser([command]), [command]))]
    return found


@pytest.fixture(autouse=True)
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))


def ran(*argv: str) -> int:
    try:
        return cli.run_command(argv)
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize("words", pages(), ids=" ".join)
def test_every_page_fits_the_screen_and_says_what_it_ends_with(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(*words, "--help") == 0
    text = capsys.readouterr().out
    for line in text.splitlines():
        # What people copy, and a word that is longer than the screen, stay whole.
        assert len(line) <= WIDTH or line.startswith("  pii-shield ") or "=" in line or "{" in line, line
    assert "usage:" in text
    if words[:1] != ("hook",):  # people call none of them
        assert "xit code" in text or page.children(page.leaf(cli.parser(words), words)), "what it ends with"


def test_pages_have_tables_with_the_same_words() -> None:
    text = page.epilog(
        examples={"a": "does"}, exits={0: "fine", **page.VAULT}, files=("key",), environment=("NO_COLOR",)
    )
    parser = page.Parser("x", epilog=text)
    shown = parser.format_help()
    for line in ("  a  does", "  4  the vault or its key cannot be used", "  NO_COLOR  no colours, if it is set"):
        assert line in shown.splitlines()


def test_prose_is_filled_and_what_is_indented_stays() -> None:
    parser = page.Parser("x", description="one\ntwo " + "word " * 30 + "\n\ntable:\n  a   b\n  c   d\n")
    text = parser.format_help()
    assert "one two word" in text and "\n  a   b\n  c   d\n" in text
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize(
    ("argv", "words", "meant"),
    [
        (["instal"], "there is no command instal", "did you mean install?"),
        (["audit", "verfy"], "there is no command verfy", "did you mean verify?"),
        (["status", "--chek"], "unrecognized arguments: --chek", "did you mean --check?"),
        (["tail", "--sinse=1h"], "unrecognized arguments: --sinse=1h", "did you mean --since?"),
        (["print", "cursr"], "invalid choice: 'cursr'", "did you mean cursor?"),
        (["off"], "SERVER", "pii-shield off --help"),
        (["zzzzz"], "there is no command zzzzz", "pii-shield --help"),
        (["run", "--nmae", "x", "--", "y"], "unrecognized arguments: --nmae", "did you mean --name?"),
    ],
)
def test_a_wrong_command_line_is_told_what_was_meant(
    argv: list[str], words: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(*argv) == 2
    said = capsys.readouterr()
    assert words in said.err and meant in said.err and said.out == ""
    assert said.err.startswith("pii-shield: error[PS200]: ") and len(said.err.splitlines()) == 2


def test_a_command_called_print_takes_nobodys_words_away(capsys: pytest.CaptureFixture[str]) -> None:
    ran("print", "--help")
    assert ran("status", "--config-path", "/nowhere", "-a", "zed") == 2
    assert "error[PS200]: /nowhere does not exist" in capsys.readouterr().err


def test_alone_it_says_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran() == 2
    assert "pii-shield demo" in capsys.readouterr().err
