import json
import os
from pathlib import Path

import pytest

from pii_shield.errors import ShieldError
from pii_shield.logins import Login, Logins
from pii_shield.vault.seal import Box

LOGIN = Login("access", "refresh", 12.5, "https://as/token", "client", "shared", "none", "https://mcp/")
URL = "https://mcp/"


def logins(path: Path, key: bytes = bytes(32)) -> Logins:
    return Logins(path / "logins.json", Box(key, os.urandom))


def test_a_login_comes_back_as_it_was(tmp_path: Path) -> None:
    kept = logins(tmp_path)
    assert kept.get("anna", "crm", URL) is None
    kept.put("anna", "crm", URL, LOGIN)
    assert logins(tmp_path).get("anna", "crm", URL) == LOGIN
    kept.put("anna", "crm", URL, LOGIN._replace(access_token="newer"))
    kept.put("bert", "crm", URL, LOGIN)
    found = kept.get("anna", "crm", URL)
    assert found is not None
    assert found.access_token == "newer"
    kept.forget("anna", "crm")
    assert kept.get("anna", "crm", URL) is None
    assert kept.get("bert", "crm", URL) == LOGIN


def test_the_file_shows_nothing_and_is_private(tmp_path: Path) -> None:
    logins(tmp_path).put("anna", "crm", URL, LOGIN)
    file = tmp_path / "logins.json"
    assert not any(word in file.read_text() for word in ("access", "refresh", "client", "shared", "https"))
    assert file.stat().st_mode & 0o777 == 0o600
    assert repr(LOGIN) == "Login(...)"


def test_a_login_opens_only_where_it_was_made_for(tmp_path: Path) -> None:
    kept = logins(tmp_path)
    kept.put("anna", "crm", URL, LOGIN)
    with pytest.raises(ShieldError):
        kept.get("anna", "crm", "https://elsewhere/")
    with pytest.raises(ShieldError):
        logins(tmp_path, b"x" * 32).get("anna", "crm", URL)


@pytest.mark.parametrize("text", ["", "[]", '{"logins": 3}', '{"logins": {"anna crm": "@@"}}'])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "logins.json").write_text(text)
    with pytest.raises(ShieldError) as raised:
        logins(tmp_path).get("anna", "crm", URL)
    assert "access" not in str(raised.value)
    assert json.dumps(text) not in str(raised.value)
