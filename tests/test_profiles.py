"""Profiles are data: they say what they protect, and they hold to the table of entity types."""

from pathlib import Path

import pytest

from pii_shield import policy, profiles
from pii_shield.entities import DEFAULT_TYPES, TYPES
from pii_shield.errors import RuleError


def types_of(name: str) -> frozenset[str]:
    return profiles.table()[name].types - profiles.NOT_PERSONAL


def test_the_names_that_configuration_accepts_are_those_of_the_file() -> None:
    assert tuple(profiles.table()) == profiles.NAMES


def test_the_default_profile_is_what_the_table_of_entity_types_marks() -> None:
    assert profiles.table()["default"].types == DEFAULT_TYPES


def test_strict_protects_all_of_default_and_more() -> None:
    assert types_of("strict") > types_of("default")


def test_code_leaves_the_names_in_a_repository_readable() -> None:
    assert not types_of("code") & {
        "PERSON",
        "ADDRESS",
        "DOB",
        "USERNAME",
        "LOCATION",
        "ORG",
        "DATE",
        "UUID",
        "URL",
        "IP",
    }
    assert {"SECRET", "PASSWORD", "EMAIL", "US_SSN"} <= types_of("code")


@pytest.mark.parametrize("name", ["hipaa", "pci", "gdpr"])
def test_a_regulation_s_profile_has_all_that_the_table_places_there(name: str) -> None:
    assert {row.name for row in TYPES.values() if getattr(row, name)} - profiles.NOT_PERSONAL <= types_of(name)


def test_secrets_only_is_just_that() -> None:
    assert types_of("secrets-only") == {"SECRET", "PASSWORD"}


def test_everything_is_everything() -> None:
    assert profiles.table()["everything"].types == TYPES.keys()


def test_every_profile_keeps_messages_intact_and_asks_for_a_release_policy() -> None:
    for row in profiles.table().values():
        assert row.types >= profiles.NOT_PERSONAL
        assert row.policy in policy.STRICTNESS
        assert row.about


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a", "cannot be read"),
        ('[a]\nabout = "x"\n', "policy is missing"),
        ('[a]\nabout = "x"\npolicy = "open"\ntypes = ["EMIAL"]\n', "unknown type 'EMIAL'"),
        ('[a]\nabout = "x"\npolicy = "open"\nkind = 1\n', "unknown key 'kind'"),
        ("a = 1\n", "unknown key 'a'"),
        ('[a]\nabout = "x"\npolicy = "open"\nlike = "b"\n', "no profile 'b'"),
    ],
)
def test_a_broken_table_is_explained(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "profiles.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(RuleError, match=said):
        profiles.table(file)
