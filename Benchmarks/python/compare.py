#!/usr/bin/env python3
"""Measures Python applications in green workers beside gunicorn with gevent and others, side by side.

One worker on one core, wrk on another. Makes a virtual environment with the peers from PyPI in Benchmarks/results, and with
greenfinch from a wheel (`make wheel`). Prints a table: requests a second, processor time of the server for each, the 99th
percentile, and the memory of all its processes (PSS).
"""

import argparse
import glob
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RESULTS = ROOT / "Benchmarks/results/python"
PEERS = ["flask", "gunicorn", "gevent", "packaging"]
MORE = ["granian", "uvicorn", "uvloop", "httptools", "fastapi"]
WSGI = ("hello_flask:app", "bare:app")
ASGI = ("hello_fastapi:app", "bare_asgi:app")


def servers(bin_folder, application, port):
    """The command line of each server."""
    place = f"127.0.0.1:{port}"
    here = ["--host", "127.0.0.1", "--port", str(port)]
    if application in ASGI:
        green = [f"{bin_folder}/greenfinch", application, "-k", "green", "-b", place]
        return {
            "greenfinch asyncio": [*green, "--asgi-loop", "asyncio"],
            "greenfinch uvloop": [*green, "--asgi-loop", "uvloop"],
            "uvicorn uvloop": [f"{bin_folder}/uvicorn", application, *here, "--no-access-log", "--loop", "uvloop"],
            "granian": [f"{bin_folder}/granian", "--interface", "asgi", *here, application],
        }
    return {
        "greenfinch green": [f"{bin_folder}/greenfinch", application, "-k", "green", "-b", place],
        "gunicorn gevent": [f"{bin_folder}/gunicorn", application, "-k", "gevent", "-b", place],
        "gunicorn gthread 16": [f"{bin_folder}/gunicorn", application, "-k", "gthread", "--threads", "16", "-b", place],
        "granian": [f"{bin_folder}/granian", "--interface", "wsgi", *here, application],
    }  # fmt: skip


def environment(wheel):
    """The virtual environment's bin folder."""
    folder = RESULTS / f"venv-{sys.version_info[0]}.{sys.version_info[1]}"
    if not folder.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin/pip", "install", "-q", *PEERS, *MORE], check=True)
    subprocess.run([folder / "bin/pip", "install", "-q", "--force-reinstall", "--no-deps", wheel], check=True)
    return folder / "bin"


def family(pid):
    """A process and all its descendants."""
    found, front = [pid], [pid]
    while front:
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(front.pop())], capture_output=True, text=True)
        new = [int(text) for text in children.stdout.split()]
        found += new
        front += new
    return found


def processor_seconds(pids):
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def memory(pids):
    """PSS in MB."""
    total = 0
    for pid in pids:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE).group(1))
    return total / 1024


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_served(process, port):
    for _ in range(600):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if process.poll() is not None:
                raise SystemExit(f"{process.args} has ended") from None
            time.sleep(0.05)
    raise SystemExit(f"{process.args} does not serve")


def pinned(core, command):
    return ["taskset", "-c", str(core), *map(str, command)]


def measure(command, port, seconds, cores):
    process = subprocess.Popen(
        pinned(cores[0], command), cwd=HERE / "apps", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        wait_until_served(process, port)
        load = ["wrk", "-t1", "-c64", "--latency", f"http://127.0.0.1:{port}/"]
        subprocess.run(pinned(cores[1], [*load[:3], "-d1s", *load[3:]]), check=True, capture_output=True)
        pids = family(process.pid)
        before = processor_seconds(pids)
        text = subprocess.run(
            pinned(cores[1], [*load[:3], f"-d{seconds}s", *load[3:]]), check=True, capture_output=True, text=True
        ).stdout
        spent = processor_seconds(pids) - before
        requests = int(re.search(r"(\d+) requests in", text).group(1))
        errors = re.search(r"(Non-2xx.*|Socket errors.*)", text)
        if errors:
            print(f"  {errors.group(1)}")
        latency = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
        scale = {"us": 0.001, "ms": 1, "s": 1000}[latency.group(2)]
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        return rate, spent / requests * 1e6, float(latency.group(1)) * scale, memory(pids)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", action="append", help="only servers with this in their names")
    parser.add_argument("--wheel", default=next(iter(sorted(glob.glob(f"{ROOT}/.build-python/wheels/*.whl"))), None))
    options = parser.parse_args()
    if not options.wheel:
        parser.error("there is no wheel: make one by make wheel")
    for program in ("wrk", "taskset"):
        if not shutil.which(program):
            parser.error(f"{program} is not there: Scripts/install-dependencies bench")
    RESULTS.mkdir(parents=True, exist_ok=True)
    bin_folder = environment(options.wheel)
    cores = sorted(os.sched_getaffinity(0))
    cores = (cores[0], cores[-1])
    print("| application | server | requests/s | CPU µs | p99 ms | PSS MB |\n| --- | --- | ---: | ---: | ---: | ---: |")
    for application in WSGI + ASGI:
        results = {}
        for _ in range(options.rounds):
            for name in servers(bin_folder, application, 0):
                if options.only and not any(word in name for word in options.only):
                    continue
                port = free_port()
                command = servers(bin_folder, application, port)[name]
                results.setdefault(name, []).append(measure(command, port, options.seconds, cores))
        for name, runs in results.items():
            rate, spent, latency, size = (statistics.median(column) for column in zip(*runs))
            print(f"| {application} | {name} | {rate:,.0f} | {spent:.1f} | {latency:.1f} | {size:.1f} |", flush=True)


if __name__ == "__main__":
    main()
