"""Floods: as much as a few connections take, and another connection where the server has ended one."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from attack import Target
from sockets import connect, due


@dataclass
class Progress:
    """Of one connection."""
    rest: bytes
    """What is to be sent next."""
    asked: int = 0
    """How often it was asked what follows."""


class Flood:
    """Sends `beginning`, and then what `more` says of how often it was asked, on some connections at once."""

    def __init__(self, target: Target, beginning: bytes, more: Callable[[int], bytes], at_once: int, reads: bool):
        self._target, self._beginning, self._more = target, beginning, more
        self._at_once = min(at_once, target.most)
        self._events = selectors.EVENT_WRITE | (selectors.EVENT_READ if reads else 0)
        self._selector = selectors.DefaultSelector()
        self._open: dict[socket.socket, Progress] = {}
        self.opened = self.ended = self.sent = 0

    def run(self) -> None:
        began = time.monotonic()
        while (elapsed := time.monotonic() - began) < self._target.seconds:
            self._replace(elapsed)
            if not self._open:
                time.sleep(0.02)
                continue
            for key, events in self._selector.select(0.05):
                self._serve(key.fileobj, events)
        for connection in list(self._open):
            self._close(connection)
        self._selector.close()

    def _replace(self, elapsed: float) -> None:
        allowed = due(elapsed, self._target.seconds, self._at_once, self._target.most)
        while len(self._open) < self._at_once and self.opened < allowed:
            try:
                connection = connect(self._target.port)
            except OSError:
                return
            connection.setblocking(False)
            self._open[connection] = Progress(self._beginning)
            self._selector.register(connection, self._events)
            self.opened += 1

    def _serve(self, connection: socket.socket, events: int) -> None:
        try:
            if events & selectors.EVENT_READ and connection.recv(65_536) == b"":
                self._finish(connection)
            elif events & selectors.EVENT_WRITE:
                self._send(connection, self._open[connection])
        except BlockingIOError:
            pass
        except OSError:
            self._finish(connection)

    def _send(self, connection: socket.socket, progress: Progress) -> None:
        if not progress.rest:
            progress.rest = self._more(progress.asked)
            progress.asked += 1
        count = connection.send(progress.rest)
        progress.rest = progress.rest[count:]
        self.sent += count

    def _finish(self, connection: socket.socket) -> None:
        self.ended += 1
        self._close(connection)

    def _close(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        del self._open[connection]
        connection.close()


def flood(target: Target, beginning: bytes, more: Callable[[int], bytes], at_once: int = 8, reads: bool = True) -> str:
    it = Flood(target, beginning, more, at_once, reads)
    it.run()
    return f"{it.sent / 1e6:,.1f} MB in {it.opened:,} connections, of which the server ended {it.ended:,}"
