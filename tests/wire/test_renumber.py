import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.errors import WireError
from pii_shield.wire.renumber import SUBSCRIPTION, outline

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
