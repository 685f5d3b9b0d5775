"""HTTP/2 beside nginx, and echoes of WebSocket messages beside the ceiling and peers."""

from __future__ import annotations

import argparse
import subprocess
import time
from pathlib import Path
from typing import Callable

import exact
import http2
import load
import native
from part import Effort, NotMeasured
from running import DidNotStart, Running, connect, free_port
from sampled import SampledPart
from servers import Server, epoll, nginx_program, websocket_peers
from suite_parts import STREAMS


class HTTP2Part(SampledPart):
    name = "http2"
    title = "HTTP/2"
    about = ("`h2load -c 16 -m 32` on `/plain` without TLS: each request is a fiber; one worker on one core. nginx is the peer. The "
             "percentiles are those of a run of their own, in which `h2load` writes the time of each request.")

    def prepare(self) -> None:
        if not STREAMS.exists():
            raise NotMeasured(f"{STREAMS.name} is not built: make bench-programs")

    def seconds_a_round(self, effort: Effort) -> float:
        return 2 * (1.5 * effort.seconds + 2)

    def run_round(self, number: int) -> None:
        options = argparse.Namespace(requests=30_000 * self._bench.seconds, clients=16, streams=32)
        for name in ("Greenfinch green", "nginx"):
            if self.failed(name):
                continue
            self._bench.say(name)
            port = free_port()
            try:
                with http2.Served(name, self._command(name, port), port, self._bench.server_core or 0) as served:
                    rate, spent, mean = http2.measure(served, options, self._bench.load_core)
                    latencies = http2.percentiles(served, options, self._bench.load_core)
                self.keep("/plain over HTTP/2", name, rps=rate, cpu_us=spent, mean_ms=mean, **latencies)
            except (OSError, subprocess.SubprocessError) as problem:
                self.fail(name, problem)

    def _command(self, name: str, port: int) -> list[str]:
        if name != "nginx":
            return [str(STREAMS), "-w", "1", "-k", "green", "-b", f"127.0.0.1:{port}", "--http-protocols", "h1,h2"]
        folder = self._bench.results / "build" / "nginx-http2"
        folder.mkdir(parents=True, exist_ok=True)
        settings = folder / "nginx.conf"
        settings.write_text(http2.NGINX.format(folder=folder, port=port))
        return [nginx_program() or "nginx", "-c", str(settings)]


class WebSocketPart(SampledPart):
    name = "websocket"
    title = "WebSocket"
    about = ("Connections that each send 64 bytes and wait for the echo; one worker on one core. The ceiling sends as many bytes "
             "without looking at any, and without a handshake.")
    size = 64
    counts = (64, 1000)

    def prepare(self) -> None:
        if not STREAMS.exists():
            raise NotMeasured(f"{STREAMS.name} is not built: make bench-programs")
        native.build("frames")

    def _servers(self) -> list[Server]:
        options = ("-w", "1", "-k", "green", "--worker-connections", "2000", "-b", "127.0.0.1:{port}")
        return [Server("Greenfinch green", (str(STREAMS), *options)), *(each for each in websocket_peers() if not each.missing)]

    def seconds_a_round(self, effort: Effort) -> float:
        return len(self.counts) * (len(self._servers()) + 1) * (effort.seconds + 3)

    def run_round(self, number: int) -> None:
        log = native.RESULTS / "logs" / "websocket.log"
        for count in self.counts:
            for server in self._servers():
                self._try(server.name, count, lambda: self._serve(server, log, count))
            self._try("epoll in C", count, lambda: self._ceiling(count))

    def _try(self, name: str, count: int, measure: Callable[[], None]) -> None:
        if self.failed(key := f"{name}, {count:,} connections"):
            return
        self._bench.say(key)
        try:
            measure()
        except (DidNotStart, load.LoadFailed, OSError, subprocess.SubprocessError) as problem:
            self.fail(key, problem)

    def _serve(self, server: Server, log: Path, count: int) -> None:
        with Running(server, log, self._bench.server_core) as running:
            self._load(server.name, running.pid, running.port, "/socket", count)

    def _ceiling(self, count: int) -> None:
        """It speaks no HTTP here, so that nothing but a connection tells that it serves."""
        response = Path(self._bench.results / "build" / "echo")
        response.write_bytes(bytes([0x81, self.size]) + bytes(ord("a") + index % 26 for index in range(self.size)))
        port = free_port()
        command = epoll(self._bench.epoll, "", response).command_line(port)
        pin = ["taskset", "-c", str(self._bench.server_core or 0)]
        process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *pin, *command], stderr=subprocess.DEVNULL)
        try:
            await_listener(process, port)
            self._load("epoll in C", process.pid, port, "-", count)
        finally:
            process.terminate()
            process.wait()

    def _load(self, name: str, pid: int, port: int, path: str, count: int) -> None:
        options = [str(port), path, str(count), str(self.size), str(self._bench.seconds)]
        counted = exact.run("frames", options, pid, self._bench.seconds, self._bench.load_core)
        self.keep(f"{count:,} connections", name, **counted.figures("messages"))


def await_listener(process: subprocess.Popen, port: int, patience: float = 15) -> None:
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        try:
            connect(port).close()
            return
        except OSError:
            time.sleep(0.05)
    raise OSError(f"{process.args[-1]} does not listen")
