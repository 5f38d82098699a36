"""Names of many servers: plain unless they clash, and nobody's name catches another one's call."""

import re
import time
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pii_shield.proxy.http.aggregate import names as module
from pii_shield.proxy.http.aggregate.handles import Handles
from pii_shield.proxy.http.aggregate.names import MAX_NAME, Names, Owned, assign, of_uri, tool, uri
from pii_shield.proxy.http.aggregate.uris import Uris, matches

NAMES = st.sampled_from(["a", "b", "x__a", "y__a", "x__x__a", "y__x__a", "z", "long" * 20])
OFFERS = st.dictionaries(st.sampled_from(["x", "y", "x__x"]), st.lists(NAMES, max_size=5), max_size=3)


def shown(**own: list[str]) -> dict[str, Owned]:
    return {text: owned for owned, text in assign(own, {}, tool).items()}


def test_a_name_of_one_server_stays_and_one_of_two_belongs_to_neither() -> None:
    assert shown(crm=["find", "add"], mail=["find", "send"]) == {
        "add": Owned("crm", "add"),
        "send": Owned("mail", "send"),
        "crm__find": Owned("crm", "find"),
        "mail__find": Owned("mail", "find"),
    }


def test_a_server_that_takes_the_name_we_would_make_is_renamed_itself() -> None:
    found = shown(crm=["find"], evil=["find", "crm__find"])
    assert found["crm__find"] == Owned("crm", "find")
    assert found["evil__crm__find"] == Owned("evil", "crm__find")


@given(OFFERS)
@settings(max_examples=300, deadline=None)
def test_no_two_share_a_name_and_the_order_of_servers_says_nothing(own: dict[str, list[str]]) -> None:
    results = [assign(dict(order), {}, tool) for order in permutations(own.items())]
    assert all(result == results[0] for result in results)
    assert len(set(results[0].values())) == len(results[0])
    for owned, text in results[0].items():
        alone = sum(owned.name in names for names in own.values()) == 1
        assert text == owned.name or len(text) <= MAX_NAME
        assert alone or text != owned.name


@pytest.mark.parametrize("owned", [Owned("s" * 64, "n"), Owned("s", "n" * 90), Owned("dotted.name", "n")])
def test_a_made_name_fits_what_models_take(owned: Owned) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", tool(owned))


def test_made_names_that_are_cut_differ() -> None:
    assert tool(Owned("a.b", "n")) != tool(Owned("a_b", "n"))
    assert tool(Owned("s", "n" * 90 + "1")) != tool(Owned("s", "n" * 90 + "2"))


def test_a_name_that_was_shown_keeps_its_meaning() -> None:
    names = Names(tool)
    names.learn("crm", ["find"])
    assert names.shown("crm", "find") == "find"
    names.learn("evil", ["find"])
    assert (names.shown("crm", "find"), names.shown("evil", "find")) == ("crm__find", "evil__find")
    assert names.owner("find") == Owned("crm", "find"), "what the client saw then"
    names.learn("crm", [])
    assert names.shown("evil", "find") == "evil__find", "not even when the other one is gone"


def test_a_name_that_clashes_from_the_start_means_nothing_without_its_server() -> None:
    names = Names(tool)
    names.learn("crm", ["find"])
    names.learn("evil", ["find"])
    assert names.owner("find") is None
    assert names.offering("find") == ["crm__find", "evil__find"]


def test_a_resource_of_two_servers_is_prefixed_and_found_again() -> None:
    uris = Uris()
    uris.learn("a", ["file:///x", "a://1"])
    uris.learn("b", ["file:///x"])
    assert uris.shown("a", "a://1") == "a://1"
    for server in ("a", "b"):
        assert uris.owner(uris.shown(server, "file:///x"), ["a", "b"]) == Owned(server, "file:///x")
    assert uris.owner("file:///x", ["a", "b"]) is None


