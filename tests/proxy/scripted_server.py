"""A server that misbehaves in the way its first argument names. Run as a child process by the proxy's tests."""

import json
import os
import signal
import subprocess
import sys
import threading
import time


def say(message: object, end: bytes = b"\n") -> None:
    os.write(1, json.dumps(message).encode() + end)


def answer(request: dict, **result: object) -> dict:
    return {"jsonrpc": "2.0", "id": request["id"], "result": result}


def requests():
    for line in sys.stdin.buffer:
        if line.strip():
            yield json.loads(line)


def echo() -> None:
    for request in requests():
        if "id" in request:
            say(answer(request, echo=request.get("params")))


def crash_mid_line() -> None:
    request = next(requests())
    os.write(1, json.dumps(answer(request)).encode()[:-5])
    os._exit(7)


def half_json() -> None:
    for request in requests():
        os.write(1, b'{"jsonrpc": "2.0", "id"\n')
        say(answer(request))


def byte_by_byte() -> None:
    for request in requests():
        for byte in json.dumps(answer(request)).encode() + b"\n":
            os.write(1, bytes([byte]))
            time.sleep(0.001)


def never_answers() -> None:
    for _ in requests():
        pass


def exits_at_once() -> None:
    os._exit(3)


def closes_stdout() -> None:
    next(requests())
    os.close(1)
    time.sleep(600)


def closes_stdin() -> None:
    request = next(requests())
    os.close(0)
    time.sleep(0.5)
    say(answer(request))


def noisy() -> None:
    for request in requests():
        os.write(2, b"n" * 99 + b"\n" + b"noise of the server\n" * 10_000)
        say(answer(request))


def long_stderr_line() -> None:
    for request in requests():
        os.write(2, b"x " * 200_000 + b"\nnext line\n")
        say(answer(request))


def ignores_everything() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    say({"jsonrpc": "2.0", "method": "ready", "params": {"pid": os.getpid()}})
    time.sleep(600)


def handles_sigterm() -> None:
    def leave(*_: object) -> None:
        say({"jsonrpc": "2.0", "method": "farewell"})
        os._exit(42)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, leave)
    say({"jsonrpc": "2.0", "method": "ready", "params": {"pid": os.getpid()}})
    time.sleep(600)


def grandchild() -> None:
    """Leaves a process behind that holds the output open and outlives its parent."""
    offspring = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdin=subprocess.DEVNULL)
    say({"jsonrpc": "2.0", "method": "ready", "params": {"pid": offspring.pid}})
    for request in requests():
        say(answer(request))


def quiet_grandchild() -> None:
    """Leaves a process behind that holds nothing open, and ignores SIGTERM."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    null = subprocess.DEVNULL
    offspring = subprocess.Popen([sys.executable, "-c", code], stdin=null, stdout=null, stderr=null)
    say({"jsonrpc": "2.0", "method": "ready", "params": {"pid": offspring.pid}})


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def big_then_small() -> None:
    """To each request: a big response with the id, at once followed by small messages."""
    for request in requests():
        say(answer(request, blob="b" * int(request["params"]["size"])))
        for message in request["params"]["then"]:
            say(message)


def floods() -> None:
    """Writes without reading, for ever."""
    while True:
        say({"jsonrpc": "2.0", "method": "flood", "params": {"text": "f" * 1000}})


def asks_a_lot() -> None:
    """Sends requests that the conversation refuses, and reads no answer before it has sent all."""
    for number in range(20_000):
        say({"jsonrpc": "2.0", "id": number, "method": "refuse/me"})
    answers = (request for request in requests() if "error" in request)
    count = sum(1 for _ in zip(range(20_000), answers, strict=False))
    say({"jsonrpc": "2.0", "method": "refused", "params": {"count": count}})


def late() -> None:
    """Goes on answering for a while after its input has ended."""
    for request in list(requests()):
        time.sleep(0.4)
        say(answer(request))


def environment() -> None:
    for request in requests():
        say(answer(request, names=sorted(os.environ), session=os.getsid(0) == os.getpid(), argv0=sys.argv[0]))


def raw_lines() -> None:
    """Sends back what it got, byte for byte, however it ended."""
    while chunk := os.read(0, 65536):
        os.write(1, chunk)


def crm() -> None:
    """Shows an address, and tells whether it got the same one back."""
    address = "jane.doe@customers.example.org"
    for request in requests():
        given = request["params"]["arguments"].get("email")
        text = f"write to {address}" if given is None else ("as expected" if given == address else "something else")
        say(answer(request, content=[{"type": "text", "text": text}]))


def chatter() -> None:
    """Answers from several threads at once."""
    lock = threading.Lock()

    def reply(request: dict) -> None:
        with lock:
            say(answer(request, echo=request.get("params")))

    for request in requests():
        threading.Thread(target=reply, args=(request,)).start()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
