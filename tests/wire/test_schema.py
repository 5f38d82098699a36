"""Schemas: relaxed so that tokens fit, and never so that something valid becomes invalid."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield import jsontext
from pii_shield.wire import schema

TOKEN = "[EMAIL_7K2QF9M36]"
Json = object


def relaxed(text: str, *, is_input: bool) -> dict:
    return json.loads(jsontext.dumps(schema.relax(jsontext.loads(text), is_input=is_input)))


def valid(relaxed_schema: dict, value: Json) -> bool:
    return jsonschema.Draft202012Validator(relaxed_schema).is_valid(value)


@pytest.mark.parametrize(
    "field",
    [
        '{"type":"string","format":"email"}',
        '{"type":"string","pattern":"^[a-z]+$"}',
        '{"type":"string","maxLength":3}',
        '{"type":"integer"}',
        '{"type":["integer","null"],"minimum":5}',
        '{"enum":["a","b"]}',
        '{"type":"string","const":"a"}',
        '{"oneOf":[{"type":"integer"},{"type":"string","maxLength":2}]}',
        '{"$ref":"#/$defs/mail"}',
    ],
)
def test_output_fields_admit_tokens_and_what_they_admitted_before(field: str) -> None:
    text = f'{{"type":"object","properties":{{"v":{field}}},"$defs":{{"mail":{{"type":"string","format":"email"}}}}}}'
    new = relaxed(text, is_input=False)
    assert valid(new, {"v": TOKEN})
    for value in (7, "a", "ab", None, {}, []):
        assert not valid(json.loads(text), {"v": value}) or valid(new, {"v": value})


@pytest.mark.parametrize("name", ["phone", "customerPhone", "card_number", "ssn", "taxId"])
def test_input_numbers_are_relaxed_where_the_name_is_personal(name: str) -> None:
    new = relaxed(f'{{"type":"object","properties":{{"{name}":{{"type":"integer"}}}}}}', is_input=True)
    assert valid(new, {name: "[PHONE_7K2QF9M36]"})


@pytest.mark.parametrize("name", ["limit", "offset", "page", "cellar", "discard"])
def test_input_numbers_stay_strict_elsewhere(name: str) -> None:
    text = f'{{"type":"object","properties":{{"{name}":{{"type":"integer"}}}}}}'
    assert relaxed(text, is_input=True) == json.loads(text)


def test_mirrored_headers_become_plain_strings() -> None:
    text = '{"type":"object","properties":{"v":{"type":"string","format":"email","x-mcp-header":"Mail","title":"T"}}}'
    assert relaxed(text, is_input=True)["properties"]["v"] == {"type": "string", "x-mcp-header": "Mail", "title": "T"}


def test_annotations_stay_outside_and_numbers_keep_their_spelling() -> None:
    text = '{"type":"object","properties":{"v":{"type":"number","maximum":1e400,"title":"T","default":-0}}}'
    new = jsontext.dumps(schema.relax(jsontext.loads(text), is_input=False))
    assert '"v":{"title":"T","default":-0,"anyOf":[{"type":"number","maximum":1e400},' in new


schemas = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "integer", "boolean", "null", ["string", "null"]]),
            "format": st.sampled_from(["email", "date"]),
            "maxLength": st.integers(0, 5),
            "enum": st.just(["a", 1]),
            "title": st.text(max_size=3),
        },
    ),
    lambda inner: st.one_of(
        st.builds(
            lambda p: {"type": "object", "properties": p}, st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
        ),
        st.builds(lambda i: {"type": "array", "items": i}, inner),
        st.builds(lambda b: {"anyOf": b}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda b: {"oneOf": b}, st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=6,
)
values = st.recursive(
    st.sampled_from(["a", "abcdefgh", 1, 2.5, None, True, TOKEN]),
    lambda v: st.lists(v, max_size=2) | st.dictionaries(st.sampled_from("ab"), v, max_size=2),
    max_leaves=4,
)


@given(schemas, values, st.booleans())
def test_relaxing_never_makes_a_valid_value_invalid(given_schema: dict, value: Json, is_input: bool) -> None:
    new = relaxed(json.dumps(given_schema), is_input=is_input)
    assert not valid(given_schema, value) or valid(new, value)


def test_types_and_formats_are_found_through_references_and_alternatives() -> None:
    root = jsontext.loads(
        '{"properties":{"a":{"$ref":"#/$defs/x"},"l":{"items":{"anyOf":[{"type":"integer"},{"type":"null"}]}}},'
        '"$defs":{"x":{"type":"string","format":"uri"}}}'
    )
    assert schema.allowed_types(schema.at(root, ("a",))) == {"string"}
    assert schema.formats(schema.at(root, ("a",))) == {"uri"}
    assert schema.allowed_types(schema.at(root, ("l", 3))) == {"integer", "null"}
    assert schema.at(root, ("nowhere", "at", "all")) == []


def test_a_reference_to_itself_ends() -> None:
    root = jsontext.loads('{"$ref":"#/$defs/x","$defs":{"x":{"$ref":"#/$defs/x"}}}')
    assert schema.allowed_types(schema.at(root, ())) == frozenset()
