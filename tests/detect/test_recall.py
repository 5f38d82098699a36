"""Known values are found again in any spelling, but only where they cannot be anything else."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pii_shield.detect import words
from pii_shield.detect.guards import Known
from pii_shield.detect.identity import identity
from pii_shield.detect.recall import Recall, known

from . import naive_recall

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
        (("SECRET", "_p@ss  w0rd!=", "secret-x"), "x _P@SS\nw0rd!= y", "_P@SS\nw0rd!="),
        (("PERSON", "Jane Zimmer", "person-title"), "Zimmer, Jane came", "Zimmer, Jane"),
        (("PERSON", "Zimmer, Jane", "person-title"), "by jane_zimmer", "jane_zimmer"),
        (("ADDRESS", "415 Harbor View", "address-x"), "415, Harbor-View", "415, Harbor-View"),
        (("IBAN", "DE89370400440532013000", "iban"), "de89 3704 0044 0532 0130 00", "de89 3704 0044 0532 0130 00"),
        (("PASSPORT", "C01-X0006-H", "passport-x"), "no C01X0006H.", "C01X0006H"),
        (("MAC", "00:1a:2b:3c:4d:5e", "mac"), "at 001A.2B3C.4D5E", "001A.2B3C.4D5E"),
        (("NATIONAL_ID", "123-456-789", "id-x"), "12 34 56 789", "12 34 56 789"),
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
        (("PHONE", "5550143", "phone-local"), "a5550143f"),
        (("EMAIL", "jane@acme.example", "email"), "Jane (acme.example)"),
        (("PERSON", "Jane Zimmer", "person-title"), "Zimmer Jane"),
        (("PERSON", "Jane Zimmer", "person-title"), "Jane\n\x01\nZimmer"),
        (("PERSON", "Jane Zimmer", "person-title"), "Jane -- and no Zimmer"),
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


def test_what_is_known_is_asked_by_its_identity() -> None:
    memory = recall(("PERSON", "Jane Zimmer", "person-title"), ("PHONE", "+1 (212) 555-0143", "phone-us"))
    assert memory.rule_of("PERSON", identity("PERSON", "JANE  ZIMMER")) == "person-title"
    assert memory.rule_of("PHONE", "+12125550143") == "phone-us"
    assert memory.rule_of("PERSON", "jane doe") == ""
    assert memory.is_foreign("PERSON", "jane zimmer", "other")
    assert not memory.is_foreign("PERSON", "jane zimmer", "crm")
    assert not memory.is_foreign("PERSON", "jane doe", "other")


def test_a_server_that_was_granted_a_value_is_no_stranger_to_it() -> None:
    memory = Recall(COMMON)
    memory.learn([known("PERSON", "Jane Zimmer", "person-title", "crm")._replace(granted=frozenset({"mail"}))])
    assert not memory.is_foreign("PERSON", "jane zimmer", "mail")


def test_what_is_forgotten_is_found_no_more_but_others_with_the_same_spelling_are() -> None:
    memory = Recall(COMMON)
    jane = known("PERSON", "Jane Zimmer", "person-title", "crm")
    memory.learn([jane._replace(owner="A"), jane._replace(owner="B"), known("EMAIL", "z@acme.example", "email", "crm")])
    memory.forget("A")
    assert found(memory, "Jane Zimmer") == [("PERSON", "Jane Zimmer")]
    memory.forget("B")
    assert found(memory, "Jane Zimmer, z@acme.example") == [("EMAIL", "z@acme.example")]


def test_an_identity_that_comes_again_takes_no_more_room() -> None:
    memory = Recall(COMMON)
    memory.learn([Known("PERSON", "Jane Zimmer", "jane zimmer", "person-x", frozenset({"crm"}), owner="A")])
    memory.learn([Known("PERSON", "JANE ZIMMER", "jane zimmer", "person-x", frozenset({"crm", "erp"}), owner="A")])
    assert len(memory) == 1
    assert not memory.is_foreign("PERSON", "jane zimmer", "erp")


def test_beyond_its_quota_a_servers_values_stay_with_it() -> None:
    memory = Recall(COMMON, quota=1)
    memory.learn([known("PERSON", name, "person-title", "crm") for name in ("Jane Zimmer", "Jane Tailor")])
    assert found(memory, "Jane Zimmer; also Jane Tailor", "other") == [("PERSON", "Jane Zimmer")]
    assert found(memory, "Jane Zimmer; also Jane Tailor", "crm") == [
        ("PERSON", "Jane Zimmer"),
        ("PERSON", "Jane Tailor"),
    ]


def test_what_recall_found_in_a_new_spelling_does_not_spread() -> None:
    memory = recall(("ADDRESS", "415 Harbor-View", "recall"))
    assert found(memory, "415 Harbor-View", "other") == []
    assert found(memory, "415 Harbor-View", "crm") != []


def test_a_name_with_other_joints_says_the_same() -> None:
    memory = recall(("PERSON", "Jane Zimmer", "person-title"), ("PERSON", "Ana Ruiz-Vega", "person-title"))
    said = {f.decoded for text in ("zimmer, jane", "jane_zimmer", "JANE\t ZIMMER") for f in memory.find(text)}
    assert {identity("PERSON", name) for name in said if name} == {"jane zimmer"}
    assert [f.decoded for f in memory.find("ana_ruiz-vega")] == ["ana ruiz-vega"]


VALUES = (
    ("PERSON", "Jane Zimmer", "person-x"),
    ("PERSON", "Zimmer, Ann Jane", "person-x"),
    ("PERSON", "Jane Jane Jane Zo", "field-name"),
    ("ADDRESS", "415 Harbor View", "field-address"),
    ("EMAIL", "jane.zimmer@acme.example", "email"),
    ("EMAIL", "will@acme.example", "email"),
    ("PHONE", "+1 (212) 555-0143", "phone-us"),
    ("PHONE", "030 1234567", "phone-national"),
    ("PHONE", "5550143", "phone-local"),
    ("CREDIT_CARD", "4111 1111 1111 1111", "card"),
    ("IBAN", "DE89 3704 0044 0532 0130 00", "iban"),
    ("MAC", "00:1a:2b:3c:4d:5e", "mac"),
    ("NATIONAL_ID", "12.345.678-9", "id-x"),
    ("PASSPORT", "C01-X0006-H", "passport-x"),
    ("SECRET", "+pa$$ W0rd==", "secret-x"),
)
_BITS = sorted({bit for _, spelling, _ in VALUES for bit in spelling.replace("-", " ").replace(",", " ").split()})
FRAGMENTS = st.one_of(
    st.sampled_from([spelling for _, spelling, _ in VALUES]),
    st.sampled_from([identity(type, spelling) for type, spelling, _ in VALUES]),
    st.sampled_from(_BITS),
    st.sampled_from(
        [" ", "  ", "-", "_", ", ", ".", "\n", "\n\x01\n", "\t", "(", "+", "/", "İ", "é", "Ж", "0", "x", "²"]
    ),
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=8, unique=True),
    st.lists(st.tuples(FRAGMENTS, st.sampled_from([str, str.upper, str.swapcase, str.title])), max_size=14),
    st.sampled_from(["", " ", "-"]),
    st.sampled_from(["crm", "other"]),
)
@example([VALUES[4]], [("jane.zimmer@acme.example", str)] * 14, " ", "other")
def test_the_index_finds_what_a_search_for_each_value_finds(
    values: list[tuple[str, str, str]], fragments: list, joint: str, server: str
) -> None:
    text = joint.join(change(fragment) for fragment, change in fragments)
    entries = [known(type, spelling, rule, "crm") for type, spelling, rule in values]
    memory = Recall(COMMON)
    memory.learn(entries)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "PIECE", 40)  # values lie across the ends of pieces
        mine = {(f.start, f.end) for f in memory.find(text, server)}
    assert mine == {(f.start, f.end) for f in memory.find(text, server)}
    assert mine == naive_recall.spans(entries, COMMON, text, server)
