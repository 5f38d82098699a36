"""What the shield costs: latency, CPU, memory and start-up, against peers measured in the same run.

    python benchmarks/latency.py [--calls 300] [--only start,plain,sdk,big] [--json FILE]

Variants take turns call by call, so that a machine that gets slower gets slower for all. Limits are ratios. Needs the
extra "bench", and Linux for CPU and memory. Prints a table; `--json` writes the figures behind it.
"""

import argparse
import asyncio
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from plain_client import PlainClient
from processes import children, cpu_seconds, peak_rss_mb, tree
from report import Figures, tables, verdicts

HERE = Path(__file__).parent
KINDS = ("neutral", "known", "new")
STARTS = 7
WARM_UP = 20


class Variants:
    """How each peer puts itself in front of a server. The shield's vault and configuration live in `folder`."""

    def __init__(self, folder: Path, without: set[str]) -> None:
        self._without = without
        python = sys.executable
        config = folder / "config.toml"
        config.write_text("")
        config.chmod(0o600)
        shield = [python, "-m", "pii_shield", "run", "--config", str(config), "--vault", str(folder / "vault.db")]
        self.prefix: dict[str, list[str]] = {
            "direct": [],
            "pipe": [python, str(HERE / "pipe.py")],
            "shield": [*shield, "--name", "bench", "--"],
            "fastmcp": [python, str(HERE / "fastmcp_proxy.py")],
        }

    def of(self, *names: str) -> list[str]:
        """Those of the named variants that this run measures."""
        return [name for name in names if name not in self._without]

    def command(self, variant: str, server: str) -> list[str]:
        """The whole command line of a variant in front of one of benchmarks/servers."""
        return [*self.prefix[variant], sys.executable, str(HERE / "servers" / f"{server}.py")]


# --- start-up


def bare_python() -> float:
    """CPU milliseconds of a Python that does nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def first_byte(command: list[str]) -> float:
    """CPU milliseconds the proxy had used when the server read its first byte."""
    with tempfile.TemporaryDirectory() as folder, PlainClient([*command, f"{folder}/cpu"]) as client:
        client.open()
        return float(Path(folder, "cpu").read_text()) * 1000


def first_answer(command: list[str]) -> tuple[float, float]:
    """CPU and wall milliseconds, server and proxy, until the client read the answer to `initialize`."""
    begin = time.perf_counter()
    with PlainClient(command) as client:
        client.open()
        return cpu_seconds(tree(client.pid)) * 1000, (time.perf_counter() - begin) * 1000


def measure_start(variants: Variants) -> Figures:
    """Medians over STARTS interleaved starts."""
    rows: dict[str, list[dict[str, float]]] = {}
    for _ in range(STARTS):
        rows.setdefault("bare python", []).append({"first byte cpu": bare_python()})
        for variant in variants.of("pipe", "shield"):
            rows.setdefault(variant, []).append({"first byte cpu": first_byte(variants.command(variant, "first_byte"))})
        for server in ("plain", "sdk"):
            for variant in variants.of("direct", "pipe", "shield", "fastmcp"):
                cpu, wall = first_answer(variants.command(variant, server))
                rows.setdefault(f"{variant}, {server}", []).append({"answer cpu": cpu, "answer wall": wall})
    return {
        name: {key: statistics.median(row[key] for row in found) for key in found[0]} for name, found in rows.items()
    }


# --- small calls


def summary(milliseconds: list[float], cpu: float) -> dict[str, float]:
    """p50, p99 and CPU of a series of calls."""
    ordered = sorted(milliseconds)
    return {
        "p50": statistics.median(ordered),
        "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        "cpu": cpu * 1000 / len(ordered),
    }


@contextmanager
def cpu_of(pids: dict[str, list[int]], into: dict[str, float]) -> Iterator[None]:
    """CPU seconds that each variant's processes use inside the block."""
    before = {name: cpu_seconds(group) for name, group in pids.items()}
    yield
    into.update({name: cpu_seconds(group) - before[name] for name, group in pids.items()})


def measure_plain(variants: Variants, calls: int) -> dict[str, Figures]:
    """1 KB calls on the standard-library server with the standard-library client."""
    found: dict[str, Figures] = {}
    with ExitStack() as stack:
        clients = {
            name: stack.enter_context(PlainClient(variants.command(name, "plain")))
            for name in variants.of("direct", "pipe", "shield")
        }
        for client in clients.values():
            client.open()
        pids = {name: tree(client.pid) for name, client in clients.items()}
        for kind in KINDS:
            times: dict[str, list[float]] = {name: [] for name in clients}
            cpu: dict[str, float] = {}
            for number in range(WARM_UP):
                for client in clients.values():
                    check(client.call("small", kind=kind, number=1_000_000 + number), "", kind)
            with cpu_of(pids, cpu):
                for number in range(calls):
                    for name, client in clients.items():
                        begin = time.perf_counter()
                        answer = client.call("small", kind=kind, number=number)
                        times[name].append((time.perf_counter() - begin) * 1000)
                        check(answer, name, kind)
            found[kind] = {name: summary(times[name], cpu[name]) for name in clients}
    return found


