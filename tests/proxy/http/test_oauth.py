"""Servers that want OAuth: a person logs in once, `serve` speaks for them, and no client sees the server's tokens."""

import base64
import hashlib
import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from http_kit import PATIENCE, Service, Upstream, result_of


class Authority:
    """An authorization server and the MCP server that trusts it, in one. Grants everything, remembers everything."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.base = upstream.url.removesuffix("/mcp")
        self.valid: set[str] = set()
        self.grants: list[dict[str, str]] = []
        self.seen: list[str] = []
        self.refuses_refresh: bool | str = False
        self._challenge = ""
        upstream.answer = self.answer

    async def answer(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        path = request.path
        if path.startswith("/.well-known/oauth-protected-resource"):
            return web.json_response({"resource": self.upstream.url, "authorization_servers": [self.base]})
        if path.startswith("/.well-known/"):
            return web.json_response(self.metadata())
        if path == "/register":
            return web.json_response({**json.loads(body), "client_id": "registered"}, status=201)
        if path == "/authorize":
            self._challenge = request.query["code_challenge"]
            state = urllib.parse.quote(request.query["state"])
            return web.Response(
                status=302, headers={"Location": f"{request.query['redirect_uri']}?code=c&state={state}"}
            )
        if path == "/token":
            return self.token(dict(urllib.parse.parse_qsl(body.decode())))
        return await self.resource(request, body)

    def metadata(self) -> dict[str, object]:
        return {
            "issuer": self.base,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "registration_endpoint": f"{self.base}/register",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
        }

    def token(self, form: dict[str, str]) -> web.Response:
        self.grants.append(form)
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self._challenge
        elif self.refuses_refresh == "babble":
            return web.Response(text="<p>one moment", content_type="application/json")
        elif self.refuses_refresh:
            return web.json_response({"error": "invalid_grant"}, status=400)
        token = f"access-{len(self.grants)}"
        self.valid = {token}
        lasts = {"expires_in": 3600, "refresh_token": f"refresh-{len(self.grants)}", "token_type": "Bearer"}
        return web.json_response({"access_token": token, **lasts})

    async def resource(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.seen.append(token)
        if token not in self.valid:
            where = f'Bearer resource_metadata="{self.base}/.well-known/oauth-protected-resource/mcp"'
            return web.Response(status=401, headers={"WWW-Authenticate": where})
        return await result_of({"ok": True})(request, body)


@pytest.fixture
def authority(upstream: Upstream) -> Authority:
    return Authority(upstream)


@pytest.fixture
def service(tmp_path: Path, upstream: Upstream) -> Iterator[Service]:
    config = f'[servers.crm]\nurl = "{upstream.url}"\noauth = true\n[servers.plain]\nurl = "{upstream.url}"\n'
    with Service(tmp_path / "home", config) as running:
        yield running


def log_in(service: Service, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run the command, and be the person's browser."""
    words = service.command()
    files = words[words.index("--config") :]
    command = [*words[: words.index("serve")], "login", "crm", *files, "--no-browser", *flags]
    process = subprocess.Popen(
        command, env=service.environ(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stderr
    said = []
    for line in process.stderr:
        said.append(line)
        found = re.search(r"http://\S+", line)
        if found:
            with urllib.request.urlopen(found[0], timeout=PATIENCE) as page:
                assert b"logged in" in page.read()
            break
    out, err = process.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess(command, process.returncode, out, "".join(said) + err)


def test_a_call_without_a_login_says_how_to_log_in_and_starts_no_oauth_at_the_client(
    service: Service, authority: Authority
) -> None:
    answer = service.client("crm").ask("ping")
    assert "pii-shield login crm --principal local" in answer["error"]["message"]
    assert authority.seen == []


def test_after_a_login_calls_carry_our_token_and_nobody_else_sees_it(
    service: Service, authority: Authority, tmp_path: Path
) -> None:
    done = log_in(service)
    assert done.returncode == 0, done.stderr
    client = service.client("crm")
    assert client.ask("ping")["result"] == {"ok": True}
    assert authority.seen[-1] == "access-1"
    assert service.token not in authority.seen
    everything = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for secret in (b"access-1", b"refresh-1"):
        assert not any(secret in data for data in everything)
    assert "access-1" not in service.stderr + done.stdout + done.stderr


def test_a_login_is_for_its_principal_and_its_server(service: Service, authority: Authority) -> None:
    assert log_in(service, "--principal", "anna").returncode == 0
    assert "login" in service.client("crm").ask("ping")["error"]["message"]
    service.client("plain").ask("ping")
    assert authority.seen[-1] == ""


def test_a_token_that_is_refused_is_renewed_once_and_the_call_repeated(service: Service, authority: Authority) -> None:
    log_in(service)
    client = service.client("crm")
    client.ask("ping")
    authority.valid = set()
    assert client.ask("ping")["result"] == {"ok": True}
    assert authority.grants[-1]["grant_type"] == "refresh_token"
    assert authority.grants[-1]["refresh_token"] == "refresh-1"
    assert authority.grants[-1]["resource"] == authority.upstream.url
    assert client.ask("ping")["result"] == {"ok": True}
    assert len(authority.grants) == 2


@pytest.mark.parametrize("refuses", [True, "babble"])
def test_a_login_that_has_ended_asks_for_a_new_one(service: Service, authority: Authority, refuses: bool | str) -> None:
    log_in(service)
    authority.valid, authority.refuses_refresh = set(), refuses
    answer = service.client("crm").ask("ping")
    assert "pii-shield login" in answer["error"]["message"]
    authority.refuses_refresh = False
    log_in(service)
    assert service.client("crm").ask("ping")["result"] == {"ok": True}


def test_a_forgotten_login_and_an_edited_file_do_not_open(
    service: Service, authority: Authority, tmp_path: Path
) -> None:
    log_in(service, "--principal", "anna")
    (file,) = tmp_path.rglob("logins.json")
    rows = json.loads(file.read_text())["logins"]
    file.write_text(json.dumps({"logins": {"local crm": rows["anna crm"]}}))  # anna's login under another name
    answer = service.client("crm").ask("ping")
    assert "cannot be read" in answer["error"]["message"]
    log_in(service)
    assert log_in(service, "--forget").returncode == 0
    assert json.loads(file.read_text())["logins"] == {}
