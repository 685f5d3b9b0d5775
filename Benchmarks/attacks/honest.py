"""Honest clients: how long they wait for their answers, and what of that time nobody spent on them."""

from __future__ import annotations

import socket
import struct
import threading
import time
from dataclasses import dataclass

import paths  # noqa: F401
import proc
import running
from background import Background

PATIENCE = 5.0
"""Seconds in which an answer must come."""
REQUEST = b"GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"
ANSWER = b"Hello World!"


@dataclass
class Answer:
    """One answer, and what of its time nobody spent on it."""
    seconds: float
    worker_waited: float = 0.0
    """Seconds in which the worker was ready to run, and something else had its processor."""
    client_waited: float = 0.0
    resent: int = 0
    """Segments that had to be sent again: the first of a connection, for which there was no room in a queue, after a
    second."""

    def shown(self) -> str:
        return (f"{1000 * self.seconds:,.0f} ms, in which the worker waited {1000 * self.worker_waited:,.0f} ms for a "
                f"processor and the client {1000 * self.client_waited:,.0f} ms, and {self.resent} segments were sent "
                "again")


@dataclass
class Latency:
    """Of the answers of some seconds. None where there was none."""
    answers: int
    failures: int
    p50_ms: float | None = None
    p99_ms: float | None = None
    most_ms: float | None = None

    @classmethod
    def of(cls, seconds: list[float], failures: int) -> Latency:
        times = sorted(seconds)
        if not times:
            return cls(0, failures)
        p50, p99 = (times[min(len(times) - 1, int(share * len(times)))] for share in (0.5, 0.99))
        return cls(len(times), failures, *(1000 * figure for figure in (p50, p99, times[-1])))


class Honest(Background):
    """Asks for /plain some two hundred times a second, every second time on a new connection, while a `with` block
    runs."""

    def __init__(self, port: int, scheme: str, worker: int):
        super().__init__()
        self.answers: list[Answer] = []
        self.failures: list[str] = []
        self._port, self._scheme, self._worker = port, scheme, worker
        self._kept: socket.socket | None = None

    def _run(self) -> None:
        while not self._done.wait(0.005):
            for keeps in (False, True):
                before = time.perf_counter(), *self._waited()
                try:
                    resent = self._ask(keeps)
                except OSError as error:
                    self.failures.append(str(error) or type(error).__name__)
                    continue
                after = time.perf_counter(), *self._waited()
                self.answers.append(Answer(*(end - start for start, end in zip(before, after)), resent))
        if self._kept:
            self._kept.close()

    def _waited(self) -> tuple[float, float]:
        try:
            return proc.waited_for_processor(self._worker), proc.waited_for_processor(threading.get_native_id())
        except OSError:
            return 0.0, 0.0  # the worker is gone

    def _ask(self, keeps: bool) -> int:
        """One request. Returns how many segments this side has sent again for it."""
        kept = self._kept if keeps else None
        if keeps:
            self._kept = None
        connection = kept or running.connect(self._port, self._scheme, PATIENCE)
        is_kept = False
        try:
            before = sent_again(connection) if kept else 0
            connection.sendall(REQUEST)
            answer = receive(connection)
            if answer == b"" and kept:
                return self._ask(keeps)  # ended meanwhile, as a server may
            if not answer.endswith(ANSWER):
                raise OSError(f"another answer: {answer[:60]!r}")
            if keeps and b"\r\nconnection: close" not in answer.lower():
                self._kept, is_kept = connection, True
            return sent_again(connection) - before
        finally:
            if not is_kept:
                connection.close()

    @property
    def latency(self) -> Latency:
        return Latency.of([answer.seconds for answer in self.answers], len(self.failures))

    @property
    def longest(self) -> Answer:
        return max(self.answers, key=lambda answer: answer.seconds, default=Answer(0.0))


def receive(connection: socket.socket) -> bytes:
    """A whole answer, or what of it came before the connection ended."""
    answer = b""
    while not answer.endswith(ANSWER) and len(answer) < 4096 and (received := connection.recv(4096)):
        answer += received
    return answer


def sent_again(connection: socket.socket) -> int:
    """`tcpi_total_retrans` of tcp(7)."""
    return struct.unpack_from("=I", connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 100)[0]
