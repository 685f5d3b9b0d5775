"""Connections that are kept: each says something at first, and little or nothing from then on."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence

from attack import Target
from sockets import connect, due, has_ended


class Hold:
    """`beginnings` are taken in turn. `drip` is sent every `interval` seconds; then `takes` bytes are read, or all
    where it is None. They are opened as fast as the server takes them, or, where `over` is given, spread over so many
    seconds."""

    def __init__(self, target: Target, count: int, beginnings: Sequence[bytes] = (b"",), drip: bytes = b"",
                 interval: float = 1.0, takes: int | None = None, receive_buffer: int = 0, over: float = 0.0):
        self._target, self._count = target, min(count, target.most)
        self._beginnings, self._drip, self._interval = beginnings, drip, interval
        self._takes, self._receive_buffer, self._over = takes, receive_buffer, over
        self._kept: list[socket.socket] = []
        self.opened = self.ended = 0

    def run(self) -> None:
        began = time.monotonic()
        next_turn = began + self._interval
        while (now := time.monotonic()) < began + self._target.seconds:
            if now >= next_turn:
                self._take_turns()
                next_turn = now + self._interval
            if self.opened < self._due(now - began):
                self._open()
            else:
                time.sleep(0.01)
        self.ended += sum(has_ended(connection) for connection in self._kept)
        for connection in self._kept:
            connection.close()

    def _due(self, elapsed: float) -> int:
        return due(elapsed, self._over, 0, self._count)

    def _open(self) -> None:
        try:
            connection = connect(self._target.port, self._receive_buffer)
        except OSError:
            time.sleep(0.05)
            return
        beginning = self._beginnings[self.opened % len(self._beginnings)]
        self.opened += 1
        try:
            connection.sendall(beginning)
        except OSError:
            self.ended += 1
            connection.close()
            return
        connection.setblocking(False)
        self._kept.append(connection)

    def _take_turns(self) -> None:
        kept = []
        for connection in self._kept:
            if self._is_there(connection):
                kept.append(connection)
            else:
                self.ended += 1
                connection.close()
        self._kept = kept

    def _is_there(self, connection: socket.socket) -> bool:
        try:
            if self._drip:
                connection.send(self._drip)
            if self._takes is not None:
                return connection.recv(self._takes) != b""
            # No more at a time than others wait for.
            for _ in range(16):
                if connection.recv(65_536) == b"":
                    return False
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True


def hold(target: Target, count: int, beginnings: Sequence[bytes] = (b"",), **how) -> str:
    it = Hold(target, count, beginnings, **how)
    it.run()
    return f"{it.opened:,} connections, of which the server ended {it.ended:,}"
