"""One attack on a server that is started for it: honest clients and the worker before it, while it lasts, and after."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import paths
import proc
from attack import Attack, NotApplicable, Target
from honest import Honest
from native import RESULTS
from outcomes import Outcome
from programs import server
from running import DidNotStart, Running
from watching import Highest, held

TASTE = 10
"""Connections of the attack that comes before the measurement, for a second: so that what any such client makes the
server load and keep, code and buffers, is there already, and only what is kept of many is seen."""
RETURN_SECONDS = 30.0
"""In which memory and descriptors must have come back."""
OVERTIME = 45.0
"""Seconds by which an attack may end late before it is ended."""


class DidNotRun(Exception):
    """The attack itself went wrong."""


@dataclass(frozen=True)
class Plan:
    seconds: int
    """How long an attack lasts."""
    calm: float
    """How long honest clients are measured before and after it."""
    most: int
    """Connections of an attack, all together."""
    server_core: int
    programs: Path
    certificate: Path


def measure(attack: Attack, worker_class: str, plan: Plan) -> Outcome:
    it = server(attack, worker_class, plan.certificate, plan.programs)
    outcome = Outcome(attack.name, worker_class, attack.about, it.shown())
    if worker_class not in attack.classes:
        outcome.not_applicable = f"only workers of the class {', '.join(attack.classes)} speak this"
        return outcome
    if it.missing:
        outcome.problems.append(it.missing)
        return outcome
    try:
        with Running(it, RESULTS / "logs" / f"attacks-{attack.name}-{worker_class}.log", plan.server_core) as running:
            go_through(attack, running, plan, outcome)
    except NotApplicable as reason:
        outcome.not_applicable = str(reason)
    except (DidNotRun, DidNotStart, OSError) as problem:
        outcome.problems.append(str(problem))
    outcome.judge()
    return outcome


def go_through(attack: Attack, running: Running, plan: Plan, outcome: Outcome) -> None:
    worker = proc.children(running.pid)[0]

    def honest() -> Honest:
        return Honest(running.port, running.server.scheme, worker)

    outcome.held["fresh"] = held(worker)
    make(attack, Target(running.port, 1, min(TASTE, plan.most)))
    with honest() as before:
        time.sleep(plan.calm)
    outcome.held["before"] = held(worker)
    began, spent = time.monotonic(), proc.cpu_seconds(running.pid)
    with Highest(worker) as highest, honest() as during:
        outcome.said = make(attack, Target(running.port, plan.seconds, plan.most))
    ended = time.monotonic()
    outcome.cores = (proc.cpu_seconds(running.pid) - spent) / (ended - began)
    outcome.held["during"] = highest.seen
    with honest() as after:
        time.sleep(plan.calm)
    wait_until_it_is_back(worker, outcome, ended)
    outcome.survived = proc.children(running.pid) == [worker]
    for phase, clients in (("before", before), ("during", during), ("after", after)):
        outcome.latency[phase] = clients.latency
        outcome.longest[phase] = clients.longest.shown()
        if clients.failures:
            outcome.failures[phase] = clients.failures[0]


def wait_until_it_is_back(worker: int, outcome: Outcome, ended: float) -> None:
    while True:
        now = outcome.held["after"] = held(worker)
        elapsed = time.monotonic() - ended
        if now.has_come_back_to(outcome.held["before"]):
            outcome.back_after = elapsed
            return
        if elapsed > RETURN_SECONDS:
            return
        time.sleep(0.5)


def make(attack: Attack, target: Target) -> str:
    """What the attack did, once it has ended. It is a process of its own, and ends with this one."""
    command = ["setpriv", "--pdeathsig", "KILL", sys.executable, str(paths.HERE / "attacker.py"), attack.name,
               str(target.port), str(target.seconds), str(target.most)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            said, complaint = process.communicate(timeout=target.seconds + OVERTIME)
        except subprocess.TimeoutExpired as late:
            raise DidNotRun(f"the attack had not ended {OVERTIME:.0f} s after its time") from late
        finally:
            process.kill()  # nothing where it has ended
    return read_outcome(said, complaint)


def read_outcome(said: str, complaint: str) -> str:
    """What the attacker's process has printed."""
    try:
        outcome = json.loads(said)
    except ValueError:
        last = complaint.strip().splitlines()[-1:] or ["nothing was said"]
        raise DidNotRun(f"the attack did not run: {last[0]}") from None
    if reason := outcome.get("not_applicable"):
        raise NotApplicable(reason)
    return outcome["said"]
