"""What the shield costs over HTTP: latency, throughput, big results and memory, against peers in the same run.

    python benchmarks/over_http.py [--calls 200] [--era modern|legacy] [--only small,crowd,big,memory] [--json FILE]

The server is the SDK's, in a process of its own; the client writes plain JSON-RPC. Variants take turns call by call.
Needs the extra "bench", and Linux for CPU and memory.
"""

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from processes import cpu_seconds

HERE = Path(__file__).parent
WARM_UP = 20
CROWD = 200
START_SECONDS = 30
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
OURS = ("shield", "together")
"""One process: the server at /servers/bench/mcp, and all servers (here one) at /mcp."""
Figures = dict[str, dict[str, float]]


class Peer:
    """One endpoint, and the client's way of speaking to it."""

    def __init__(self, http: aiohttp.ClientSession, url: str, era: str) -> None:
        self._http = http
        self._url = url
        self._headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        self._is_modern = era == "modern"
        self._number = 0

    async def open(self) -> None:
        """Open a session, where there are any."""
        if self._is_modern:
            return
        about = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "b", "version": "1"}}
        body = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": about}
        async with self._http.post(self._url, json=body, headers=self._headers) as response:
            await response.read()
            self._headers["Mcp-Session-Id"] = response.headers["Mcp-Session-Id"]
        self._headers["MCP-Protocol-Version"] = "2025-11-25"
        done = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        async with self._http.post(self._url, json=done, headers=self._headers) as response:
            await response.read()

    async def call(self, tool: str, **arguments: Any) -> bytes:
        """Call a tool; the whole response as it came."""
        self._number += 1
        params: dict[str, Any] = {"name": tool, "arguments": arguments}
        headers = self._headers
        if self._is_modern:
            params["_meta"] = META
            headers = {**headers, "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": tool}
        body = {"jsonrpc": "2.0", "id": self._number, "method": "tools/call", "params": params}
        async with self._http.post(self._url, data=json.dumps(body), headers=headers) as response:
            return await response.read()


def check(answer: bytes, variant: str, kind: str) -> None:
    """A fast answer that is not the right one is worth nothing."""
    if b'"error"' in answer or b"shipped" not in answer:
        raise ValueError(f"{variant}: not a result: {answer[:300]!r}")
    if variant in OURS and kind != "neutral" and (b"@mail" in answer or b"[EMAIL_" not in answer):
        raise ValueError(f"{variant}: the answer is not protected")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Processes:
    """The server and what stands in front of it."""

    def __init__(self, stack: ExitStack, folder: Path, variants: list[str]) -> None:
        self.ports = {name: free_port() for name in variants if name != "together"}
        self.variants = variants
        self.pids: dict[str, list[int]] = {}
        url = f"http://127.0.0.1:{self.ports['direct']}/mcp"
        config = folder / "config.toml"
        config.write_text(f'[servers.bench]\nurl = "{url}"\n')
        config.chmod(0o600)
        options = ["--config", str(config), "--vault", str(folder / "vault.db"), "--no-auth", "--port"]
        python = sys.executable
        commands = {
            "direct": [python, str(HERE / "servers" / "sdk_http.py")],
            "shield": [python, "-m", "pii_shield", "serve", *options],
            "fastmcp": [python, str(HERE / "fastmcp_http.py"), url],
        }
        log = stack.enter_context((folder / "log").open("w"))
        for name in self.ports:
            process = subprocess.Popen([*commands[name], str(self.ports[name])], stderr=log, stdout=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            self.pids[name] = [process.pid]
            _wait_for(self.ports[name])
        if "together" in variants:
            self.pids["together"] = self.pids["shield"]

    def url(self, name: str) -> str:
        path = "/servers/bench/mcp" if name == "shield" else "/mcp"
        return f"http://127.0.0.1:{self.ports['shield' if name in OURS else name]}{path}"


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


async def small(peers: dict[str, Peer], pids: dict[str, list[int]], calls: int) -> dict[str, Figures]:
    """1 KB results, one after the other."""
    found: dict[str, Figures] = {}
    for kind in ("neutral", "known", "new"):
        times: dict[str, list[float]] = {name: [] for name in peers}
        for number in range(WARM_UP):
            for name, peer in peers.items():
                check(await peer.call("small", kind=kind, number=1_000_000 + number), name, kind)
        cpu = dict.fromkeys(peers, 0.0)
        for number in range(calls):
            for name, peer in peers.items():
                begin, before = time.perf_counter(), cpu_seconds(pids[name])
                answer = await peer.call("small", kind=kind, number=number)
                times[name].append((time.perf_counter() - begin) * 1000)
                cpu[name] += cpu_seconds(pids[name]) - before
                check(answer, name, kind)
        found[f"small {kind}"] = {
            name: {
                "p50": statistics.median(series),
                "p99": sorted(series)[int(len(series) * 0.99)],
                "own cpu": cpu[name] * 1000 / calls,
            }
            for name, series in times.items()
        }
    return found


async def crowd(peers: dict[str, Peer], calls: int) -> dict[str, Figures]:
    """CROWD calls under way at a time."""
    found: Figures = {}
    for name, peer in peers.items():
        total = max(CROWD, calls if name != "fastmcp" else CROWD)
        left = iter(range(total))

        async def work(peer: Peer = peer, left: Any = left, name: str = name) -> None:
            for number in left:
                check(await peer.call("small", kind="known", number=number), name, "known")

        begin = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(CROWD)))
        found[name] = {"calls/s": total / (time.perf_counter() - begin)}
    return {f"{CROWD} at a time": found}