def test_a_server_cannot_write_another_ones_prefix() -> None:
    uris = Uris()
    uris.learn("evil", ["mcp-server:///crm/crm://1"])
    text = uris.shown("evil", "mcp-server:///crm/crm://1")
    assert text == "mcp-server:///evil/mcp-server:///crm/crm://1"
    assert uris.owner("mcp-server:///crm/crm://1", ["crm", "evil"]) == Owned("crm", "crm://1")
    assert of_uri(uri(Owned("crm", "x/y"))) == Owned("crm", "x/y")


def test_an_unlisted_resource_goes_where_its_template_or_scheme_is_and_nowhere_if_two_fit() -> None:
    uris = Uris()
    uris.learn("a", ["a://1"])
    uris.learn_templates("b", ["b://{id}/x"])
    servers = ["a", "b"]
    assert uris.owner("a://2", servers) == Owned("a", "a://2")
    assert uris.owner("b://2/x", servers) == Owned("b", "b://2/x")
    assert uris.owner("c://2", servers) is None
    uris.learn_templates("a", ["b://{+any}"])
    assert uris.owner("b://2/x", servers) is None
    assert uris.owner("c://2", ["a"]) == Owned("a", "c://2"), "the only server may know more than it lists"


def test_a_link_makes_a_resource_its_servers_unless_it_is_anothers() -> None:
    uris = Uris()
    uris.learn("crm", ["crm://1"])
    assert uris.shown("crm", "crm://1") == "crm://1"
    assert uris.link("evil", "crm://1") == "mcp-server:///evil/crm://1"
    assert uris.owner("crm://1", ["crm", "evil"]) == Owned("crm", "crm://1")
    assert uris.link("evil", "new://1") == "new://1"
    assert uris.owner("new://1", ["crm", "evil"]) == Owned("evil", "new://1")


def test_links_beyond_the_limit_are_forgotten_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LINKED", 2)
    uris = Uris()
    uris.learn("b", ["b://1"])
    for number in range(3):
        uris.link("a", f"x{number}://1")
    assert [uris.owner(f"x{number}://2", ["a", "b"]) for number in range(3)] == [
        None,
        Owned("a", "x1://2"),
        Owned("a", "x2://2"),
    ]


def test_names_made_to_clash_in_chains_and_links_to_anothers_resources_cost_no_more_than_others() -> None:
    chain = ["find"]
    for _ in range(5_000):
        chain.append(tool(Owned("evil", chain[-1])))
    begin = time.process_time()
    found = assign({"crm": ["find"], "evil": chain}, {}, tool)
    assert found[Owned("crm", "find")] == "crm__find"
    uris = Uris()
    uris.learn("crm", [f"crm://{number}" for number in range(5_000)])
    assert {uris.link("evil", f"crm://{number}")[:18] for number in range(5_000)} == {"mcp-server:///evil"}
    assert time.process_time() - begin < 5


def test_templates_are_compared_in_linear_time() -> None:
    assert matches("x://{a}/{b}", "x://1/2")
    assert not matches("x://{a}/{b}", "x://1")
    assert not matches("x://{a}xx{b}x", "x://1xx"), "parts do not overlap"
    assert matches("x://1", "x://1")
    assert not matches("{a}" * 400 + "!" + "{a}y" * 400, "a" * 100_000)


def test_a_handle_is_its_principals_and_kinds_alone_and_cannot_be_changed() -> None:
    handles = Handles(bytes(32), "anna")
    for text in ("1", "a:b.c", "", "ü"):
        handle = handles.wrap("task", "crm", text)
        assert handles.unwrap("task", handle) == ("crm", text)
        assert handles.wrap("task", "crm", text) == handle
        assert handles.unwrap("state", handle) is None
        assert Handles(bytes(32), "eve").unwrap("task", handle) is None
        assert Handles(bytes([1] * 32), "anna").unwrap("task", handle) is None
        assert handles.unwrap("task", handle.replace("crm", "evil")) is None
    for odd in ("", "ps1", "ps1.x", "ps1..crm:1", "ps1.ü.crm:1", "1"):
        assert handles.unwrap("task", odd) is None
