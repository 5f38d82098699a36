"""Presidio's names and ours."""

import inspect

from presidio_analyzer import EntityRecognizer, predefined_recognizers

from pii_shield import entities
from pii_shield.detect.presidio.types import TYPES, type_of


def test_all_names_lead_to_types_of_ours() -> None:
    assert set(TYPES.values()) <= entities.TYPES.keys()
    assert type_of("A_USERS_OWN") in entities.TYPES


def test_what_presidio_finds_without_being_asked_has_a_row_unless_it_is_some_national_id() -> None:
    nationals = set()
    for _, kind in inspect.getmembers(predefined_recognizers, inspect.isclass):
        if issubclass(kind, EntityRecognizer) and hasattr(kind, "PATTERNS"):
            nationals |= {entity for entity in kind().supported_entities if entity not in TYPES}
    assert nationals == {entity for entity in nationals if "_" in entity}, "no country in front: it needs a row"
