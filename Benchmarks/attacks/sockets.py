"""Connections of the attackers': to the loopback, and to nowhere else."""

from __future__ import annotations

import socket
import struct

LOOPBACK = "127.0.0.1"
PATIENCE = 2.0
"""Seconds: an attack that waits for its server would not end in time."""


def connect(port: int, receive_buffer: int = 0) -> socket.socket:
    connection = socket.socket()
    try:
        if receive_buffer:
            # Before it connects: the window that is offered first depends on it, tcp(7).
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(PATIENCE)
        connection.connect((LOOPBACK, port))
    except BaseException:
        connection.close()
        raise
    return connection


def reset(connection: socket.socket) -> None:
    """Ends it by a reset, without a word: SO_LINGER of no time, socket(7)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def has_ended(connection: socket.socket) -> bool:
    """Whether the server has ended it, as far as that is seen without reading all that has come."""
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def ask(port: int, request: bytes) -> bytes:
    """The body of the answer to a request that asks for the connection to be closed after it."""
    with connect(port) as connection:
        connection.sendall(request)
        answer = b""
        while len(answer) < 1 << 20 and (received := connection.recv(65_536)):
            answer += received
    return answer.partition(b"\r\n\r\n")[2]


def due(elapsed: float, seconds: float, at_once: int, most: int) -> int:
    """How many connections may have been opened by now, so that `most` of them last to the end."""
    at_once = min(at_once, most)
    share = 1.0 if seconds <= 0 else min(1.0, elapsed / seconds)
    return at_once + int((most - at_once) * share)
