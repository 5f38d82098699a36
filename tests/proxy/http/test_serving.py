"""`pii-shield serve` as a program: who gets in, what it says of itself, how it ends."""

import asyncio
import http.client
import json
import signal
import threading
from pathlib import Path

import pytest
from aiohttp import web
from http_kit import Client, Service, Upstream, events, result_of

MAIL = "jane.miller@acme-corp.com"
PING = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


@pytest.mark.parametrize("token", ["", "wrong", "psh_" + "A" * 43])
def test_nobody_gets_in_without_a_valid_token(service: Service, upstream: Upstream, token: str) -> None:
    stranger = service.client("crm", token)
    for method in ("POST", "GET", "DELETE"):
        with stranger.request(method, PING) as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
    with stranger.request("GET", path="/metrics") as response:
        assert response.status == 401
    assert upstream.requests == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example.com"},
        {"Host": "evil.example.com:8717"},
        {"Host": "127.0.0.1.evil.example.com"},
        {"Origin": "http://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example.com"},
        {"Host": "localhost", "Origin": "file:///page.html"},
        {"Host": "[::1"},
    ],
)
def test_a_page_that_rebinds_its_name_is_refused_before_anything_is_read(
    service: Service, client: Client, upstream: Upstream, headers: dict[str, str]
) -> None:
    with client.request("POST", PING, **headers) as response:
        assert response.status == 403
    with client.request("GET", path="/healthz", **headers) as response:
        assert response.status == 403
    assert upstream.requests == []
    assert service.process.poll() is None


@pytest.mark.parametrize("origin", ["http://localhost:6274", "http://127.0.0.1", "https://[::1]:1"])
def test_pages_of_this_machine_may_ask(client: Client, origin: str) -> None:
    with client.request("POST", PING, Origin=origin) as response:
        assert response.status == 200
        assert not [name for name in response.headers if name.lower().startswith("access-control")]


def test_paths_and_methods_that_are_not_there_say_so(client: Client) -> None:
    for path in ("/", "/servers", "/servers/unknown/mcp", "/servers/crm", "/servers/crm/mcp/x", "/mcp/x"):
        with client.request("POST", PING, path=path) as response:
            assert response.status == 404
    with client.request("PUT", PING) as response:
        assert response.status == 405


def test_health_and_readiness_need_no_token(service: Service) -> None:
    anybody = service.client("crm", "")
    with anybody.request("GET", path="/healthz") as response:
        assert json.loads(response.read()) == {"status": "ok"}
    for _ in range(300):
        with anybody.request("GET", path="/readyz") as response:
            ready = json.loads(response.read())["ready"]
        if ready:
            break
    assert ready
    assert response.status == 200


def test_metrics_name_servers_and_outcomes_and_nothing_else(client: Client, upstream: Upstream) -> None:
    upstream.answer = result_of({"content": [{"type": "text", "text": MAIL}]})
    client.ask("tools/call", {"name": f"tool-{MAIL}", "arguments": {}})
    with client.request("POST", PING, path=f"/servers/{MAIL}/mcp") as response:
        assert response.status == 404
    with client.request("GET", path="/metrics") as response:
        text = response.read().decode()
    assert 'pii_shield_messages_total{server="crm",direction="out",became="changed"}' in text
    assert 'pii_shield_requests_total{server="crm",method="POST",status="200"}' in text
    assert "jane" not in text
    assert "tool-" not in text


def test_a_message_beyond_the_limit_is_refused_and_the_next_one_is_not(client: Client) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=30)
    connection.putrequest("POST", client.path)
    connection.putheader("Authorization", f"Bearer {client.token}")
    connection.putheader("Content-Length", str(65 * 1024 * 1024))
    connection.endheaders()
    try:
        for _ in range(65):
            connection.send(b"x" * 1024 * 1024)
    except (BrokenPipeError, ConnectionResetError):
        pass
    else:
        assert connection.getresponse().status == 413
    connection.close()
    with client.request("POST", PING) as response:
        assert response.status == 200


def test_the_first_token_is_shown_once_and_only_its_hash_is_kept(tmp_path: Path, upstream: Upstream) -> None:
    config = f'[servers.crm]\nurl = "{upstream.url}"\n'
    with Service(tmp_path / "home", config) as first:
        assert first.token.startswith("psh_")
        assert first.client("crm").ask("ping")["result"] == {}
        kept = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert all(first.token.encode() not in path.read_bytes() for path in kept)
        (file,) = [path for path in kept if path.name == "principals.json"]
        assert file.stat().st_mode & 0o777 == 0o600
        assert first.end() == 0
        token = first.token
    with Service(tmp_path / "home", config) as second:
        assert second.token == ""
        assert second.client("crm", token).ask("ping")["result"] == {}


