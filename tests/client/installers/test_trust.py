import tomllib

import pytest

from pii_shield.client.edits.tree import BadText
from pii_shield.client.installers import trust

CASES = {
    "no file yet": "",
    "no last line end": '# mine\n[policy]\nprofile = "strict" # always',
    "said to be untrusted": "[servers.mailer]\n# hm\ntrusted = false # no\n[servers.x]\n",
    "other keys": '[servers.mailer]\nfingerprint = "f"\n',
    "an empty table": "[servers.mailer]\n[policy]\n",
    "an empty table at the end": "[servers.mailer]",
    "inline": "[servers]\nmailer = {}\nx = { trusted = false }\n",
    "dotted": "servers.mailer.trusted = false\n",
    "CRLF": "[servers.mailer]\r\nfingerprint = 'f'\r\n",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
@pytest.mark.parametrize("name", ["mailer", "x", "my crm"])
def test_one_server_is_trusted_and_every_line_of_the_user_stays(text: str, name: str) -> None:
    after = trust.with_trusted(text.encode(), [name]).decode()
    expected = tomllib.loads(text)
    expected.setdefault("servers", {}).setdefault(name, {})["trusted"] = True
    assert tomllib.loads(after) == expected
    for line in text.splitlines():
        assert "trusted" in line or "{}" in line or line in after


def test_saying_it_again_changes_nothing() -> None:
    once = trust.with_trusted(b"", ["a", "b"])
    assert trust.with_trusted(once, ["b", "a"]) == once


def test_servers_that_the_file_speaks_of_are_known() -> None:
    assert trust.mentioned(b"[servers.a]\n[servers.'b c']\ntrusted = false\n") == {"a", "b c"}
    assert trust.mentioned(b"") == frozenset()


def test_a_file_that_is_no_toml_is_said() -> None:
    with pytest.raises(BadText, match="line 3"):
        trust.with_trusted(b"a = 1\nb = [\n", ["x"])
