"""JSON kept as text: strict parsing, and splicing that leaves every other byte alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield import jsontext
from pii_shield.errors import WireError
from pii_shield.jsontext import Patch

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)
styles = st.sampled_from(
    [{}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}, {"separators": (" , ", " : ")}]
)


@given(documents, styles, st.booleans())
def test_walk_and_raw_scan_count_the_same_nodes(document: object, style: dict, ascii_only: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, **style)
    spans = jsontext.spans(text)
    nodes = list(jsontext.walk(jsontext.loads(text)))
    assert sorted(spans) == [node.ordinal for node in nodes]
    for node in nodes:
        start, end = spans[node.ordinal]
        assert jsontext.loads(text[start:end]) == node.value


@given(st.text(), st.booleans(), st.data())
def test_patching_a_literal_equals_patching_its_text(value: str, ascii_only: bool, data: st.DataObject) -> None:
    literal = json.dumps(value, ensure_ascii=ascii_only)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(value)), min_size=4, max_size=4)))
    patches = [Patch(cuts[0], cuts[1], 'é"'), Patch(cuts[2], cuts[3], "\\")]
    document = f"[ {literal}]"
    patched = jsontext.patch(document, jsontext.inside(literal, 2, patches))
    assert jsontext.loads(patched) == [jsontext.patch(value, patches)]


@given(documents, styles, st.booleans(), st.data())
def test_literals_are_the_strings_and_numbers_in_order(
    document: object, style: dict, ascii_only: bool, data: st.DataObject
) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, **style)
    scalars = [node.value for node in jsontext.walk(jsontext.loads(text)) if isinstance(node.value, str)]
    wanted = sorted(data.draw(st.sets(st.sampled_from(range(len(scalars)))))) if scalars else []
    found = [jsontext.loads(text[start:end]) for start, end in jsontext.literals(text, wanted)]
    assert [(type(value), value) for value in found] == [(type(scalars[n]), scalars[n]) for n in wanted]
    assert sorted(jsontext.strings(jsontext.loads(text))) == sorted(scalars)


@given(st.text(), st.booleans(), st.booleans(), st.data())
def test_a_respelled_literal_differs_only_where_it_is_patched(
    value: str, ascii_only: bool, slashes: bool, data: st.DataObject
) -> None:
    literal = json.dumps(value, ensure_ascii=ascii_only)
    if slashes:  # as PHP writes it
        literal = literal.replace("/", "\\/")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(value)), min_size=4, max_size=4)))
    patches = [Patch(cuts[0], cuts[1], "[A]"), Patch(cuts[2], cuts[3], "[B]")]
    again = jsontext.respelled(literal, value, patches)
    assert again == jsontext.patch(literal, jsontext.inside(literal, 0, patches))
    assert jsontext.loads(again) == jsontext.patch(value, patches)


def test_patching_a_literal_leaves_the_escapes_around_it() -> None:
    literal = '"a\\/\\u00e9 X \\ud83d\\ude00\\n"'
    assert jsontext.patch(literal, jsontext.inside(literal, 0, [Patch(4, 5, "Y")])) == literal.replace("X", "Y")


@given(documents)
def test_dumps_gives_back_an_equal_document(document: object) -> None:
    tree = jsontext.loads(json.dumps(document))
    assert jsontext.loads(jsontext.dumps(tree)) == tree


@pytest.mark.parametrize("spelling", ["1E5", "-0", "1e400", "0.10", "1" * 5000, "-1.5e-300"])
def test_numbers_keep_their_spelling(spelling: str) -> None:
    text = f'{{ "n" : {spelling} , "s":"x"}}'
    (number,) = [node for node in jsontext.walk(jsontext.loads(text)) if isinstance(node.value, jsontext.Number)]
    assert number.value == spelling
    assert jsontext.dumps(jsontext.loads(text)) == f'{{"n":{spelling},"s":"x"}}'


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        "[NaN]",
        "[Infinity]",
        "[-Infinity]",
        "{",
        "",
        "[1,]",
        "'x'",
        '["\n"]',
        "[" * 200 + "]" * 200,
        "[" * 99999,
    ],
)
def test_unsafe_documents_are_refused_without_quoting_them(text: str) -> None:
    with pytest.raises(WireError) as caught:
        list(jsontext.walk(jsontext.loads(text)))
    assert "a" * 3 not in str(caught.value)
    assert len(str(caught.value)) < 60


def test_depth_limit_is_exact() -> None:
    deepest = "[" * jsontext.MAX_DEPTH + "]" * jsontext.MAX_DEPTH
    assert len(list(jsontext.walk(jsontext.loads(deepest)))) == jsontext.MAX_DEPTH
    with pytest.raises(WireError):
        list(jsontext.walk(jsontext.loads(f"[{deepest}]")))


@given(st.text(), st.booleans())
def test_raw_offsets_point_at_each_character(value: str, ascii_only: bool) -> None:
    literal = json.dumps(value, ensure_ascii=ascii_only)
    offsets = jsontext.raw_offsets(literal)
    assert len(offsets) == len(value) + 1
    for index, character in enumerate(value):
        assert json.loads(f'"{literal[offsets[index] : offsets[index + 1]]}"') == character


def test_lone_surrogates_survive_a_patch() -> None:
    literal = '"\\ud800 x"'
    assert jsontext.patch(literal, jsontext.inside(literal, 0, [Patch(2, 3, "y")])) == '"\\ud800 y"'
    assert jsontext.quote("\ud800").isascii()


def test_quote_escapes_as_the_literal_it_replaces() -> None:
    assert jsontext.quote("é", '"\\u00e8"') == '"\\u00e9"'
    assert jsontext.quote("é", '"è"') == '"é"'
