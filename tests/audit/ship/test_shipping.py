"""The log on its way to receivers: every row, in order, at least once, whoever dies; and never in a message's way."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing as closed
from pathlib import Path

import pytest

from pii_shield.audit import retention
from pii_shield.audit.log import Pace as LogPace
from pii_shield.audit.read import DatabaseSource
from pii_shield.audit.retention import DAY
from pii_shield.audit.ship import cursor, lane, once, shipper
from pii_shield.audit.ship.lag import Lag, lags
from pii_shield.audit.ship.lane import Pace, Shipping, patience
from pii_shield.audit.ship.shipped import ShippedLog
from pii_shield.audit.ship.shipper import Shipper
from pii_shield.audit.ship.target import Target
from pii_shield.audit.ship.undelivered import Undelivered
from pii_shield.errors import VaultError

from ..kit import SEED, Clock, db, fill, open_log, release
from .kit import Collector, Stream, closing, made, status

MEMBER = Path(__file__).with_name("member.py")
QUICK = Pace(look=0.02, turn=0.05, first=0.02, longest=0.1, rest=0.0)


@pytest.fixture
def collector() -> Iterator[Collector]:
    receiver = Collector()
    with closing(receiver):
        yield receiver


@pytest.fixture
def stream() -> Iterator[Stream]:
    receiver = Stream()
    with closing(receiver):
        yield receiver


def http(collector: Collector, **more: object) -> Target:
    return made(f"http://127.0.0.1:{collector.port}/", **more)


def ship(directory: Path, target: Target, seconds: float = 0.0, **more: int) -> str:
    return once.ship(db(directory), target, seconds, **more)


def last(directory: Path) -> int:
    with closed(DatabaseSource(db(directory))) as log:
        return log.start.size + log.size()


def lag(directory: Path, target: Target) -> Lag:
    return lags(db(directory), [target], time.time)[0]


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def seqs(collector: Collector) -> list[int]:
    return [row["seq"] for row in collector.rows]


def test_all_rows_arrive_once_and_in_order_and_the_next_time_only_new_ones(
    tmp_path: Path, collector: Collector
) -> None:
    fill(tmp_path, 60)
    target = http(collector, rows=7)
    assert ship(tmp_path, target) == ""
    count = last(tmp_path)
    assert seqs(collector) == list(range(1, count + 1))
    assert max(len(call.rows) for call in collector.calls) == 7
    with closed(DatabaseSource(db(tmp_path))) as log:
        assert [row["head"] for row in collector.rows] == [row[2].hex() for row in log.raw()]
    assert ship(tmp_path, target) == ""
    fill(tmp_path, 3, seed=2)
    assert ship(tmp_path, target) == ""
    assert seqs(collector) == list(range(1, last(tmp_path) + 1))
    assert lag(tmp_path, target)[2:] == (last(tmp_path), last(tmp_path), 0.0, "", "")


def test_what_was_shipped_as_jsonl_is_a_log_that_verifies(tmp_path: Path, collector: Collector) -> None:
    from pii_shield.audit import read
    from pii_shield.audit.examine import examine

    fill(tmp_path, 60)
    ship(tmp_path, http(collector))
    (tmp_path / "siem.jsonl").write_bytes(b"".join(call.body for call in collector.calls))
    verdict = examine(read.source(tmp_path / "siem.jsonl"), [], [(tmp_path / "away" / "checkpoints").read_text()])
    assert verdict.is_sound and verdict.covered == last(tmp_path)


def test_ocsf(tmp_path: Path, collector: Collector, stream: Stream) -> None:
    import json

    fill(tmp_path, 10)
    ship(tmp_path, http(collector, format="ocsf"))
    assert {row["class_uid"] for row in collector.rows} == {2006, 6003}
    assert [row["metadata"]["sequence"] for row in collector.rows] == list(range(1, last(tmp_path) + 1))
    ship(tmp_path, made(f"syslog://127.0.0.1:{stream.port}", format="ocsf")._replace(name="other"))
    assert [json.loads(said.text)["metadata"]["sequence"] for said in stream.messages] == [
        said.seq for said in stream.messages
    ]


@pytest.mark.parametrize("bad", [status(500), status(429, Retry_After="0"), status(403), status(302, Location="/x")])
def test_what_is_refused_is_kept_and_comes_again(tmp_path: Path, collector: Collector, bad) -> None:
    fill(tmp_path, 10)
    target = http(collector)
    collector.script = [bad]
    assert ship(tmp_path, target).startswith("it answers HTTP")
    behind = lag(tmp_path, target)
    assert (behind.sent, behind.rows) == (0, last(tmp_path))
    assert behind.problem.startswith("it answers HTTP") and behind.since
    collector.calls.clear()
    collector.script = [bad, status(200)]
    assert ship(tmp_path, target, 30) == ""
    first, second = collector.calls
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert lag(tmp_path, target).problem == ""


def test_a_batch_that_is_too_big_is_halved(tmp_path: Path, collector: Collector) -> None:
    def small_only(handler, call) -> None:
        status(413 if len(call.rows) > 3 else 200)(handler, call)
        if len(call.rows) <= 3:
            collector.taken.append(call)

    fill(tmp_path, 20)
    collector.script = [small_only]
    assert ship(tmp_path, http(collector)) == ""
    assert [row["seq"] for call in collector.taken for row in call.rows] == list(range(1, last(tmp_path) + 1))


def test_a_row_that_is_never_taken_is_never_left_out(tmp_path: Path, collector: Collector) -> None:
    def picky(handler, call) -> None:
        status(400 if any(row["seq"] == 5 for row in call.rows) else 200)(handler, call)

    fill(tmp_path, 10)
    collector.script = [picky]
    assert ship(tmp_path, http(collector)) == "it answers HTTP 400"
    assert lag(tmp_path, http(collector)).sent == 4


def test_rows_can_be_sent_again(tmp_path: Path, collector: Collector) -> None:
    fill(tmp_path, 10)
    ship(tmp_path, http(collector))
    collector.calls.clear()
    ship(tmp_path, http(collector), again_from=9)
    assert seqs(collector) == list(range(9, last(tmp_path) + 1))
    collector.calls.clear()
    ship(tmp_path, http(collector), again_from=1)
    assert seqs(collector) == list(range(1, last(tmp_path) + 1))


def test_another_log_in_the_same_place_is_shipped_from_its_start(tmp_path: Path, collector: Collector) -> None:
    fill(tmp_path / "a", 30)
    fill(tmp_path / "b", 40, seed=2)
    ship(tmp_path / "a", http(collector))
    with closed(sqlite3.connect(db(tmp_path / "a"))) as old, closed(sqlite3.connect(db(tmp_path / "b"))) as new:
        mark = old.execute("SELECT name, value FROM audit_mark WHERE name = 'shipped to siem'").fetchone()
        with new:
            new.execute("INSERT INTO audit_mark VALUES (?, ?)", mark)
    collector.calls.clear()
    ship(tmp_path / "b", http(collector))
    assert seqs(collector) == list(range(1, last(tmp_path / "b") + 1))


def test_a_cursor_that_cannot_be_moved_sends_nothing_twice_from_one_process(
    tmp_path: Path, collector: Collector
) -> None:
    fill(tmp_path, 20)
    blocker = sqlite3.connect(db(tmp_path), isolation_level=None)
    blocker.execute("CREATE TRIGGER full BEFORE INSERT ON audit_mark BEGIN SELECT raise(ABORT, 'no'); END")
    shipping = Shipping(db(tmp_path), [http(collector, rows=5)], time.time, QUICK)
    shipping.start()
    until(lambda: len(seqs(collector)) >= last(tmp_path))
    time.sleep(0.2)
    assert lag(tmp_path, http(collector)).sent == 0
    blocker.execute("DROP TRIGGER full")
    blocker.close()
    shipping.close()
    assert seqs(collector) == list(range(1, last(tmp_path) + 1))


def test_a_row_that_no_datagram_holds_goes_with_its_fields(tmp_path: Path) -> None:
    import socket

    from .kit import parse

    log = open_log(tmp_path)
    items = [release()["items"][0] for _ in range(200)]  # type: ignore[index]
    log.commit("release", **{**release(), "items": items})
    log.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        assert ship(tmp_path, made(f"syslog+udp://127.0.0.1:{server.getsockname()[1]}")) == ""
        said = [parse(server.recv(65536)) for _ in range(last(tmp_path))]
    big = next(one for one in said if one.id == "release")
    assert (big.text, big.ours["cut"], big.ours["types"]) == ("", "1", "EMAIL")
    assert all(one.text for one in said if one is not big)


def log_of(directory: Path, *targets: Target, pace: Pace = QUICK) -> ShippedLog:
    shipping = Shipping(db(directory), targets, time.time, pace)
    return ShippedLog(db(directory), lambda: SEED, os.urandom, [], shipping)


def test_no_thread_before_the_first_row_and_none_without_receivers(tmp_path: Path, collector: Collector) -> None:
    log = log_of(tmp_path, http(collector))
    names = {thread.name for thread in threading.enumerate()}
    assert "ship-siem" not in names
    log.commit("release", **release())
    assert "ship-siem" in {thread.name for thread in threading.enumerate()}
    until(lambda: seqs(collector) == [1, 2])
    log.close()
    until(lambda: "ship-siem" not in {thread.name for thread in threading.enumerate()})


def test_rows_leave_while_the_process_lives(tmp_path: Path, collector: Collector) -> None:
    log = log_of(tmp_path, http(collector))
    for number in range(20):
        log.report("release", **release())
        if number % 5 == 0:
            time.sleep(0.05)
    log.flush()
    until(lambda: len(seqs(collector)) == 21)
    assert seqs(collector) == list(range(1, 22))
    log.close()


def test_a_receiver_that_hangs_is_in_nobodys_way(tmp_path: Path, collector: Collector, stream: Stream) -> None:
    """Not of the rows, not of the other receiver, not of the end."""
    ended = threading.Event()
    stream.hold = lambda _: ended.wait(20) and None
    hung = made(f"syslog://127.0.0.1:{stream.port}")._replace(name="hung")
    log = log_of(tmp_path, hung, http(collector))
    log.commit("release", **release())
    until(lambda: bool(collector.calls))
    times = []
    for _ in range(50):
        begin = time.perf_counter()
        log.commit("release", **release())
        times.append(time.perf_counter() - begin)
    until(lambda: len(seqs(collector)) == 52)
    assert sorted(times)[25] < 2  # a commit is an fsync; the receiver's ten seconds are not in it
    begin = time.monotonic()
    log.close()
    assert time.monotonic() - begin < 6
    assert lag(tmp_path, hung).rows == 53
    ended.set()


def test_what_waits_is_in_the_log_not_in_memory(tmp_path: Path, collector: Collector) -> None:
    import tracemalloc

    fill(tmp_path, 3000)
    collector.script = [status(503)]
    at_once = Shipper(db(tmp_path), http(collector, rows=50), time.time)
    tracemalloc.start()
    for _ in range(5):
        with pytest.raises(Undelivered):
            at_once.step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    at_once.close()
    assert peak < 3 << 20  # 3,000 rows are more than a megabyte; their JSON some more


def test_one_process_ships_to_a_receiver(tmp_path: Path, collector: Collector) -> None:
    fill(tmp_path, 10)
    with lane.claimed(db(tmp_path), http(collector)) as ours:
        assert ours
        assert ship(tmp_path, http(collector)) == once.BUSY
        assert ship(tmp_path, http(collector)._replace(name="another")) == ""
    collector.calls.clear()
    assert ship(tmp_path, http(collector)) == ""
    assert seqs(collector) == list(range(1, last(tmp_path) + 1))


def member(directory: Path, address: str, rows: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(MEMBER), str(directory), address, str(rows)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_many_processes_ship_every_row_once(tmp_path: Path, stream: Stream) -> None:
    address = f"syslog://127.0.0.1:{stream.port}"
    members = [member(tmp_path, address, 20) for _ in range(4)]
    for process in members:
        process.communicate(timeout=60)
    assert ship(tmp_path, made(address), 20) == ""
    assert [said.seq for said in stream.messages] == list(range(1, last(tmp_path) + 1))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_kill_9_loses_nothing(tmp_path: Path, stream: Stream) -> None:
    address = f"syslog://127.0.0.1:{stream.port}"
    for _ in range(4):
        members = [member(tmp_path, address, 100_000) for _ in range(2)]
        for process in members:
            assert process.stdout
            for _ in range(25):
                process.stdout.readline()
        for process in members:
            process.kill()
            process.communicate(timeout=30)
    assert ship(tmp_path, made(address), 20) == ""
    arrived = [said.seq for said in stream.messages]
    heads = {(said.seq, said.ours["head"]) for said in stream.messages}
    assert sorted(set(arrived)) == list(range(1, last(tmp_path) + 1))
    assert len(heads) == last(tmp_path)  # a row that came twice is the same row
    assert len(arrived) - len(set(arrived)) <= 8 * 5  # at most the batch that was on its way, each time


def test_pruning_waits_for_receivers(tmp_path: Path, collector: Collector) -> None:
    clock = Clock()
    log = open_log(tmp_path, clock, LogPace(rows=10))
    for _ in range(35):
        log.commit("release", **release())
    log.close()
    clock.now += 400 * DAY

    def prune() -> retention.Pruned:
        log = open_log(tmp_path, clock)
        try:
            return retention.prune(log, retention.horizon(366, clock), "pci", clock, ["siem"])
        finally:
            log.close()

    assert prune() == retention.Pruned(0, 0, "siem")
    with closed(Shipper(db(tmp_path), http(collector, rows=25), clock)) as at_once:
        at_once.step()
    gone = prune()
    assert (gone.rows, gone.waiting) == (gone.size, "siem") and 0 < gone.size <= 25
    ship(tmp_path, http(collector))
    gone = prune()
    assert (gone.size, gone.waiting) == (37, "")
    collector.calls.clear()
    ship(tmp_path, http(collector))
    assert seqs(collector) == list(range(last(tmp_path) - 1, last(tmp_path) + 1))  # what that pruning wrote


def test_rows_are_kept_for_the_receiver_that_is_last(tmp_path: Path, collector: Collector) -> None:
    fill(tmp_path, 60)
    ship(tmp_path, http(collector)._replace(name="first"))
    with closed(sqlite3.connect(db(tmp_path))) as connection:
        assert cursor.least(connection, ["first", "never"]) == (0, "never")
        assert cursor.least(connection, ["first"]) == (last(tmp_path), "first")
        assert cursor.least(connection, []) is None


def test_waiting_grows_by_half_chance_up_to_a_bound_and_as_long_as_asked() -> None:
    pace = Pace()
    assert [patience(n, pace, 0, lambda: 1.0) for n in (1, 2, 3, 20, 10_000)] == [1, 2, 4, 300, 300]
    assert [patience(n, pace, 0, lambda: 0.0) for n in (1, 2, 3)] == [0.5, 1, 2]
    assert patience(1, pace, 77, lambda: 0.0) == 77


def test_a_receiver_that_is_not_usable_here_starts_nothing(tmp_path: Path, collector: Collector) -> None:
    target = http(collector)._replace(problem="the environment has no TOKEN")
    log = log_of(tmp_path, target)
    log.commit("release", **release())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ship-")]
    log.close()
    assert ship(tmp_path, target) == "the environment has no TOKEN"
    assert lag(tmp_path, target).problem == "the environment has no TOKEN"
    assert collector.calls == []


def test_a_vault_that_fails_gives_the_receiver_to_another_process(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, 5)
    tries: list[None] = []

    def broken(*_: object) -> None:
        tries.append(None)
        raise VaultError("no", code="PS411")

    monkeypatch.setattr(shipper.cursor, "save", broken)
    shipping = Shipping(db(tmp_path), [http(collector)], time.time, QUICK._replace(turn=0.3))
    shipping.start()
    until(lambda: bool(tries))

    def is_free() -> bool:
        with lane.claimed(db(tmp_path), http(collector)) as ours:
            return ours

    until(is_free)
    shipping.close()
