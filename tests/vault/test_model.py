"""A random life of the vault on disk, held against the vault in memory."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pii_shield.errors import UnknownToken
from pii_shield.types import Secret, TokenRef, Value
from pii_shield.vault.base import Known, Vault
from pii_shield.vault.keys import KeyFile
from pii_shield.vault.memory import MemoryVault
from pii_shield.vault.sqlite import SqliteVault

from .kit import Clock, grant, ids

SCOPES = st.sampled_from(["default", "work"])
SERVERS = st.sampled_from(["crm#1a2b3c4d5e6f", "mailer#0f0f0f0f0f0f", "files#000000000000"])
VALUES = st.builds(
    Value,
    st.sampled_from(["EMAIL", "DOB", "LITERAL"]),
    st.sampled_from(["a", "b", "\ud800", ""]),
    st.sampled_from(["A", "a", " a", "\x00"]),
    st.sampled_from(["string", "number"]),
    st.sampled_from(["r1", "r2"]),
)
REFS = st.tuples(st.integers(0, 40), st.integers(0, 4))


class Lives(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.disk_ids, self.memory_ids = ids(), ids()
        self.memory = MemoryVault(self.memory_ids, clock=self.clock)
        self.tokens: list[str] = ["NONE00000"]
        self.cursors: dict[str, tuple[int, int]] = {}
        self.start()

    def start(self) -> None:
        key = KeyFile(self.directory / "key")
        path = self.directory / "vault.db"
        # the second one, opened by another "process", answers questions
        self.disk = SqliteVault(path, key, self.disk_ids, clock=self.clock)
        self.other = SqliteVault(path, key, self.disk_ids, clock=self.clock)

    def teardown(self) -> None:
        self.disk.close()
        self.other.close()
        shutil.rmtree(self.directory)

    def ref(self, choice: tuple[int, int]) -> TokenRef:
        return TokenRef(self.tokens[choice[0] % len(self.tokens)], choice[1])

    @rule(scope=SCOPES, server=SERVERS, values=st.lists(VALUES, max_size=6))
    def put(self, scope: str, server: str, values: list[Value]) -> None:
        refs = self.disk.put(scope, server, values)
        assert refs == self.memory.put(scope, server, values)
        self.tokens += sorted({ref.id for ref in refs} - set(self.tokens))

    @rule(scope=SCOPES, choices=st.lists(REFS, max_size=4))
    def look(self, scope: str, choices: list[tuple[int, int]]) -> None:
        refs = [self.ref(choice) for choice in choices]
        assert self.other.look(scope, refs) == self.memory.look(scope, refs)

    @rule(scope=SCOPES, server=SERVERS, choices=st.lists(REFS, max_size=3))
    def open(self, scope: str, server: str, choices: list[tuple[int, int]]) -> None:
        def opened(vault: Vault) -> list[tuple[str, str]] | str:
            try:
                secrets: list[Secret] = vault.open([grant(self.ref(choice), server, scope) for choice in choices])
            except UnknownToken:
                return "unknown"
            return [(secret.reveal(), secret.kind) for secret in secrets]

        assert opened(self.other) == opened(self.memory)

    @rule(scope=SCOPES, choice=REFS)
    def forget(self, scope: str, choice: tuple[int, int]) -> None:
        assert self.disk.forget(scope, self.ref(choice)) == self.memory.forget(scope, self.ref(choice))

    @rule(scope=SCOPES, name=st.sampled_from(["crm", "x"]), fingerprint=st.sampled_from(["1", "2"]))
    def bind(self, scope: str, name: str, fingerprint: str) -> None:
        assert self.disk.bind(scope, name, fingerprint) == self.memory.bind(scope, name, fingerprint)

    @rule(scope=SCOPES)
    def follow(self, scope: str) -> None:
        """What changed since last time covers what the other store says changed; the last word on each is equal."""
        disk, memory = self.cursors.get(scope, (0, 0))
        since = disk
        disk, from_disk = self.other.known(scope, since)
        assert self.sort(self.disk.known(scope, since)[1]) == self.sort(from_disk)  # it need not read what it wrote
        memory, from_memory = self.memory.known(scope, memory)
        self.cursors[scope] = disk, memory
        assert self.sort(from_disk) == self.sort(from_memory)

    @staticmethod
    def sort(known: list[Known]) -> list[tuple[object, ...]]:
        return sorted((k.ref, k.type, k.spelling, k.kind, k.identity, k.rule, sorted(k.origins), k.gone) for k in known)

    @rule(days=st.sampled_from([0.5, 1, 30, 89, 91, -40]))
    def wait(self, days: float) -> None:
        for scope in ("default", "work") if days < 0 else ():
            # what nobody noticed to expire may come back with the clock; make it noticed
            refs = [TokenRef(token) for token in self.tokens]
            assert self.disk.look(scope, refs) == self.memory.look(scope, refs)
        self.clock.pass_days(days)

    @rule()
    def restart(self) -> None:
        self.disk.close()
        self.other.close()
        self.start()

    @invariant()
    def agree_on_numbers(self) -> None:
        disk, memory = self.other.info(), self.memory.info()
        assert disk.spellings.keys() <= memory.spellings.keys()
        assert sum(disk.spellings.values()) <= sum(memory.spellings.values())  # it sweeps more


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
