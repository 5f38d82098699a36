"""Framing: what goes in comes out, however it was cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.proxy.lines import ENDS, Line, Oversized, read_lines


def cut(data: bytes, sizes: list[int]):
    """A `read` that gives `data` in pieces of the given sizes, over and over."""
    pieces = []
    while data:
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(data[:size])
        data = data[size:]
    return iter([*pieces, b""]).__next__


def lines(data: bytes, sizes: list[int] | None = None, **limit: int) -> list:
    return list(read_lines(cut(data, sizes or [65536]), **limit))


def test_a_line_keeps_its_ending():
    assert lines(b'{"a": 1}\n{"b": 2}\r\n') == [Line(b'{"a": 1}', b"\n"), Line(b'{"b": 2}', b"\r\n")]


def test_blank_lines_are_left_out():
    assert lines(b"\n\r\n  \t\nx\n\n") == [Line(b"x", b"\n")]


def test_a_last_line_without_newline_gets_one():
    assert lines(b"x\ny") == [Line(b"x", b"\n"), Line(b"y", b"\n")]


def test_a_carriage_return_inside_or_at_an_open_end_belongs_to_the_line():
    assert lines(b"a\rb\r\r\nc\r") == [Line(b"a\rb\r", b"\r\n"), Line(b"c\r", b"\n")]


@given(
    st.lists(st.tuples(st.binary().filter(lambda body: b"\n" not in body), st.sampled_from([b"\n", b"\r\n"]))),
    st.lists(st.integers(1, 9), min_size=1),
)
def test_cutting_the_stream_elsewhere_changes_nothing(parts, sizes):
    data = b"".join(body + ending for body, ending in parts)
    assert lines(data, sizes) == lines(data)
    assert b"".join(line.body + line.ending for line in lines(data)) == b"".join(
        part + b"\n" for part in data.split(b"\n")[:-1] if part.strip()
    )


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("sizes", [[1000], [65536], [10**9]])
def test_the_limit_is_exact(ending, sizes):
    limit = 3 * ENDS
    assert lines(b"x" * limit + ending, sizes, limit=limit) == [Line(b"x" * limit, ending or b"\n")]
    (oversized,) = lines(b"x" * (limit + 1) + ending, sizes, limit=limit)
    assert isinstance(oversized, Oversized)


@pytest.mark.parametrize("sizes", [[1000], [65536], [10**9]])
def test_of_a_line_beyond_the_limit_the_ends_are_left_and_the_next_line_is_whole(sizes):
    body = b"h" * ENDS + b"m" * (4 * ENDS) + b"t" * ENDS
    assert lines(body + b"\nnext\n", sizes, limit=3 * ENDS) == [
        Oversized(b"h" * ENDS, b"t" * ENDS),
        Line(b"next", b"\n"),
    ]


def test_a_line_beyond_the_limit_is_not_held_in_memory():
    import tracemalloc

    chunk = b"x" * 65536
    pieces = iter([chunk] * 2000 + [b"\n", b""])
    tracemalloc.start()
    try:
        (oversized,) = read_lines(pieces.__next__, limit=4 * 65536)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(oversized, Oversized)
    assert peak < 20 * 65536
