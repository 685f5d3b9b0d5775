"""Carries out the commands that the README and the articles show.

    run_commands.py [BUILD FOLDER]    (.build/debug: its programs stand for those of the reader)

- A server is started on a free port with the options that are shown, answers a request, and ends by SIGTERM with 0. `greenfinch
  MODULE:NAME` serves an application of that name. What a block then asks it, by `curl` or `ab`, is asked.
- `ctl` asks and orders a server that runs; `routes`, `check`, `new`, `--help` and the like are carried out.
- Of `make` the target and all that it needs must be there, as `make -n` finds them; of programs that measure for long the options
  must be among those of their `--help`.
- What a machine of tests cannot carry out stands in NOT_HERE, with what else tries it.

A command that is none of these is a fault: whoever writes it says here how it is tried.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

from module_maps import ROOT, build_folder
from reader import Failed, Reader, staged
from shown_commands import OWN, blocks, pages_with_commands, unmarked

# By the first words of a command. What no page shows any more is taken out.
NOT_HERE = {
    "sudo": "changes the system; Scripts/install-dependencies installs such packages in CI, Tests/Dist/run our own",
    "apt-get": "changes the system; Scripts/install-dependencies installs such packages in CI",
    "systemctl": "needs a system that systemd has begun; Tests/Deploy/run has the units looked at, SystemdTests are the protocol",
    "redis-server": "runs until it is ended; the suites start one each",
    "python3 -m venv": "Tests/Documentation/ways_in.py makes an environment in this way",
    ".": "Tests/Documentation/ways_in.py enters an environment in this way",
    "pip": "builds for minutes; Tests/Documentation/ways_in.py installs in this way",
    "python manage.py": "needs Django and PostgreSQL; Tests/Python/frameworks/run.py tries the example",
    "gunicorn": "is what the reader comes from",
    "swift build": "builds for minutes; Scripts/test-deep builds in each of these ways",
    "swift test": "builds for minutes; Scripts/test-deep tests the examples",
    "swift run notes-server": "is of the package that the article makes; Tests/Deploy/new builds and runs one such",
    "swift run notes": "needs PostgreSQL, which NotesTests starts",
    "swift run chat": "needs Redis, which ExampleTests starts",
    "swift run table": "is a package of its own with databases; Scripts/test-deep examples",
    "swift run redis": "is a package of its own with databases; Scripts/test-deep examples",
    "swift run visits": "is a package of its own with databases; Scripts/test-deep examples",
    "swift run adapted": "is a package of its own; Scripts/test-deep examples",
    "swift run services": "is a package of its own; Scripts/test-deep examples",
    "swift run hosted": "is a package of its own; Scripts/test-deep examples",
    "program jobs": "needs Redis; DatabaseTests",
    "program serve jobs": "needs Redis; DatabaseTests",
}
# Of what `make` is given: the program whose options these are.
VARIABLES = {
    "BENCH": "Benchmarks/page/bench.py", "MICRO": "Benchmarks/micro/micro.py", "RATIOS": "Benchmarks/web/ratios.py",
    "NOTES": "Benchmarks/web/notes.py", "GROWTH": "Benchmarks/compare/hello_growth.py",
}  # fmt: skip
HARMLESS = {"mkdir", "echo", "export", "ulimit"}
# Programs whose use needs nothing but a folder to run in.
EXAMPLES = {"gather", "dashboard"}


def make(words, folder):
    given = [] if any(word.startswith("BASE=") for word in words) else ["BASE=result.json"]
    done = subprocess.run(["make", "-n", *words, *given], capture_output=True, text=True, timeout=60,
                          cwd=folder if "-C" in words else ROOT)
    if done.returncode:
        raise Failed(done.stderr.strip())
    for word in words:
        name, _, options = word.partition("=")
        if name in VARIABLES and options:
            understood(ROOT / VARIABLES[name], options.split())
    return "checked"


def understood(program, words):
    """Whether each option is one of those that the program's own help names."""
    done = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=60)
    for word in words:
        if word.startswith("--") and not re.search(re.escape(word.partition("=")[0]) + r"\b", done.stdout):
            raise Failed(f"{program.name} has no {word}")
    if done.returncode:
        raise Failed(done.stderr.strip())
    return "checked"


def script(command, folder):
    named = ROOT / command.words[0] if "/" in command.words[0].removeprefix("./") else folder / command.words[0]
    if not named.exists():
        raise Failed("is not there")
    if named.suffix == ".py":
        return understood(named, command.words[1:])
    return "checked"


def ctl(reader, program, words, environment=None):
    """As it was written, but for the place of the socket and the number of a worker."""
    path, worker = reader.control()
    words = [str(worker) if word == "4711" else word for word in words]
    if "--socket" in words:
        words[words.index("--socket") + 1] = path
    elif len(words) == 1:
        words.append("--help")
    if not reader.run([*program, *words], {"GREENFINCH_CMD_ARGS": f"--control-socket {path}", **(environment or {})}):
        raise Failed("says nothing")
    return "carried out"


