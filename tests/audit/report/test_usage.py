"""Following tokens: exact while they fit, a fair sample beyond, and never more memory than allowed."""

import random

from pii_shield import tokens
from pii_shield.audit.report.usage import Usage, Use

CRM = ("crm#1", "get", "EMAIL")
MAIL = ("mail#1", "send", "EMAIL")


def test_a_value_counts_as_asked_for_only_by_a_call_that_came_after() -> None:
    usage = Usage()
    usage.asked("mail#1", "send", [("AAAAAAAA1", "EMAIL")], released=True)
    usage.given("crm#1", "get", {"EMAIL": 3}, ["AAAAAAAA1", "BBBBBBBB2", "CCCCCCCC3"])
    assert usage.given_out() == {CRM: Use(3, 0)}
    usage.asked("mail#1", "send", [("BBBBBBBB2~4", "EMAIL")], released=True)
    usage.asked("web#1", "fetch", [("CCCCCCCC3", "EMAIL")], released=False)
    assert usage.given_out() == {CRM: Use(3, 2)}
    assert usage.released() == {MAIL: Use(2, 1)}


def test_tokens_stand_type_by_type_in_the_order_of_counts() -> None:
    usage = Usage()
    usage.given("crm#1", "get", {"EMAIL": 2, "PHONE": 1}, ["A1111111A", "B1111111B", "C1111111C"])
    usage.asked("mail#1", "send", [("C1111111C", "PHONE")], released=True)
    assert usage.given_out() == {CRM: Use(2, 0), ("crm#1", "get", "PHONE"): Use(1, 1)}


def test_a_token_twice_in_one_call_is_not_seen_again_by_that() -> None:
    usage = Usage()
    usage.asked("mail#1", "send", [("A1111111A", "EMAIL"), ("A1111111A~2", "EMAIL")], released=True)
    assert usage.released() == {MAIL: Use(1, 0)}
    usage.given("mail#1", "send", {"EMAIL": 1}, ["A1111111A"])
    assert usage.released() == {MAIL: Use(1, 1)}


def test_beyond_the_limit_a_sample_stands_for_the_whole() -> None:
    usage, chance = Usage(2000), random.Random(3)
    for number in range(30_000):
        token = tokens.mint_id(8, chance.randrange)
        usage.given("crm#1", "get", {"EMAIL": 1}, [token])
        if number % 4 == 0:
            usage.asked("mail#1", "send", [(token, "EMAIL")], released=True)
    use = usage.given_out()[CRM]
    assert use.all <= 2000
    assert 0 < usage.share < 0.1
    assert abs(use.all / usage.share - 30_000) < 3_000
    assert abs(use.later / use.all - 0.25) < 0.06


def test_all_tokens_are_followed_while_they_fit() -> None:
    usage = Usage(10)
    usage.given("crm#1", "get", {"EMAIL": 10}, [f"{n}1111111A" for n in range(10)])
    assert usage.share == 1.0
    assert usage.given_out()[CRM].all == 10
