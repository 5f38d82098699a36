"""Line by line: what goes on, what is answered, and that nothing goes on when something goes wrong."""

import json
import random
import time
from collections.abc import Callable

import pytest

from pii_shield import policy, rules, tokens
from pii_shield.conversation import Conversation, Outcome
from pii_shield.detect.engine import Engine
from pii_shield.entities import DEFAULT_TYPES
from pii_shield.errors import VaultError
from pii_shield.shielding import Party, Shield
from pii_shield.vault.memory import MemoryVault
from pii_shield.wire.protect import Options

ENGINE = Engine(rules.load(), DEFAULT_TYPES)
MAIL = "jane@acme.com"


class Side:
    """Both ends of one conversation, over a vault that several may share."""

    def __init__(
        self, vault: MemoryVault | None = None, server: str = "crm#1", *, profile: str = "balanced", **options: object
    ) -> None:
        self.vault = vault or MemoryVault(lambda: tokens.mint_id(8, random.Random(time.monotonic_ns()).randrange))
        shield = Shield(self.vault, ENGINE, policy.PROFILES[profile], Party("default", server, False), time.monotonic)
        self.conversation = Conversation(lambda: shield, Options(**options), echo=profile != "strict")

    def agent(self, **message: object) -> Outcome:
        return self.conversation.from_client(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def server(self, **message: object) -> Outcome:
        return self.conversation.from_server(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def call(self, id_: object, tool: str = "get", **arguments: object) -> Outcome:
        return self.agent(id=id_, method="tools/call", params={"name": tool, "arguments": arguments})

    def text(self, id_: object, text: str) -> str:
        """What the model sees when a call is answered with a text."""
        self.call(id_)
        outcome = self.server(id=id_, result={"content": [{"type": "text", "text": text}]})
        return seen(outcome)["result"]["content"][0]["text"]


def seen(outcome: Outcome) -> dict:
    assert outcome.forward is not None
    return json.loads(outcome.forward)


def reply(outcome: Outcome) -> dict:
    assert outcome.forward is None
    (line,) = outcome.replies
    return json.loads(line)


def test_a_message_without_findings_passes_as_the_same_bytes() -> None:
    side = Side()
    line = b'{ "jsonrpc":"2.0",\t"id" : 1,"result":{"content":[],"n":1E5,"x":"\\u0041"} }'
    side.call(1)
    assert side.conversation.from_server(line).forward == line
    line = b'{"jsonrpc":"2.0", "id":2,"method":"tools/call","params":{"name":"x","arguments":{"n":-0}}}'
    assert side.conversation.from_client(line).forward == line


def test_values_become_tokens_and_come_back() -> None:
    side = Side()
    token = side.text(1, MAIL)
    assert token.startswith("[EMAIL_")
    assert seen(side.call(2, email=token))["params"]["arguments"] == {"email": MAIL}


def test_a_refused_call_is_answered_as_a_failed_tool_and_its_id_is_free() -> None:
    side = Side()
    token = side.text(1, MAIL)
    refusal = reply(side.call(7, url=f"https://x.example/{token}"))
    assert refusal["id"] == 7
    assert refusal["result"]["isError"] is True
    assert "PS604" in refusal["result"]["content"][0]["text"]
    assert "resultType" not in refusal["result"]
    assert side.conversation.server_gone() == ()


def test_a_modern_refusal_says_complete() -> None:
    side = Side()
    token = side.text(1, MAIL)
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    refusal = reply(
        side.agent(id=2, method="tools/call", params={"name": "x", "arguments": {"url": token}, "_meta": meta})
    )
    assert refusal["result"]["resultType"] == "complete"


def test_other_requests_are_refused_with_a_json_rpc_error() -> None:
    side = Side()
    refusal = reply(
        side.agent(id="a", method="prompts/get", params={"name": "p", "arguments": {"x": "[EMAIL_7K2QF9M37]"}})
    )
    assert refusal["id"] == "a"
    assert "PS510" in refusal["error"]["message"]


def test_a_notification_that_cannot_go_is_dropped() -> None:
    outcome = Side().agent(method="notifications/x", params={"t": "[EMAIL_7K2QF9M37]"})
    assert outcome.forward is None
    assert outcome.replies == ()
    assert outcome.notice


def test_answers_to_sampling_release_nothing() -> None:
    side = Side()
    token = side.text(1, MAIL)
    side.server(id=9, method="sampling/createMessage", params={"messages": []})
    outcome = side.agent(id=9, result={"role": "assistant", "model": "m", "content": {"type": "text", "text": token}})
    assert MAIL.encode() not in (outcome.forward or b"")
    assert token.encode() not in (outcome.forward or b"")
    assert seen(outcome)["error"]["code"] == -32051


def test_answers_to_elicitation_release_to_the_origin() -> None:
    side = Side()
    token = side.text(1, MAIL)
    side.server(id=9, method="elicitation/create", params={"message": "mail?", "requestedSchema": {}})
    outcome = side.agent(id=9, result={"action": "accept", "content": {"email": token}})
    assert seen(outcome)["result"]["content"] == {"email": MAIL}


@pytest.mark.parametrize("line", [b"not json", b"\xff\xfe", b'{"a":1,"a":2}', b'{"x":NaN}', b"[" * 500])
def test_malformed_server_output_is_dropped_without_its_text(line: bytes) -> None:
    outcome = Side().conversation.from_server(line)
    assert outcome.forward is None
    assert outcome.notice
    assert "{" not in outcome.notice


@pytest.mark.parametrize("line", [b"not json", b"\xff\xfe", b'{"jsonrpc":"2.0","id":1,"method":"x","method":"y"}'])
def test_malformed_client_input_goes_on_for_the_server_to_answer(line: bytes) -> None:
    assert Side().conversation.from_client(line).forward == line


def test_an_unreadable_answer_still_answers_the_request_it_names() -> None:
    side = Side()
    side.call(5)
    outcome = side.conversation.from_server(b'{"jsonrpc":"2.0","id":5,"result":{"x":NaN,"mail":"jane@acme.com"}}')
    assert seen(outcome)["id"] == 5
    assert MAIL.encode() not in (outcome.forward or b"")
    assert side.conversation.server_gone() == ()


def test_an_oversized_answer_still_answers_the_request_it_names() -> None:
    side = Side()
    side.call("big")
    outcome = side.conversation.oversized(True, b'{"jsonrpc":"2.0","id":"big","result":{"t":"jane@', b'"}}')
    assert seen(outcome)["id"] == "big"


def test_a_dead_server_leaves_no_request_without_an_answer() -> None:
    side = Side()
    side.call(1)
    side.call("1")
    side.call(2)
    side.server(id=1, result={"content": []})
    gone = [json.loads(line) for line in side.conversation.server_gone()]
    assert [message["id"] for message in gone] == ["1", 2]
    assert side.conversation.server_gone() == ()


def test_cancelling_frees_the_id() -> None:
    side = Side()
    side.call(1)
    side.agent(method="notifications/cancelled", params={"requestId": 1})
    assert side.conversation.server_gone() == ()


def broken() -> Shield:
    raise VaultError("the vault is locked")


def crashing() -> Shield:
    raise ZeroDivisionError(MAIL)


@pytest.mark.parametrize("shield", [broken, crashing])
def test_any_failure_blocks_and_answers_whoever_waits(shield: Callable[[], Shield]) -> None:
    conversation = Conversation(shield, Options())
    conversation.from_client(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}')
    answer = conversation.from_server(b'{"jsonrpc":"2.0","id":1,"result":{"t":"jane@acme.com"}}')
    assert seen(answer)["error"]["code"] == -32051
    request = conversation.from_server(b'{"jsonrpc":"2.0","id":4,"method":"roots/list","params":{"t":"jane@acme.com"}}')
    assert reply(request)["id"] == 4
    dropped = conversation.from_server(
        b'{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"jane@acme.com"}}'
    )
    assert (dropped.forward, dropped.replies) == (None, ())
    for outcome in (answer, request, dropped):
        assert MAIL not in repr(outcome)
    assert MAIL not in conversation.mask(f"log {MAIL}")


def test_a_value_the_model_wrote_itself_stays_clear_in_that_answer_only() -> None:
    side = Side()
    side.call(1, email="bob@acme.com")
    result = {"content": [{"type": "text", "text": f"no bob@acme.com, but {MAIL}"}]}
    shown = seen(side.server(id=1, result=result))["result"]["content"][0]["text"]
    assert "bob@acme.com" in shown
    assert MAIL not in shown
    assert "bob@acme.com" not in side.text(2, "bob@acme.com")


def test_the_strict_profile_protects_even_that() -> None:
    side = Side(profile="strict")
    side.call(1, email="bob@acme.com")
    outcome = side.server(id=1, result={"content": [{"type": "text", "text": "no bob@acme.com"}]})
    assert b"bob@acme.com" not in (outcome.forward or b"")


def test_batches_go_message_by_message() -> None:
    side = Side()
    token = side.text(1, MAIL)
    good = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "x", "arguments": {"email": token}}}
    bad = {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "x", "arguments": {"url": token}}}
    outcome = side.conversation.from_client(json.dumps([good, bad]).encode())
    assert [m["id"] for m in seen(outcome)] == [2]
    assert [json.loads(r)["id"] for r in outcome.replies] == [3]
    back = side.conversation.from_server(
        json.dumps([{"jsonrpc": "2.0", "id": 2, "result": {"content": [{"type": "text", "text": MAIL}]}}]).encode()
    )
    assert MAIL.encode() not in (back.forward or b"")


