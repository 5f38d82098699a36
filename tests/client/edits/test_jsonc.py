import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.client.edits import jsonc
from pii_shield.client.edits.tree import BadText, Node

from ..written import SCALARS, Jsonc

VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


def scalars(node: Node) -> list[Node]:
    inner = [*node.items, *(member.node for member in node.members.values())]
    return (
        [leaf for child in inner for leaf in scalars(child)] if inner or isinstance(node.value, list | dict) else [node]
    )


@given(VALUES, st.data())
def test_a_value_reads_the_same_whatever_stands_around_it(value: Any, data: st.DataObject) -> None:
    assert jsonc.parse(Jsonc(data.draw).text(value)).value == value


@given(VALUES, st.data())
def test_each_scalars_span_is_what_says_it(value: Any, data: st.DataObject) -> None:
    text = Jsonc(data.draw).text(value)
    for leaf in scalars(jsonc.parse(text)):
        assert json.loads(text[leaf.start : leaf.end]) == leaf.value


@given(st.text('{}[]",:/*\\ \n1atrue', max_size=30))
def test_any_text_gives_a_tree_or_says_the_line(text: str) -> None:
    try:
        node = jsonc.parse(text)
    except BadText as bad:
        assert 1 <= bad.line <= text.count("\n") + 1
    else:
        assert node.end <= len(text)


@given(st.text('{}[]",:\\ \n12etrufalsn', max_size=30))
def test_what_strict_json_takes_is_taken_with_the_same_meaning(text: str) -> None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError
        return dict(pairs)

    try:
        meant = json.loads(text, object_pairs_hook=unique)
    except ValueError:
        return
    assert jsonc.parse(text).value == meant


def test_an_empty_file_is_an_empty_object() -> None:
    assert jsonc.parse(" // nothing yet\n").value == {}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{\n "a": 1\n "b": 2\n}', 3),
        ('{\n "a": [1,\n 2}\n', 3),
        ('{"a": 1}\n{', 2),
        ('{\n"a": }', 2),
        ("{\n'a': 1}", 2),
        ('{"a": 1,\n"a": 2}', 2),
        ('{"a": "x\n"}', 1),
        ('{\n\n"a": /* open', 3),
        ("[" * 200, 1),
    ],
)
def test_what_is_wrong_is_named_by_its_line(text: str, line: int) -> None:
    with pytest.raises(BadText) as caught:
        jsonc.parse(text)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"line {line}: ")
