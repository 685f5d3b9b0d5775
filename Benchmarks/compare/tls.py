#!/usr/bin/env python3
"""TLS beside nginx with the same OpenSSL: a gigabyte each way over TLS 1.3, handshakes full and resumed. The server has core
0, the client (curl, openssl s_time) core 1; the sides take turns, and each figure is the median of the rounds.

    swift build -c release --static-swift-stdlib --scratch-path .build-release --product secure
    Benchmarks/compare/tls.py [--rounds 5] [--megabytes 1000]
"""
from __future__ import annotations

import argparse
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import proc
from running import free_port
from servers import ROOT, nginx_program

SECURE = ROOT / ".build-release/release/secure"
NGINX = """daemon off; master_process off; pid "{folder}/pid"; error_log stderr;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_max_body_size 0; client_body_temp_path "{folder}"; proxy_temp_path "{folder}";
  fastcgi_temp_path "{folder}"; uwsgi_temp_path "{folder}"; scgi_temp_path "{folder}";
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate "{folder}/both.pem"; ssl_certificate_key "{folder}/both.pem"; ssl_protocols TLSv1.2 TLSv1.3;
    location = /count {{ return 200 "counted"; }}
    location /flow/ {{ alias "{folder}/"; }}
  }}
}}
"""


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout


def prepare(folder: Path, size: int) -> None:
    """A certificate, and the file that goes over the wire."""
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", f"{folder}/key", "-out", f"{folder}/certificate")
    (folder / "both.pem").write_text((folder / "certificate").read_text() + (folder / "key").read_text())
    with open(folder / str(size), "wb") as file:
        file.truncate(size)


def start(folder: Path, name: str) -> tuple[subprocess.Popen, int]:
    port = free_port()
    if name == "nginx":
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
        command = [nginx_program() or "nginx", "-e", "stderr", "-c", f"{folder}/nginx.conf"]
    else:
        command = [str(SECURE), "-k", "green", "--limit-request-body", "0", "--certfile", f"{folder}/both.pem", "-b",
                   f"127.0.0.1:{port}"]
    with open(folder / f"{name}.log", "wb") as log:
        process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "taskset", "-c", "0", *command], stdout=log, stderr=log)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            time.sleep(1)
            return process, port
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{name} does not listen: {(folder / f'{name}.log').read_text()}")


def transfer(folder: Path, port: int, *options: str) -> float:
    """Seconds."""
    return float(run("taskset", "-c", "1", "curl", "-sS", "--cacert", f"{folder}/certificate", "-o", "/dev/null", "-w",
                     "%{time_total}", "-H", "Expect:", *(option.replace("PORT", str(port)) for option in options)))


def handshakes(port: int, *options: str, core: int = 1) -> float:
    """A second. `s_time` ends with a whole second of the clock, between one too few and one too many, and says neither: so the
    time is taken here."""
    start = time.monotonic()
    said = run("taskset", "-c", str(core), "openssl", "s_time", "-connect", f"127.0.0.1:{port}", "-time", "3", *options)
    return handshake_rate(said, time.monotonic() - start)


def handshake_rate(said: str, seconds: float) -> float:
    return int(re.findall(r"(\d+) connections in \d+ real seconds", said)[-1]) / seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=1000)
    options = parser.parse_args()
    if not SECURE.exists():
        parser.error(f"{SECURE} is not built")
    size = options.megabytes * 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, size)
        servers = {name: start(folder, name) for name in ("greenfinch", "nginx")}
        rows = {
            f"{options.megabytes} MB down, s": lambda port: transfer(folder, port, f"https://localhost:PORT/flow/{size}"),
            f"{options.megabytes} MB up, s": lambda port: transfer(
                folder, port, "-X", "POST", "-T", f"{folder}/{size}", "https://localhost:PORT/count"),
            "TLS 1.3, full handshakes/s": lambda port: handshakes(port, "-new", "-tls1_3"),
            "TLS 1.2, full handshakes/s": lambda port: handshakes(port, "-new", "-tls1_2"),
            "TLS 1.2, resumed handshakes/s": lambda port: handshakes(port, "-reuse", "-tls1_2"),
        }
        print(f"{'':32}{'greenfinch':>12}{'CPU s':>8}{'nginx':>12}{'CPU s':>8}")
        for row, measure in rows.items():
            figures = {name: [] for name in servers}
            for _ in range(options.rounds):
                for name, (process, port) in servers.items():
                    before = proc.cpu_seconds(process.pid)
                    figures[name].append((measure(port), proc.cpu_seconds(process.pid) - before))
            middle = [[statistics.median(column) for column in zip(*figures[name])] for name in servers]
            print(f"{row:32}" + "".join(f"{figure:12.2f}{cpu:8.2f}" for figure, cpu in middle), flush=True)
        for process, _ in servers.values():
            process.terminate()
            process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
