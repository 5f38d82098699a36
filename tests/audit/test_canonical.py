"""RFC 8785: the vectors of the standard itself."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.audit import canonical, event

from .kit import TOKEN, protect

# RFC 8785, appendix B: IEEE 754 in hex, JSON
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize(("double", "text"), NUMBERS.items())
def test_writes_numbers_as_appendix_b_does(double: str, text: str) -> None:
    assert canonical.number(struct.unpack(">d", bytes.fromhex(double))[0]) == text


def test_writes_the_sample_of_section_3_2_2() -> None:
    sample = (
        r'{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        r'"string": "\u20ac$\u000F\u000aA'
        r"'"
        r'\u0042\u0022\u005c\\\"\/","literals": [null, true, false]}'
    )
    assert canonical.dumps(json.loads(sample)) == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_sorts_keys_by_utf_16_as_section_3_2_3_does() -> None:
    sample = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical.dumps(sample)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


@pytest.mark.parametrize(
    "bad", [float("nan"), float("inf"), 2**53, "\ud800", {"\udc00": 1}, {1: 2}, b"x", {"x": {1, 2}}]
)
def test_refuses_what_has_no_canonical_form(bad: object) -> None:
    with pytest.raises(ValueError):
        canonical.dumps(bad)
    with pytest.raises(ValueError):
        canonical.dumps({"in": [bad]})


scalars = st.none() | st.booleans() | st.text() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2.0**52), 2.0**52)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(trees)
def test_reads_back_as_the_same_data_and_has_one_form(tree: object) -> None:
    text = canonical.dumps(tree)
    assert canonical.dumps(json.loads(text)) == text
    assert json.loads(text) == tree
    assert canonical._general(tree) == text


@pytest.mark.parametrize(
    "fields",
    [
        protect(),
        {**protect([]), "withheld": 3, "counts": {}},
        {**protect([TOKEN, f"{TOKEN}~2"]), "counts": {"PHONE": 1, "EMAIL": 1}, "tool": 'a"b\\ü'},
    ],
)
def test_a_row_put_together_from_pieces_is_canonical(fields: dict[str, object]) -> None:
    row = event.body(event.Event("protect", fields, 1_800_000_000.5), "0123456789ab")
    said = {**fields, "at": "2027-01-15T08:00:00.500000Z", "type": "protect", "v": 1, "writer": "0123456789ab"}
    assert row == canonical.dumps(said)
    assert event.is_row(row)
