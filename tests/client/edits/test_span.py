import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.client.edits import span
from pii_shield.client.edits.document import JSONC, TOML, YAML, Document, read
from pii_shield.client.edits.tree import BadText, look_up


def document(text: str, format_: object = JSONC) -> Document:
    return read(text.encode(), format_)  # type: ignore[arg-type]


@given(
    st.text(max_size=20), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.text(max_size=3)), max_size=4)
)
def test_edits_change_their_spans_and_nothing_else(text: str, wanted: list[tuple[int, int, str]]) -> None:
    edits, at = [], 0
    for start, length, new in sorted(wanted):
        if start >= at and start + length <= len(text):
            edits.append(span.Edit(start, start + length, new))
            at = start + length
    expected = text
    for edit in reversed(edits):
        expected = expected[: edit.start] + edit.text + expected[edit.end :]
    assert span.apply(text, edits) == expected


def test_overlapping_edits_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="overlap"):
        span.apply("abcd", [span.Edit(0, 3, ""), span.Edit(2, 4, "")])


@given(st.text(st.characters(codec="utf-8"), max_size=12))
def test_a_literal_says_the_same_in_every_format(text: str) -> None:
    literal = span.literal(text)
    assert document(f"[{literal}]").value == [text]
    assert document(f"a = {literal}", TOML).value == {"a": text}
    if text.isprintable():
        assert document(f"a: {literal}", YAML).value == {"a": text}


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("[]", JSONC),
        ("[ ]", JSONC),
        ("[ // c\n]", JSONC),
        ('[\n  "x", // c\n  1,\n]', JSONC),
        ("- x\n- y # c\n", YAML),
        ("-   x\n-   y\n", YAML),
        ("[x, 'y']", YAML),
    ],
)
def test_dropping_items_is_the_inverse_of_putting_them_in(text: str, format_: object) -> None:
    before = document(text, format_)
    grown = before.with_text(span.apply(before.text, [span.prepend(before, before.root, ['"a"', '"b"'])]))
    assert grown.value == ["a", "b", *before.value]
    assert span.apply(grown.text, [span.drop_first(grown.root, 2)]) == text


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ('{"c": 1}', JSONC),
        ('{\n\t"c": 1 // x\n}', JSONC),
        ('{ "a": 2, "c": 1, }', JSONC),
        ("c = 1 # x\n", TOML),
        ("  c = 1\r\n", TOML),
        ("c: 1   # x\n", YAML),
        ("{a: 2, c: 1}", YAML),
    ],
)
def test_removing_a_key_is_the_inverse_of_inserting_it(text: str, format_: object) -> None:
    before = document(text, format_)
    member = before.root.members["c"]
    grown = before.with_text(span.apply(before.text, [span.insert_before(before, member, "new", '["v"]')]))
    assert grown.value == {**before.value, "new": ["v"]}
    edit = span.remove(grown, grown.root, "new")
    assert edit is not None
    assert span.apply(grown.text, [edit]) == text


def test_a_dotted_key_gets_a_dotted_neighbour() -> None:
    before = document("a.b.c = 1\n", TOML)
    node = look_up(before.root, ("a", "b"))
    assert node is not None
    assert (
        span.apply(before.text, [span.insert_before(before, node.members["c"], "n", "2")]) == "a.b.n = 2\na.b.c = 1\n"
    )


@pytest.mark.parametrize("text", ['{"new": 1 /* mine */, "c": 1}', '{"c": 1, "new": 1}', '{"c": 1}'])
def test_a_key_that_is_not_as_we_left_it_stays(text: str) -> None:
    before = document(text)
    assert span.remove(before, before.root, "new") is None


def test_bytes_come_back_with_their_mark_and_line_ends() -> None:
    data = "\ufeff{\r\n}\r\n".encode()
    assert read(data, JSONC).data() == data


@pytest.mark.parametrize("data", [b'{\n"\xff"}', '{"a": 1}'.encode("utf-16")])
def test_what_is_not_utf8_is_refused(data: bytes) -> None:
    with pytest.raises(BadText, match="this is not UTF-8"):
        read(data, JSONC)
