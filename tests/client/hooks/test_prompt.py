"""What the person writes: files behind an @ would go to the model past every tool."""

from pathlib import Path

import pytest

from .kit import JANE, Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    session = Session(tmp_path)
    (session.cwd / "people.txt").write_text(f"mail {JANE}\n")
    (session.cwd / "with space.txt").write_text(f"mail {JANE}\n")
    (session.cwd / "plain.txt").write_text("nothing here\n")
    (session.cwd / "doc.pdf").write_bytes(b"%PDF-1.7")
    (session.cwd / "folder").mkdir()
    (session.home / "at-home.txt").write_text(JANE)
    return session


@pytest.mark.parametrize(
    "prompt",
    [
        "look at @people.txt please",
        "@people.txt",
        "is it in @people.txt, or (@plain.txt)?",
        "see @./people.txt#L1-3",
        'see @"with space.txt"',
        r"see @with\ space.txt",
    ],
)
def test_a_file_with_personal_data_is_not_sent(session: Session, prompt: str) -> None:
    said = session.answer("UserPromptSubmit", prompt=prompt)
    assert said["decision"] == "block"
    assert "PS367" in said["reason"] and "without the @" in said["reason"]
    assert JANE not in str(said)


def test_nor_is_a_full_path_or_what_cannot_be_searched(session: Session) -> None:
    assert "PS367" in str(session.answer("UserPromptSubmit", prompt=f"see @{session.cwd / 'people.txt'}"))
    assert "PS363" in str(session.answer("UserPromptSubmit", prompt="see @doc.pdf"))


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "write to jane@people.txt",
        f"my address is {JANE}",
        "see @plain.txt and @nothing.txt and @folder",
        "ask @agent-reviewer about people.txt",
        "@server:resource://x @" + "x" * 5000 + " @\0",
    ],
)
def test_everything_else_is_the_persons_own_word(session: Session, prompt: str) -> None:
    assert session.answer("UserPromptSubmit", prompt=prompt) == {}


def test_without_a_vault_no_file_is_sent(session: Session) -> None:
    session.vault.write_bytes(b"this is no database" * 100)
    assert session.answer("UserPromptSubmit", prompt="see @plain.txt")["decision"] == "block"
    assert session.answer("UserPromptSubmit", prompt="hello") == {}
