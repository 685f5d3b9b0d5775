#!/usr/bin/env python3
"""A file of 100 MB and an upload of as much beside nginx, without TLS: processor time of the server a megabyte, and how long
it took. The server has core 0, the client (curl) core 1; the sides take turns, and each figure is the median of the rounds.
nginx sends the file by sendfile(2) and throws the upload away; so does Greenfinch, whose handler reads it as a stream.

    swift build -c release --static-swift-stdlib --scratch-path .build-release --product app
    Benchmarks/compare/transfer.py [--rounds 9] [--megabytes 100]
"""
from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

import native
import proc
from running import Running
from servers import ROOT, Server, configured, nginx_program

APP = ROOT / ".build-release" / "release" / "app"
NGINX = """daemon off; master_process off; pid "{folder}/pid"; error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log off; client_max_body_size 0; sendfile on; client_body_temp_path "{folder}"; proxy_temp_path "{folder}";
  fastcgi_temp_path "{folder}"; uwsgi_temp_path "{folder}"; scgi_temp_path "{folder}";
  server {{
    listen 127.0.0.1:{{port}};
    location = /plain {{ return 200 "Hello World!"; }}
    location /files/ {{ alias "{folder}/files/"; }}
    location = /take/stream {{ return 200 "taken"; }}
  }}
}}
"""


def servers(folder: Path) -> list[Server]:
    program = nginx_program()
    nginx = Server("nginx", configured(program or "nginx", folder / "nginx.conf", NGINX.format(folder=folder), "-e", "stderr"),
                   "" if program else "not installed: apt-get install nginx-light")
    green = Server("greenfinch", (str(APP), "-w", "1", "-k", "green", "--limit-request-body", "0", "-b",
                                  "127.0.0.1:{port}"), environment={"APP_FILES": str(folder / "files")})
    return [green, nginx]


def curl(port: int, path: str, *options: str) -> float:
    """Seconds."""
    said = subprocess.run(
        ["taskset", "-c", "1", "curl", "-sS", "-f", "-o", "/dev/null", "-w", "%{time_total}", "-H", "Expect:", *options,
         f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return float(said.stdout)


def run_time(pid: int) -> float:
    """Seconds that the server's processes have had a processor; /proc/PID/stat tells it by ticks of 10 ms only."""
    tasks = [task for one in proc.tree(pid) for task in Path(f"/proc/{one}/task").iterdir()]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def resident(pid: int) -> int:
    """The most memory that the worker has had, in MB."""
    status = Path(f"/proc/{proc.tree(pid)[-1]}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--megabytes", type=int, default=100)
    options = parser.parse_args()
    if not APP.exists() or not shutil.which("curl"):
        parser.error(f"{APP} is not built, or curl is not installed")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "files").mkdir()
        content = folder / "files" / "content"
        content.write_bytes(os.urandom(1_000_000) * options.megabytes)
        rows = {
            "a file": lambda port: curl(port, "/files/content"),
            "an upload": lambda port: curl(port, "/take/stream", "-X", "POST", "-T", str(content)),
        }
        print(f"{options.megabytes:4} MB of     {'µs/MB':>14}{'ms':>8}{'µs/MB':>14}{'ms':>8}   ratio")
        logs = native.RESULTS / "logs"
        green, nginx = servers(folder)
        if nginx.missing:
            parser.error(f"nginx is {nginx.missing}")
        with Running(green, logs / "transfer.log", 0) as ours, Running(nginx, logs / "transfer-nginx.log", 0) as theirs:
            for row, ask in rows.items():
                figures: dict[str, list[tuple[float, float]]] = {"ours": [], "theirs": []}
                for _ in range(options.rounds):
                    for side, running in (("ours", ours), ("theirs", theirs)):
                        before = run_time(running.pid)
                        seconds = ask(running.port)
                        cpu = run_time(running.pid) - before
                        figures[side].append((cpu / options.megabytes * 1e6, seconds * 1e3))
                middle = {side: [statistics.median(column) for column in zip(*runs)] for side, runs in figures.items()}
                print(f"{row:14}" + "".join(f"{middle[side][0]:14.0f}{middle[side][1]:8.0f}" for side in middle)
                      + f"{middle['ours'][0] / middle['theirs'][0]:8.2f}", flush=True)
            print(f"memory of the worker at most {resident(ours.pid)} MB, of nginx {resident(theirs.pid)} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
