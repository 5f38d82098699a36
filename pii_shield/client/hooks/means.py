"""What answering an event takes: settings, vault and engine, each made when it is first needed."""

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ... import assemble, paths
from ...settings import Config
from ..installers import places
from ..installers.places import Machine
from . import screen
from .guard import Ours
from .tools import SERVER

if TYPE_CHECKING:
    from ...shielding import Shield

_SETTINGS = ("settings.json", "settings.local.json")


class Means:
    """For one process.

    Args:
        settings: the configuration in force; its scope is the client's.
        environ: names the client's folders.
        platform: as `sys.platform`.
        house: shared with others; None: one of its own, made when it is first needed.
    """

    def __init__(
        self, settings: Config, environ: Mapping[str, str], platform: str, house: assemble.House | None = None
    ) -> None:
        self.settings = settings
        self._environ = environ
        self._platform = platform
        self._shared = house

    def shield(self, server: str = SERVER) -> "Shield":
        """The shield of the client's own tools, or of an MCP server.

        Raises:
            ShieldError: rules, vault or key cannot be used.
        """
        return self._house.shield(self.settings.scope, server)

    @property
    def has_person(self) -> bool:
        """Whether somebody looks at what the client shows. A helper has no screen of its own."""
        return not self._shared and screen.is_watched()

    def reveal(self, text: str) -> str:
        """The text as the person at the screen reads it."""
        return self._house.revealer(self.settings.scope).reveal(text)

    def check_vault(self) -> None:
        """See that what a tool says could be protected.

        Raises:
            ShieldError: vault or key cannot be used.
        """
        if self._shared:
            self._shared.wait()
        elif "_house" not in self.__dict__:
            store = assemble.vault(self.settings)
            store.info()
            store.close()

    def passes(self, family: str) -> bool:
        """Whether binary content may pass unsearched."""
        said = {"image": self.settings.images, "audio": self.settings.audio, "other": self.settings.other}
        return said[family] == "pass"

    def ours(self, cwd: str) -> Ours:
        """What calls must leave alone."""
        machine = self.machine(cwd)
        client = Path(machine.environ.get("CLAUDE_CONFIG_DIR") or places.home(machine) / ".claude")
        vault = self.settings.vault or paths.vault_file(self._environ)
        key = self.settings.key or paths.key_file(self._environ)
        mine = (
            vault,
            key,
            paths.user_config(self._environ).parent,
            paths.vault_file(self._environ).parent,
            paths.state_dir(self._environ),
            paths.cache_dir(self._environ),
            paths.managed_config(self._platform).parent,
            *self.settings.tuning,
        )
        folders = (client, Path(cwd) / ".claude")
        settings = [str(folder / name) for folder in folders for name in _SETTINGS]
        return Ours(
            str(places.home(machine)),
            tuple(dict.fromkeys(path for place in mine for path in (str(place), os.path.realpath(place)))),
            (*settings, str(places.home(machine) / ".claude.json")),
        )

    def machine(self, cwd: str) -> Machine:
        """Where the client looks for its files."""
        return Machine(self._environ, self._platform, Path(cwd or "."))

    @cached_property
    def _house(self) -> assemble.House:
        return self._shared or assemble.House(self.settings)

    def close(self) -> None:
        """Release the vault's files and keys."""
        if "_house" in self.__dict__ and not self._shared:
            self._house.close()
