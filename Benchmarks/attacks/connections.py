"""Connections that bring no request: silent, reset at once, or in a handshake of TLS that does not go on."""

from __future__ import annotations

import ssl
import time

from attack import MOST_CONNECTIONS, Attack, Target
from holding import hold
from sockets import connect, due, reset

HANDSHAKES = 2_000
TURN = 0.1
"""Seconds between two bursts."""


def silent(target: Target) -> str:
    return hold(target, MOST_CONNECTIONS)


STARTS = (b"", b"GET /pl", b"GET /plain HTTP/1.1\r\nHost: a\r\n\r\n")
"""What has been sent when a connection is reset, in turns."""


def reset_storm(target: Target) -> str:
    """Ten bursts a second: each opens its share of the connections, and then resets them all."""
    began = time.monotonic()
    opened = refused = 0
    share = max(1, round(target.most * TURN / target.seconds))
    while (elapsed := time.monotonic() - began) < target.seconds:
        burst = []
        for number in range(opened, due(elapsed, target.seconds, share, target.most)):
            try:
                connection = connect(target.port)
            except OSError:
                refused += 1
                break
            burst.append(connection)
            try:
                connection.sendall(STARTS[number % len(STARTS)])
            except OSError:
                pass  # ended by the server before it could be reset
        opened += len(burst)
        for connection in burst:
            reset(connection)
        time.sleep(max(0.0, TURN - (time.monotonic() - began - elapsed)))
    return f"{opened:,} connections, and {refused:,} could not be opened"


def client_hello() -> bytes:
    """The first message of a handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    sent = ssl.MemoryBIO()
    handshake = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost")
    try:
        handshake.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return sent.read()


def stopped_handshakes(target: Target) -> str:
    """In turns after the first byte, in the middle of the first message, and after it, when the server has answered."""
    hello = client_hello()
    return hold(target, HANDSHAKES, [hello[:1], hello[:len(hello) // 2], hello], over=target.seconds / 2)


ATTACKS = [
    Attack("silent", f"{MOST_CONNECTIONS:,} connections that say nothing", silent),
    Attack("reset-storm", f"{MOST_CONNECTIONS:,} connections that are reset as soon as they are there, some in a "
           "request", reset_storm),
    Attack("tls-stops", f"{HANDSHAKES:,} handshakes of TLS that do not go on", stopped_handshakes, "streams",
           secure=True),
]
