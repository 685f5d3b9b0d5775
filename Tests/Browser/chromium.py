"""A headless Chromium, asked by its DevTools protocol over two pipes: JSON, each message ended by a zero byte."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path


class Chromium:
    """A browser of its own, from the beginning of a `with` block to its end."""

    def __enter__(self) -> Chromium:
        self._folder = tempfile.mkdtemp()
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()

        def as_three_and_four() -> None:
            # By numbers that are free of both: one of the two may be 3 or 4 already.
            reading, writing = os.dup(to_browser), os.dup(from_browser)
            while min(reading, writing) < 5:
                reading, writing = os.dup(reading), os.dup(writing)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        command = [
            "setpriv", "--pdeathsig", "KILL", "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-dev-shm-usage", "--disable-background-networking", "--window-size=1000,800", "--remote-debugging-pipe",
            f"--user-data-dir={self._folder}", "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False,
            preexec_fn=as_three_and_four, start_new_session=True,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        self._rest, self._number = b"", 0
        # What the pages complained of: exceptions, errors on the console, and answers that they could not load.
        self.complaints: list[str] = []
        return self

    def __exit__(self, *_) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._in)
        os.close(self._out)
        shutil.rmtree(self._folder, ignore_errors=True)

    def call(self, method: str, session: str | None = None, patience: float = 60, **parameters) -> dict:
        """Asks the browser, or the page of a session; what it tells meanwhile is noted."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + patience
        while True:
            answer = self._next(end - time.monotonic())
            if answer.get("id") != self._number:
                self._note(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            else:
                return answer["result"]

    def _next(self, patience: float) -> dict:
        while b"\0" not in self._rest:
            if patience <= 0 or not select.select([self._in], [], [], patience)[0]:
                raise TimeoutError("the browser does not answer")
            more = os.read(self._in, 1 << 20)
            if not more:
                raise RuntimeError("the browser has ended")
            self._rest += more
        text, _, self._rest = self._rest.partition(b"\0")
        return json.loads(text)

    def _note(self, event: dict) -> None:
        told = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"])[:500])
        elif event.get("method") == "Log.entryAdded" and told["entry"]["level"] == "error":
            # A browser asks for an icon of its own accord.
            if told["entry"].get("url", "").endswith("/favicon.ico"):
                return
            self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")

    def page(self, url: str) -> Page:
        """A new window that shows an address."""
        target = self.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        page = Page(self, self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for domain in ("Runtime", "Log", "Page", "DOM"):
            page.call(f"{domain}.enable")
        page.go(url)
        return page


class Page:
    def __init__(self, browser: Chromium, session: str):
        self._browser, self._session = browser, session

    def call(self, method: str, **parameters) -> dict:
        return self._browser.call(method, self._session, **parameters)

    def go(self, url: str) -> None:
        failure = self.call("Page.navigate", url=url).get("errorText")
        if failure:
            raise RuntimeError(f"{url}: {failure}")
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def value(self, script: str):
        """What an expression is in the page; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {json.dumps(answer['exceptionDetails'])[:500]}")
        return answer["result"].get("value")

    def until(self, script: str, seconds: float = 30):
        """Waits until an expression is true, also while another document comes."""
        end = time.monotonic() + seconds
        while True:
            try:
                value, failure = self.value(script), ""
            except RuntimeError as error:
                value, failure = None, f" ({error})"
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"never: {script}{failure}; the page says: {self.value('document.body.innerText')[:500]}")
            time.sleep(0.1)

    def fill(self, selector: str, text: str) -> None:
        """Writes into a field as a person does, by keys."""
        self.value(f"document.querySelector({json.dumps(selector)}).select()")
        self.call("Input.insertText", text=text)

    def choose_file(self, selector: str, path: Path) -> None:
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", files=[str(path)], nodeId=node)

    def click(self, selector: str) -> None:
        self.value(f"document.querySelector({json.dumps(selector)}).click()")

    def picture(self, path: Path) -> None:
        """What the window shows, as PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
