"""What is measured: each row has a name, the programs that run it side by side, and the figure that was set as a goal.

Runs are interleaved, as in compare/: each round runs every program of a row once, every second round in reverse.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field, replace
from typing import Callable

import contenders as make
import idleness
from contenders import Contender, Failed, Started, run

import proc  # of compare/


@dataclass(frozen=True)
class Options:
    quick: bool
    echo_seconds: float
    idle_seconds: float


@dataclass(frozen=True)
class Column:
    key: str
    title: str
    digits: int


@dataclass(frozen=True)
class Goal:
    key: str
    limit: float
    at_most: bool = True
    name: str = "Green"
    """Whose figure is held against it."""

    def is_met(self, value: float) -> bool:
        return value <= self.limit if self.at_most else value >= self.limit


@dataclass
class Entry:
    """A program of a row, and what it gave."""
    contender: Contender
    samples: list[dict[str, float]] = field(default_factory=list)
    instructions: float | None = None
    problem: str = ""


@dataclass
class Row:
    name: str
    title: str
    columns: list[Column]
    contenders: list[Contender]
    goals: list[Goal]
    measure: Callable[[Contender, Options], dict[str, float]] = lambda contender, _: run(contender, 300)
    counts_instructions: bool = False
    expected: dict[str, float] = field(default_factory=dict)
    """Figures that must be exactly so in every run, or nothing was measured."""
    ratio_of: str = ""
    """The figure that is divided, round by round, by that of `ratio_to`, and kept as `ratio`."""
    ratio_to: str = "C"
    entries: list[Entry] = field(init=False)

    def __post_init__(self) -> None:
        self.entries = [Entry(contender) for contender in self.contenders]

    def run_round(self, number: int, options: Options, say: Callable[[str], None]) -> None:
        ran = {}
        for entry in self.entries if number % 2 == 0 else reversed(self.entries):
            if entry.problem or number >= entry.contender.most_rounds:
                continue
            say(f"{self.name}, round {number + 1}: {entry.contender.name}")
            try:
                with proc.Strangers(0) as strangers:  # all that is started in here has ended at its end
                    sample = self.measure(entry.contender, options)
                sample["strangers"] = strangers.cores
                for key, value in self.expected.items():
                    if sample.get(key) != value:
                        raise Failed(f"{key} is {sample.get(key):g}, not {value:g}")
                entry.samples.append(sample)
                ran[entry.contender.name] = sample
            except Failed as problem:
                entry.problem = str(problem)
                say(entry.problem)
        if self.ratio_of and self.ratio_to in ran:
            for sample in ran.values():
                sample["ratio"] = sample[self.ratio_of] / ran[self.ratio_to][self.ratio_of]


NANOSECONDS = [Column("ns", "ns", 1)]


def switch(_: Options) -> Row:
    return Row(
        "switch", "The exchange of stacks, from C to C", NANOSECONDS,
        [make.c("switch", 50_000_000, name="Green"), make.boost("switch", 50_000_000),
         make.c("switch_ucontext", 1_000_000, name="glibc swapcontext")],
        [Goal("ns", 4)], counts_instructions=True)


def yields(_: Options) -> Row:
    return Row(
        "yield", "Two fibers that yield in turn, through the ready queue: a switch", NANOSECONDS,
        [make.green("yield", 10_000_000), make.c("yield", 20_000_000), make.gevent("yield", 200_000)],
        [Goal("ns", 25)], counts_instructions=True)


def spawn(_: Options) -> Row:
    return Row(
        "spawn", "A fiber spawned, run and joined, its stack from the pool", NANOSECONDS,
        [make.green("spawn", 2_000_000), make.c("spawn", 5_000_000), make.gevent("spawn", 30_000),
         make.c("spawn_pthread", 20_000, name="C, pthread_create")],
        [Goal("ns", 150)], counts_instructions=True)


def channel(_: Options) -> Row:
    return Row(
        "channel", "A value handed over between two fibers, unbuffered", NANOSECONDS,
        [make.green("channel", 5_000_000), make.c("channel", 20_000_000), make.go("channel", 2_000_000),
         make.gevent("channel", 100_000)],
        [Goal("ns", 60)], counts_instructions=True)


def channel_100(_: Options) -> Row:
    return Row(
        "channel-100", "The same through a buffer of 100", NANOSECONDS,
        [make.green("channel-100", 5_000_000), make.c("channel", 20_000_000, "100"),
         make.go("channel", 5_000_000, "100"), make.gevent("channel", 300_000, "100")],
        [Goal("ns", 60)], counts_instructions=True)


def latch(_: Options) -> Row:
    return Row("latch", "A latch made, counted down by another fiber and waited for", NANOSECONDS,
               [make.green("latch", 2_000_000)], [Goal("ns", 200)], counts_instructions=True)


def barrier(_: Options) -> Row:
    return Row("barrier", "Two fibers that meet at a barrier: a round of both", NANOSECONDS,
               [make.green("barrier", 3_000_000), make.go("barrier", 2_000_000)], [Goal("ns", 120)],
               counts_instructions=True)


def permits(_: Options) -> Row:
    return Row("permits", "Three permits taken and given back, by two fibers that wait for each other", NANOSECONDS,
               [make.green("permits", 3_000_000)], [Goal("ns", 150)], counts_instructions=True)


def broadcast(_: Options) -> Row:
    return Row("broadcast", "An element that four receivers get, each waiting for it", NANOSECONDS,
               [make.green("broadcast", 1_000_000)], [Goal("ns", 600)], counts_instructions=True)


def watch(_: Options) -> Row:
    return Row("watch", "A value set that another fiber follows", NANOSECONDS, [make.green("watch", 3_000_000)],
               [Goal("ns", 150)], counts_instructions=True)


def single_flight(_: Options) -> Row:
    return Row("single-flight", "Work that nobody else asks for, in a fiber of its own", NANOSECONDS,
               [make.green("single-flight", 1_000_000)], [Goal("ns", 1000)], counts_instructions=True)


def retry(_: Options) -> Row:
    return Row("retry", "A call that succeeds at its first try, with a budget", NANOSECONDS,
               [make.green("retry", 5_000_000)], [Goal("ns", 50)], counts_instructions=True)


def cancel(_: Options) -> Row:
    return Row("cancel", "A fiber that waits, told to end and joined", NANOSECONDS,
               [make.green("cancel", 1_000_000, name="cancel()"),
                make.green("cancel-grace", 1_000_000, name="cancel(grace:)")],
               [], counts_instructions=True)


def hub_spawn(_: Options) -> Row:
    return Row("hub-spawn", "A fiber spawned on another thread's hub, and its result waited for; both on one core",
               NANOSECONDS, [make.green("hub-spawn", 100_000)], [])


def hub_channel(_: Options) -> Row:
    return Row("hub-channel", "A value handed over between fibers of two hubs, both on one core", NANOSECONDS,
               [make.green("hub-channel", 200_000, name="unbuffered"),
                make.green("hub-channel-100", 2_000_000, name="a buffer of 100")], [])


def watched(_: Options) -> Row:
    return Row("watched", "A switch, as in `yield`, while the hub is looked at", NANOSECONDS,
               [make.green("yield", 5_000_000, name="unwatched"),
                make.green("labelled", 2_000_000, name="GREEN_THREAD_LABELS"),
                make.green("traced", 500_000, name="GREEN_TRACE")],
               [Goal("ns", 2000, name="GREEN_TRACE")], counts_instructions=True)


def stuck(_: Options) -> Row:
    return Row("stuck", "A look for fibers that nobody can wake, at 10,000: each", NANOSECONDS,
               [make.green("stuck", 10_000)], [])


def timers(_: Options) -> Row:
    count = 100_000
    return Row(
        "timers", "100,000 timers set and cancelled: one of them", NANOSECONDS,
        [make.green("timers", count), make.c("timers", count, name="C, libev"), make.gevent("timers", count)],
        [Goal("ns", 100)])


def redirect(_: Options) -> Row:
    kinds = ["socket", "pipe", "eventfd"]
    # A pipe can be tried only by a call that takes a vector, which the kernel takes longer for by itself.
    goals = [Goal("above_ns", 30, name="socket")] + [Goal("pass_ns", 5, name=kind) for kind in kinds]
    return Row(
        "redirect", "A read of 8 bytes that are there: redirected in a fiber, passed through on a thread",
        [Column("plain_ns", "plain, ns", 1), Column("above_ns", "redirected, ns above", 1),
         Column("pass_ns", "passed through, ns above", 1), Column("vector_ns", "plain readv, ns above", 1)],
        [make.calls(kind, 4_000_000) for kind in kinds], goals)


def await_ready(_: Options) -> Row:
    return Row(
        "await", "`Fiber.await` of a value that is ready", NANOSECONDS, [make.tasks("ready", 2_000_000)],
        [Goal("ns", 1000)])


def hop(_: Options) -> Row:
    return Row(
        "hop", "Two tasks that call two actors in turn: a call, there and back", [*NANOSECONDS, Column("ratio", "÷ stock", 2)],
        [make.tasks("hop", 2_000_000), make.tasks("hop", 2_000_000, stock=True)], [Goal("ratio", 1)],
        ratio_of="ns", ratio_to="Swift's own executors")


def task_sleep(_: Options) -> Row:
    return Row(
        "task-sleep", "10,000 tasks that each `Task.sleep` for 500 ms, at once",
        [Column("s", "all after, s", 3), Column("threads", "threads", 0)],
        [make.tasks("sleep", 10_000), make.tasks("sleep", 10_000, stock=True)], [Goal("s", 0.6), Goal("threads", 1)])


SLEEPERS = [
    Column("resident_bytes", "resident bytes each", 0), Column("table_bytes", "page tables, bytes each", 0),
    Column("mappings", "mappings", 0), Column("total_gb", "total, GB", 3), Column("create_s", "created in, s", 2),
    Column("wake_s", "all woken after, s", 2), Column("woken", "woken", 0),
]


def sleepers(_: Options) -> Row:
    count = 100_000
    return Row(
        "sleepers", "100,000 sleeping fibers", SLEEPERS,
        [make.green("sleepers", count), make.c("sleepers", count), make.gevent("sleepers", count, most_rounds=2)],
        [Goal("resident_bytes", 4600), Goal("mappings", most_mappings())], expected={"woken": count})


def million(options: Options) -> Row:
    count = 100_000 if options.quick else 1_000_000
    return Row(
        "million", f"{count:,} sleeping fibers", SLEEPERS,
        [make.green("sleepers", count, most_rounds=2), make.c("sleepers", count, most_rounds=2)],
        [Goal("total_gb", 5), Goal("create_s", 10), Goal("woken", count, at_most=False)], expected={"woken": count})


def most_mappings() -> int:
    with open("/proc/sys/vm/max_map_count") as file:
        return int(file.read())


def echo(_: Options) -> Row:
    return Row(
        "echo", "TCP echo, 512 bytes, 64 connections, one core each side",
        [Column("per_s", "round trips/s", 0), Column("ratio", "÷ C", 3), Column("cpu_us", "CPU µs each", 2),
         Column("busy", "server core", 2)],
        [make.green("echo", 512), make.c("echo_server", 512), make.gevent("echo", 512, most_rounds=3)],
        [Goal("ratio", 0.95, at_most=False)], measure=_measure_echo, ratio_of="per_s")


def _measure_echo(contender: Contender, options: Options) -> dict[str, float]:
    client = make.c("echo_client", 0).command[0]
    with Started(contender) as server:
        command = (client, str(round(server.figures["port"])), "64", "512", str(options.echo_seconds))
        load = subprocess.Popen(make.pinned(command, make.LOAD_CORE), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)
        try:
            load.stdout.readline()  # it has warmed up
            before = proc.cpu_seconds(server.pid)
            text, complaint = load.communicate(timeout=options.echo_seconds + 20)
            cpu = proc.cpu_seconds(server.pid) - before
        finally:
            load.kill()
            load.wait()
        if load.returncode != 0:
            raise Failed(f"{contender.name}: the client: {complaint.strip()}")
    figures = make.read_figures(text)
    return figures | {"cpu_us": cpu / figures["trips"] * 1e6, "busy": cpu / options.echo_seconds}


def names(_: Options) -> Row:
    count = 1000
    network = (make.c("private_dns", 0).command[0], "100", str(make.LOAD_CORE))

    def inside(contender: Contender) -> Contender:
        return replace(contender, command=network + contender.command, countable=False)

    return Row(
        "names", "1,000 names looked up at once, each answered after 100 ms", [Column("ms", "all after, ms", 0)],
        [inside(make.green("names", count)), inside(make.c("names_ares", count, name="C, c-ares")),
         inside(make.c("names_threads", count, name="C, 10 threads", most_rounds=1)),
         inside(make.gevent("names", count, most_rounds=1))],
        [Goal("ms", 120)], expected={"answered": count})


def idle(options: Options) -> Row:
    return Row(
        "idle", f"A hub whose fibers wait for a socket and for an event, {options.idle_seconds:g} s",
        [Column("calls", "system calls", 0), Column("switches", "context switches", 0)],
        [make.green("idle", 100, most_rounds=1), make.gevent("idle", 100, most_rounds=1)],
        [Goal("calls", 0), Goal("switches", 0)], measure=_measure_idle)


def _measure_idle(contender: Contender, options: Options) -> dict[str, float]:
    with Started(contender) as program:
        return idleness.watch(program.pid, options.idle_seconds)


ROWS: dict[str, Callable[[Options], Row]] = {
    "switch": switch, "yield": yields, "spawn": spawn, "channel": channel,
    "channel-100": channel_100, "latch": latch, "barrier": barrier, "permits": permits, "broadcast": broadcast,
    "watch": watch, "single-flight": single_flight, "retry": retry, "cancel": cancel, "hub-spawn": hub_spawn,
    "hub-channel": hub_channel, "watched": watched, "stuck": stuck, "timers": timers, "await": await_ready, "hop": hop,
    "task-sleep": task_sleep, "redirect": redirect, "sleepers": sleepers, "million": million,
    "echo": echo, "names": names, "idle": idle,
}
