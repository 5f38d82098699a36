"""OAuth towards servers: the bearer token of a principal's login, renewed when it is old or refused."""

import asyncio
import base64
import time
from collections.abc import Mapping
from urllib.parse import quote

import aiohttp

from ...errors import ShieldError
from ...logins import Login, Logins
from .auth import Principal
from .link import Unusable

EARLY_SECONDS = 60.0
"""How long before its end a token is renewed."""
TIMEOUT = aiohttp.ClientTimeout(total=30)


class Credentials:
    """The logins for one server.

    Args:
        name, url: the server's; a login made for another URL does not open.
    """

    def __init__(self, name: str, url: str, logins: Logins) -> None:
        self._name = name
        self._url = url
        self._logins = logins
        self._held: dict[str, Login] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def header(self, principal: Principal, refused: str = "") -> dict[str, str]:
        """The Authorization header of a principal.

        Args:
            refused: the header that the server did not accept, if this is a second attempt.

        Raises:
            Unusable: the principal has to log in.
        """
        async with self._locks.setdefault(principal.name, asyncio.Lock()):
            login = self._held.get(principal.name)
            if login is None or _header(login) == refused:
                login = await asyncio.to_thread(self._read, principal)  # another process may have renewed it
            if _header(login) == refused or (login.expires and login.expires < time.time() + EARLY_SECONDS):
                login = await self._renewed(principal, login)
            self._held[principal.name] = login
            return {"Authorization": _header(login)}

    def _read(self, principal: Principal) -> Login:
        try:
            login = self._logins.get(principal.name, self._name, self._url)
        except ShieldError as error:
            raise Unusable(f"the login for this MCP server cannot be read ({error.code})") from None
        if login is None:
            raise self._wanted(principal)
        return login

    def _wanted(self, principal: Principal) -> Unusable:
        return Unusable(f"the MCP server wants a login: pii-shield login {self._name} --principal {principal.name}")

    async def _renewed(self, principal: Principal, login: Login) -> Login:
        if not login.refresh_token:
            raise self._wanted(principal)
        form = {"grant_type": "refresh_token", "refresh_token": login.refresh_token, "resource": login.resource}
        headers = {"Accept": "application/json"}
        if login.method == "client_secret_basic":
            pair = f"{quote(login.client_id, safe='')}:{quote(login.client_secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = login.client_id
            if login.method == "client_secret_post":
                form["client_secret"] = login.client_secret
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()) as client,
            client.post(login.token_endpoint, data=form, headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise self._wanted(principal)
            try:
                fresh = _taken(login, await answer.json(content_type=None))
            except ValueError:  # no JSON, or no text
                raise self._wanted(principal) from None
        if fresh is None:
            raise self._wanted(principal)
        await asyncio.to_thread(self._logins.put, principal.name, self._name, self._url, fresh)
        return fresh


def _header(login: Login) -> str:
    return f"Bearer {login.access_token}"


def _taken(login: Login, answer: object) -> Login | None:
    """The login with what the token endpoint gave."""
    given: Mapping[str, object] = answer if isinstance(answer, dict) else {}
    access, refresh, lasts = (given.get(key) for key in ("access_token", "refresh_token", "expires_in"))
    if not isinstance(access, str) or not access:
        return None
    return login._replace(
        access_token=access,
        refresh_token=refresh if isinstance(refresh, str) and refresh else login.refresh_token,
        expires=time.time() + float(lasts) if isinstance(lasts, int | float) else 0.0,
    )
