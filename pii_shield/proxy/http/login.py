"""`pii-shield login`: a person allows us to speak for them at a server. Discovery, registration and PKCE by the SDK."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from ...errors import ConfigError
from ...logins import Login
from ...upstreams import Upstream

PATIENCE = 300.0
"""Seconds that a person has for it."""
DONE = "pii_shield is logged in. You can close this page."


class _Kept:
    """The SDK's token storage, for the length of one login."""

    def __init__(self, client: Any) -> None:
        self.tokens: Any = None
        self.client = client

    async def get_tokens(self) -> Any:
        return self.tokens

    async def set_tokens(self, tokens: Any) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> Any:
        return self.client

    async def set_client_info(self, client_info: Any) -> None:
        self.client = client_info


def login(upstream: Upstream, show: Callable[[str], None]) -> Login:
    """Log in at a server.

    Args:
        show: gets the address that the person has to open.

    Raises:
        ConfigError: the SDK is not installed, or the login failed.
    """
    try:
        import httpx2
        from mcp.client.auth import OAuthFlowError
    except ModuleNotFoundError as error:
        raise ConfigError(f"login needs the package {error.name}", code="PS325", fix='pip install "mcp>=2.2"') from None
    try:
        return asyncio.run(_login(upstream, show))
    except (OAuthFlowError, httpx2.HTTPError, TimeoutError) as error:
        # The text of these errors may quote what the server said.
        raise ConfigError(f"the login at {upstream.name} failed ({type(error).__name__})", code="PS330") from None


async def _login(upstream: Upstream, show: Callable[[str], None]) -> Login:
    import httpx2
    from mcp.client.auth import OAuthClientProvider
    from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

    answered: asyncio.Future[AuthorizationCodeResult] = asyncio.get_running_loop().create_future()

    async def callback(request: web.BaseRequest) -> web.Response:
        if request.path != "/callback" or "code" not in request.query:
            return web.Response(status=404)
        if not answered.done():
            query = request.query
            answered.set_result(
                AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))
            )
        return web.Response(text=DONE)

    async def open_page(address: str) -> None:
        show(address)

    async def wait() -> AuthorizationCodeResult:
        return await asyncio.wait_for(answered, PATIENCE)

    runner = web.ServerRunner(web.Server(callback, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    back = f"http://127.0.0.1:{runner.addresses[0][1]}/callback"
    said = dict(upstream.oauth or {})
    metadata = OAuthClientMetadata.model_validate(
        {
            "client_name": "pii_shield",
            "redirect_uris": [back],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_post" if said.get("client_secret") else "none",
            **({"scope": said["scope"]} if "scope" in said else {}),
        }
    )
    kept = _Kept(_registered(metadata, said))
    provider = OAuthClientProvider(upstream.url, metadata, kept, open_page, wait)
    try:
        async with httpx2.AsyncClient(auth=provider, headers=dict(upstream.headers), timeout=PATIENCE) as client:
            ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            await client.post(upstream.url, json=ping, headers={"Accept": "application/json, text/event-stream"})
    finally:
        await runner.cleanup()
    return _made(provider.context, kept)


def _registered(metadata: Any, said: dict[str, str]) -> Any:
    """The client that a person registered beforehand, None to register now."""
    from mcp.shared.auth import OAuthClientInformationFull

    if "client_id" not in said:
        return None
    secret = {"client_secret": said["client_secret"]} if "client_secret" in said else {}
    known = {**metadata.model_dump(mode="json", exclude_none=True), "client_id": said["client_id"], **secret}
    return OAuthClientInformationFull.model_validate(known)


def _made(context: Any, kept: _Kept) -> Login:
    tokens, client, metadata = kept.tokens, kept.client, context.oauth_metadata
    if tokens is None or client is None:
        raise ConfigError("the server asked for no login", code="PS330", fix="leave oauth out of its configuration")
    endpoint = (
        str(metadata.token_endpoint) if metadata else context.get_authorization_base_url(context.server_url) + "/token"
    )
    return Login(
        tokens.access_token,
        tokens.refresh_token or "",
        time.time() + tokens.expires_in if tokens.expires_in else 0.0,
        endpoint,
        client.client_id or "",
        client.client_secret or "",
        client.token_endpoint_auth_method or "none",
        context.get_resource_url(),
    )
