"""Honest work over several trusted servers comes out behind the shield exactly as it does without it.

Each flow is played twice by the same agent: directly, where it handles values, and behind the shield, where it handles
tokens. What the servers received must be equal, numbers as they were spelled.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from .harness import leaks
from .office import Office, content

Json = Any
STRING, INTEGER, OBJECT = {"type": "string"}, {"type": "integer"}, {"type": "object"}
EMAIL_LIST = {"type": "array", "items": {"type": "string", "format": "email"}}

PEOPLE = [
    {"full_name": "Ottilie Brandvold", "email": "o.brandvold@example.com", "phone": "+44 20 7946 0958", "visits": 3},
    {"full_name": "Siobhan O'Brien", "email": "s.o'brien@example.com", "phone": "+1 415 555 0132", "visits": 11},
    {"full_name": "Åsa Křížková", "email": "asa.krizkova@example.com", "phone": "+49 30 23125 678", "visits": 7},
]
TWINS = [
    {"email": "Tadeusz.Okonkwo@Example.com", "phone": "+1 415 555 0199"},
    {"email": "tadeusz.okonkwo@example.com", "phone": "(415) 555-0199"},
    {"email": "tadeusz.okonkwo@example.com", "phone": "415.555.0199"},
]
NOTES = """# Clients

- Ottilie Brandvold, o.brandvold@example.com, +44 20 7946 0958 (draft)
- Marisol Lundstone <marisol.lundstone@example.org>, card 4000 0566 5566 5556

Bank: DE89370400440532013000 | SSN 219-09-9997 | born 1984-03-07
"""
TABLE = """full_name,email,date_of_birth
Ottilie Brandvold,o.brandvold@example.com,1984-03-07
Ingrid Quist,iq@example.com,1990-12-01
"""
TICKET = {
    "id": 4711,
    "reporter": {"name": "Henrike Montclair", "email": "h.montclair@example.com"},
    "text": "My colleague Evander Silva (evander.silva@example.com) cannot log in since 2026-01-05.",
}
EMPLOYEE = {
    "full_name": "Rafaela Oberholm",
    "ssn": 219099999,
    "phone": 14155550147,
    "credit_card": 5555555555554444,
    "iban": "GB82 WEST 1234 5698 7654 32",
    "date_of_birth": "1979-10-31",
    "street_address": "12 Larkspur Lane\nFairview",
    "salary": 71250.50,
}
LOGIN = {"username": "svc-billing", "password": "hunter2!Hunter2", "rotations": 2}
CONTACT_ROWS = {"contacts": {"result": {"contacts": PEOPLE}}, "twins": {"result": {"contacts": TWINS}}}

OFFICE: dict[str, dict[str, Json]] = {
    "sheet": {**CONTACT_ROWS, "csv": {"result": TABLE}, "write": {"arguments": {"csv": STRING}}},
    "crm": {
        "create": {"arguments": {"name": STRING, "email": {"type": "string", "format": "email"}, "phone": STRING}},
        "import": {"arguments": {"contacts": {"type": "array", "items": OBJECT}}},
        "invite": {"arguments": {"emails": EMAIL_LIST}},
        "merge": {"arguments": {"payload": STRING}},
        "find": {"result": {"email": "O.Brandvold@example.com", "owner": "Ingrid Quist"}},
    },
    "mailer": {"send": {"arguments": {"to": STRING, "cc": EMAIL_LIST, "subject": STRING, "body": STRING}}},
    "tickets": {
        "get": {"result": TICKET},
        "reply": {"arguments": {"id": INTEGER, "body": STRING}},
        "assign": {"arguments": {"id": INTEGER, "assignee": STRING}},
    },
    "calendar": {
        "create": {"arguments": {"title": STRING, "attendees": EMAIL_LIST, "start": STRING, "minutes": INTEGER}}
    },
    "files": {
        "read": {"arguments": {"path": STRING}, "result": NOTES},
        "write": {"arguments": {"path": STRING, "content": STRING}},
    },
    "database": {
        "execute": {"arguments": {"sql": STRING, "params": {"type": "array"}}},
        "rows": {"result": {"rows": [["Ottilie Brandvold", "o.brandvold@example.com", 3]]}},
    },
    "staff": {
        "get": {"result": EMPLOYEE},
        "verify": {"arguments": {"ssn": INTEGER, "date_of_birth": STRING}},
        "pay": {"arguments": {"iban": STRING, "amount": {"type": "number"}}},
        "charge": {"arguments": {"credit_card": INTEGER, "amount": {"type": "number"}}},
        "move": {"arguments": {"street_address": STRING}},
        "login": {"result": LOGIN},
        "rotate": {"arguments": {"old_password": STRING}},
    },
    "telephone": {"sms": {"arguments": {"number": INTEGER, "text": STRING}}, "dial": {"arguments": {"phone": STRING}}},
    "chat": {
        "send_message": {"arguments": {"channel": STRING, "text": STRING}},
        "dm": {"arguments": {"user": STRING, "text": STRING}},
    },
}
CONFIG = "\n".join(f"[servers.{name}]\ntrusted = true\n" for name in OFFICE)


class Desk(NamedTuple):
    """The agent's desk: call a tool, get what a model would see."""

    office: Office

    def use(self, server: str, tool: str, **arguments: Json) -> Json:
        return content(self.office.peers[server].call(tool, arguments))