def test_images_are_withheld_unless_they_may_pass() -> None:
    block = {"type": "image", "data": "AAAA", "mimeType": "image/png"}
    for side, kind in ((Side(), "text"), (Side(pass_media=frozenset({"image"})), "image")):
        side.call(1)
        content = seen(side.server(id=1, result={"content": [block]}))["result"]["content"]
        assert content[0]["type"] == kind


def test_the_model_is_told_what_tokens_are_unless_switched_off() -> None:
    for side, told in ((Side(), True), (Side(instructions=False), False)):
        side.agent(id=1, method="initialize", params={})
        result = seen(side.server(id=1, result={"protocolVersion": "2025-11-25"}))["result"]
        assert ("instructions" in result) is told
        assert len(result.get("instructions", "").split()) <= 60


def test_a_tool_whose_name_holds_a_value_is_withheld() -> None:
    side = Side()
    side.agent(id=1, method="tools/list")
    tools = [{"name": "get", "inputSchema": {}}, {"name": f"mail {MAIL}", "inputSchema": {}}]
    outcome = side.server(id=1, result={"tools": tools})
    assert [tool["name"] for tool in seen(outcome)["result"]["tools"]] == ["get"]
    assert "withheld 1" in outcome.notice


def test_public_caches_become_private() -> None:
    side = Side()
    side.agent(id=1, method="tools/list")
    assert seen(side.server(id=1, result={"tools": [], "cacheScope": "public"}))["result"]["cacheScope"] == "private"


def test_request_state_returns_exactly_as_it_was() -> None:
    side = Side()
    side.call(1)
    state = f'{{"user": "{MAIL}"}}'
    asked = seen(side.server(id=1, result={"resultType": "input_required", "requestState": state}))
    token = asked["result"]["requestState"]
    assert MAIL not in token
    again = side.agent(id=2, method="tools/call", params={"name": "get", "arguments": {}, "requestState": token})
    assert seen(again)["params"]["requestState"] == state


def test_the_vocabulary_protected_by_default_is_the_designs() -> None:
    assert {"EMAIL", "PHONE", "PERSON", "US_SSN", "CREDIT_CARD", "SECRET"} <= DEFAULT_TYPES
    assert not {"DATE", "LOCATION", "ORG", "URL", "UUID", "USERNAME", "IP", "MAC"} & DEFAULT_TYPES
