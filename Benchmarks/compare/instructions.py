#!/usr/bin/env python3
"""Counts the instructions that a keep-alive request costs one green worker in user space, and nginx where it is installed.

Counted by Valgrind's Callgrind, over two runs that differ by an exact number of requests: what a server does once, at its
start, for its connections and at its end, falls out of the difference. So the figures are the same on a busy machine, and
nearly the same on another; the kernel's part is not in them.
"""

from __future__ import annotations

import argparse
import collections
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import native
import proc
from running import DidNotStart, Running
from servers import BUILD_HELLO, HELLO, Server, nginx

RECORD = Path(__file__).with_suffix(".json")
TOLERANCE = 1.03
"""How much above the record does not count as a step back: compilers differ, and a batch of epoll_wait is larger or smaller."""
PATIENCE = 120.0
"""Seconds in which a server must answer; Valgrind is some fifty times slower than the processor."""
SHORTER = 1000
"""Requests of the shorter run."""

# What a browser sends (Firefox 140).
BROWSER = "\r\n".join([
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language: de,en-US;q=0.7,en;q=0.3",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Referer: http://127.0.0.1/",
    "DNT: 1",
    "Sec-GPC: 1",
    "Connection: keep-alive",
    "Upgrade-Insecure-Requests: 1",
    "Sec-Fetch-Dest: document",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Site: same-origin",
    "Priority: u=0, i",
]) + "\r\n"

REQUESTS = {"/plain": ("/plain", ""), "/plain, 14 fields": ("/plain", BROWSER), "/json": ("/json", ""),
            "/json, 10 fields": ("/json/ten", "")}
"""Path and fields besides `Host`, by the name in the table."""

def by_function(profile: str) -> collections.Counter[str]:
    """The instructions of each function itself, from what Callgrind writes."""
    names: dict[str, str] = {}
    costs: collections.Counter[str] = collections.Counter()
    function = ""
    lines = iter(profile.splitlines())
    for line in lines:
        if named := re.match(r"fn=\((\d+)\)(?: (.*))?", line):
            number, name = named.groups()
            if name:
                names[number] = name
            function = re.sub(r"'\d+$", "", names[number])  # the levels of a recursion
        elif called := re.match(r"cfn=\((\d+)\) (.*)", line):
            names[called[1]] = called[2]
        elif line.startswith("calls="):
            next(lines)  # what the callee costs is told at the callee
        elif cost := re.match(r"[-+*\d]\S* (\d+)$", line):
            costs[function] += int(cost[1])
    return costs


def profile(server: Server, path: str, fields: str, requests: int, connections: int) -> collections.Counter[str]:
    """One run of so many requests, besides one on each connection."""
    folder = native.RESULTS / "build" / "callgrind"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = ("valgrind", "--tool=callgrind", "--trace-children=yes", f"--callgrind-out-file={folder}/%p",
               *server.command)
    slow = Server(server.name, command, directory=server.directory, environment=server.environment)
    with Running(slow, native.RESULTS / "logs" / "instructions.log", patience=PATIENCE) as running:
        worker = proc.tree(running.pid)[-1]
        done = subprocess.run(
            [str(native.build("drive")), str(running.port), path, str(connections), str(requests), fields],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    if f"requests {requests} failures 0 " not in done.stdout:
        raise DidNotStart(f"drive: {done.stdout.strip()} {done.stderr.strip()}")
    return by_function((folder / str(worker)).read_text())


def count(server: Server, path: str, fields: str, requests: int, connections: int) -> collections.Counter[str]:
    """What a request costs in each function, in instructions times `requests`."""
    short = profile(server, path, fields, SHORTER, connections)
    long = profile(server, path, fields, SHORTER + requests, connections)
    long.subtract(short)
    return long


def without_debug_information(program: Path) -> Path:
    """A copy that Valgrind can read: 3.19 gives up on what Swift's linker writes."""
    bare = native.RESULTS / "build" / program.name
    bare.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["objcopy", "--strip-debug", str(program), str(bare)], check=True, timeout=60)
    return bare


