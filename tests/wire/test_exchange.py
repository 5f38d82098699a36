"""What was asked, by whom, and what that makes of an answer."""

import json

from pii_shield import jsontext
from pii_shield.wire.exchange import NO_REQUEST, Exchange, envelope
from pii_shield.wire.methods import REQUESTS, RESULTS, UNKNOWN_RESULT, Act, Table


def sent(exchange: Exchange, **message: object) -> object:
    tree = jsontext.loads(json.dumps(message))
    return exchange.client_sends(envelope(tree), tree)


def table_of(exchange: Exchange, **message: object) -> Table:
    tree = jsontext.loads(json.dumps(message))
    return exchange.server_sends(envelope(tree), tree)[1]


def part(table: Table, *path: str) -> Table:
    for key in path:
        assert not isinstance(table, Act)
        table = table[key]
    return table


def test_an_answer_is_treated_as_its_request_asks() -> None:
    exchange = Exchange()
    sent(exchange, id=1, method="tools/list")
    sent(exchange, id="1", method="resources/read", params={"uri": "x://y"})
    assert part(table_of(exchange, id="1", result={}), "result") == RESULTS["resources/read"]
    assert part(table_of(exchange, id=1, result={}), "result") == RESULTS["tools/list"]


def test_an_answer_to_nothing_is_treated_strictly() -> None:
    table = table_of(Exchange(), id=99, result={})
    assert part(table, "result") == UNKNOWN_RESULT
    assert part(table, "id") is Act.OPAQUE


def test_unknown_methods_have_no_exceptions() -> None:
    assert part(table_of(Exchange(), method="x/y", params={}), "params") == {}
    assert part(table_of(Exchange(), method="x/y", params={}), "method") is Act.PROTECT


def test_progress_tokens_of_open_requests_are_known_to_the_client() -> None:
    exchange = Exchange()
    progress = {"method": "notifications/progress", "params": {"progressToken": "p1"}}
    assert part(table_of(exchange, **progress), "params", "progressToken") is Act.OPAQUE
    sent(exchange, id=1, method="tools/call", params={"name": "t", "_meta": {"progressToken": "p1"}})
    assert part(table_of(exchange, **progress), "params", "progressToken") is Act.ECHOED


def test_input_requests_are_treated_as_the_requests_they_are() -> None:
    exchange = Exchange()
    sent(exchange, id=1, method="tools/call", params={"name": "t"})
    asked = {"a": {"method": "elicitation/create", "params": {}}, "b": {"method": "sampling/createMessage"}}
    table = table_of(exchange, id=1, result={"resultType": "input_required", "inputRequests": asked})
    assert part(table, "result", "inputRequests", "a", "params") == REQUESTS["elicitation/create"]
    assert exchange.asked("b") == "sampling/createMessage"
    assert exchange.asked("c") == "sampling/createMessage", "what nobody remembers may be sampling"


def test_tool_schemas_are_remembered_over_pages() -> None:
    exchange = Exchange()
    for page in ("a", "b"):
        sent(exchange, id=page, method="tools/list")
        table_of(exchange, id=page, result={"tools": [{"name": page, "inputSchema": {"title": page}}]})
    assert exchange.tool_schema("a") == {"title": "a"}
    assert exchange.tool_schema("c") is None


def test_a_message_that_is_no_request_asks_nothing() -> None:
    assert sent(Exchange(), method="notifications/initialized") == NO_REQUEST
    assert not envelope(["x"]).is_response
    assert not envelope({"id": None, "result": 1}).is_response


def test_every_row_of_the_table_is_a_known_act() -> None:
    def acts(table: Table) -> set[Act]:
        return {table} if isinstance(table, Act) else set().union(*map(acts, table.values()), set())

    used = set().union(*map(acts, [*REQUESTS.values(), *RESULTS.values()]))
    assert used <= set(Act)
    assert Act.ECHOED not in used
