"""A syslog daemon that people run, where there is one: what we send is what it understood."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing as closed
from pathlib import Path
from typing import NamedTuple

import pytest

from pii_shield.audit.read import DatabaseSource, line_of, parsed
from pii_shield.audit.ship import once
from pii_shield.audit.ship.target import Target

from ..kit import db, fill
from .kit import Certificates, certificates, made

RSYSLOGD = shutil.which("rsyslogd", path="/usr/sbin:/usr/bin:/sbin:/bin")
TLS_DRIVER = next(Path("/usr/lib").glob("*/rsyslog/lmnsd_ossl.so"), None)
pytestmark = pytest.mark.skipif(RSYSLOGD is None, reason="no rsyslogd here")
FIELDS = "pri-text hostname app-name procid msgid structured-data msg".split()


class Daemon(NamedTuple):
    tcp: int
    udp: int
    tls: int
    certs: Certificates
    out: Path

    def rows(self, count: int) -> list[dict[str, str]]:
        """What it wrote, once that is so many lines."""
        deadline = time.monotonic() + 20
        while True:
            lines = self.out.read_text().splitlines() if self.out.exists() else []
            if len(lines) >= count or time.monotonic() > deadline:
                return [json.loads(line) for line in lines]
            time.sleep(0.05)


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    certs = certificates(tmp_path)
    made = Daemon(free_port(), free_port(socket.SOCK_DGRAM), free_port(), certs, tmp_path / "out.json")
    fields = " ".join(f'property(name="{name}" outname="{name}" format="jsonf")constant(value=",")' for name in FIELDS)
    tls = f"""
        input(type="imtcp" address="127.0.0.1" port="{made.tls}" StreamDriver.Name="ossl" StreamDriver.Mode="1"
              StreamDriver.AuthMode="anon" StreamDriver.CAFile="{certs.ca}" StreamDriver.CertFile="{certs.cert}"
              StreamDriver.KeyFile="{certs.key}")"""
    (tmp_path / "rsyslog.conf").write_text(f"""
        global(workDirectory="{tmp_path}" maxMessageSize="256k"
               DefaultNetstreamDriverCAFile="{certs.ca}" DefaultNetstreamDriverCertFile="{certs.cert}"
               DefaultNetstreamDriverKeyFile="{certs.key}")
        module(load="imtcp") module(load="imudp")
        input(type="imtcp" address="127.0.0.1" port="{made.tcp}")
        input(type="imudp" address="127.0.0.1" port="{made.udp}")
        {tls if TLS_DRIVER else ""}
        template(name="json" type="list") {{
            constant(value="{{") {fields} constant(value="\\"end\\":1}}\\n") }}
        action(type="omfile" file="{made.out}" template="json")
    """)
    command = [str(RSYSLOGD), "-n", "-f", str(tmp_path / "rsyslog.conf"), "-i", str(tmp_path / "pid")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            wait_for(made.tcp, process)
            yield made
        finally:
            process.terminate()
            process.communicate(timeout=20)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert process.poll() is None, process.communicate()[0].decode()
            assert time.monotonic() < deadline
            time.sleep(0.05)


def check(directory: Path, daemon: Daemon, target: Target) -> None:
    with closed(DatabaseSource(db(directory))) as log:
        rows = list(log.raw())
    assert once.ship(db(directory), target, 0.0) == ""
    said = [line for line in daemon.rows(len(rows)) if line["app-name"] == "pii-shield"]
    assert [line["msg"].strip() for line in said] == [line_of(row).decode() for row in rows]
    assert [line["msgid"] for line in said] == [parsed(row)["type"] for row in rows]
    assert {line["procid"] for line in said} == {parsed(row)["writer"] for row in rows}
    assert {line["pri-text"].partition(".")[2] for line in said} == {"info"}
    for line, row in zip(said, rows, strict=True):
        assert f'[pii_shield@32473 seq="{row[0]}" head="{row[2].hex()}"' in line["structured-data"]


@pytest.mark.parametrize("scheme", ["syslog", "syslog+udp", "syslog+tls"])
def test_rsyslog_understands_every_row(tmp_path: Path, daemon: Daemon, scheme: str) -> None:
    if scheme == "syslog+tls" and TLS_DRIVER is None:
        pytest.skip("this rsyslogd has no TLS")
    fill(tmp_path, 60)  # what a receiver's buffer holds: more datagrams may be lost, that is what UDP is
    port = {"syslog": daemon.tcp, "syslog+udp": daemon.udp, "syslog+tls": daemon.tls}[scheme]
    more = {"ca": str(daemon.certs.ca)} if scheme == "syslog+tls" else {}
    check(tmp_path, daemon, made(f"{scheme}://127.0.0.1:{port}", **more))


def test_rsyslog_that_goes_away_and_comes_back_has_every_row(tmp_path: Path, daemon: Daemon) -> None:
    fill(tmp_path, 100)
    nobody = made(f"syslog://127.0.0.1:{free_port()}")
    assert once.ship(db(tmp_path), nobody, 0.0) == "Connection refused"
    check(tmp_path, daemon, nobody._replace(address=nobody.address._replace(port=daemon.tcp)))