async def big(peers: dict[str, Peer], pids: dict[str, list[int]], rounds: int = 5) -> dict[str, Figures]:
    """10 MB without a finding: the fastest of some; `cpu` is the server's and, behind the shield, ours."""
    found: Figures = {name: {"wall": float("inf"), "cpu": float("inf")} for name in peers}
    await next(iter(peers.values())).call("big", kind="neutral", number=0, prepare=True)
    for _ in range(rounds):
        for name, peer in peers.items():
            involved = {*pids["direct"], *pids[name]}
            begin, before = time.perf_counter(), cpu_seconds(involved)
            answer = await peer.call("big", kind="neutral", number=0)
            took = {"wall": time.perf_counter() - begin, "cpu": cpu_seconds(involved) - before}
            if len(answer) < 9_000_000:
                raise ValueError(f"{name}: not the whole answer")
            found[name] = {key: min(found[name][key], seconds * 1000) for key, seconds in took.items()}
    return {"10 MB, no finding": found}


def rss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


async def memory(peers: dict[str, Peer], pid: int, calls: int) -> dict[str, Figures]:
    """Memory after a tenth of the calls, and after all; and what a thousand calls more take."""
    found: dict[str, Figures] = {}
    for name in (name for name in OURS if name in peers):
        marks: list[float] = []
        for part in (calls // 10, calls - calls // 10):
            left = iter(range(part))

            async def work(peer: Peer = peers[name], left: Any = left) -> None:
                for number in left:
                    await peer.call("small", kind="known", number=number)

            await asyncio.gather(*(work() for _ in range(8)))
            marks.append(rss_mb(pid))
        slope = (marks[1] - marks[0]) / (0.9 * calls / 1000)
        row = {"early MB": marks[0], "late MB": marks[1], "MB/1000": slope}
        found[f"memory over {calls} calls to {name}"] = {name: row}
    return found


@asynccontextmanager
async def opened(processes: Processes, era: str) -> AsyncIterator[dict[str, Peer]]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=120)) as http:
        peers = {name: Peer(http, processes.url(name), era) for name in processes.variants}
        for peer in peers.values():
            await peer.open()
        yield peers


async def measure(args: argparse.Namespace) -> dict[str, Figures]:
    """The sections that were asked for."""
    found: dict[str, Figures] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        variants = [name for name in ("direct", *OURS, "fastmcp") if name not in args.without.split(",")]
        processes = Processes(stack, folder, variants)
        async with opened(processes, args.era) as peers:
            sections: dict[str, Callable[[], Awaitable[dict[str, Figures]]]] = {
                "small": lambda: small(peers, processes.pids, args.calls),
                "crowd": lambda: crowd(peers, args.calls * 5),
                "big": lambda: big({name: peer for name, peer in peers.items() if name != "fastmcp"}, processes.pids),
                "memory": lambda: memory(peers, processes.pids["shield"][0], args.memory_calls),
            }
            for name in args.only.split(","):
                found |= await sections[name]()
    return found


def report(figures: dict[str, Figures]) -> None:
    """Tables, and whether each limit holds."""
    for title, rows in figures.items():
        print(f"\n{title}")
        for name, row in rows.items():
            print(f"  {name:10}" + "".join(f"{key:>12} {value:10.2f}" for key, value in row.items()))
    print("\nlimits")
    for what, measured, limit in limits(figures):
        print(f"{'ok  ' if measured <= limit else 'OVER'} {what:50} {measured:8.3f}  limit {limit:.3f}")


def limits(figures: dict[str, Figures]) -> list[tuple[str, float, float]]:
    """(what, measured, limit) of those that this run has figures for."""
    found: list[tuple[str, float, float]] = []
    for title, rows in figures.items():
        for name in (name for name in OURS if name in rows):
            own, others = rows[name], {other: row for other, row in rows.items() if other not in OURS}
            if title.startswith("small ") and title != "small new":
                limit = {"direct": 3.0, "fastmcp": 0.1}
                found += [
                    (f"{title}, p50: {name} / {o}", own["p50"] / row["p50"], limit[o]) for o, row in others.items()
                ]
            if title.startswith(str(CROWD)):
                found.append((f"{title}: direct / {name}", others["direct"]["calls/s"] / own["calls/s"], 3))
            if title.startswith("10 MB"):
                found += [(f"{title}, {key}: {name} / direct", own[key] / others["direct"][key], 5) for key in own]
            if title.startswith("memory"):
                found.append((f"{title}: late / early", own["late MB"] / own["early MB"], 1.1))
    return found


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=200, help="small calls per kind and variant")
    parser.add_argument("--memory-calls", type=int, default=100_000)
    parser.add_argument("--era", choices=("modern", "legacy"), default="modern")
    parser.add_argument("--only", default="small,crowd,big", help="sections, comma-separated")
    parser.add_argument("--without", default="", help="variants to leave out, comma-separated")
    parser.add_argument("--json", type=Path, help="file for the figures")
    args = parser.parse_args()
    figures = asyncio.run(measure(args))
    report(figures)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
