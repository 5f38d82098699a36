"""Sealing: what was not written exactly so is not read."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.errors import VaultError
from pii_shield.vault.seal import Kek, ScopeKeys, hkdf, pack

COLUMNS = st.lists(st.one_of(st.text(), st.binary(), st.integers(), st.none()), max_size=5).map(tuple)
ROOT, SCOPE = bytes(range(32)), b"scope-id-16bytes"


@given(COLUMNS, COLUMNS)
def test_packing_tells_all_rows_apart(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    assert (pack(*one) == pack(*other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(("ab", "c"), ("a", "bc")), (("1",), (1,)), ((b"a",), ("a",)), ((None,), ("",)), (("",), ()), ((1, 2), (12,))],
)
def test_packing_has_no_seams(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    assert pack(*one) != pack(*other)


def test_packing_takes_no_fraction() -> None:
    with pytest.raises(VaultError):
        pack(1.0)  # type: ignore[arg-type]


@given(
    st.binary(min_size=1, max_size=80), st.text(st.characters(max_codepoint=127), max_size=30), st.binary(max_size=40)
)
def test_key_derivation_is_the_standard_one(secret: bytes, info: str, salt: bytes) -> None:
    expected = HKDF(hashes.SHA256(), 32, salt or None, info.encode()).derive(secret)
    assert hkdf(secret, info, salt) == expected


@given(st.text(st.characters(codec=None)), COLUMNS)
def test_unseals_what_it_sealed(text: str, columns: tuple[object, ...]) -> None:
    keys = ScopeKeys(SCOPE, ROOT, 1)
    assert keys.unseal(keys.seal(text, 1, *columns), 1, *columns) == text


def test_equal_texts_are_sealed_differently() -> None:
    keys = ScopeKeys(SCOPE, ROOT, 1)
    assert len({keys.seal("ann@example.com", 1) for _ in range(100)}) == 100


def test_every_flipped_bit_is_noticed() -> None:
    keys = ScopeKeys(SCOPE, ROOT, 1)
    sealed = keys.seal("ann@example.com", 1, "row", 5)
    for position in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(VaultError):
            keys.unseal(bytes(flipped), 1, "row", 5)


@pytest.mark.parametrize("wrong", [None, 5, "text", b"", b"\x01", b"\x02" * 60, b"\x01" * 28])
def test_what_was_never_sealed_is_not_unsealed(wrong: object) -> None:
    with pytest.raises(VaultError) as caught:
        ScopeKeys(SCOPE, ROOT, 1).unseal(wrong, 1)
    assert caught.value.code == "PS410"


def test_another_scope_root_version_or_column_unseals_nothing() -> None:
    sealed = ScopeKeys(SCOPE, ROOT, 2).seal("ann@example.com", 1, "row", 5)
    assert ScopeKeys(SCOPE, ROOT, 2).unseal(sealed, 1, "row", 5) == "ann@example.com"
    for keys, version, columns in (
        (ScopeKeys(b"another-16-bytes", ROOT, 2), 1, ("row", 5)),
        (ScopeKeys(SCOPE, bytes(32), 2), 1, ("row", 5)),
        (ScopeKeys(SCOPE, ROOT, 2), 2, ("row", 5)),
        (ScopeKeys(SCOPE, ROOT, 2), 3, ("row", 5)),
        (ScopeKeys(SCOPE, ROOT, 2), 0, ("row", 5)),
        (ScopeKeys(SCOPE, ROOT, 2), 1, ("row", 6)),
        (ScopeKeys(SCOPE, ROOT, 2), 1, ("row", "5")),
    ):
        with pytest.raises(VaultError) as caught:
            keys.unseal(sealed, version, *columns)
        assert str(caught.value) == "a record of the vault failed authentication"


def test_indexes_of_different_scopes_are_unrelated() -> None:
    one, other = ScopeKeys(SCOPE, ROOT, 1), ScopeKeys(SCOPE, bytes(32), 1)
    assert one.index("EMAIL", "ann@example.com") == one.index("EMAIL", "ann@example.com")
    assert one.index("EMAIL", "ann@example.com") != other.index("EMAIL", "ann@example.com")


def test_a_key_proves_that_it_fits() -> None:
    kek = Kek(ROOT)
    proof = kek.prove(b"vault", 1)
    assert kek.fits(proof, b"vault", 1)
    assert not kek.fits(proof, b"vault", 2)
    assert not Kek(bytes(32)).fits(proof, b"vault", 1)
    assert not kek.fits(None, b"vault", 1)
    assert kek.key_id == Kek(ROOT).key_id != Kek(bytes(32)).key_id


def test_a_wrapped_root_is_bound_to_its_scope() -> None:
    kek = Kek(ROOT)
    wrapped = kek.wrap(b"r" * 32, "default")
    assert kek.unwrap(wrapped, "default") == b"r" * 32
    with pytest.raises(VaultError):
        kek.unwrap(wrapped, "other")
