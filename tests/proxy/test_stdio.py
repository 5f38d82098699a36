"""The proxy as a process between a real client's pipes and a real server process."""

import json
import signal
import subprocess
import time

import pytest
from proxy_kit import Run, children, ends, is_alive, request


def test_lines_pass_unchanged_in_both_directions_and_the_exit_code_is_the_servers():
    with Run("raw_lines").listen() as run:
        odd = '{"jsonrpc":"2.0",  "id":1E0, "x":"\\u00e9é", "result":-0}'.encode()
        run.send_bytes(odd + b"\r\n\n\r\n" + odd + b"\n" + odd)
        run.close()
        assert [run.line() for _ in range(4)] == [odd + b"\r\n", odd + b"\n", odd + b"\n", None]
        assert run.exit_code() == 0


def test_a_ten_megabyte_line_passes_both_ways():
    with Run("raw_lines").listen() as run:
        line = b'{"jsonrpc":"2.0","id":1,"result":"' + b"x" * 10_000_000 + b'"}\n'
        run.send_bytes(line)
        assert run.line() == line


def test_a_line_beyond_the_limit_is_answered_and_the_next_one_passes():
    with Run("echo").listen() as run:
        block = b"x" * 1_000_000
        for _ in range(68):
            run.send_bytes(block)
        run.send_bytes(b"\n")
        run.ask(2)
        answers = [run.message(), run.message()]
        assert {"oversized": False, "head": 65536, "tail": 65536} in answers
        assert 2 in [answer.get("id") for answer in answers]


def test_ten_thousand_requests_at_once_are_all_answered():
    with Run("chatter").listen() as run:
        run.send(*(request(number) for number in range(10_000)))
        assert {run.message()["id"] for _ in range(10_000)} == set(range(10_000))


def test_refused_requests_are_answered_without_the_server():
    with Run("never_answers").listen() as run:
        run.send(*(request(number, "refuse/me") for number in range(10_000)))
        assert [run.message()["id"] for _ in range(10_000)] == list(range(10_000))


def test_a_server_that_asks_without_reading_does_not_block_the_proxy():
    with Run("asks_a_lot").listen() as run:
        run.send(*(request(number) for number in range(1000)))
        assert run.message() == {"jsonrpc": "2.0", "method": "refused", "params": {"count": 20_000}}


# --- servers that misbehave


@pytest.mark.parametrize(
    ("server", "code"), [("crash_mid_line", 7), ("exits_at_once", 3), ("killed", 128 + signal.SIGKILL)]
)
def test_a_dead_server_leaves_no_request_without_an_answer(server, code):
    with Run(server).listen() as run:
        run.send(*(request(number) for number in range(100)))  # fits the pipe before the proxy is even up
        assert sorted(message["id"] for message in run.rest() if "error" in message) == list(range(100))
        assert run.exit_code() == code


def test_the_human_reads_that_the_server_ended():
    with Run("exits_at_once").listen() as run:
        assert run.exit_code() == 3
        assert "pii-shield: the server ended, exit code 3" in run.stderr()


def test_half_json_is_dropped_and_the_human_told():
    with Run("half_json").listen() as run:
        run.ask(1)
        assert run.message() == {"jsonrpc": "2.0", "id": 1, "result": {}}
        run.close()
        assert "not JSON" in run.stderr()


def test_an_answer_may_come_byte_by_byte():
    with Run("byte_by_byte").listen() as run:
        run.ask(1)
        assert run.message()["id"] == 1


def test_requests_that_were_never_answered_are_answered_when_the_client_closes():
    with Run("never_answers").listen() as run:
        run.ask(1)
        run.ask("two")
        run.close()
        assert [message["id"] for message in run.rest()] == [1, "two"]
        assert run.exit_code() == 0


def test_a_server_that_closes_its_output_is_ended():
    with Run("closes_stdout").listen() as run:
        run.ask(1)
        assert run.message()["error"]
        assert run.exit_code() == 128 + signal.SIGTERM


def test_a_server_that_closes_its_input_may_still_answer():
    with Run("closes_stdin").listen() as run:
        run.ask(1)
        assert run.message() == {"jsonrpc": "2.0", "id": 1, "result": {}}
        assert run.exit_code() == 0


def test_much_stderr_does_not_stop_the_server_and_is_masked():
    with Run("noisy").listen() as run:
        run.ask(1)
        assert run.message()["id"] == 1
        run.close()
        errors = run.stderr()
        assert errors.count("[MASKED] of the server\n") == 10_000
        assert "noise" not in errors


def test_a_server_is_not_stopped_by_a_stderr_that_nobody_reads():
    with Run("noisy") as run:
        # Its reader is in the way: take the pipe from it by filling it, 200 KB per request, before anyone reads.
        run.listen()
        for number in range(40):
            run.ask(number)
            assert run.message()["id"] == number


def test_of_a_long_stderr_line_only_the_beginning_is_shown():
    with Run("long_stderr_line").listen() as run:
        run.ask(1)
        run.message()
        run.close()
        first, second, *_ = run.stderr().splitlines()
        assert first.endswith("x x  [... rest of a long line left out]")
        assert len(first) < 70_000
        assert second == "next line"


def test_a_server_that_ignores_everything_is_killed_with_the_clients_end():
    with Run("ignores_everything").listen() as run:
        pid = run.message()["params"]["pid"]
        run.close()
        assert run.exit_code() == 128 + signal.SIGKILL
        assert not is_alive(pid)


def test_answers_that_take_a_while_are_awaited_after_the_client_has_closed():
    with Run("late").listen() as run:
        run.send(*(request(number) for number in range(5)))
        run.close()
        assert [message["id"] for message in run.rest() if "result" in message] == [0, 1, 2, 3, 4]
        assert run.exit_code() == 0


