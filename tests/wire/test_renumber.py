import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.errors import WireError
from pii_shield.wire.renumber import SUBSCRIPTION, addressed, id_of, outline

IDS = st.integers() | st.text(max_size=10)


@given(IDS, IDS, st.booleans())
def test_our_number_goes_in_and_the_clients_own_comes_out(raw_id: object, token: object, spaced: bool) -> None:
    params = {"_meta": {"progressToken": token, "x": raw_id}, "arguments": {"id": raw_id}}
    message = {"jsonrpc": "2.0", "method": "tools/call", "params": params, "id": raw_id}
    text = json.dumps(message, indent=2 if spaced else None)
    seen = outline(text)
    assert seen.is_request
    sent = seen.replaced((seen.id, "7"), (seen.progress, "7"))
    changed = json.loads(sent)
    assert changed["id"] == changed["params"]["_meta"]["progressToken"] == 7
    assert changed["params"]["arguments"] == params["arguments"]
    again = outline(sent)
    assert again.replaced((again.id, seen.raw(seen.id)), (again.progress, seen.raw(seen.progress))) == text


def test_identifiers_are_found_where_each_kind_of_message_has_them() -> None:
    progress = outline('{"method":"notifications/progress","params":{"progressToken":3,"progress":1}}')
    assert progress.raw(progress.progress) == "3"
    assert not progress.is_request
    cancelled = outline('{"method":"notifications/cancelled","params":{"requestId":"a"}}')
    assert cancelled.raw(cancelled.cancels) == '"a"'
    tagged = outline(json.dumps({"method": "notifications/x", "params": {"_meta": {SUBSCRIPTION: 4}}}))
    assert tagged.raw(tagged.subscription) == "4"
    closing = outline(json.dumps({"id": 4, "result": {"_meta": {SUBSCRIPTION: 4}}}))
    assert closing.raw(closing.subscription) == "4"
    assert closing.failed is None
    assert outline('{"id":1,"error":{"code":-32601,"message":""}}').failed == -32601


@pytest.mark.parametrize("text", ["[]", "1", '{"method":3}', "{"])
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        outline(text)


def test_an_error_that_names_no_request_is_addressed_to_the_one_it_came_back_for() -> None:
    error = '{"code":-32600,"message":"x"}'
    for given_ in (f'{{"jsonrpc":"2.0","id":null,"error":{error}}}', f'{{"error":{error}}}'):
        assert json.loads(addressed(given_.encode(), '"a"')) == {
            "jsonrpc": "2.0",
            "id": "a",
            "error": json.loads(error),
        }
    for other in (b'{"id":2,"error":{}}', b'{"id":null,"result":{}}', b"no json", b"\xff"):
        assert addressed(other, "1") == other


def test_the_id_of_a_message_is_read_as_it_is_spelled() -> None:
    assert id_of(b'{"id": 1e0, "result":{}}') == "1e0"
    assert id_of(b'{"method":"x"}') == ""
    assert id_of(b"[") == ""
