#!/usr/bin/env python3
"""HTTP/2 without TLS beside nginx, by nghttp2's `h2load`: requests a second, the worker's processor time a request, and the
mean time of a request, in turns.

One green worker and nginx's one worker have a core each in turn, `h2load` the other. The program is the tests' own,
`streams`, built for release.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import proc
from running import free_port
from servers import ROOT, nginx_program

STREAMS = ROOT / ".build-release" / "release" / "streams"
BUILD = "swift build -c release --static-swift-stdlib --scratch-path .build-release --product streams"
NGINX = """
worker_processes 1;
pid "{folder}/pid";
error_log "{folder}/errors.log";
daemon off;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{port} http2;
    location /plain {{ default_type "text/plain; charset=utf-8"; return 200 "Hello World!"; }}
  }}
}}
"""


class Served:
    """A server on a core of its own, in a `with` block."""

    def __init__(self, name: str, command: list[str], port: int, core: int):
        self.name, self.port = name, port
        self._command = ["setpriv", "--pdeathsig", "TERM", "taskset", "-c", str(core), *command]

    def __enter__(self) -> Served:
        self._process = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                time.sleep(0.1)
                if self._process.poll() is not None:
                    raise OSError(f"{self.name} has ended with status {self._process.returncode}")
                if "1 2xx" in load(self.port, 1, 1, 1, None):
                    return self
            raise OSError(f"{self.name} does not answer")
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def cpu_seconds(self) -> float:
        return proc.cpu_seconds(self._process.pid)


def load(port: int, requests: int, clients: int, streams: int, core: int | None, *more: str) -> str:
    pin = ["taskset", "-c", str(core)] if core is not None else []
    command = [*pin, "h2load", "-n", str(requests), "-c", str(clients), "-m", str(streams), *more]
    done = subprocess.run([*command, f"http://127.0.0.1:{port}/plain"], capture_output=True, text=True, timeout=300)
    return done.stdout


def measure(server: Served, options: argparse.Namespace, core: int) -> tuple[float, float, float]:
    """Requests a second, microseconds of the server's processor a request, and the mean time of a request in ms."""
    load(server.port, options.requests // 10, options.clients, options.streams, core)  # to warm up
    before = server.cpu_seconds()
    text = load(server.port, options.requests, options.clients, options.streams, core)
    spent = server.cpu_seconds() - before
    if f"{options.requests} 2xx" not in text:
        raise OSError(f"{server.name}: {text}")
    rate = float(re.search(r"([\d.]+) req/s", text)[1])
    mean, unit = re.search(r"time for request:\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)", text).groups()
    return rate, spent / options.requests * 1e6, float(mean) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def read_times(log: str) -> dict[str, float]:
    """Percentiles, in ms, of what `h2load --log-file` writes: when each request began, its status, and how many µs it took."""
    lines = [line.split("\t")[:3] for line in log.splitlines()]
    if wrong := [status for _, status, _ in lines if not status.startswith("2")]:
        raise OSError(f"{len(wrong)} answers of h2load's are not 2xx, the first is {wrong[0]}")
    times = sorted(int(time) for _, _, time in lines)
    if not times:
        raise OSError("h2load has written no request")
    shares = {"p50_ms": 0.5, "p99_ms": 0.99, "p999_ms": 0.999}
    return {name: times[min(len(times) - 1, int(share * len(times)))] / 1000 for name, share in shares.items()}


def percentiles(server: Served, options: argparse.Namespace, core: int) -> dict[str, float]:
    """In a run of its own, since writing costs the load time."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "times"
        load(server.port, options.requests // 4, options.clients, options.streams, core, f"--log-file={log}")
        return read_times(log.read_text())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("requests", 200_000), ("clients", 16), ("streams", 32), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=value, help="(default: %(default)s)")
    parser.add_argument("--server", type=Path, default=STREAMS, metavar="PATH", help="the tests' program `streams`, built")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        parser.error("it takes two cores")
    if not options.server.exists():
        parser.error(f"{options.server} is not built: {BUILD}")
    own, other = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "nginx.conf"
        settings.write_text(NGINX.format(folder=folder, port=other))
        green = [str(options.server.absolute()), "-k", "green", "-b", f"127.0.0.1:{own}", "--http-protocols", "h1,h2"]
        with Served("greenfinch", green, own, cores[0]) as one, \
                Served("nginx", [nginx_program() or "nginx", "-c", str(settings)], other, cores[0]) as two:
            figures = {server.name: [] for server in (one, two)}
            for _ in range(options.rounds):
                for server in (one, two):
                    figures[server.name].append(measure(server, options, cores[1]))
    print(f"{'':12}{'requests/s':>12}{'us of CPU':>11}{'mean ms':>9}")
    for name, rounds in figures.items():
        rate, spent, mean = (statistics.median(column) for column in zip(*rounds))
        print(f"{name:12}{rate:12.0f}{spent:11.2f}{mean:9.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