def check(answer: bytes, variant: str, kind: str) -> None:
    """A fast answer that is not the right one is worth nothing."""
    if b'"error"' in answer or b"shipped" not in answer:
        raise ValueError(f"{variant}: not a result: {answer[:300]!r}")
    if variant == "shield" and kind != "neutral" and (b"@mail" in answer or b"[EMAIL_" not in answer):
        raise ValueError(f"{variant}: the answer is not protected")


async def measure_sdk(variants: Variants, calls: int, mode: str) -> dict[str, Figures]:
    """1 KB calls on the SDK's server with the SDK's client; the client's own work is in the times."""
    found: dict[str, Figures] = {}
    async with AsyncExitStack() as stack:
        clients, pids = await sdk_clients(stack, variants, mode)
        for kind in KINDS:
            times: dict[str, list[float]] = {name: [] for name in clients}
            cpu: dict[str, float] = {}
            for number in range(WARM_UP):
                for client in clients.values():
                    await client.call_tool("small", {"kind": kind, "number": 1_000_000 + number})
            with cpu_of(pids, cpu):
                for number in range(calls):
                    for name, client in clients.items():
                        begin = time.perf_counter()
                        result = await client.call_tool("small", {"kind": kind, "number": number})
                        times[name].append((time.perf_counter() - begin) * 1000)
                        check(result.content[0].text.encode(), name, kind)
            found[kind] = {name: summary(times[name], cpu[name]) for name in clients}
        found["big known"] = await sdk_big(clients)
    return found


async def sdk_clients(
    stack: AsyncExitStack, variants: Variants, mode: str
) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """One open connection per variant, and the processes behind each."""
    import os

    from mcp.client.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    log = stack.enter_context(open(os.devnull, "w"))  # noqa: PTH123, SIM115
    clients: dict[str, Any] = {}
    pids: dict[str, list[int]] = {}
    for name in variants.of("direct", "shield", "fastmcp"):
        program, *args = variants.command(name, "sdk")
        before = set(children(os.getpid()))
        transport = stdio_client(StdioServerParameters(command=program, args=args, env=dict(os.environ)), errlog=log)
        clients[name] = await stack.enter_async_context(Client(transport, mode=mode))
        await clients[name].call_tool("small", {"kind": "neutral", "number": 0})
        (pid,) = set(children(os.getpid())) - before
        pids[name] = tree(pid)
    return clients, pids


async def sdk_big(clients: dict[str, Any]) -> Figures:
    """One 10 MB result each; the fastest of three."""
    found: Figures = {}
    for client in clients.values():
        await client.call_tool("big", {"kind": "known", "number": 0, "prepare": True})
    for _ in range(3):
        for name, client in clients.items():
            begin = time.perf_counter()
            await client.call_tool("big", {"kind": "known", "number": 0})
            wall = (time.perf_counter() - begin) * 1000
            found[name] = {"wall": min(wall, found.get(name, {}).get("wall", wall))}
    return found


# --- big results


def measure_big(variants: Variants) -> dict[str, Figures]:
    """10 MB with 60,000 values: how long, how much memory, and how long other calls take meanwhile."""
    found: dict[str, Figures] = {}
    for kind, number in (("neutral", 0), ("new", 1), ("known", 1)):
        found[kind] = {}
        for name in variants.of("direct", "pipe", "shield"):
            with PlainClient(variants.command(name, "plain")) as client:
                client.open()
                client.call("small", kind="known", number=0)
                arguments = {"kind": "neutral" if kind == "neutral" else "new", "number": number}
                client.call("big", **arguments, prepare=True)
                before = cpu_seconds([client.pid])
                wall, beside = client.call_beside("big", "small", **arguments)
                found[kind][name] = {
                    "wall": wall * 1000,
                    "cpu": (cpu_seconds([client.pid]) - before) * 1000,
                    "others p50": statistics.median(beside) * 1000,
                    "others max": max(beside) * 1000,
                    "peak MB": peak_rss_mb(client.pid),
                }
    return found


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=300, help="small calls per kind and variant")
    parser.add_argument("--only", default="start,plain,sdk,big", help="sections, comma-separated")
    parser.add_argument("--mode", default="auto", help='era for the SDK: "auto" (newest) or "legacy"')
    parser.add_argument("--without", default="", help="variants to leave out, comma-separated")
    parser.add_argument("--json", type=Path, help="file for the figures")
    args = parser.parse_args()
    figures: dict[str, Any] = {"machine": {"python": platform.python_version(), "system": platform.system()}}
    with tempfile.TemporaryDirectory() as folder:
        variants = Variants(Path(folder), set(args.without.split(",")))
        sections: dict[str, Callable[[], Any]] = {
            "start": lambda: measure_start(variants),
            "plain": lambda: measure_plain(variants, args.calls),
            "sdk": lambda: asyncio.run(measure_sdk(variants, args.calls, args.mode)),
            "big": lambda: measure_big(variants),
        }
        for name in args.only.split(","):
            figures[name] = sections[name]()
    print(tables(figures))
    if variants.of("shield"):
        print(verdicts(figures))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
