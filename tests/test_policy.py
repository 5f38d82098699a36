"""The release policy as a table of questions, and properties that hold for every question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield import policy
from pii_shield.entities import TYPES
from pii_shield.policy import PROFILES, Grant, Question, Refusal
from pii_shield.roles import WAYS_OUT, Role
from pii_shield.types import TokenRef

REF = TokenRef("7K2QF9M36")
CRM, MAIL = frozenset({"crm#1"}), frozenset({"mail#1"})
NONE: frozenset[Role] = frozenset()


def ask(**changes: object) -> Question:
    question = Question("default", REF, "EMAIL", CRM, "crm#1", False, NONE, NONE, True)
    return question._replace(**changes)


def verdict(profile: str, question: Question) -> str:
    decision = policy.decide(PROFILES[profile], question)
    return "grant" if isinstance(decision, Grant) else decision.code


URL, QUERY, TO, TEXT = (frozenset({r}) for r in (Role.URL, Role.QUERY, Role.RECIPIENT, Role.TEXT))


@pytest.mark.parametrize(
    ("question", "open_", "balanced", "strict"),
    [
        (ask(), "grant", "grant", "grant"),
        (ask(whole=False), "grant", "grant", "PS601"),
        (ask(origins=MAIL), "grant", "PS603", "PS603"),
        (ask(origins=MAIL, trusted=True), "grant", "grant", "PS602"),
        (ask(origins=MAIL | CRM), "grant", "PS603", "PS603"),
        (ask(origins=frozenset()), "grant", "PS603", "PS603"),
        (ask(roles=URL), "grant", "PS604", "PS604"),
        (ask(roles=QUERY, trusted=True), "grant", "PS604", "PS604"),
        (ask(syntax=URL, whole=False), "grant", "PS604", "PS604"),
        (ask(syntax=URL, whole=False, roles=TEXT), "grant", "grant", "PS601"),
        (ask(syntax=URL, whole=False, roles=TEXT, origins=MAIL, trusted=True), "grant", "PS604", "PS604"),
        (ask(roles=TO), "grant", "grant", "PS606"),
        (ask(roles=TO, origins=MAIL, trusted=True), "grant", "grant", "PS606"),
        (ask(roles=TO, whole=False), "grant", "PS606", "PS606"),
        (ask(type="SECRET"), "grant", "grant", "PS607"),
        (ask(type="US_SSN", origins=MAIL, trusted=True), "grant", "PS603", "PS603"),
        (ask(type="HEALTH_ID", origins=MAIL, trusted=True), "grant", "PS603", "PS603"),
        (ask(origins=MAIL, trusted=True, released_in_call=200), "grant", "PS608", "PS602"),
        (ask(origins=MAIL, trusted=True, released_in_hour=2000), "grant", "PS608", "PS602"),
        (ask(released_in_call=10**6), "grant", "grant", "grant"),
        (ask(roles=frozenset({Role.SAMPLING})), "PS605", "PS605", "PS605"),
        (ask(type="LITERAL", origins=MAIL, roles=URL), "grant", "grant", "grant"),
    ],
)
def test_each_column_decides(question: Question, open_: str, balanced: str, strict: str) -> None:
    got = {profile: verdict(profile, question) for profile in PROFILES}
    # The strictest column wins; where several are equally strict any of their codes may be named.
    assert {p: code == "grant" for p, code in got.items()} == {
        "open": open_ == "grant",
        "balanced": balanced == "grant",
        "strict": strict == "grant",
    }
    assert got["balanced"] == balanced or got["balanced"].startswith("PS6")


questions = st.builds(
    Question,
    st.just("default"),
    st.just(REF),
    st.sampled_from(sorted(set(TYPES) - {"LITERAL"})),
    st.frozensets(st.sampled_from(["crm#1", "mail#1", "evil#1"])),
    st.sampled_from(["crm#1", "mail#1", "evil#1"]),
    st.booleans(),
    st.frozensets(st.sampled_from(list(Role))),
    st.frozensets(st.sampled_from([Role.URL, Role.HOST, Role.PATH, Role.QUERY, Role.COMMAND])),
    st.booleans(),
    st.integers(0, 300),
    st.integers(0, 3000),
)


@given(questions)
def test_a_stricter_profile_never_grants_what_a_laxer_one_refuses(question: Question) -> None:
    granted = [verdict(profile, question) == "grant" for profile in policy.STRICTNESS]
    assert granted == sorted(granted, reverse=True)


@given(questions)
def test_balanced_never_lets_a_way_out_or_a_stranger_have_a_value(question: Question) -> None:
    if verdict("balanced", question) == "grant":
        assert not question.roles & WAYS_OUT
        assert question.origins == {question.server} or question.trusted


@given(questions, st.sampled_from(list(Role)))
def test_another_role_never_turns_a_refusal_into_a_grant(question: Question, role: Role) -> None:
    for profile in PROFILES:
        if role is not Role.TEXT and verdict(profile, question) != "grant":
            assert verdict(profile, question._replace(roles=question.roles | {role})) != "grant"


def test_only_decide_makes_grants() -> None:
    with pytest.raises(TypeError):
        Grant(object(), "default", REF, "crm#1", False)


def test_an_embedded_value_outside_plain_text_must_be_free_of_metacharacters() -> None:
    embedded = policy.decide(PROFILES["balanced"], ask(whole=False))
    in_text = policy.decide(PROFILES["balanced"], ask(whole=False, roles=TEXT))
    assert isinstance(embedded, Grant) and embedded.unquoted_only
    assert isinstance(in_text, Grant) and not in_text.unquoted_only


@pytest.mark.parametrize(
    ("value", "dangerous"), [("jane@acme.com", False), ("O'Brien", True), ("a\nb", True), ("$x", True), ("Zoë", False)]
)
def test_metacharacters(value: str, dangerous: bool) -> None:
    assert policy.has_metacharacters(value) is dangerous


def test_refusals_name_a_code_a_reason_and_a_fix_without_a_command() -> None:
    refusal = policy.decide(PROFILES["balanced"], ask(origins=MAIL))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "PS603"
    assert "trusted = true" in refusal.fix
    assert "pii-shield" not in refusal.fix
