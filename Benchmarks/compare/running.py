"""Starts a server on a free port of the loopback, waits until it answers, and ends it whatever happens.

A server runs in a session of its own, so that ending it reaches its workers and nothing else, and is told to end when
the harness is killed.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import proc
from servers import Server

PATIENCE = 15.0
"""Seconds in which a server must answer its first request."""


class DidNotStart(Exception):
    pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def source(number: int) -> tuple[str, int] | None:
    """From where the connection of this number comes: 10,000 from each address, since an address has 28,232 ports."""
    return (f"127.0.0.{1 + number // 10_000}", 0) if number >= 10_000 else None


def connect(port: int, scheme: str = "http", timeout: float = 5.0, number: int = 0) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout, source(number))
    if scheme == "http":
        return connection
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(connection)


def get(port: int, path: str, timeout: float = 5.0, scheme: str = "http") -> bytes:
    """One whole answer, head and body, byte for byte as the server sent it."""
    with connect(port, scheme, timeout) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        answer = b""
        while True:
            head, blank, body = answer.partition(b"\r\n\r\n")
            length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
            if blank and length and len(body) >= int(length[1]):
                return answer
            received = connection.recv(65536)
            if not received:
                return answer
            answer += received


class Running:
    """A running server, in a `with` block: its port, its process, and its answer to the first request."""

    def __init__(self, server: Server, log: Path, core: int | None = None, patience: float = PATIENCE):
        self.server = server
        self.patience = patience
        self.port = free_port()
        self.answer = b""
        self._log = log
        pin = ["taskset", "-c", str(core)] if core is not None else []
        self.command = pin + server.command_line(self.port)

    @property
    def url(self) -> str:
        return f"{self.server.scheme}://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Running:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(self._log, "wb") as log:
                self._process = subprocess.Popen(
                    ["setpriv", "--pdeathsig", "TERM", *self.command],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                    env={**os.environ, **self.server.environment}, cwd=self.server.directory, start_new_session=True)
        except OSError as error:
            raise DidNotStart(f"{self.server.name} did not start: {error}") from error
        try:
            self._wait_until_it_answers()
            self._wait_until_idle()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._end()

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + self.patience
        problem: object = "no answer"
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise self._failure(f"it ended with status {self._process.returncode}")
            try:
                self.answer = get(self.port, self.server.first, scheme=self.server.scheme)
            except OSError as error:
                problem = error
            else:
                if re.match(rb"HTTP/1\.[01] 200 ", self.answer) and self.answer.rstrip().endswith(b"Hello World!"):
                    return
                problem = f"it answered {self.answer[:60]!r}"
            time.sleep(0.05)
        raise self._failure(f"after {self.patience:.0f} s: {problem}")

    def _wait_until_idle(self) -> None:
        """Workers may still be loading when the first has answered: wait until none has used a tick for 0.3 s."""
        end = time.monotonic() + self.patience
        before = None
        while time.monotonic() < end:
            state = (proc.tree(self.pid), proc.cpu_seconds(self.pid))
            if state == before:
                return
            before = state
            time.sleep(0.3)

    def _failure(self, reason: str) -> DidNotStart:
        lines = self._log.read_text(errors="replace").splitlines()[-12:]
        log = "\n".join("    " + line for line in lines) or "    (empty)"
        return DidNotStart(f"{self.server.name} did not start: {reason}. The end of its log:\n{log}")

    def _end(self) -> None:
        """TERM to the master, KILL to what is left of its session's group after five seconds.

        The master is not reaped before the group has been killed, so the group's number cannot have become another's.
        """
        try:
            if self._process.returncode is None:
                os.kill(self.pid, signal.SIGTERM)
                end = time.monotonic() + 5
                while time.monotonic() < end:
                    if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                        break
                    time.sleep(0.01)
        finally:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._process.wait()