Flow = Callable[[Desk], None]
FLOWS: dict[str, Flow] = {}


def flow(play: Flow) -> Flow:
    """Register one flow under its name."""
    FLOWS[play.__name__.replace("_", " ")] = play
    return play


def contacts(desk: Desk) -> list[Json]:
    rows: list[Json] = desk.use("sheet", "contacts")["contacts"]
    return rows


@flow
def rows_of_a_sheet_become_customers(desk: Desk) -> None:
    for row in contacts(desk):
        desk.use("crm", "create", name=row["full_name"], email=row["email"], phone=row["phone"])


@flow
def a_list_of_records_is_imported_at_once(desk: Desk) -> None:
    desk.use("crm", "import", contacts=contacts(desk))


@flow
def records_are_sorted_by_a_number_and_the_best_gets_a_mail(desk: Desk) -> None:
    best = max(contacts(desk), key=lambda row: row["visits"])
    desk.use("mailer", "send", to=best["email"], subject="Thank you", body=f"You came {best['visits']} times.")


@flow
def equal_tokens_are_one_contact(desk: Desk) -> None:
    emails = list(dict.fromkeys(row["email"] for row in desk.use("sheet", "twins")["contacts"]))
    desk.use("crm", "invite", emails=emails)


@flow
def each_spelling_comes_back_as_it_was(desk: Desk) -> None:
    desk.use("crm", "import", contacts=desk.use("sheet", "twins")["contacts"])


@flow
def a_ticket_becomes_a_mail(desk: Desk) -> None:
    ticket = desk.use("tickets", "get")
    name, email = ticket["reporter"]["name"], ticket["reporter"]["email"]
    body = f"Dear {name},\n\nwe look into it:\n> {ticket['text']}\n\nTicket {ticket['id']}"
    desk.use("mailer", "send", to=email, cc=[email], subject=f"Your ticket {ticket['id']}", body=body)


@flow
def a_ticket_is_answered_where_it_came_from(desk: Desk) -> None:
    ticket = desk.use("tickets", "get")
    desk.use(
        "tickets", "reply", id=ticket["id"], body=f"Hello {ticket['reporter']['name']}, is this right? {ticket['text']}"
    )
    desk.use("tickets", "assign", id=ticket["id"], assignee=ticket["reporter"]["email"])


@flow
def a_calendar_invitation_goes_to_everybody(desk: Desk) -> None:
    rows = contacts(desk)
    title = f"Review with {rows[0]['full_name']}"
    attendees = [row["email"] for row in rows]
    desk.use("calendar", "create", title=title, attendees=attendees, start="2026-12-01T10:00:00Z", minutes=45)


@flow
def a_file_is_edited_and_written_back(desk: Desk) -> None:
    text = desk.use("files", "read", path="clients.md")
    desk.use("files", "write", path="clients.md", content=text.replace("(draft)", "(final)"))


@flow
def a_table_gets_a_column_and_is_written_back(desk: Desk) -> None:
    rows = list(csv.reader(io.StringIO(desk.use("sheet", "csv"))))
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows(
        [*row, "seen" if index else "state"] for index, row in enumerate(rows)
    )
    desk.use("sheet", "write", csv=table.getvalue())


@flow
def sql_parameters_carry_values(desk: Desk) -> None:
    row = contacts(desk)[0]
    params = [row["email"], row["visits"], None]
    desk.use("database", "execute", sql="select * from orders where email = ? and n > ? or x is ?", params=params)


@flow
def a_row_of_a_query_goes_into_the_next_one(desk: Desk) -> None:
    row = desk.use("database", "rows")["rows"][0]
    desk.use("database", "execute", sql="insert into people values (?, ?, ?)", params=row)


@flow
def numbers_go_back_as_numbers(desk: Desk) -> None:
    employee = desk.use("staff", "get")
    desk.use("staff", "verify", ssn=employee["ssn"], date_of_birth=employee["date_of_birth"])
    desk.use("staff", "charge", credit_card=employee["credit_card"], amount=12.50)


