from hypothesis import given
from hypothesis import strategies as st

from pii_shield.proxy.http.sse import KEEP_ALIVE, Event, Events, Oversized, event, write

LINES = st.sampled_from([b"data: {}", b"data:", b"data: x", b"id: 7", b"event: message", b"retry: 100", b": c", b"odd"])


def feed(stream: bytes, size: int, limit: int = 1 << 20) -> list[Event | Oversized]:
    events = Events(limit)
    return [e for at in range(0, len(stream), size) for e in events.feed(stream[at : at + size])]


@given(st.lists(st.lists(LINES, min_size=1, max_size=4), max_size=5), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_chunking_changes_nothing(blocks: list[list[bytes]], end: bytes) -> None:
    stream = b"".join(end.join(block) + end + end for block in blocks) + b"\n"
    whole = feed(stream, len(stream))
    assert len([event for event in whole if isinstance(event, Event)]) == len(blocks)
    for size in (1, 2, 3, 7):
        assert [e.fields for e in feed(stream, size)] == [e.fields for e in whole]  # type: ignore[union-attr]


def one(stream: bytes) -> Event:
    (event,) = feed(stream, 5)
    assert isinstance(event, Event)
    return event


def test_data_lines_are_joined_and_one_space_behind_the_colon_is_not_data() -> None:
    assert one(b"data:  {\ndata:}\nid: 4\n\n").data == b" {\n}"
    assert one(b"\xef\xbb\xbfid: 4\ndata\n\n").get(b"id") == b"4"


def test_an_event_with_nothing_to_change_goes_on_as_it_came() -> None:
    for raw in (b"id: 4\r\ndata: {}\r\n\r\n", b"event: message\ndata:{}\n\n", b"retry: 10\nid: 1\ndata:\n\n"):
        event = one(raw)
        assert write(event, event.data, event.get(b"id")) == raw


def test_other_data_keeps_the_other_fields() -> None:
    event = one(b"event: message\nid: 4\nretry: 10\ndata: {}\n\n")
    assert write(event, b'{\n"a":1}', b"5") == b'event: message\nid: 5\nretry: 10\ndata: { "a":1}\n\n'


def test_an_event_that_was_dropped_still_carries_its_id() -> None:
    assert write(one(b"id: 4\ndata: {}\n\n"), None, b"4") == b"id: 4\n\n"


def test_comments_and_unknown_fields_do_not_pass() -> None:
    assert write(one(b": jane@acme.com\n\n"), None, None) == KEEP_ALIVE
    event = one(b": jane\njane: 1\nevent: jane@x\ndata: {}\n\n")
    assert write(event, event.data, None) == b"data: {}\n\n"


def test_an_event_beyond_the_limit_shows_its_ends_and_the_next_one_is_whole() -> None:
    stream = b"data: " + b"x" * 300_000 + b"END\n\n" + b"data: y\n\n"
    for size in (1 << 20, 4096):
        big, after = feed(stream, size, limit=100_000)
        assert isinstance(big, Oversized)
        assert big.head.startswith(b"data: x")
        assert big.tail.endswith(b"END\n\n")
        assert isinstance(after, Event)
        assert after.data == b"y"


def test_a_message_of_ours_is_one_event() -> None:
    assert one(event(b'{"a":\r\n1}')).data == b'{"a":  1}'
