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
import struct
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import attackers
import proc
from running import Running
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


@dataclass
class Answer:
    """One answer that an honest client got, and what of its time nobody spent on it."""
    seconds: float
    worker_waited: float
    """Seconds in which the worker was ready to run, and something else had its processor."""
    client_waited: float
    resent: int
    """Segments that had to be sent again: the first of a connection, for which there was no room in a queue, after a second."""

    def shown(self) -> str:
        return (f"{1000 * self.seconds:.0f} ms, in which the worker waited {1000 * self.worker_waited:.0f} ms for a processor "
                f"and the client {1000 * self.client_waited:.0f} ms, and {self.resent} segments were sent again")


class Honest(Beside):
    """Clients that ask for /plain a hundred times a second, every second time on a new connection, while a `with` block runs."""

    def __init__(self, port: int, worker: int):
        super().__init__()
        self.answers: list[Answer] = []
        self.failures: list[str] = []
        self._port = port
        self._worker = worker
        self._kept: socket.socket | None = None

    def _run(self) -> None:
        while not self._done.wait(0.005):
            for keeps in (False, True):
                before = time.perf_counter(), *self._waited()
                try:
                    resent = self._ask(keeps)
                except OSError as error:
                    self.failures.append(str(error))
                    self._kept = None
                    continue
                after = time.perf_counter(), *self._waited()
                self.answers.append(Answer(*(end - start for start, end in zip(before, after)), resent))

    def _waited(self) -> tuple[float, float]:
        return proc.waited_for_processor(self._worker), proc.waited_for_processor(threading.get_native_id())

    def _ask(self, keeps: bool) -> int:
        """One request. Returns how many segments this side has sent again for it."""
        kept, self._kept = (self._kept, None) if keeps else (None, self._kept)
        connection = kept or attackers.connect(self._port)
        before = resent(connection) if kept else 0
        connection.sendall(b"GET /plain HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = connection.recv(4096)
        if kept and not answer:
            return self._ask(keeps)  # ended meanwhile, as a server may
        if not answer.endswith(b"Hello World!"):
            raise OSError("another answer")
        again = resent(connection) - before
        if keeps:
            self._kept = connection
        else:
            connection.close()
        return again

    def shown(self) -> str:
        latencies = [answer.seconds for answer in self.answers]
        if len(latencies) < 100:
            return f"{len(latencies)} answers"
        percentiles = statistics.quantiles(latencies, n=100)
        return " / ".join(f"{1000 * figure:.1f}" for figure in (percentiles[49], percentiles[98], max(latencies)))

    @property
    def longest(self) -> Answer:
        return max(self.answers, key=lambda answer: answer.seconds, default=Answer(0, 0, 0, 0))


def resent(connection: socket.socket) -> int:
    """`tcpi_total_retrans` of tcp(7)."""
    return struct.unpack_from("=I", connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 100)[0]


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
        with Honest(server.port, worker) as before:
            time.sleep(3)
        memory_before, cpu = resident(worker), proc.cpu_seconds(server.pid)
        with multiprocessing.Pool(1) as pool, Memory(worker) as memory:
            attack = pool.apply_async(attackers.run, (name, server.port, seconds))
            time.sleep(1)
            with Honest(server.port, worker) as during:
                said = attack.get(seconds + 90)
        cpu = (proc.cpu_seconds(server.pid) - cpu) / seconds
        time.sleep(4)
        with Honest(server.port, worker) as after:
            time.sleep(3)
        memory_after = resident(worker)
        survived = proc.children(server.pid) == [worker]
    failures = before.failures + during.failures + after.failures
    sizes = f"{memory_before:.0f} | {memory.highest:.0f} | {memory_after:.0f}"
    print(f"| {name} | {before.shown()} | {during.shown()} | {after.shown()} | {len(failures)} | {sizes} | "
          f"{100 * cpu:.0f} % | {said} |", flush=True)
    print(f"  the longest answer meanwhile took {during.longest.shown()}", file=sys.stderr)
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
