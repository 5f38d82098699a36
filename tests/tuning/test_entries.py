"""What a file of tuning means, and what is wrong with one: named by table, number and key, never by value."""

import tomllib

import pytest

from pii_shield import profiles
from pii_shield.errors import ConfigError
from pii_shield.tuning.entries import Tuning, merged, read

DIGEST = "0123456789abcdef" * 2


def tuning(text: str) -> Tuning:
    return read(tomllib.loads(text), "tuning.toml")


def test_an_empty_file_changes_nothing() -> None:
    assert tuning("") == Tuning()


def test_entries_say_what_and_where() -> None:
    (entry,) = tuning(
        f'[[allow]]\nserver = "crm"\ntool = "search"\npath = "/a~1b/*/c"\ntype = "EMAIL"\n'
        f'rule = "email"\nvalue = "x@y.example"\n'
        f'digest = "{DIGEST}"\ndomain = "Acme.example"\npattern = "[a-z]{{1,9}}"\nnote = "why"\nadded = 2026-05-31\n'
    ).allow
    assert (entry.server, entry.tool, entry.path, entry.type, entry.rule) == (
        "crm",
        "search",
        ("a/b", "*", "c"),
        "EMAIL",
        "email",
    )
    assert (entry.value, entry.digest, entry.domain) == ("x@y.example", {DIGEST}, "acme.example")
    assert entry.pattern is not None and entry.pattern.fullmatch("abc")
    assert "x@y" not in repr(entry)


def test_servers_and_their_tools_have_settings_of_their_own() -> None:
    found = tuning(
        '[thresholds]\nall = 0.6\n[servers.crm]\nprofile = "secrets-only"\n[servers.crm.thresholds]\nPHONE = 0.9\n'
        '[servers.crm.tools.search.thresholds]\nphone-us = 1.0\n[servers.db]\ntypes = ["IP"]\n'
    )
    assert found.thresholds == {
        ("", ""): {"all": 0.6},
        ("crm", ""): {"PHONE": 0.9},
        ("crm", "search"): {"phone-us": 1.0},
    }
    assert found.types == {
        "crm": profiles.table()["secrets-only"].types,
        "db": {"IP", "LITERAL", "OPAQUE"},
    }


def test_a_managed_file_outranks_the_user_s_and_can_lock_it() -> None:
    user = tuning(
        '[[allow]]\ntype = "IP"\n[[deny]]\ntype = "MAC"\n[thresholds]\n'
        'all = 0.9\nIP = 0.7\n[servers.crm]\ntypes = ["IP"]\n'
    )
    managed = tuning('[[deny]]\ntype = "IP"\n[thresholds]\nall = 0.5\n')
    both = merged(user, managed)
    assert [entry.type for entry in both.deny] == ["MAC", "IP"]
    assert [entry.type for entry in both.allow] == ["IP"]
    assert both.thresholds == {("", ""): {"all": 0.5, "IP": 0.7}}
    locked = merged(user, managed._replace(locked=True))
    assert (locked.allow, locked.types) == ((), {})
    assert [entry.type for entry in locked.deny] == ["MAC", "IP"]
    assert locked.thresholds == {("", ""): {"all": 0.5}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[allw]\n", "unknown key 'allw' in the file"),
        ("[allow]\n", r"allow must be a list .* \[\[allow\]\]"),
        ('[[allow]]\ntype = "IP"\n[[allow]]\nvalu = "1"\n', r"unknown key 'valu' in \[\[allow\]\] number 2"),
        ('[[allow]]\ntype = "EMIAL"\n', "number 1: type unknown entity type"),
        ('[[allow]]\ntype = "LITERAL"\n', "unknown entity type"),
        ('[[allow]]\npath = "a/b"\n', "must be a JSON pointer"),
        ('[[allow]]\ndigest = "secret words"\n', "must be what `pii-shield allow` writes"),
        ('[[allow]]\ndomain = "@acme"\n', "must be a domain"),
        ('[[allow]]\npattern = "[a"\n', "is not a regular expression"),
        ('[[allow]]\npattern = "a+"\n', "must be bounded"),
        ('[[allow]]\npattern = "a{0,9}"\n', "must not match an empty text"),
        ('[[allow]]\nserver = "crm"\n', 'mode = "observe"'),
        ('[[allow]]\nnote = "all"\n', "says nothing"),
        ('[[deny]]\nserver = "crm"\n', "does not say what to protect"),
        ('[[deny]]\ntype = "IP"\ntool = "x"\n', "not for one of its tools"),
        ('[[deny]]\nrule = "email"\n', "unknown key 'rule'"),
        ("[thresholds]\nall = 0.4\n", "all must be a number from 0.5 to 1"),
        ('[servers.crm]\nprofile = "lax"\n', "must be one of default"),
        ("[servers.crm]\nmode = 1\n", "unknown key 'mode'"),
        ("servers = 1\n", r"\[servers\] must be a table"),
        ("locked = 1\n", "locked must be true or false"),
    ],
)
def test_mistakes_are_named(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        tuning(text)
    assert str(caught.value).startswith("tuning.toml: ")
    assert caught.value.fix


def test_no_error_repeats_a_value() -> None:
    for key in ("domain", "pattern", "path", "digest"):
        with pytest.raises(ConfigError) as caught:
            tuning(f'[[allow]]\n{key} = "jane@acme.example("\n')
        assert "jane" not in str(caught.value)