@flow
def a_telephone_number_goes_to_another_server_as_a_number(desk: Desk) -> None:
    employee = desk.use("staff", "get")
    desk.use("telephone", "sms", number=employee["phone"], text=f"Hello {employee['full_name']}")


@flow
def a_bank_account_is_paid_where_it_is_kept(desk: Desk) -> None:
    employee = desk.use("staff", "get")
    desk.use("staff", "pay", iban=employee["iban"], amount=employee["salary"])


@flow
def a_value_with_a_line_break_goes_back_whole(desk: Desk) -> None:
    desk.use("staff", "move", street_address=desk.use("staff", "get")["street_address"])


@flow
def a_password_is_rotated_where_it_is_kept(desk: Desk) -> None:
    desk.use("staff", "rotate", old_password=desk.use("staff", "login")["password"])


@flow
def json_text_inside_an_argument_stays_json(desk: Desk) -> None:
    row = contacts(desk)[2]
    keep = {"email": row["email"], "names": [row["full_name"]]}
    payload = json.dumps({"keep": keep, "visits": row["visits"]}, ensure_ascii=False)
    desk.use("crm", "merge", payload=payload)


@flow
def a_name_with_an_apostrophe_goes_over_whole(desk: Desk) -> None:
    row = contacts(desk)[1]
    desk.use("crm", "create", name=row["full_name"], email=row["email"], phone="")


@flow
def a_letter_may_greet_a_name_with_an_apostrophe(desk: Desk) -> None:
    row = contacts(desk)[1]
    desk.use("mailer", "send", to=row["email"], subject="Hello", body=f"Dear {row['full_name']}, welcome.")


@flow
def a_table_of_people_is_sent_to_colleagues(desk: Desk) -> None:
    lines = [f"| {row['full_name']} | {row['email']} | {row['visits']} |" for row in contacts(desk)]
    desk.use("chat", "send_message", channel="#sales", text="| who | mail | n |\n|---|---|---|\n" + "\n".join(lines))


@flow
def one_person_in_two_systems_is_recognised(desk: Desk) -> None:
    found = desk.use("crm", "find")
    known = [row for row in contacts(desk) if same(row["email"], found["email"])]
    desk.use("chat", "dm", user=found["owner"], text=f"{len(known)} match: {found['email']} is {known[0]['full_name']}")


def same(one: str, other: str) -> bool:
    """As a model compares: case does not matter, nor which spelling a token stands for."""
    left, right = (re.sub(r"~\d+(?=])", "", text).casefold() for text in (one, other))
    return left == right


@flow
def what_holds_nothing_personal_is_left_alone(desk: Desk) -> None:
    desk.use(
        "chat",
        "send_message",
        channel="#ops",
        text="pi is 3.14159, build 20260105.1, [DONE] 5 of 7 at 10:30 <ok> & \\n",
    )
    desk.use(
        "database",
        "execute",
        sql="select 1",
        params=[1.50, 0, -0.0, 10**20, True, None, "", " ", "é", "[x]", {"a": []}],
    )


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    yield from offices(tmp_path_factory, shielded=False)


@pytest.fixture(scope="module")
def shielded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    yield from offices(tmp_path_factory, shielded=True)


def offices(factory: pytest.TempPathFactory, shielded: bool) -> Iterator[Office]:
    with Office(factory.mktemp("office"), CONFIG, shielded) as office:
        for name, tools in OFFICE.items():
            office.start(name, tools)
        yield office


def received_during(office: Office, play: Flow) -> Mapping[str, list[Json]]:
    """What each server received while a flow was played."""
    before = {name: len(office.calls(name)) for name in OFFICE}
    play(Desk(office))
    return {name: office.calls(name)[count:] for name, count in before.items()}


@pytest.mark.parametrize("name", FLOWS)
def test_the_servers_receive_what_they_would_without_the_shield(direct: Office, shielded: Office, name: str) -> None:
    assert received_during(shielded, FLOWS[name]) == received_during(direct, FLOWS[name])


def test_the_model_saw_no_value_meanwhile(shielded: Office) -> None:
    for name in ("rows of a sheet become customers", "numbers go back as numbers", "a ticket becomes a mail"):
        FLOWS[name](Desk(shielded))
    rows = [[key, key.upper(), row[key]] for row in PEOPLE for key in ("full_name", "email", "phone")]
    rows += [["staff", key.upper(), str(EMPLOYEE[key])] for key in EMPLOYEE if key != "salary"]
    rows += [["tickets", key.upper(), TICKET["reporter"][key]] for key in ("name", "email")]
    asked = ("sheet", "staff", "tickets", "mailer", "crm")
    assert leaks(b"".join(shielded.peers[name].received for name in asked), rows) == []