# --- processes and signals


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_reaches_the_server_and_what_it_says_last_reaches_the_client(name):
    with Run("handles_sigterm").listen() as run:
        run.message()
        run.process.send_signal(signal.Signals[name])
        assert [message["method"] for message in run.rest()] == ["farewell"]
        assert run.exit_code() == 42


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_ends_a_server_that_does_not_handle_it(name):
    with Run("/bin/sleep", "600").listen() as run:
        wait_for_child(run)
        run.process.send_signal(signal.Signals[name])
        assert run.exit_code() == 128 + signal.Signals[name]


def wait_for_child(run: Run) -> None:
    """Signals before the proxy has installed its handlers end it in Python's own way."""
    while run.process.poll() is None and not children(run.process.pid):
        pass


def test_a_signal_ends_a_server_that_ignores_it():
    with Run("ignores_everything").listen() as run:
        pid = run.message()["params"]["pid"]
        run.process.send_signal(signal.SIGTERM)
        assert run.exit_code() == 128 + signal.SIGKILL
        assert not is_alive(pid)


@pytest.mark.parametrize("how", ["close", "signal"])
def test_offspring_that_holds_the_output_open_does_not_survive(how):
    with Run("grandchild").listen() as run:
        pid = run.message()["params"]["pid"]
        if how == "close":
            run.close()
        else:
            run.process.send_signal(signal.SIGTERM)
        run.exit_code()
        assert ends(pid)


def test_offspring_that_ignores_sigterm_does_not_survive():
    with Run("quiet_grandchild").listen() as run:
        pid = run.message()["params"]["pid"]
        assert run.exit_code() == 0
        assert ends(pid)


def test_the_server_ends_when_the_proxy_is_killed():
    with Run("handles_sigterm").listen() as run, Run("echo").listen() as echo:
        silent = run.message()["params"]["pid"]
        echo.ask(1)
        echo.message()
        (pid,) = children(echo.process.pid)
        echo.process.kill()
        assert ends(pid)
        assert is_alive(silent)


def test_the_server_has_a_session_of_its_own_and_none_of_our_variables():
    with Run("environment", env={"PII_SHIELD_KEY_FILE": "k", "OTHER": "o"}).listen() as run:
        run.ask(1)
        result = run.message()["result"]
        assert result["session"]
        assert "OTHER" in result["names"]
        assert not [name for name in result["names"] if name.startswith("PII_SHIELD_")]


# --- clients that misbehave


def test_a_client_that_never_reads_stops_the_server_and_not_our_memory():
    with Run("floods") as run:
        wait_for_child(run)
        before = -1
        while before != (now := resident_kb(run)):  # grows until every buffer between us is full
            before = now
            time.sleep(0.5)
        assert now < 100_000
        run.process.stdout.close()
        assert run.exit_code() in (1, 128 + signal.SIGTERM)


def resident_kb(run: Run) -> int:
    return int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(run.process.pid)]))


def test_a_client_that_reads_no_more_ends_the_server():
    with Run("echo") as run:
        run.process.stdout.close()
        run.send(*(request(number) for number in range(10)))
        assert run.exit_code() == 0


def test_a_client_that_closes_early_ends_the_server():
    with Run("echo").listen() as run:
        run.close()
        assert run.rest() == []
        assert run.exit_code() == 0


def test_malformed_client_input_reaches_the_server():
    with Run("raw_lines").listen() as run:
        run.send_bytes(b'{"half\n')
        run.ask(1)
        assert run.message()["id"] == 1  # the server's echo of the half line is dropped on the way back


# --- big messages


def test_a_small_response_may_overtake_a_big_one_and_a_list_change_may_not():
    with Run("big_then_small", slow=1.0).listen() as run:
        changed = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
        progress = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": 9}}
        response = {"jsonrpc": "2.0", "id": 8, "result": {}}
        run.ask(1, size=300_000, then=[response, progress, changed])
        order = [run.message() for _ in range(4)]
        assert order[:2] == [response, progress]
        assert order[2]["id"] == 1
        assert order[3] == changed


def test_many_big_responses_all_arrive():
    with Run("big_then_small", slow=0.1).listen() as run:
        for number in range(8):
            run.ask(number, size=400_000, then=[])
        assert {run.message()["id"] for _ in range(8)} == set(range(8))


def test_big_responses_in_work_are_delivered_before_the_end():
    with Run("big_then_small", slow=1.5, after_end=0.2, after_eof=0.2).listen() as run:
        run.ask(1, size=300_000, then=[])
        run.close()
        assert [message["id"] for message in run.rest() if "result" in message] == [1]


# --- starting


def test_a_program_that_does_not_exist_is_named_without_its_arguments():
    with Run("/no/such/program", "--password=hunter2").listen() as run:
        assert run.exit_code() == 127
        assert '"program" was not found' in run.stderr()
        assert "hunter2" not in run.stderr()


def test_a_file_that_is_not_executable_is_refused(tmp_path):
    script = tmp_path / "server"
    script.write_text("#!/no/such/interpreter\n")
    with Run(str(script)).listen() as run:
        assert run.exit_code() == 126
        assert "EACCES" in run.stderr()
    script.chmod(0o755)
    with Run(str(script)).listen() as run:
        assert run.exit_code() == 126
        assert "ENOENT" in run.stderr()


def test_json_survives_in_order():
    with Run("echo").listen() as run:
        run.send(*(request(number, text="é" * number) for number in range(200)))
        run.close()
        assert [message["result"]["echo"]["text"] for message in run.rest()] == ["é" * n for n in range(200)]
        assert json.dumps(run.exit_code()) == "0"
