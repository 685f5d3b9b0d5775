"""HTTP/2 beside nginx, and echoes of WebSocket messages beside the ceiling."""

from __future__ import annotations

import argparse
import re
import subprocess
import time
from pathlib import Path

import http2
import native
import proc
from part import Effort, NotMeasured
from running import DidNotStart, Running, free_port
from sampled import SampledPart
from servers import Server, epoll
from suite_parts import STREAMS


class HTTP2Part(SampledPart):
    name = "http2"
    title = "HTTP/2"
    about = "`h2load -c 16 -m 32` on `/plain` without TLS: each request is a fiber; one worker on one core."

    def prepare(self) -> None:
        if not STREAMS.exists():
            raise NotMeasured(f"{STREAMS.name} is not built: make bench-programs")

    def seconds_a_round(self, effort: Effort) -> float:
        return 2 * (effort.seconds + 1)

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
                self.keep("/plain over HTTP/2", name, rps=rate, cpu_us=spent, mean_ms=mean)
            except (OSError, subprocess.SubprocessError) as problem:
                self.fail(name, problem)

    def _command(self, name: str, port: int) -> list[str]:
        if name != "nginx":
            return [str(STREAMS), "-w", "1", "-k", "green", "-b", f"127.0.0.1:{port}", "--http-protocols", "h1,h2"]
        folder = self._bench.results / "build" / "nginx-http2"
        folder.mkdir(parents=True, exist_ok=True)
        settings = folder / "nginx.conf"
        settings.write_text(http2.NGINX.format(folder=folder, port=port))
        return ["nginx", "-c", str(settings)]


class WebSocketPart(SampledPart):
    name = "websocket"
    title = "WebSocket"
    about = "64 connections that each send 64 bytes and wait for the echo. The ceiling sends as many bytes without looking at any."
    size = 64

    def prepare(self) -> None:
        if not STREAMS.exists():
            raise NotMeasured(f"{STREAMS.name} is not built: make bench-programs")
        self._client = native.build("frames")

    def seconds_a_round(self, effort: Effort) -> float:
        return 2 * (effort.seconds + 3)

    def run_round(self, number: int) -> None:
        log = native.RESULTS / "logs" / "websocket.log"
        server = Server("Greenfinch green", (str(STREAMS), "-w", "1", "-k", "green", "-b", "127.0.0.1:{port}"))
        try:
            with Running(server, log, self._bench.server_core) as running:
                self._load(server.name, running.pid, running.port, "/socket")
        except (DidNotStart, subprocess.SubprocessError) as problem:
            self.fail(server.name, problem)
        try:
            self._ceiling()
        except (OSError, subprocess.SubprocessError) as problem:
            self.fail("epoll in C", problem)

    def _ceiling(self) -> None:
        """It speaks no HTTP here, so that nothing but a connection tells that it serves."""
        response = Path(self._bench.results / "build" / "echo")
        response.write_bytes(bytes([0x81, self.size]) + bytes(ord("a") + index % 26 for index in range(self.size)))
        port = free_port()
        command = epoll(self._bench.epoll, "", response).command_line(port)
        pin = ["taskset", "-c", str(self._bench.server_core or 0)]
        process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *pin, *command], stderr=subprocess.DEVNULL)
        try:
            time.sleep(0.5)
            self._load("epoll in C", process.pid, port, "-")
        finally:
            process.terminate()
            process.wait()

    def _load(self, name: str, pid: int, port: int, path: str) -> None:
        self._bench.say(name)
        pin = ["taskset", "-c", str(self._bench.load_core or 0)]
        command = [*pin, str(self._client), str(port), path, "64", str(self.size), str(self._bench.seconds)]
        client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            client.stdout.readline()  # it has warmed up
            before = proc.cpu_seconds(pid)
            text, complaint = client.communicate(timeout=self._bench.seconds + 20)
            spent = proc.cpu_seconds(pid) - before
        finally:
            client.kill()
            client.wait()
        found = re.search(r"messages (\d+) seconds ([\d.]+)", text)
        if not found:
            raise subprocess.SubprocessError(f"frames: {complaint.strip()}")
        count = int(found[1])
        self.keep("echo of 64 bytes", name, messages=count / float(found[2]), cpu_us=spent / max(count, 1) * 1e6)
