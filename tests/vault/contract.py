"""What every vault must do, whatever it is made of. A subclass provides the fixture `vault`, made with `clock`."""

import threading

import pytest

from pii_shield.errors import UnknownToken, VaultError
from pii_shield.types import TokenRef, Value
from pii_shield.vault.base import RETENTION_DAYS, Vault

from .kit import CRM, MAILER, Clock, born, email, grant, phone

SCOPE = "default"


class VaultContract:
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    def test_gives_the_same_identity_the_same_token(self, vault: Vault) -> None:
        first, again, other = vault.put(SCOPE, CRM, [email("ann"), email("ann"), email("bob")])
        assert first == again == vault.put(SCOPE, MAILER, [email("ann")])[0]
        assert first.id != other.id
        assert first.spelling == other.spelling == 1

    def test_numbers_the_spellings_of_an_identity_in_the_order_of_their_coming(self, vault: Vault) -> None:
        small, large = vault.put(SCOPE, CRM, [email("ann"), email("ann", "ANN@example.com")])
        assert (small.id, small.spelling, large.spelling) == (large.id, 1, 2)
        assert vault.put(SCOPE, CRM, [email("ann", "Ann@Example.com"), email("ann")]) == [TokenRef(small.id, 3), small]

    def test_keeps_a_number_apart_from_the_string_with_the_same_characters(self, vault: Vault) -> None:
        text, number = vault.put(SCOPE, CRM, [phone("string"), phone("number")])
        assert (text.id, text.spelling, number.spelling) == (number.id, 1, 2)
        assert [secret.kind for secret in vault.open([grant(number), grant(text)])] == ["number", "string"]

    def test_gives_back_exactly_the_spelling_that_was_put(self, vault: Vault) -> None:
        spellings = ["ann@example.com", " Ann@EXAMPLE.com\n", "a\u0301nn", "\ud83d lone", "", "x" * 100_000, "\x00'"]
        refs = vault.put(SCOPE, CRM, [email("ann", s) if s else phone() for s in spellings])
        opened = [secret.reveal() for secret in vault.open([grant(ref) for ref in refs])]
        assert opened == [s or phone().spelling for s in spellings]

    def test_keeps_types_apart_even_if_the_characters_are_equal(self, vault: Vault) -> None:
        values = [Value(type_, "4930123456", "4930123456", "string", "r") for type_ in ("PHONE", "BANK_ACCOUNT")]
        phone_ref, account_ref = vault.put(SCOPE, CRM, values)
        assert phone_ref.id != account_ref.id

    def test_gives_unrelated_tokens_in_different_scopes(self, vault: Vault) -> None:
        (here,) = vault.put(SCOPE, CRM, [email("ann")])
        (there,) = vault.put("other", CRM, [email("ann")])
        assert here.id != there.id
        assert vault.look("other", [here]) == vault.look("never used", [here]) == [None]
        with pytest.raises(UnknownToken):
            vault.open([grant(here, scope="other")])

    def test_links_low_entropy_types_only_within_their_origin(self, vault: Vault) -> None:
        (from_crm,) = vault.put(SCOPE, CRM, [born("1980-01-02")])
        (from_mailer,) = vault.put(SCOPE, MAILER, [born("1980-01-02")])
        assert from_crm.id != from_mailer.id
        assert vault.put(SCOPE, CRM, [born("1980-01-02")]) == [from_crm]
        row = vault.look(SCOPE, [from_crm])[0]
        assert row and row.origins == {CRM}

    def test_looks_up_the_metadata_of_a_token(self, vault: Vault) -> None:
        ref, _ = vault.put(SCOPE, CRM, [email("ann"), email("ann", "ANN@example.com")])
        row = vault.look(SCOPE, [ref])[0]
        assert row
        assert (row.type, row.label, row.spellings, row.expired) == ("EMAIL", "EMAIL", 2, False)
        assert (row.origins, row.granted) == ({CRM}, frozenset())

    @pytest.mark.parametrize("ref", [TokenRef("NONE00000"), TokenRef("NONE00000", 2)])
    def test_knows_no_token_that_it_did_not_mint(self, vault: Vault, ref: TokenRef) -> None:
        vault.put(SCOPE, CRM, [email("ann")])
        assert vault.look(SCOPE, [ref]) == [None]

    @pytest.mark.parametrize("n", [-1, 0, 2, 999_999])
    def test_knows_no_spelling_that_was_never_put(self, vault: Vault, n: int) -> None:
        (ref,) = vault.put(SCOPE, CRM, [email("ann")])
        assert vault.look(SCOPE, [TokenRef(ref.id, n)]) == [None]
        with pytest.raises(UnknownToken):
            vault.open([grant(TokenRef(ref.id, n))])

    def test_counts_every_server_that_sent_a_value_as_an_origin(self, vault: Vault) -> None:
        (ref,) = vault.put(SCOPE, CRM, [email("ann")])
        vault.put(SCOPE, MAILER, [email("ann")])
        row = vault.look(SCOPE, [ref])[0]
        assert row and row.origins == {CRM, MAILER}

    def test_does_not_take_an_echo_of_a_released_value_for_an_origin(self, vault: Vault) -> None:
        (ref,) = vault.put(SCOPE, CRM, [email("ann")])
        vault.open([grant(ref, MAILER)])
        vault.put(SCOPE, MAILER, [email("ann"), email("ann", "ANN@example.com")])
        row = vault.look(SCOPE, [ref])[0]
        assert row and (row.origins, row.granted) == ({CRM}, {MAILER})

    def test_an_origin_that_gets_its_value_back_stays_an_origin(self, vault: Vault) -> None:
        (ref,) = vault.put(SCOPE, CRM, [email("ann")])
        assert vault.open([grant(ref, CRM)])[0].reveal() == "ann@example.com"
        row = vault.look(SCOPE, [ref])[0]
        assert row and (row.origins, row.granted) == ({CRM}, frozenset())

    def test_opens_several_grants_in_their_order(self, vault: Vault) -> None:
        ann, bob = vault.put(SCOPE, CRM, [email("ann"), email("bob")])
        (there,) = vault.put("other", CRM, [email("eve")])
        opened = vault.open([grant(bob), grant(there, MAILER, "other"), grant(ann, MAILER), grant(bob)])
        assert [secret.reveal().split("@")[0] for secret in opened] == ["bob", "eve", "ann", "bob"]

    def test_opens_nothing_when_one_of_the_grants_does_not_resolve(self, vault: Vault) -> None:
        (ref,) = vault.put(SCOPE, CRM, [email("ann")])
        with pytest.raises(UnknownToken):
            vault.open([grant(ref, MAILER), grant(TokenRef("NONE00000"), MAILER)])
        row = vault.look(SCOPE, [ref])[0]
        assert row and row.granted == frozenset()

    def test_refuses_a_type_that_it_does_not_know(self, vault: Vault) -> None:
        with pytest.raises(VaultError) as caught:
            vault.put(SCOPE, CRM, [Value("SHOE_SIZE", "43", "43", "string", "r")])
        assert caught.value.code == "PS416"

    def test_keeps_a_secret_for_every_name(self, vault: Vault) -> None:
        audit = vault.secret("audit")
        assert len(audit) == 32
        assert vault.secret("audit") == audit != vault.secret("console")

    def test_forgets_an_identity_with_all_its_spellings(self, vault: Vault) -> None:
        first, second = vault.put(SCOPE, CRM, [email("ann"), email("ann", "ANN@example.com")])
        assert vault.forget(SCOPE, second) is True
        assert vault.look(SCOPE, [first, second]) == [None, None]
        with pytest.raises(UnknownToken):
            vault.open([grant(first)])
        assert vault.forget(SCOPE, first) is False
        assert vault.forget("never used", first) is False

    def test_gives_a_forgotten_value_that_comes_again_a_new_token(self, vault: Vault) -> None:
        (old,) = vault.put(SCOPE, CRM, [email("ann")])
        vault.forget(SCOPE, old)
        (new,) = vault.put(SCOPE, MAILER, [email("ann")])
        assert new.id != old.id
        row = vault.look(SCOPE, [new])[0]
        assert row and row.origins == {MAILER}

    def test_tells_what_changed_since_a_cursor(self, vault: Vault) -> None:
        assert vault.known(SCOPE, 0) == (0, [])
        (ann,) = vault.put(SCOPE, CRM, [email("ann", rule="found-by")])
        cursor, known = vault.known(SCOPE, 0)
        assert [(k.ref, k.type, k.label, k.spelling, k.kind, k.identity, k.rule, k.gone) for k in known] == [
            (ann, "EMAIL", "EMAIL", "ann@example.com", "string", "ann@example.com", "found-by", False)
        ]
        assert known[0].origins == {CRM}
        assert vault.known(SCOPE, cursor) == (cursor, [])
        vault.put("other", CRM, [email("eve")])
        vault.put(SCOPE, CRM, [email("ann")])
        assert vault.known(SCOPE, cursor) == (cursor, [])

    def test_tells_all_spellings_again_when_an_identity_gets_another_or_another_server(self, vault: Vault) -> None:
        ann, _ = vault.put(SCOPE, CRM, [email("ann"), email("bob")])
        cursor, _ = vault.known(SCOPE, 0)
        vault.put(SCOPE, CRM, [email("ann", "ANN@example.com")])
        cursor, known = vault.known(SCOPE, cursor)
        assert [(k.ref.spelling, k.spelling) for k in known] == [(1, "ann@example.com"), (2, "ANN@example.com")]
        vault.open([grant(ann, MAILER)])
        cursor, known = vault.known(SCOPE, cursor)
        assert [(k.ref.id, k.granted) for k in known] == [(ann.id, {MAILER})] * 2

    def test_tells_that_an_identity_is_gone(self, vault: Vault) -> None:
        (ann,) = vault.put(SCOPE, CRM, [email("ann")])
        cursor, _ = vault.known(SCOPE, 0)
        vault.forget(SCOPE, ann)
        cursor, known = vault.known(SCOPE, cursor)
        assert [(k.ref.id, k.gone, k.spelling, k.identity) for k in known] == [(ann.id, True, "", "")]
        assert vault.known(SCOPE, cursor)[1] == []

    def test_tells_that_an_identity_expired_though_nobody_wrote(self, vault: Vault, clock: Clock) -> None:
        (ann,) = vault.put(SCOPE, CRM, [email("ann")])
        clock.pass_days(1.5)
        vault.put(SCOPE, CRM, [email("bob")])
        cursor, _ = vault.known(SCOPE, 0)
        clock.pass_days(RETENTION_DAYS - 1)
        cursor, known = vault.known(SCOPE, cursor)
        assert [(k.ref, k.gone) for k in known] == [(ann, True)]
        assert vault.known(SCOPE, cursor) == (cursor, [])

    def test_older_cursors_still_get_everything_they_missed(self, vault: Vault) -> None:
        vault.put(SCOPE, CRM, [email("ann")])
        first, _ = vault.known(SCOPE, 0)
        vault.put(SCOPE, CRM, [email("bob")])
        vault.known(SCOPE, first)
        assert [k.spelling for k in vault.known(SCOPE, first)[1]] == ["bob@example.com"]
        assert len(vault.known(SCOPE, 0)[1]) == 2

    def test_expires_what_was_not_used_for_the_retention_time(self, vault: Vault, clock: Clock) -> None:
        (ref,) = vault.put(SCOPE, CRM, [email("ann")])
        clock.pass_days(RETENTION_DAYS - 0.01)
        row = vault.look(SCOPE, [ref])[0]
        assert row and not row.expired
        clock.pass_days(0.02)
        row = vault.look(SCOPE, [ref])[0]
        assert row and (row.expired, row.spellings, row.type, row.origins) == (True, 0, "EMAIL", frozenset())
        with pytest.raises(UnknownToken):
            vault.open([grant(ref)])

    def test_gives_an_expired_value_that_comes_again_a_new_token(self, vault: Vault, clock: Clock) -> None:
        (old,) = vault.put(SCOPE, CRM, [email("ann")])
        clock.pass_days(RETENTION_DAYS + 1)
        (new,) = vault.put(SCOPE, MAILER, [email("ann")])
        old_row, new_row = vault.look(SCOPE, [old, new])
        assert old_row and new_row
        assert (old_row.expired, new_row.expired, new_row.origins) == (True, False, {MAILER})

    @pytest.mark.parametrize("use", ["seen again", "released"])
    def test_use_prolongs_the_life_of_an_identity(self, vault: Vault, clock: Clock, use: str) -> None:
        (ref,) = vault.put(SCOPE, CRM, [email("ann")])
        clock.pass_days(RETENTION_DAYS - 5)
        if use == "seen again":
            assert vault.put(SCOPE, CRM, [email("ann")]) == [ref]
        else:
            vault.open([grant(ref)])
        clock.pass_days(RETENTION_DAYS - 5)
        row = vault.look(SCOPE, [ref])[0]
        assert row and not row.expired

    @pytest.mark.parametrize("witness", ["look", "open", "put"])
    def test_a_clock_set_back_revives_nothing(self, vault: Vault, clock: Clock, witness: str) -> None:
        (ref,) = vault.put(SCOPE, CRM, [email("ann")])
        clock.pass_days(RETENTION_DAYS + 1)
        if witness == "look":
            vault.look(SCOPE, [ref])
        elif witness == "open":
            with pytest.raises(UnknownToken):
                vault.open([grant(ref)])
        else:
            vault.put(SCOPE, CRM, [email("bob")])
            vault.put(SCOPE, CRM, [email("ann")])
        clock.pass_days(-3650)
        row = vault.look(SCOPE, [ref])[0]
        assert row and row.expired
        with pytest.raises(UnknownToken):
            vault.open([grant(ref)])

    def test_a_clock_set_back_ends_nothing_early(self, vault: Vault, clock: Clock) -> None:
        (ref,) = vault.put(SCOPE, CRM, [email("ann")])
        clock.pass_days(-3650)
        assert vault.put(SCOPE, CRM, [email("ann")]) == [ref]
        clock.pass_days(3650 + RETENTION_DAYS - 1)
        row = vault.look(SCOPE, [ref])[0]
        assert row and not row.expired

    def test_keeps_the_newest_note_of_each_identity(self, vault: Vault) -> None:
        ann, bob = vault.put(SCOPE, CRM, [email("ann"), email("bob")])
        assert vault.noted(SCOPE, 9) == vault.noted(SCOPE, 1, ann.id) == []
        vault.note(SCOPE, {ann.id: "1", bob.id: "2"})
        vault.note(SCOPE, {ann.id: "3", "NONE00000": "4"})
        assert vault.noted(SCOPE, 9) == [(ann.id, "3"), (bob.id, "2")]
        assert vault.noted(SCOPE, 1) == [(ann.id, "3")]
        assert vault.noted(SCOPE, 9, bob.id) == [(bob.id, "2")]
        assert vault.noted(SCOPE, 9, "NONE00000") == vault.noted("other", 9) == vault.noted("other", 9, ann.id) == []

    def test_a_note_ends_with_its_identity(self, vault: Vault) -> None:
        ann, bob = vault.put(SCOPE, CRM, [email("ann"), email("bob")])
        vault.note(SCOPE, {ann.id: "1", bob.id: "2"})
        vault.forget(SCOPE, ann)
        vault.note(SCOPE, {ann.id: "3"})
        assert vault.noted(SCOPE, 9) == [(bob.id, "2")]

    def test_a_note_changes_nothing_that_is_known(self, vault: Vault) -> None:
        (ann,) = vault.put(SCOPE, CRM, [email("ann")])
        cursor, _ = vault.known(SCOPE, 0)
        vault.note(SCOPE, {ann.id: "1"})
        assert vault.known(SCOPE, cursor) == (cursor, [])

    def test_binds_a_server_name_at_its_first_use(self, vault: Vault) -> None:
        assert vault.bind(SCOPE, "crm", "1a2b3c4d5e6f") == "1a2b3c4d5e6f"
        assert vault.bind(SCOPE, "crm", "ffffffffffff") == "1a2b3c4d5e6f"
        assert vault.bind(SCOPE, "mailer", "ffffffffffff") == "ffffffffffff"
        assert vault.bind("other", "crm", "ffffffffffff") == "ffffffffffff"

    def test_fingerprints_are_keyed_and_stable(self, vault: Vault) -> None:
        one = vault.fingerprint(SCOPE, "/usr/bin/crm --token=abc")
        assert len(one) == 12 and int(one, 16) >= 0
        assert vault.fingerprint(SCOPE, "/usr/bin/crm --token=abc") == one
        assert vault.fingerprint(SCOPE, "/usr/bin/crm --token=abd") != one
        assert vault.fingerprint("other", "/usr/bin/crm --token=abc") != one

    def test_counts_what_it_holds_without_values(self, vault: Vault, clock: Clock) -> None:
        old, _, _ = vault.put(SCOPE, CRM, [email("old"), phone(), phone("number")])
        clock.pass_days(RETENTION_DAYS - 1)
        vault.put(SCOPE, CRM, [phone()])
        clock.pass_days(2)
        vault.look(SCOPE, [old])
        vault.put("other", CRM, [email("ann"), email("bob")])
        info = vault.info()
        assert info.live == {SCOPE: {"PHONE": 1}, "other": {"EMAIL": 2}}
        assert info.expired == {SCOPE: 1}
        assert info.spellings == {SCOPE: 2, "other": 2}
        assert "@" not in repr(info)

    def test_errors_and_reprs_hold_no_value(self, vault: Vault) -> None:
        (ref,) = vault.put(SCOPE, CRM, [email("ann")])
        shown = repr(vault.open([grant(ref)])) + repr(vault.known(SCOPE, 0)) + repr(vault.look(SCOPE, [ref]))
        with pytest.raises(UnknownToken) as caught:
            vault.open([grant(TokenRef("NONE00000"))])
        assert "ann@" not in shown + str(caught.value)

    def test_serves_several_threads(self, vault: Vault) -> None:
        got: list[list[TokenRef]] = []
        values = [email(f"user{n}") for n in range(60)]

        def work(start: int) -> None:
            got.append(vault.put(SCOPE, f"server{start}#1", values[start:] + values[:start])[-start:])

        threads = [threading.Thread(target=work, args=(start,)) for start in (10, 20, 30, 40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refs = vault.put(SCOPE, CRM, values)
        assert sorted(map(len, got)) == [10, 20, 30, 40]
        assert all(part == refs[: len(part)] for part in got)
        assert len({ref.id for ref in refs}) == 60

    def test_a_closed_vault_answers_nothing(self, vault: Vault) -> None:
        (ref,) = vault.put(SCOPE, CRM, [email("ann")])
        vault.close()
        vault.close()
        for call in (
            lambda: vault.put(SCOPE, CRM, [email("ann")]),
            lambda: vault.look(SCOPE, [ref]),
            lambda: vault.open([grant(ref)]),
            lambda: vault.known(SCOPE, 0),
            vault.info,
        ):
            with pytest.raises(VaultError) as caught:
                call()
            assert caught.value.code == "PS412"
