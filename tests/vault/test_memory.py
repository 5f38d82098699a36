"""The memory vault keeps the contract."""

import pytest

from pii_shield.vault.memory import MemoryVault

from .contract import VaultContract
from .kit import Clock, new_id


class TestMemoryVault(VaultContract):
    @pytest.fixture
    def vault(self, clock: Clock) -> MemoryVault:
        return MemoryVault(new_id, clock=clock)
