"""The picture of the demo."""

import re

import pytest

from pii_shield.demo.agent import Call, Saw
from pii_shield.demo.layout import columns
from pii_shield.demo.people import CUSTOMERS
from pii_shield.demo.stage import Play, Step
from pii_shield.demo.view import Look, as_json, draw
from pii_shield.tokens import check_character

EMAIL = CUSTOMERS[0]["email"]
TOKEN = f"[EMAIL_7K2QF9M3{check_character('7K2QF9M3')}]"
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
RELEASED = Step(
    Call("Who?", "crm", "get", {"email": TOKEN}), {"email": EMAIL}, {"email": EMAIL}, Saw({"email": TOKEN}, False)
)
REFUSED = Step(Call("Send.", "webhook", "post", {"text": TOKEN}), None, None, Saw("not allowed", True), "policy PS600")
PLAY = Play((RELEASED, REFUSED), ())
LEAKY = Play((RELEASED._replace(saw=Saw({"email": EMAIL}, False)),), (EMAIL,))


@pytest.mark.parametrize("width", [80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert all(columns(line) <= width for line in draw(PLAY, 1.0, Look(width, False, True)).splitlines())


def test_without_colour_there_is_no_escape_sequence_and_with_it_the_text_is_the_same() -> None:
    plain = draw(PLAY, 1.0, Look(100, False, True))
    coloured = draw(PLAY, 1.0, Look(100, True, True))
    assert "\x1b" not in plain
    assert "\x1b" in coloured
    assert ESCAPE.sub("", coloured) == plain


def test_an_output_without_unicode_gets_ascii() -> None:
    assert draw(PLAY, 1.0, Look(100, False, False)).isascii()


def test_the_model_side_shows_the_token_and_the_server_side_the_value() -> None:
    left, right = next(line for line in draw(PLAY, 1.0, Look(100, False, True)).splitlines() if TOKEN in line).split(
        "│"
    )
    assert TOKEN in left
    assert EMAIL in right


def test_tokens_values_and_leaks_are_painted_differently() -> None:
    painted = draw(PLAY, 1.0, Look(100, True, True))
    assert f"\x1b[1;36m{TOKEN}\x1b[0m" in painted
    assert f"\x1b[33m{EMAIL}\x1b[0m" in painted
    assert f"\x1b[1;37;41m{EMAIL}\x1b[0m" in draw(LEAKY, 1.0, Look(100, True, True))


def test_a_refused_call_shows_that_the_server_received_nothing_and_what_the_human_was_told() -> None:
    picture = draw(PLAY, 1.0, Look(100, False, True))
    assert "REFUSED" in picture
    assert "nothing" in picture
    assert "The human was told: policy PS600" in picture
    assert "Refused by policy: 1." in picture


def test_the_last_lines_count_what_reached_the_model() -> None:
    assert "0 of the 1 values" in draw(PLAY, 1.0, Look(100, False, True))
    assert "1 of the 1 values" in draw(LEAKY, 1.0, Look(100, False, True))


def test_as_data_the_demo_says_the_same() -> None:
    data = as_json(PLAY, 1.234)
    assert data["steps"][0] == {
        "server": "crm",
        "tool": "get",
        "model_called": {"email": TOKEN},
        "server_received": {"email": EMAIL},
        "server_said": {"email": EMAIL},
        "model_saw": {"email": TOKEN},
        "failed": False,
        "notice": "",
    }
    assert (data["values_said"], data["values_seen_by_model"], data["refused"], data["seconds"]) == (1, 0, 1, 1.23)
