"""What connections cost in memory: idle ones, few and many, and ones whose request sleeps."""

from __future__ import annotations

import re
import socket
import struct
import time

import descriptors
import native
import proc
from part import Effort
from running import DidNotStart, Running, connect
from sampled import SampledPart
from servers import Server, greenfinch, gunicorn, nginx
from suite_parts import short

COUNTS = [1000, 5000, 20_000]
"""Of idle connections; the first of all servers, the others of those that are made for so many."""
WARM = 50
SETTLING = 3.0
"""Seconds. A connection that has been idle for one gives back what it can do without."""
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
            if not re.match(rb"HTTP/1\.[01] 200 ", head):
                raise ConnectionError(f"the server answered {head[:40]!r}")
            return
        received = connection.recv(65536)
        if not received:
            raise ConnectionError(f"the server ended a connection after {text[:40]!r}")
        text += received


def open_some(port: int, first: int, count: int) -> list[socket.socket]:
    """Their ends leave no trace, so that their ports can be had again at once."""
    found = []
    for number in range(first, first + count):
        connection = connect(port, timeout=30, number=number)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        found.append(connection)
    return found


def in_turn(port: int, first: int, count: int) -> list[socket.socket]:
    """Connections that have each had an answer before the next was opened."""
    found = []
    for number in range(first, first + count):
        found += open_some(port, number, 1)
        ask(found[-1], "/plain")
        answer(found[-1])
    return found


def at_once(port: int, first: int, count: int) -> list[socket.socket]:
    """Connections that were all open, and had all asked, before the first answer was read."""
    found = open_some(port, first, count)
    for connection in found:
        ask(connection, "/plain")
    for connection in found:
        answer(connection)
    return found


def sleeping(port: int, first: int, count: int) -> list[socket.socket]:
    """Connections whose answer is to come when all has been looked at."""
    found = open_some(port, first, count)
    for connection in found:
        ask(connection, f"/sleep/{2 * SETTLING + 4}")
    return found


def closed(connections: list[socket.socket]) -> int:
    """How many the server has closed."""
    found = 0
    for connection in connections:
        patience = connection.gettimeout()
        connection.setblocking(False)
        try:
            found += connection.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            pass
        except OSError:
            found += 1
        connection.settimeout(patience)
    return found


def growth(running: Running, opened, count: int, are_kept: bool = True) -> float:
    """Bytes that a connection adds to the server's memory (PSS)."""
    warm = in_turn(running.port, 0, WARM)
    connections = []
    try:
        time.sleep(SETTLING)
        before = proc.usage(running.pid).pss
        connections = opened(running.port, WARM, count)
        time.sleep(SETTLING)
        grown = proc.usage(running.pid).pss - before
        if are_kept and (gone := closed(connections)):
            raise ConnectionError(f"the server closed {gone:,} of {count:,} connections before they were looked at")
        for connection in connections if opened is sleeping else []:
            answer(connection)
        return grown * 1e6 / count
    finally:
        for connection in warm + connections:
            connection.close()


class MemoryPart(SampledPart):
    name = "memory"
    title = "Memory of a connection"
    is_timed = False
    most_rounds = 2

    @property
    def about(self) -> str:
        return (
            "How much the memory of all the server's processes (PSS) grows by each kept connection, the kernel's part not counted. "
            "Idle: each has had an answer before the next was opened, and three seconds have passed. After a rush: all had "
            "asked before the first was answered. `sync` keeps no connection: what is shown is what a client leaves behind. nginx has "
            "made some 400 bytes of room for each at its start, which are not in its figure.") + descriptors.remark(COUNTS)

    def _all(self) -> list[tuple[int, Server]]:
        counts = descriptors.allowed(COUNTS)
        first, found = counts[0], []
        for count in counts:
            room = min(count + WARM + 100, descriptors.limit() - 100)
            kept = f"--worker-connections {room}"
            found.append((count, greenfinch(f"-w 1 -k green {kept} --keep-alive 300", self._bench.hello)))
            if count == first:
                found.append((count, greenfinch(f"-w 1 --threads {room} {kept} --keep-alive 300", self._bench.hello)))
                found.append((count, greenfinch("-w 1 -k sync", self._bench.hello)))
                found.append((count, gunicorn(f"-w 1 -k gevent {kept} --keep-alive 300")))
            found.append((count, nginx(self._bench.results / "build" / "nginx")))
        return found

    def _kinds(self, count: int, server: Server) -> dict:
        """What is measured of a server, by the figure's name."""
        if count > min(COUNTS) or "-k sync" in server.name:
            return {"idle_bytes": in_turn}
        ours = {"busy_bytes": sleeping} if server.name.startswith("greenfinch") else {}
        return {"idle_bytes": in_turn, "rush_bytes": at_once, **ours}

    def seconds_a_round(self, effort: Effort) -> float:
        return sum(2 * SETTLING + 2.5 + count / 4000 + (SETTLING + 4) * (kind is sleeping)
                   for count, server in self._all() if not server.missing for kind in self._kinds(count, server).values())

    def run_round(self, number: int) -> None:
        log = native.RESULTS / "logs" / "memory.log"
        for count, server in self._all():
            row, name = f"{count:,} connections", short(server.name)
            if server.missing or self.failed(f"{name}, {row}"):
                continue
            self._bench.say(f"{name}, {row}")
            try:
                for figure, opened in self._kinds(count, server).items():
                    with Running(server, log, self._bench.server_core) as running:
                        self.keep(row, name, **{figure: growth(running, opened, count, are_kept="-k sync" not in server.name)})
            except (DidNotStart, OSError) as problem:
                self.fail(f"{name}, {row}", problem)
