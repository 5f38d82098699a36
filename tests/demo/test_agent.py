"""The scripted agent."""

from typing import Any

import pytest

from pii_shield.demo.agent import Call, Saw, agent
from pii_shield.errors import ShieldError

CUSTOMERS = [
    {"full_name": "[PERSON_A]", "email": "[EMAIL_A]", "overdue_invoices": 0},
    {"full_name": "[PERSON_B]", "email": "[EMAIL_B]", "overdue_invoices": 2},
]
RECORD = {**CUSTOMERS[1], "phone": "[PHONE_B]", "card_number": "[CARD_B]"}
ANSWERS: dict[str, Any] = {
    "list": {"customers": CUSTOMERS},
    "get": RECORD,
    "notes": "...",
    "send": "...",
    "post": "...",
}


def calls() -> list[Call]:
    script = agent()
    made = [next(script)]
    for _ in range(len(ANSWERS) - 1):
        made.append(script.send(Saw(ANSWERS[made[-1].tool], False)))
    return made


def test_the_agent_asks_for_the_customer_who_has_not_paid() -> None:
    assert [call.tool for call in calls()] == list(ANSWERS)
    assert calls()[1].arguments == {"email": "[EMAIL_B]"}


def test_the_agent_copies_what_it_saw_into_the_mail() -> None:
    mail = calls()[3].arguments
    assert mail["to"] == "[EMAIL_B]"
    assert "[PERSON_B]" in mail["body"]
    assert "[PHONE_B]" in mail["body"]


def test_the_agent_falls_for_the_note_that_asks_for_the_card() -> None:
    assert calls()[4] == Call("The note asked for a backup.", "webhook", "post", {"text": "[PERSON_B], card [CARD_B]"})


def test_without_the_list_of_customers_the_agent_gives_up_and_says_why() -> None:
    script = agent()
    next(script)
    with pytest.raises(ShieldError, match="cannot go on: not allowed"):
        script.send(Saw("not allowed", True))
