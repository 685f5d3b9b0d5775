#!/usr/bin/env python3
"""What the kernel's io_uring would take or save: uring.c (multishot receives, sends given over together) beside epoll.c (one
recv and one send a request), both with a fixed answer, one core for the server and one for the client. The figure is the
server's processor time for a request, by runs that alternate.

    Benchmarks/compare/uring.py [--rounds 5] [--requests 200000]
"""
from __future__ import annotations

import argparse
import os
import subprocess
import time
from statistics import median

import native
import proc
from running import free_port

CONNECTIONS = (64, 1000)
CORES = sorted(os.sched_getaffinity(0))


def pinned(core: int, *command: str) -> list[str]:
    return ["taskset", "-c", str(core), *command]


def measure(name: str, connections: int, requests: int) -> float:
    """Microseconds of processor time for a request."""
    port = str(free_port())
    server = subprocess.Popen(pinned(CORES[0], str(native.build(name)), port), stdout=subprocess.DEVNULL)
    client = None
    try:
        time.sleep(0.3)
        client = subprocess.Popen(pinned(CORES[-1], str(native.build("drive")), port, "/", str(connections), str(requests)),
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert client.stdout.readline().startswith("connected"), "the client did not connect"
        before = proc.cpu_seconds(server.pid)
        client.stdin.write("\n")
        client.stdin.flush()
        told = client.stdout.readline().split()
        used = proc.cpu_seconds(server.pid) - before
        assert told[:4] == ["requests", str(requests), "failures", "0"], told
        return used / requests * 1e6
    finally:
        for process in (client, server):
            if process is not None:
                process.kill()
                process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=100_000)
    options = parser.parse_args()
    print("| connections | epoll, µs CPU | io_uring, µs CPU | io_uring ÷ epoll |\n| --- | --- | --- | --- |")
    for connections in CONNECTIONS:
        found: dict[str, list[float]] = {"epoll": [], "uring": []}
        for number in range(options.rounds):
            for name in sorted(found, reverse=number % 2 == 1):
                found[name].append(measure(name, connections, options.requests))
        ratios = [one / other for one, other in zip(found["uring"], found["epoll"])]
        cells = [f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})" for values in (*found.values(), ratios)]
        print(f"| {connections} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
