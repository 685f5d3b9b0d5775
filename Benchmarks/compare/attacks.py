#!/usr/bin/env python3
"""What honest clients notice of clients that mean no good, and what those cost the server: the latency of /plain, and the
worker's memory, before an attack, during it, and after it. One green worker on core 0; the attack and the honest client share
core 1, where the honest one goes first. Everything stays on the loopback, and is bounded in connections and in time.

    swift build -c release --static-swift-stdlib --scratch-path .build-release --product streams
    Benchmarks/compare/attacks.py [--seconds 15] [--only slow]

It ends with 1 where an honest request failed, or where the worker did not give the memory back.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import attackers
import proc
from running import Running, get
from servers import ROOT, Server

STREAMS = ROOT / ".build-release/release/streams"
MOST_KEPT = 100.0
"""Megabytes by which a worker may be larger some seconds after an attack than before it."""


class Beside:
    """What runs on a thread of its own while a `with` block runs."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Beside:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        """Goes on until `_done` is set."""
        raise NotImplementedError


class Honest(Beside):
    """Clients that ask for /plain a hundred times a second, every second time on a new connection, while a `with` block runs."""

    def __init__(self, port: int):
        super().__init__()
        self.latencies: list[float] = []
        self.failures: list[str] = []
        self._port = port

    def _run(self) -> None:
        kept: socket.socket | None = None
        while not self._done.wait(0.005):
            began = time.perf_counter()
            try:
                if not get(self._port, "/plain").endswith(b"Hello World!"):
                    self.failures.append("another answer")
                self.latencies.append(time.perf_counter() - began)
                began = time.perf_counter()
                kept = kept or attackers.connect(self._port)
                kept.sendall(b"GET /plain HTTP/1.1\r\nHost: a\r\n\r\n")
                if kept.recv(4096).endswith(b"Hello World!"):
                    self.latencies.append(time.perf_counter() - began)
                else:
                    kept = None
            except OSError as error:
                self.failures.append(str(error))
                kept = None

    def shown(self) -> str:
        if len(self.latencies) < 100:
            return f"{len(self.latencies)} answers"
        percentiles = statistics.quantiles(self.latencies, n=100)
        return " / ".join(f"{1000 * figure:.1f}" for figure in (percentiles[49], percentiles[98], max(self.latencies)))


class Memory(Beside):
    """The highest resident size of the worker while a `with` block runs, in megabytes."""

    def __init__(self, worker: int):
        super().__init__()
        self.highest = 0.0
        self._worker = worker

    def _run(self) -> None:
        while not self._done.wait(0.05):
            self.highest = max(self.highest, resident(self._worker))


def resident(pid: int) -> float:
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(name: str, seconds: int, log: Path) -> bool:
    options = "-k green -w 1 --worker-connections 20000 --http-protocols h1,h2 -b 127.0.0.1:{port}"
    command = (str(STREAMS), *options.split())
    with Running(Server("streams", command), log, core=0) as server:
        worker = proc.children(server.pid)[0]
        with Honest(server.port) as before:
            time.sleep(3)
        memory_before, cpu = resident(worker), proc.cpu_seconds(server.pid)
        with multiprocessing.Pool(1) as pool, Memory(worker) as memory:
            attack = pool.apply_async(attackers.run, (name, server.port, seconds))
            time.sleep(1)
            with Honest(server.port) as during:
                said = attack.get(seconds + 90)
        cpu = (proc.cpu_seconds(server.pid) - cpu) / seconds
        time.sleep(4)
        with Honest(server.port) as after:
            time.sleep(3)
        memory_after = resident(worker)
        survived = proc.children(server.pid) == [worker]
    failures = before.failures + during.failures + after.failures
    sizes = f"{memory_before:.0f} | {memory.highest:.0f} | {memory_after:.0f}"
    print(f"| {name} | {before.shown()} | {during.shown()} | {after.shown()} | {len(failures)} | {sizes} | "
          f"{100 * cpu:.0f} % | {said} |", flush=True)
    for failure in failures[:3]:
        print(f"  {failure}", file=sys.stderr)
    if not survived:
        print("  the worker has died", file=sys.stderr)
    return not failures and survived and memory_after - memory_before < MOST_KEPT


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=15, help="how long each attack lasts (%(default)s)")
    parser.add_argument("--only", action="append", metavar="NAME", help="attacks with NAME in their name (may be repeated)")
    options = parser.parse_args()
    if not STREAMS.exists():
        parser.error(f"{STREAMS} is not built")
    if not shutil.which("slowhttptest"):
        parser.error("not installed: slowhttptest")
    os.sched_setaffinity(0, {1})
    chosen = [name for name in attackers.ATTACKS if not options.only or any(part in name for part in options.only)]
    print("Latency in ms: median / 99th percentile / highest. Memory of the worker in MB: before, highest, after.\n")
    print("| attack | before | during | after | failed | before | highest | after | CPU | what became of it |")
    print("| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |")
    with tempfile.TemporaryDirectory() as folder:
        good = [measure(name, options.seconds, Path(folder) / "log") for name in chosen]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