def greenfinch(hello: Path, more: list[str]) -> Server:
    """The example `hello`."""
    bare = without_debug_information(hello)
    # A worker that Valgrind slows down is not one that hangs.
    return Server("greenfinch", (str(bare), "-w", "1", "-k", "green", "-t", "300", *more, "-b", "127.0.0.1:{port}"))


def show_functions(costs: collections.Counter[str], requests: int, most: int) -> None:
    top = costs.most_common(most)
    names = [name for name, _ in top]
    if swift := shutil.which("swift"):
        demangled = subprocess.run([swift, "demangle", "--compact"], input="\n".join(names), capture_output=True,
                                   text=True, timeout=60)
        names = demangled.stdout.splitlines() if demangled.returncode == 0 else names
    for name, (_, cost) in zip(names, top):
        print(f"{cost / requests:9.1f}  {name[:150]}")
    print()


def measure(options: argparse.Namespace, with_peers: bool = True) -> dict[str, dict[str, int]]:
    """Instructions by request and server, printed as they come."""
    servers = [greenfinch(options.server.absolute(), options.more.split())]
    peer = nginx(native.RESULTS / "build" / "nginx")
    if with_peers and not peer.missing:
        servers.append(peer)
    figures: dict[str, dict[str, int]] = {}
    print(f"{'instructions a request':28}" + "".join(f"{server.name:>12}" for server in servers), flush=True)
    for name in options.only or REQUESTS:
        figures[name] = {}
        print(f"{name:28}", end="", flush=True)
        top: collections.Counter[str] = collections.Counter()
        for server in servers:
            costs = count(server, *REQUESTS[name], options.requests, options.connections)
            figures[name][server.name] = round(sum(costs.values()) / options.requests)
            print(f"{figures[name][server.name]:12,}", end="", flush=True)
            top = top or costs
        print()
        if options.functions:
            show_functions(top, options.requests, options.functions)
    return figures


def worse(figures: dict[str, dict[str, int]], record: dict[str, dict[str, int]]) -> list[str]:
    """A sentence for each request that costs Greenfinch more than the record allows."""
    return [
        f"{name} costs {now['greenfinch']:,} instructions, {now['greenfinch'] / record[name]['greenfinch']:.3f} of the record"
        for name, now in figures.items()
        if name in record and now["greenfinch"] > TOLERANCE * record[name]["greenfinch"]]


def run(options: argparse.Namespace) -> int:
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    try:
        figures = measure(options)
    except (DidNotStart, subprocess.TimeoutExpired) as problem:
        sys.exit(f"\ninstructions.py: {problem}")
    if options.record:
        RECORD.write_text(json.dumps({**record, **figures}, indent=1) + "\n")
    problems = worse(figures, record) if options.check else []
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=4000, metavar="N", help="by how many the runs differ")
    parser.add_argument("--connections", type=int, default=16, metavar="N")
    parser.add_argument("--server", type=Path, default=HELLO, metavar="PATH", help="the built example `hello`")
    parser.add_argument("--with", dest="more", default="", metavar="OPTIONS",
                        help="more options of Greenfinch's, such as '--access-logfile /dev/null'")
    parser.add_argument("--only", choices=REQUESTS, action="append", help="only this request (may be repeated)")
    parser.add_argument("--functions", type=int, default=0, metavar="N", help="and the N functions that cost most")
    parser.add_argument("--check", action="store_true",
                        help=f"fail where a request costs more than {TOLERANCE} of what {RECORD.name} says")
    parser.add_argument("--record", action="store_true", help=f"write the figures to {RECORD.name}")
    options = parser.parse_args()
    if not 1 <= options.connections <= 1000 or not 100 <= options.requests <= 1_000_000:
        parser.error("1 to 1000 connections, 100 to 1,000,000 requests")
    if missing := [tool for tool in ("valgrind", "objcopy", "cc") if not shutil.which(tool)]:
        parser.error(f"not installed: {', '.join(missing)}")
    if not options.server.exists():
        parser.error(f"{options.server} is not built: {BUILD_HELLO}")
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
