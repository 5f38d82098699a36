"""`PiiShield`: the shield as a plain object, for programs with a loop of their own."""

import asyncio
import json
import os
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

from .. import config, jsontext, tokens
from ..assemble import UNNAMED, House
from ..errors import ConfigError, ShieldError, WireError
from ..wire.exchange import NO_REQUEST, Asked, Memory, Request
from ..wire.methods import Act
from ..wire.protect import Options, Protection
from ..wire.release import Release
from . import reveal

if TYPE_CHECKING:
    from ..conversation import Conversation
    from ..revealing import Revealer
    from ..shielding import Shield

T = TypeVar("T")
_SENDER: Final = f"{UNNAMED}sender"
_RECEIVER: Final = f"{UNNAMED}receiver"
"""Where nobody says which server: never the same one, so that no value goes "back"."""


class PiiShield:
    """One scope of one vault. Thread-safe; the methods with an `a` in front do not block the event loop.

    Args:
        scope: the set of tokens that belong together; default: the configuration's.
        config_file: TOML file; default: yours.
        vault: file of the vault; default: yours.

    Raises:
        ConfigError: the configuration is wrong.
    """

    def __init__(self, *, scope: str | None = None, config_file: str | None = None, vault: str | None = None) -> None:
        settings = config.load(os.environ, file=config_file, scope=scope, vault=vault)
        self._scope = settings.scope
        self._house = House(settings)
        self._is_ready = False

    def protect(self, obj: T, *, server: str = "") -> T:
        """The same object with tokens in place of personal data and secrets.

        Args:
            obj: text, or anything JSON can say (dict, list, str, int, float, bool, None). Text that is JSON is
                treated by its keys and stays JSON. Returned as it came if nothing in it needs a token.
            server: which server it comes from. Only to that one do its values go back without further trust.

        Raises:
            ShieldError: it could not be checked; nothing of it may be shown to a model.
        """
        text = f'{{"result":{_dumps(obj)}}}'
        plan = Protection(text, jsontext.loads(text), {"result": Act.PROTECT}, "", _OPTIONS)
        shield = self._shield(server or _SENDER, server)
        with _recorded(shield, "in", NO_REQUEST):
            new = shield.protect(plan, lambda _: False)
        return obj if new is None else json.loads(new)["result"]

    def release(self, obj: T, destination: str = "", *, tool: str = "", schema: Mapping[str, Any] | None = None) -> T:
        """The same object with values in place of tokens, if policy lets all of them go there.

        Args:
            obj: a tool's arguments, or text.
            destination: the server that gets them. Without one they go to a stranger, whom nobody trusts.
            tool: the tool's name; it may tell that the arguments leave the server.
            schema: the tool's input schema; values take the types that it wants.

        Raises:
            PolicyDenied: a value must not go there; `code` and `fix` say why and what a person can change.
            UnknownToken: a token that does not resolve.
            ShieldError: anything else; nothing may be sent.
        """
        body = _dumps(obj)
        text = f'{{"method":"tools/call","params":{{"name":{_dumps(tool)},"arguments":{body}}}}}'
        if not tokens.may_hold(body):
            return obj
        request = NO_REQUEST._replace(method="tools/call", tool=tool)
        shield = self._shield(destination or _RECEIVER, destination)
        with _recorded(shield, "out", request):
            plan = Release(text, jsontext.loads(text), None if schema is None else jsontext.loads(_dumps(schema)))
            new = shield.release(plan, Asked(request, "", lambda _: "")) if plan else None
        return obj if new is None else json.loads(new)["params"]["arguments"]

    def reveal(self, text: str) -> str:
        """The text with values in place of tokens, for the person at the screen and nobody else: never for a model,
        a tool or a log. What does not resolve stays as it is.

        Raises:
            VaultError: the vault or its key cannot be used.
            AuditError: it could not be put on record, so nothing is shown.
        """
        return self._revealer.reveal(text)

    @cached_property
    def _revealer(self) -> "Revealer":
        return self._house.revealer(self._scope)

    @overload
    def reveal_stream(self, chunks: AsyncIterable[str]) -> AsyncIterator[str]: ...
    @overload
    def reveal_stream(self, chunks: Iterable[str]) -> Iterator[str]: ...
    def reveal_stream(self, chunks: Iterable[str] | AsyncIterable[str]) -> Iterator[str] | AsyncIterator[str]:
        """`reveal` for text that comes in pieces, also in the middle of a token; sync or async, as the pieces are.

        Shows as much as early as it can: only what may be the beginning of a token waits for its end.
        """
        if isinstance(chunks, AsyncIterable):
            return reveal.in_pieces_async(chunks, self.areveal)
        return reveal.in_pieces(chunks, self.reveal)

    async def aprotect(self, obj: T, *, server: str = "") -> T:
        """See `protect`."""
        return await asyncio.to_thread(self.protect, obj, server=server)

    async def arelease(
        self, obj: T, destination: str = "", *, tool: str = "", schema: Mapping[str, Any] | None = None
    ) -> T:
        """See `release`."""
        return await asyncio.to_thread(self.release, obj, destination, tool=tool, schema=schema)

    async def areveal(self, text: str) -> str:
        """See `reveal`."""
        return await asyncio.to_thread(self.reveal, text)

    def _shield(self, name: str, said: str) -> "Shield":
        if said.startswith(UNNAMED):
            raise ConfigError(f"a server's name must not begin with {UNNAMED}", code="PS306")
        return self._house.shield(self._scope, name)

    def conversation(self, name: str, identity: str | None) -> "Conversation":
        """A conversation with one server; see `assemble.House.conversation`."""
        return self._house.conversation(self._scope, name, identity, Memory())

    def wait(self) -> None:
        """Wait until rules and vault are loaded, which happens in the background.

        Raises:
            ShieldError: they cannot be used.
        """
        if not self._is_ready:
            self._house.wait()
            self._is_ready = True

    def close(self) -> None:
        """Release the vault's files and keys. Nothing works afterwards."""
        self._house.close()

    def __enter__(self) -> "PiiShield":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_OPTIONS: Final = Options(instructions=False)


@contextmanager
def _recorded(shield: "Shield", direction: str, request: Request) -> Iterator[None]:
    """What fails in here is on record, and goes on to the caller."""
    try:
        yield
    except ShieldError as error:
        shield.failed(direction, request, error)
        raise


def _dumps(obj: object) -> str:
    try:
        return json.dumps(obj, allow_nan=False)
    except ValueError:
        raise WireError("NaN, Infinity and circular objects are not JSON", code="PS504") from None