def test_principals_have_scopes_of_their_own(tmp_path: Path, upstream: Upstream) -> None:
    service = Service(tmp_path / "home", f'[servers.crm]\nurl = "{upstream.url}"\n')
    tokens = [service.run("--issue", name, "--scope", name).stdout.strip() for name in ("anna", "bert")]
    upstream.answer = result_of({"content": [{"type": "text", "text": MAIL}]})
    with service:
        anna, bert = (service.client("crm", token) for token in tokens)
        secret = anna.call("look")["result"]["content"][0]["text"]
        assert bert.call("look")["result"]["content"][0]["text"] != secret
        stolen = bert.call("send", to=secret)
        assert stolen["result"]["isError"]
        assert anna.call("send", to=secret)["result"]["content"]
        assert service.run("--revoke", "bert").returncode == 0
        assert service.run("--revoke", "bert").returncode == 1
        assert service.client("crm", tokens[1]).request("POST", PING).status == 401
        assert service.client("crm", tokens[0]).request("POST", PING).status == 200


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (("--host", "0.0.0.0", "--no-auth"), "PS326"),
        (("--host", "0.0.0.0", "--no-auth", "--behind-tls-proxy"), "PS326"),
        (("--host", "0.0.0.0"), "PS327"),
        (("--host", "192.0.2.1", "--behind-tls-proxy"), "PS323"),
        (("--tls-cert", "/nowhere", "--tls-key", "/nowhere"), "PS324"),
    ],
)
def test_an_address_that_would_let_others_in_is_refused(tmp_path: Path, flags: tuple[str, ...], code: str) -> None:
    ended = Service(tmp_path / "home", '[servers.x]\nurl = "http://127.0.0.1:9/"\n').run("--port", "0", *flags)
    assert ended.returncode == 3
    assert code in ended.stderr
    assert "Traceback" not in ended.stderr


def test_beyond_this_machine_there_is_tls(tmp_path: Path, upstream: Upstream) -> None:
    import ssl

    certificate, key = self_signed(tmp_path)
    config = f'[servers.crm]\nurl = "{upstream.url}"\n'
    flags = ("--tls-cert", str(certificate), "--tls-key", str(key))
    with Service(tmp_path / "home", config, *flags) as service:
        context = ssl.create_default_context(cafile=str(certificate))
        connection = http.client.HTTPSConnection("localhost", service.port, context=context, timeout=30)
        connection.request("POST", "/servers/crm/mcp", PING, {"Authorization": f"Bearer {service.token}"})
        assert connection.getresponse().status == 200
        connection.close()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost, and its key."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
    built = built.not_valid_after(now + datetime.timedelta(days=1))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    certificate = built.sign(key, hashes.SHA256())
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return paths


def test_without_auth_the_loopback_is_open_and_still_not_to_pages(tmp_path: Path, upstream: Upstream) -> None:
    with Service(tmp_path / "home", f'[servers.crm]\nurl = "{upstream.url}"\n', "--no-auth") as service:
        anybody = service.client("crm", "")
        assert anybody.ask("ping")["result"] == {}
        assert anybody.request("POST", PING, Origin="http://evil.example.com").status == 403


def test_a_clients_own_file_of_servers_will_do(tmp_path: Path, upstream: Upstream) -> None:
    service = Service(tmp_path / "home", "")
    file = tmp_path / "home" / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {"crm": {"type": "http", "url": upstream.url}}}))
    file.chmod(0o600)
    service.command = lambda *flags: [  # type: ignore[method-assign]
        str(file) if word.endswith("config.toml") else word for word in Service.command(service, *flags)
    ]
    with service:
        assert service.client("crm").ask("ping")["result"] == {}


def test_a_shutdown_lets_calls_finish_and_ends_the_streams_that_would_not(tmp_path: Path, upstream: Upstream) -> None:
    arrived, go_on = threading.Event(), asyncio.Event()

    async def slow(request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        if request.method == "GET":
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            await response.write(b'data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\n')
            await asyncio.sleep(60)
            return response
        arrived.set()
        await go_on.wait()
        return await result_of({"late": True})(request, body)

    upstream.answer = slow
    with Service(tmp_path / "home", f'[servers.crm]\nurl = "{upstream.url}"\n') as service:
        stream = events(service.client("crm").request("GET"))
        next(stream)
        answers: list[object] = []
        call = threading.Thread(target=lambda: answers.append(service.client("crm").ask("ping")))
        call.start()
        assert arrived.wait(10)
        service.process.send_signal(signal.SIGTERM)
        assert list(stream) == []
        upstream.call(go_on.set)
        call.join(10)
        assert answers[0]["result"] == {"late": True}  # type: ignore[index]
        assert service.end() == 0
        assert "Traceback" not in service.stderr
        assert "internal error" not in service.stderr


def test_a_shutdown_leaves_no_process_behind(tmp_path: Path) -> None:
    import os
    import sys

    server = Path(__file__).parent / "stdio_server.py"
    with Service(tmp_path / "home", f'[servers.pipe]\ncommand = ["{sys.executable}", "{server}"]\n') as service:
        client = service.client("pipe")
        client.initialize()
        pid = int(client.call("pid")["result"]["content"][0]["text"])
        assert service.end() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
