#!/usr/bin/env python3
"""Measures Python applications in green workers beside gunicorn with gevent and others, side by side.

Makes a virtual environment with the peers from PyPI in Benchmarks/results, and with greenfinch from a wheel (`make wheel`); uWSGI,
bjoern and what Examples/django needs are in it where they can be built. The parts, each with a table:

requests  one worker on one core, wrk on another: requests a second, processor time of the server for each, the median, 99th and
          99.9th percentile, the memory of all its processes (PSS), and failures
idle      the memory of two idle workers with Flask, also with --preload
sleepers  the memory of each of 1,000 requests that sleep
ab        the table of sleeping requests: 50 requests of half a second, 10 at a time, and 4,000, 1,000 at a time
django    20 requests at once, each of which has PostgreSQL wait for 0.1 s through psycopg2

Ends with 1 where requests failed or a server could not be measured.
"""

import argparse
import contextlib
import http.client
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(1, str(HERE.parent / "compare"))
import load  # noqa: E402  (of the folder beside this one)
import proc  # noqa: E402
from servers import newest_wheel  # noqa: E402

ROOT = HERE.parent.parent
RESULTS = ROOT / "Benchmarks/results/python"
PEERS = ["flask", "gunicorn", "gevent", "packaging"]
MORE = ["granian", "uvicorn", "uvloop", "httptools", "fastapi"]
# Those have to be compiled, each by itself: what cannot be is left out.
COMPILED = ["uwsgi", "bjoern"]
PARTS = ("requests", "idle", "sleepers", "ab", "django")
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
    found = {
        "greenfinch green": [f"{bin_folder}/greenfinch", application, "-k", "green", "-b", place],
        "gunicorn gevent": [f"{bin_folder}/gunicorn", application, "-k", "gevent", "-b", place],
        "gunicorn gthread 16": [f"{bin_folder}/gunicorn", application, "-k", "gthread", "--threads", "16", "-b", place],
        "granian": [f"{bin_folder}/granian", "--interface", "wsgi", *here, application],
        "uWSGI 16 threads": [
            f"{bin_folder}/uwsgi", "--http11-socket", place, "--module", application, "--master", "--threads", "16",
            "--virtualenv", Path(bin_folder).parent, "--need-app", "--die-on-term", "--disable-logging",
        ],
        "bjoern": [f"{bin_folder}/python", "by_bjoern.py", application, str(port)],
    }  # fmt: skip
    there = {"uWSGI 16 threads": Path(bin_folder, "uwsgi").exists(), "bjoern": has_module(bin_folder, "bjoern")}
    return {name: command for name, command in found.items() if there.get(name, True)}


def has_module(bin_folder, name):
    """Whether the environment has a module, as a file or a folder."""
    return any(Path(bin_folder).parent.glob(f"lib/python3*/site-packages/{name}*"))


def interpreter(wanted):
    """The program of an interpreter that is asked for by its path, its name or its version. Raises ``LookupError``."""
    sys.path.append(str(ROOT / "Tests" / "Python"))
    import interpreters

    return interpreters.chosen(wanted)


def version_of(python, numbers=2):
    """"3.13" of an interpreter, or with three numbers "3.13.5"."""
    question = f"import sys; print('.'.join(map(str, sys.version_info[:{numbers}])))"
    return subprocess.run([python, "-c", question], check=True, capture_output=True, text=True).stdout.strip()


def environment(wheel, python=sys.executable):
    """The bin folder of the virtual environment of an interpreter; it is made anew where it was not made to its end, of other
    packages, by another interpreter of the version, or by one that may be gone by now."""
    folder = RESULTS / f"venv-{version_of(python)}"
    made_of = [version_of(python, 3), os.path.realpath(python), *PEERS, *MORE]
    wanted, done = " ".join(made_of) + "\n", folder / "made-of"
    pip = [folder / "bin/python", "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    if not (folder / "bin/python").exists() or not done.exists() or done.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", folder], check=True)
        subprocess.run([*pip, *PEERS, *MORE], check=True)
        done.write_text(wanted)
    for name, words in (*((name, [name]) for name in COMPILED), ("django", ["-r", ROOT / "Examples/django/requirements.txt"])):
        install_if_possible(name, [*pip, *words], folder / f"tried-{name}")
    subprocess.run([*pip, "--force-reinstall", "--no-deps", wheel], check=True)
    return folder / "bin"


def install_if_possible(name, command, tried):
    """Tries it once, and once more where it was not to be had, as without a network; what cannot be is told."""
    if tried.exists():
        return
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        lines = done.stdout.strip().splitlines() or [f"status {done.returncode}"]
        print(f"{name} is left out, since it cannot be installed: {lines[-1]}", file=sys.stderr)
    if not done.returncode or "No matching distribution found" not in done.stdout:
        tried.touch()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, port, folder, environment=None):
    """A server that has answered, until the end of the block; TERM ends it where this process is killed."""
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", *map(str, command)], cwd=folder, env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        wait_until_served(process, port)
        yield process
    finally:
        end(process)


