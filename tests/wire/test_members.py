import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.errors import WireError
from pii_shield.wire.members import inner, members

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=5), inside, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=5), st.sampled_from([None, 2]), st.booleans())
def test_every_member_is_found_with_its_raw_text(document: dict, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    found = members(text)
    assert {key: member.value for key, member in found.items()} == document
    assert all(json.loads(text[m.start : m.end]) == m.value for m in found.values())


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a"}', '{"a":1', '{"a":}', '{"a" 1}', "null", "{1:2}", '{"a":1 "b":2}']
)
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        members(text)


def test_a_member_deep_inside_is_found_in_place() -> None:
    text = '{"params" : {"a":"{}", "_meta":{"progressToken": "x"}}, "id":1}'
    token = inner(text, members(text), "params", "_meta", "progressToken")
    assert token is not None
    assert text[token.start : token.end] == '"x"'
    assert inner(text, members(text), "params", "a", "b") is None
    assert inner(text, members(text), "nothing", "b") is None
