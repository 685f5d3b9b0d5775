"""Runs the loads that count exactly, requests.c and frames.c, and takes turns with them as exact.h says: the processor time of the
server is that of the requests which are counted, without opening connections, warming up and closing."""

from __future__ import annotations

import re
import select
import subprocess
import time
from dataclasses import dataclass

import load
import native
import proc

LAST = re.compile(r"(?:requests|messages) (\d+) seconds ([\d.]+) p50 (\d+) p99 (\d+) p999 (\d+)$")


@dataclass
class Counted:
    count: int
    seconds: float
    cpu: float
    """Seconds of the server's processor."""
    latencies: dict[str, float]
    """Milliseconds, as `p50_ms`."""
    load_cpu: float
    """Seconds of the load's own."""

    @property
    def cpu_us(self) -> float:
        return self.cpu / self.count * 1e6

    def figures(self, rate: str) -> dict[str, float]:
        return {rate: self.count / self.seconds, "cpu_us": self.cpu_us, **self.latencies}


def parse(line: str) -> tuple[int, float, dict[str, float]]:
    found = LAST.match(line.strip())
    if not found:
        raise load.LoadFailed(f"the load said: {line.strip() or 'nothing'}")
    latencies = {name: int(value) / 1000 for name, value in zip(("p50_ms", "p99_ms", "p999_ms"), found.groups()[2:])}
    return int(found[1]), float(found[2]), latencies


def _line(client: subprocess.Popen, name: str, patience: float) -> str:
    """Its next line; what it complained of where there is none."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if select.select([client.stdout], [], [], min(1, patience))[0]:
            if line := client.stdout.readline():
                return line.decode(errors="replace")
            raise load.LoadFailed(client.stderr.read().decode(errors="replace").strip() or f"{name} ended")
    raise load.LoadFailed(f"{name} said nothing for {patience:.0f} s")


def run(program: str, options: list[str], server: int, seconds: float, core: int | None, patience: float = 30) -> Counted:
    """`server` is its process. `patience` is for opening and warming up, and what may come after the seconds."""
    pin = ["taskset", "-c", str(core)] if core is not None else []
    command = [*pin, str(native.build(program)), *options]
    client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    try:
        if (said := _line(client, program, patience)) != "ready\n":
            raise load.LoadFailed(f"{program} said: {said.strip()}")
        cpu, own = proc.cpu_seconds(server), proc.cpu_seconds(client.pid)
        client.stdin.write(b"\n")
        count, took, latencies = parse(_line(client, program, seconds + patience))
        cpu, own = proc.cpu_seconds(server) - cpu, proc.cpu_seconds(client.pid) - own
    except OSError as problem:
        raise load.LoadFailed(f"{program}: {problem}") from None
    finally:
        client.kill()
        client.communicate()
    if not count:
        raise load.LoadFailed(f"{program}: no answer in {seconds} s")
    return Counted(count, took, cpu, latencies, own)


def requests(url: str, server: int, seconds: float, core: int | None, connections: int = 64, *more: str) -> Counted:
    """HTTP/1.1 on the loopback; `more` are options of requests.c."""
    port, slash, path = re.match(r"http://127\.0\.0\.1:(\d+)(/)?(.*)", url).groups()
    options = [port, f"{slash or '/'}{path}", str(connections), str(seconds), *more]
    return run("requests", options, server, seconds, core, patience=30 + connections / 200)
