"""Known values are found again in any spelling, but only where they cannot be anything else."""

import pytest

from pii_shield.detect.recall import Recall, known

COMMON = frozenset({"jane", "will", "blue", "chair", "berlin", "order"})


def recall(*entries: tuple[str, str, str]) -> Recall:
    result = Recall(COMMON)
    result.learn([known(type, spelling, rule, "crm") for type, spelling, rule in entries])
    return result


def found(memory: Recall, text: str, server: str = "other") -> list[tuple[str, str]]:
    return [(f.type, text[f.start : f.end]) for f in memory.find(text, server)]


@pytest.mark.parametrize(
    ("entry", "text", "hit"),
    [
        (("EMAIL", "jane@acme.example", "email"), "ask JANE@acme.example now", "JANE@acme.example"),
        (("PHONE", "+1 (212) 555-0143", "phone-us"), "call 212.555.0143!", "212.555.0143"),
        (("PHONE", "+1 (212) 555-0143", "phone-us"), "call 12125550143", "12125550143"),
        (("PHONE", "+49 30 1234567", "phone-international"), "0049 30 1234567", "0049 30 1234567"),
        (("PHONE", "030 1234567", "phone-national"), "030/1234567", "030/1234567"),
        (("CREDIT_CARD", "4111111111111111", "card-bare"), "x 4111 1111 1111 1111 y", "4111 1111 1111 1111"),
        (("US_SSN", "536-22-8726", "us-ssn"), "id 536228726.", "536228726"),
        (("PERSON", "Jane Doe", "person-title"), "JANE DOE was here", "JANE DOE"),
        (("PERSON", "Jane  Doe", "person-title"), "jane\u00a0doe was here", "jane\u00a0doe"),
        (("SECRET", "tok-9f8e77aa", "secret-x"), '"tok-9f8e77aa"', "tok-9f8e77aa"),
    ],
)
def test_a_known_value_is_found_in_other_spellings(entry: tuple[str, str, str], text: str, hit: str) -> None:
    assert (entry[0], hit) in found(recall(entry), text)


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (("PERSON", "Will", "person-greeting"), "Will you come?"),
        (("PERSON", "Zsofia", "person-greeting"), "Zsofia came"),
        (("PERSON", "Blue Chair", "person-title"), "a blue chair"),
        (("USERNAME", "administrator9", "username-log"), "administrator9"),
        (("DOB", "1990-04-01", "birth-date-introduced"), "due 1990-04-01"),
        (("ADDRESS", "Berlin", "address-x"), "Berlin is big"),
        (("NATIONAL_ID", "12345", "id-x"), "12345 pieces"),
        (("EMAIL", "jane@acme.example", "email"), "mary-jane@acme.examples"),
        (("PHONE", "+1 212 555 0143", "phone-us"), "9921255501430"),
    ],
)
def test_what_could_be_anything_is_not_recalled(entry: tuple[str, str, str], text: str) -> None:
    assert found(recall(entry), text) == []


def test_what_only_a_field_declared_stays_with_the_server_that_sent_it() -> None:
    memory = recall(("ADDRESS", "415 Harbor View", "field-address"))
    assert found(memory, "at 415 Harbor View", "crm") == [("ADDRESS", "415 Harbor View")]
    assert found(memory, "at 415 Harbor View", "other") == []


def test_a_second_server_that_sent_it_has_it_recalled_too() -> None:
    memory = recall(("ADDRESS", "415 Harbor View", "field-address"))
    memory.learn([known("ADDRESS", "415 Harbor View", "field-address", "erp")])
    assert found(memory, "415 Harbor View", "erp") == found(memory, "415 Harbor View", "crm") != []


def test_learning_again_changes_nothing() -> None:
    memory = recall(("EMAIL", "jane@acme.example", "email"))
    memory.learn([known("EMAIL", "jane@acme.example", "email", "crm")])
    assert len(memory) == 1
    assert found(memory, "jane@acme.example") == [("EMAIL", "jane@acme.example")]


def test_findings_of_many_texts_are_those_of_each() -> None:
    memory = recall(("EMAIL", "jane@acme.example", "email"), ("PHONE", "+1 212 555 0143", "phone-us"))
    texts = [
        "jane@acme.example",
        "",
        "nothing",
        "tel 212-555-0143 or jane@acme.example",
        "İJANE@ACME.EXAMPLE jane@acme.example",
    ]
    together = memory.find_all(texts, "crm")
    for index, text in enumerate(texts):
        assert together.get(index, []) == memory.find(text, "crm")


def test_no_repr_shows_a_value() -> None:
    assert "jane" not in repr(known("EMAIL", "jane@acme.example", "email", "crm"))
    assert "jane" not in repr(recall(("EMAIL", "jane@acme.example", "email")))
