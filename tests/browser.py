"""Chromium without a window, driven over its debugging pipe: nothing to install but the browser itself."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync "
    "--disable-component-update --disable-default-apps --disable-extensions --disable-dev-shm-usage "
    "--hide-scrollbars --remote-debugging-pipe"
).split()
WIRING = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 100) for number in sys.argv[1:3]]
os.dup2(ends[0], 3), os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser reads descriptor 3 and writes descriptor 4."""


def binary() -> str | None:
    """The browser, if it is there."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


class Page:
    """One page, and what it did."""

    def __init__(self, sending: int, receiving: int) -> None:
        self._sending, self._buffer = sending, b""
        self._receiving = receiving
        self._number = 0
        self._session: str | None = None
        self.said: list[str] = []
        self.asked: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._sending, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            piece = os.read(self._receiving, 1 << 20)
            assert piece, "the browser is gone"
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, method: str, params: Mapping[str, Any]) -> None:
        if method == "Log.entryAdded":
            self.said.append(params["entry"]["text"])
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            self.said.append(json.dumps(params)[:500])
        elif method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])

    def open(self, path: Path, width: int = 1200, scheme: str = "light", media: str = "") -> None:
        """Show a file; `said` and `asked` then have what the console and the network saw."""
        self.said, self.asked = [], []
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)
        self.call("Page.navigate", url=path.absolute().as_uri())
        while self.value("document.readyState") != "complete" or self.value("location.href") == "about:blank":
            pass

    def value(self, expression: str) -> Any:
        """What JavaScript of ours gives in the page."""
        said = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    def picture(self, to: Path) -> None:
        """The whole page as PNG."""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        to.write_bytes(base64.b64decode(data))

    def paper(self, to: Path) -> None:
        """The page as it is printed."""
        data = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
        to.write_bytes(base64.b64decode(data))


@contextmanager
def browser(directory: Path) -> Iterator[Page]:
    """A browser with a profile of its own, for as long as the block lasts."""
    command = binary()
    assert command
    to_browser, from_us = os.pipe()
    from_browser, to_us = os.pipe()
    argv = [sys.executable, "-c", WIRING, str(to_browser), str(to_us), command, *FLAGS]
    argv.append(f"--user-data-dir={directory / 'profile'}")
    environ = {**os.environ, "HOME": str(directory)}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(argv, pass_fds=(to_browser, to_us), stdout=quiet, stderr=quiet, env=environ) as process:
        os.close(to_browser)
        os.close(to_us)
        try:
            page = Page(from_us, from_browser)
            yield page
            with suppress(OSError, AssertionError):
                page.call("Browser.close")
        finally:
            os.close(from_us)
            os.close(from_browser)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