def own(reader, words):
    """The program of the reader."""
    options = [str(reader.folder / "hello.json") if word == "/etc/hello.json" else word for word in words[1:]]
    secure = "--certfile" in options
    program = str(reader.build / ("streams" if secure or "--http-protocols" in options else "hello"))
    if options[:1] == ["ctl"]:
        return ctl(reader, [program], options)
    # Would build the package, and look at its sources.
    if "--reload" in options:
        options.append("--check-config")
    if secure:
        reader.certificate()
    if "--check-config" in options:
        reader.run([program, *options])
    elif {"--print-config", "--help", "--help-all", "--version"} & set(options) or options[:1] in (["routes"], ["check"]):
        if not reader.run([program, *options]):
            raise Failed("says nothing")
    else:
        reader.serve([program, *options], secure=secure)
    return "carried out"


def host(reader, words):
    program, environment = reader.host()
    if words[1] == "ctl":
        return ctl(reader, program, words[1:], environment)
    if words[1] == "new" or words[1].startswith("-"):
        reader.run([*program, *words[1:]], environment, reader.empty_folder())
    else:
        reader.serve([*program, *words[1:]], environment, reader.write_application(words[1]))
    return "carried out"


def client(reader, words):
    """Asks the block's server where the page has port 8000, or another."""
    if not reader.servers:
        return "asks a server that is not of its block"
    port = reader.servers[-1].port
    words = [re.sub(r"(127\.0\.0\.1|localhost):\d+", f"127.0.0.1:{port}", word) for word in words]
    reader.run(words)
    return "carried out"


def end(reader, words):
    if not reader.servers:
        return "ends what is not of its block"
    if words[0] == "wait":
        reader.end_block()
    else:
        name = words[1].removeprefix("-") if words[1].startswith("-") else "TERM"
        reader.signal_server(name)
    return "carried out"


def reason(words):
    """Why a command cannot be carried out here; the key of it in NOT_HERE."""
    if words[:2] == ["swift", "run"]:
        words = ["swift", "run", *(word for word in words[2:] if word not in ("-c", "release"))]
    if words[0] in OWN:
        words = ["program", *words[1:]]
    return next((key for count in (3, 2, 1) if (key := " ".join(words[:count])) in NOT_HERE), None)


def carry_out(reader, command, folder):
    """What was done: "carried out", "checked", or why neither."""
    words = command.words
    if (key := reason(words)) is not None:
        return key
    if words[0] == "make":
        return make(words[1:], folder)
    if words[0] in OWN or words[0].endswith("/notes-server"):
        return own(reader, words)
    if words[0] == "greenfinch":
        return host(reader, words)
    if words[:2] == ["swift", "run"] and (names := EXAMPLES & set(words)):
        name = names.pop()
        reader.serve([reader.build / name, *words[words.index(name) + 1 :]], folder=ROOT)
        return "carried out"
    if words[0] in ("curl", "ab"):
        return client(reader, words)
    if words[0] in ("kill", "wait"):
        return end(reader, words)
    if words[0] in HARMLESS:
        reader.run(["bash", "-c", command.text.partition("&&")[0].partition("|")[0]])
        return "carried out"
    if words[0].startswith(("./", "Scripts/", "Benchmarks/", "Tests/", "Examples/")):
        return script(command, folder)
    raise Failed(f"{pathlib.Path(__file__).name} does not know how to try it")


def enter(reader, folder, name):
    """The folder after a `cd`: of the repository, or one that the block has made."""
    for place in (folder / name, ROOT / name, reader.folder / name):
        if place.is_dir():
            return place
    raise Failed(f"there is no folder {name}")


def run_block(reader, block, tell):
    folder = block[0].page.parent
    for command in block:
        try:
            if command.words[0] == "cd":
                folder, outcome = enter(reader, folder, command.words[1]), "carried out"
            else:
                outcome = carry_out(reader, command, folder)
        except (Failed, OSError, subprocess.TimeoutExpired) as problem:
            outcome = problem
        tell(command, outcome)
    try:
        reader.end_block()
    except Failed as problem:
        tell(block[-1], problem)


def read_page(build, package, page):
    """What became of each of its commands, and the faults. A page has a reader of its own."""
    outcomes, faults = [], [*unmarked(page)]

    def tell(command, outcome):
        if isinstance(outcome, Exception):
            faults.append(f"{command.place}: {command.text}: {outcome}")
        outcomes.append(outcome)

    with Reader(build, package) as reader:
        for block in blocks(page):
            run_block(reader, block, tell)
    return outcomes, faults


def main():
    build, count = build_folder(sys.argv[1:]), min(len(os.sched_getaffinity(0)) + 1, 4)
    outcomes, faults = [], []
    # Readers wait most of the time, for servers that begin and end.
    with staged(build) as package, concurrent.futures.ThreadPoolExecutor(count) as pool:
        for page in pool.map(lambda page: read_page(build, package, page), pages_with_commands()):
            outcomes += page[0]
            faults += page[1]
    faults += [f"{key} is in NOT_HERE, and on no page" for key in NOT_HERE if key not in outcomes]
    done, checked = outcomes.count("carried out"), outcomes.count("checked")
    print("\n".join(faults + [f"{len(outcomes)} commands of the README and the articles: {done} carried out, {checked} checked, "
                              f"{len(outcomes) - done - checked - len(faults)} not for this machine, {len(faults)} faults"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
