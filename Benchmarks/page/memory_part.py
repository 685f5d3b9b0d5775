"""What connections cost in memory: idle ones, and ones whose request sleeps."""

from __future__ import annotations

import re
import socket
import time

import native
import proc
from part import Effort
from running import DidNotStart, Running, connect
from sampled import SampledPart
from servers import Server, greenfinch, gunicorn, nginx
from suite_parts import short

COUNT = 1000
WARM = 50
ROOM = COUNT + WARM + 100
SETTLING = 2.0
ASKING = "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def ask(connection: socket.socket, path: str) -> None:
    connection.sendall(ASKING.format(path=path).encode())


def answer(connection: socket.socket) -> None:
    """Reads a whole answer."""
    text = b""
    while True:
        head, blank, body = text.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        if blank and length and len(body) >= int(length[1]):
            return
        received = connection.recv(65536)
        if not received:
            raise ConnectionError(f"the server ended a connection after {text[:40]!r}")
        text += received


def growth(running: Running, path: str, waits: bool) -> float:
    """Bytes that a connection adds to the server's memory (PSS): idle after one answer, or with its answer to come."""
    warm = [connect(running.port, timeout=30) for _ in range(WARM)]
    for connection in warm:
        ask(connection, "/plain")
        answer(connection)
    time.sleep(SETTLING)
    before = proc.usage(running.pid).pss
    others = [connect(running.port, timeout=30) for _ in range(COUNT)]
    for connection in others:
        ask(connection, path)
    if not waits:
        for connection in others:
            answer(connection)
    time.sleep(SETTLING)
    grown = proc.usage(running.pid).pss - before
    for connection in others if waits else []:
        answer(connection)
    for connection in warm + others:
        connection.close()
    return grown * 1e6 / COUNT


class MemoryPart(SampledPart):
    name = "memory"
    title = "Memory of a connection"
    about = f"{COUNT:,} kept connections: how much the memory of all the server's processes (PSS) grows by each."
    is_timed = False
    most_rounds = 2

    def _servers(self) -> list[Server]:
        green = greenfinch(f"-w 1 -k green --worker-connections {ROOM} --keep-alive 60", self._bench.hello)
        thread = greenfinch(f"-w 1 --threads {ROOM} --worker-connections {ROOM} --keep-alive 60", self._bench.hello)
        peer = gunicorn(f"-w 1 -k gevent --worker-connections {ROOM} --keep-alive 60")
        return [green, thread, peer, nginx(self._bench.results / "build" / "nginx")]

    def seconds_a_round(self, effort: Effort) -> float:
        return sum(17 for server in self._servers() if not server.missing)

    def run_round(self, number: int) -> None:
        for server in self._servers():
            if server.missing or self.failed(server.name):
                continue
            self._bench.say(short(server.name))
            try:
                self._measure(server)
            except (DidNotStart, OSError) as problem:
                self.fail(server.name, problem)

    def _measure(self, server: Server) -> None:
        log = native.RESULTS / "logs" / "memory.log"
        row, name = f"{COUNT:,} connections", short(server.name)
        with Running(server, log, self._bench.server_core) as running:
            self.keep(row, name, idle_bytes=growth(running, "/plain", waits=False))
        if not server.name.startswith("greenfinch"):
            return
        with Running(server, log, self._bench.server_core) as running:
            self.keep(row, name, busy_bytes=growth(running, f"/sleep/{2 * SETTLING + 4}", waits=True))
