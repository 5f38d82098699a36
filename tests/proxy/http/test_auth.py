from pathlib import Path

import pytest

from pii_shield.errors import ConfigError
from pii_shield.proxy.http.auth import Principal, Tokens


def test_a_token_is_its_principals_until_it_is_revoked(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "principals.json"
    tokens = Tokens(path)
    assert not tokens
    first, second, other = tokens.issue("anna", "s1"), tokens.issue("anna", "s1"), tokens.issue("bert")
    read = Tokens(path)
    assert read.principal(first) == read.principal(second) == Principal("anna", "s1")
    assert read.principal(other) == Principal("bert")
    assert read.revoke("anna") == 2
    assert Tokens(path).principal(first) is None
    assert Tokens(path).principal(other) == Principal("bert")


def test_what_is_no_token_is_nobodys(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "p.json")
    token = tokens.issue("anna")
    for wrong in ("", token[:-1], token + "x", token.lower(), "\udcff", "é" * 50):
        assert tokens.principal(wrong) is None


def test_tokens_have_256_random_bits(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "p.json")
    made = {tokens.issue(f"p{n}") for n in range(20)}
    assert len(made) == 20
    assert all(len(token) == len("psh_") + 43 for token in made)


def test_what_another_process_issues_or_revokes_counts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    running = Tokens(path)
    token = Tokens(path).issue("anna")
    assert running.principal(token) == Principal("anna")
    Tokens(path).revoke("anna")
    assert running.principal(token) is None
    again = Tokens(path).issue("anna")
    path.write_text("damaged")
    assert running.principal(again) is None


@pytest.mark.parametrize("name", ["", "a b", "a" * 65, "../x", "é"])
def test_a_principals_name_is_plain(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError):
        Tokens(tmp_path / "p.json").issue(name)


@pytest.mark.parametrize("text", ["", "{}", '{"tokens": [{"sha256": "xyz"}]}', "[1]"])
def test_a_damaged_file_lets_nobody_in(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ConfigError):
        Tokens(path)


def test_a_file_that_others_could_have_written_lets_nobody_in(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    Tokens(path).issue("anna")
    path.chmod(0o666)
    with pytest.raises(ConfigError):
        Tokens(path)
