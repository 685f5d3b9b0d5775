#!/usr/bin/env python3
"""Counts the system calls that a request costs one green worker, by `strace -c -f` over 10,000 keep-alive requests;
with `--close` those of a whole connection, over as many requests of `ab` that each have one of their own.

strace is attached to the worker after its connections are open, and the client makes an exact number of requests, so
that the counts are of requests and nothing else. Under strace the server is slow: the batches that one epoll_wait
brings are larger or smaller than without.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import load
import native
import proc
from running import DidNotStart, Running
from servers import HELLO, Server, epoll, greenfinch

KINDS = {
    "accept": {"accept4", "accept"},
    "recv": {"read", "readv", "preadv", "preadv2", "recvfrom", "recvmsg", "recvmmsg"},
    "send": {"write", "writev", "pwritev", "pwritev2", "sendto", "sendmsg", "sendmmsg", "sendfile"},
    "epoll_wait": {"epoll_wait", "epoll_pwait", "epoll_pwait2"},
    "epoll_ctl": {"epoll_ctl"},
}


def parse(summary: str) -> dict[str, tuple[int, int]]:
    """Calls and errors by name, from the table that `strace -c` writes."""
    lines = re.findall(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(\d+)? +(\w+)$", summary, re.MULTILINE)
    return {name: (int(calls), int(errors or 0)) for calls, errors, name in lines if name != "total"}


def attach(running: Running) -> tuple[subprocess.Popen[str], Path]:
    """strace at the worker, and where it will write."""
    worker = proc.tree(running.pid)[-1]  # the only worker, or the process itself where there is none
    summary = native.RESULTS / "build" / "strace"
    summary.unlink(missing_ok=True)
    tracer = subprocess.Popen(["strace", "-c", "-f", "-o", str(summary), "-p", str(worker)],
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = tracer.stderr.readline()
    if "attached" not in said:
        tracer.kill()
        raise DidNotStart(f"strace could not attach to the worker (see kernel.yama.ptrace_scope): {said.strip()}")
    time.sleep(0.1)  # the worker's other threads are attached one after the other
    return tracer, summary


def detach(tracer: subprocess.Popen[str]) -> None:
    tracer.send_signal(signal.SIGINT)
    try:
        tracer.communicate(timeout=20)
    finally:
        if tracer.poll() is None:
            tracer.kill()
            tracer.wait()


def count_connections(running: Running, requests: int, connections: int) -> dict[str, tuple[int, int]]:
    tracer, summary = attach(running)
    try:
        done = load.run(load.ab(f"http://127.0.0.1:{running.port}/plain", requests, connections), 120, None)
    finally:
        detach(tracer)
    if done.failures or done.figures["requests"] != requests:
        raise DidNotStart(f"ab: {done.complaints or 'it failed'}")
    return parse(summary.read_text())


def count(running: Running, requests: int, connections: int, drive: Path) -> dict[str, tuple[int, int]]:
    client = subprocess.Popen([str(drive), str(running.port), "/plain", str(connections), str(requests)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    tracer = None
    try:
        if client.stdout.readline() != "connected\n":
            raise DidNotStart("drive could not connect")
        tracer, summary = attach(running)
        client.stdin.write("\n")
        client.stdin.flush()
        result = client.stdout.readline()
        detach(tracer)
        client.communicate("\n", timeout=20)
    finally:
        for process in (client, tracer):
            if process and process.poll() is None:
                process.kill()
                process.wait()
    if not re.match(rf"requests {requests} failures 0 ", result):
        raise DidNotStart(f"drive: {result.strip() or 'it failed'}")
    return parse(summary.read_text())


def show(server: Server, calls: dict[str, tuple[int, int]], requests: int) -> None:
    print(f"{server.name}: system calls over {requests} requests\n")
    print(f"{'':28}{'calls':>9}{'a request':>11}{'failed':>9}")
    for kind, names in KINDS.items():
        total = sum(calls[name][0] for name in names if name in calls)
        failed = sum(calls[name][1] for name in names if name in calls)
        print(f"{kind:28}{total:9}{total / requests:11.4f}{failed:9}")
    grouped = set.union(*KINDS.values())
    print("\nall others")
    for name, (total, failed) in sorted(calls.items(), key=lambda call: -call[1][0]):
        if name not in grouped:
            print(f"{name:28}{total:9}{total / requests:11.4f}{failed:9}")
    total = sum(total for total, _ in calls.values())
    print(f"{'together':28}{total:9}{total / requests:11.4f}\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000, metavar="N")
    parser.add_argument("--connections", type=int, default=64, metavar="N")
    parser.add_argument("--server", type=Path, default=HELLO, metavar="PATH", help="the built example `hello`")
    parser.add_argument("--options", default="-w 1 -k green", help="its options (default: %(default)s)")
    parser.add_argument("--close", action="store_true", help="a connection for each request")
    parser.add_argument("--epoll", action="store_true", help="count the ceiling, epoll.c, instead")
    options = parser.parse_args()
    if not 1 <= options.connections <= 1000 or not 1 <= options.requests <= 10_000_000:
        parser.error("1 to 1000 connections, 1 to 10,000,000 requests")
    if not shutil.which("strace"):
        parser.error("not installed: strace")
    drive = native.build("drive")
    if options.epoll:
        server = epoll(native.build("epoll"), "--close" if options.close else "")
    else:
        server = greenfinch(options.options, options.server.absolute())
    if server.missing:
        sys.exit(f"syscalls.py: {server.missing}")
    core = min(os.sched_getaffinity(0))
    try:
        with Running(server, native.RESULTS / "logs" / "syscalls.log", core) as running:
            if options.close:
                calls = count_connections(running, options.requests, options.connections)
            else:
                calls = count(running, options.requests, options.connections, drive)
    except (DidNotStart, subprocess.TimeoutExpired) as problem:
        sys.exit(f"syscalls.py: {problem}")
    show(server, calls, options.requests)
    return 0


if __name__ == "__main__":
    sys.exit(main())