def has_ended(process):
    """Without reaping it, so that its number is its own until its workers have been ended, too."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def wait_until_served(process, port):
    """Until it answers with 200: a master listens before its workers have loaded the application."""
    for _ in range(600):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        if has_ended(process):
            raise SystemExit(f"{process.args} has ended")
        time.sleep(0.05)
    raise SystemExit(f"{process.args} does not serve")


def wait_until_idle(pid, patience=15, still=0.3):
    """Workers may still load the application when the first has answered: until none has used a tick for so many seconds.

    Returns the processes; without patience left, None.
    """
    limit = time.monotonic() + patience
    before = None
    while time.monotonic() < limit:
        pids = proc.session(pid)
        now = pids, proc.cpu_seconds_of(pids)
        if now == before:
            return pids
        before = now
        time.sleep(still)
    return None


def pinned(core, command):
    return ["taskset", "-c", str(core), *map(str, command)]


def end(process):
    """TERM to the master, and KILL to what is left of its session."""
    os.kill(process.pid, signal.SIGTERM)
    limit = time.monotonic() + 10
    while time.monotonic() < limit and not has_ended(process):
        time.sleep(0.02)
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def measure(command, port, seconds, cores):
    """Figures by their names: requests a second, processor time of a request, percentiles in ms, memory in MB, failures."""
    with running(pinned(cores[0], command), port, HERE / "apps") as process:
        wait_until_idle(process.pid)
        url = f"http://127.0.0.1:{port}/"
        load.run(load.wrk(url, 1), 30, cores[1])
        before = proc.cpu_seconds_of(proc.session(process.pid))
        found = load.run(load.wrk(url, seconds), seconds + 30, cores[1])
        pids = proc.session(process.pid)
        spent = proc.cpu_seconds_of(pids) - before
        requests = found.figures["requests"]
        if not requests:
            raise load.LoadFailed(f"wrk got no answer in {seconds} s. {found.complaints}")
        if found.failures:
            print(f"  {found.complaints}", file=sys.stderr)
        latencies = {key: value for key, value in found.figures.items() if key in ("p50_ms", "p99_ms", "p999_ms")}
        return {
            "rps": found.figures["rps"], "cpu_us": spent / requests * 1e6, **latencies,
            "peak_pss": proc.usage_of(pids).pss, "failures": found.failures,
        }  # fmt: skip


def is_wanted(name, words):
    return not words or any(word in name for word in words)


def measure_requests(bin_folder, options, cores):
    """The part of that name: prints its table. Returns what went wrong."""
    problems = []
    print("| application | server | requests/s | CPU µs | p50 ms | p99 ms | p99.9 ms | PSS MB | failures |")
    print("| --- | --- |" + " ---: |" * 7)
    for application in WSGI + ASGI:
        results, broken = {}, set()
        for _ in range(options.rounds):
            for name in servers(bin_folder, application, 0):
                if name in broken or not is_wanted(name, options.only):
                    continue
                port = free_port()
                command = servers(bin_folder, application, port)[name]
                try:
                    results.setdefault(name, []).append(measure(command, port, options.seconds, cores))
                except (SystemExit, OSError, load.LoadFailed) as problem:
                    broken.add(name)
                    problems.append(f"{application}, {name}: {problem}")
        for name, runs in results.items():
            if not runs:
                continue
            if failures := sum(run["failures"] for run in runs):
                problems.append(f"{application}, {name}: {failures} requests failed")
            middle = {key: statistics.median(run[key] for run in runs if key in run) for key in runs[0]}
            shown = [f"{middle['rps']:,.0f}", f"{middle['cpu_us']:.1f}"]
            shown += [f"{middle[key]:.1f}" if key in middle else "" for key in ("p50_ms", "p99_ms", "p999_ms", "peak_pss")]
            print("| " + " | ".join([application, name, *shown, f"{sum(run['failures'] for run in runs)}"]) + " |", flush=True)
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", action="append", help="only servers with this in their names")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part")
    parser.add_argument("--python", default=sys.executable, help="the interpreter to measure by, or its version, such as 3.13")
    parser.add_argument("--prepare", action="store_true", help="makes the environment, and measures nothing")
    parser.add_argument("--wheel", type=Path, default=newest_wheel())
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that TERM, too, ends the servers
    if not options.wheel:
        parser.error("there is no wheel: make one by make wheel")
    try:
        options.python = interpreter(options.python)
    except LookupError as error:
        parser.error(str(error))
    for program in ("wrk", "taskset", "setpriv", "ab"):
        if not shutil.which(program):
            parser.error(f"{program} is not there: Scripts/install-dependencies bench")
    RESULTS.mkdir(parents=True, exist_ok=True)
    bin_folder = environment(options.wheel, options.python)
    if options.prepare:
        return 0
    import waiting

    cores = sorted(os.sched_getaffinity(0))
    cores = (cores[0], cores[-1])
    print(f"Python {version_of(options.python)}")
    problems = []
    for part in options.part or PARTS:
        print(f"\n{part}\n", flush=True)
        try:
            if part == "requests":
                problems += measure_requests(bin_folder, options, cores)
            else:
                problems += waiting.PARTS[part](bin_folder, options) or []
        except (SystemExit, OSError, load.LoadFailed, subprocess.SubprocessError) as problem:
            problems.append(f"{part}: {problem}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
