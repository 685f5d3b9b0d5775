#!/usr/bin/env python3
"""How long `/plain` takes beside one client that downloads, and one that uploads, a gigabyte: percentiles of a request at
a time on one connection, beside nothing, beside the download and beside the upload.

The one green worker has a core of its own; who asks and who transfers share the other, and so each other's time. The
program is the tests' own, `app`, built for release; its watchdog tells of every fiber that kept the loop for longer than
`--hold` milliseconds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import socket
import sys
import time
from pathlib import Path

import native
import proc
from running import DidNotStart, Running
from servers import ROOT, Server

APP = ROOT / ".build-release" / "release" / "app"
BUILD = "swift build -c release --static-swift-stdlib --scratch-path .build-release --product app"
PIECE = 256 << 10


def connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def head_of(connection: socket.socket) -> bytes:
    """The head of an answer, with what has come of its body."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        received = connection.recv(65536)
        if not received:
            raise ConnectionError("the server ended the connection")
        answer += received
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise ConnectionError(f"it answered {answer[:60]!r}")
    return answer


def download(port: int, count: int) -> None:
    with connect(port) as connection:
        connection.sendall(f"GET /stream/{count} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        got = len(head_of(connection).partition(b"\r\n\r\n")[2])
        room = bytearray(PIECE)
        while received := connection.recv_into(room):
            got += received
        if got != count:
            raise ConnectionError(f"{got} bytes of {count}")


def upload(port: int, count: int) -> None:
    with connect(port) as connection:
        connection.sendall(f"POST /take/stream HTTP/1.1\r\nHost: x\r\nContent-Length: {count}\r\n\r\n".encode())
        piece = memoryview(bytes(PIECE))
        left = count
        while left:
            left -= connection.send(piece[: min(left, PIECE)])
        taken = head_of(connection).partition(b"\r\n\r\n")[2].split()
        if int(taken[0]) != count:
            raise ConnectionError(f"it took {taken[0]} bytes of {count}")


def ask(connection: socket.socket) -> float:
    """The milliseconds of one request."""
    start = time.perf_counter()
    connection.sendall(b"GET /plain HTTP/1.1\r\nHost: x\r\n\r\n")
    head_of(connection)
    return (time.perf_counter() - start) * 1000


def beside(port: int, core: int, transfer, count: int) -> tuple[list[float], float]:
    """The times of requests as long as the transfer goes on, and how long that was."""
    os.sched_setaffinity(0, {core})
    with connect(port) as connection:
        for _ in range(100):
            ask(connection)
        other = multiprocessing.Process(target=transfer, args=(port, count))
        times = []
        start = time.perf_counter()
        other.start()
        while other.is_alive():
            times.append(ask(connection))
        seconds = time.perf_counter() - start
        other.join()
    if other.exitcode != 0:
        raise DidNotStart(f"the {transfer.__name__} failed")
    return times, seconds


def rest(port: int, _: int) -> None:
    time.sleep(2)


def percentile(times: list[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def resident(running: Running) -> int:
    """The most memory that the worker has had, in MB."""
    status = Path(f"/proc/{proc.tree(running.pid)[-1]}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1000, metavar="MB", help="(default: %(default)s)")
    parser.add_argument("--hold", type=float, default=2, metavar="MS", help="(default: %(default)s)")
    parser.add_argument("--server", type=Path, default=APP, metavar="PATH", help="the tests' program `app`, built")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        parser.error("it takes two cores")
    if not options.server.exists():
        parser.error(f"{options.server} is not built: {BUILD}")
    server = Server("app", (str(options.server.absolute()), "-w", "1", "-k", "green", "--limit-request-body", "0",
                            "-b", "127.0.0.1:{port}"),
                    environment={"GREEN_MAX_BLOCKING_TIME": f"{options.hold}ms"})
    log = native.RESULTS / "logs" / "beside.log"
    print(f"{'/plain beside':16}{'requests':>10}{'p50':>9}{'p90':>9}{'p99':>9}{'longest':>9}  ms{'MB/s':>8}{'worker MB':>11}")
    try:
        with Running(server, log, cores[0]) as running:
            for transfer, name in ((rest, "nothing"), (download, "a download"), (upload, "an upload")):
                count = options.size * 1_000_000
                times, seconds = beside(running.port, cores[1], transfer, count)
                figures = "".join(f"{percentile(times, part):9.3f}" for part in (0.5, 0.9, 0.99, 1))
                rate = f"{options.size / seconds:8.0f}" if transfer is not rest else " " * 8
                print(f"{name:16}{len(times):10}{figures}    {rate}{resident(running):11}", flush=True)
    except (DidNotStart, OSError) as problem:
        sys.exit(f"beside.py: {problem}")
    reports = re.findall(r".* held the thread for at least .*", log.read_text(errors="replace"))
    more = sum(int(found) for line in reports for found in re.findall(r"(\d+) more since the last report", line))
    print(f"\nthe loop was held for longer than {options.hold} ms {len(reports) + more} times")
    for line in reports[:5]:
        print(f"    {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
