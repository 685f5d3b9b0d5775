"""Tries the commands that the README and the articles show.

    run_commands.py [BUILD FOLDER]    (.build/debug: its `hello` stands for the program of the reader)

Each line of a block marked `sh`, or that begins with a program of ours, is one of these:
- `make`: the target and all that it needs must be there, as `make -n` finds them;
- a server with options, or `greenfinch` with them: its options must be understood, as --check-config finds them;
- a script of the repository, which must be there, or a program that this file knows.
A line that is none of these is a fault: whoever writes it says here how it is tried. What the commands do when they are carried out is
tried by the suites: examples, deployment, the tests of Python.
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from check_articles import pages
from module_maps import ROOT, build_folder

BLOCK = re.compile(r"^ *```(sh|bash|console)?\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SERVERS = {"./hello", "./app", "hello", ".build/release/hello", "./notes", "./MyApp"}
HOSTS = {"greenfinch"}
# Programs of the reader's system: what they do with a server is tried by the suites that these articles belong to.
TOOLS = {
    "ab", "apt", "apt-get", "cat", "cc", "cd", "certbot", "chmod", "chown", "cp", "createdb", "curl", "docker", "echo", "gdb", "git", "gunicorn",
    "hey", "journalctl", "kill", "kubectl", "ln", "mkdir", "mv", "nginx", "openssl", "perf", "pg_dump", "pip", "pkg-config", "psql",
    "python", "python3", "redis-cli", "redis-server", "rm", "sed", "strace", "sudo", "swift", "sysctl", "systemctl", "touch", "tail", "ulimit", "uvicorn",
    "valgrind", "wrk", ".", "source", "export", "docker-compose", "h2load", "uv", "prlimit", "watch", "ls", "ps", "pgrep",
}
SCRIPT = re.compile(r"^(\./)?(Scripts|Benchmarks|Tests|Examples)/")


def commands(page):
    """Each command of a page, with its place; lines that end with a backslash are one."""
    text = page.read_text()
    for block in BLOCK.finditer(text):
        body, line = block.group(2), text[: block.start()].count("\n") + 2
        if block.group(1) is None and not starts_like_a_command(body):
            continue
        pending = ""
        for offset, raw in enumerate(body.splitlines()):
            pending += raw.rstrip()
            if pending.endswith("\\"):
                pending = pending[:-1] + " "
                continue
            if pending.strip() and not pending.lstrip().startswith("#"):
                yield f"{page.relative_to(ROOT)}:{line + offset}", pending.strip().removeprefix("$ ")
            pending = ""


def starts_like_a_command(body):
    words = body.split()
    return bool(words) and words[0] in SERVERS | HOSTS | {"make"}


def words_of(command):
    """The words of the first program: what comes before a pipe or an operator, without variables, comment and redirection."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words = []
    for word in lexer:
        if set(word) <= set("|&;<>"):
            break
        words.append(word)
    while words and re.match(r"^\w+=", words[0]):
        words.pop(0)
    return words


def made(words):
    """What make says of a target that it cannot make."""
    done = subprocess.run(["make", "-n", *words], capture_output=True, text=True, timeout=60, cwd=ROOT)
    return done.stderr.strip() if done.returncode else ""


def checked_options(program, options):
    """What the server says of these options; nothing where it would take them."""
    if {"--help", "--help-all", "--version", "--print-config"} & set(options):
        return ""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "greenfinch.json").write_text("{}")
        done = subprocess.run([program, *options, "--check-config"], capture_output=True, text=True, timeout=60, cwd=folder)
    said = done.stderr.strip()
    # Status 2 is a line that cannot be read. What a reader's files and users are is not known here.
    return said if done.returncode == 2 else ""


def fault(command, build):
    try:
        words = words_of(command)
    except ValueError as problem:
        return f"cannot be read: {problem}"
    if not words:
        return ""
    program, options = words[0], words[1:]
    if program == "make":
        return made(options)
    if program in SERVERS | HOSTS:
        if options[:1] in (["ctl"], ["routes"], ["jobs"], ["migrate"]):
            return ""
        # The application of Python is not there, and the host would look for it.
        if program in HOSTS and options and not options[0].startswith("-"):
            options = options[1:]
        options = options[1:] if options[:1] == ["serve"] else options
        return checked_options(build / "hello", options)
    if SCRIPT.match(program):
        return "" if (ROOT / program).exists() else f"there is no {program}"
    if program.startswith("./") and program.endswith(".py"):
        # After a `cd` into one of the folders of benchmarks.
        return "" if list(ROOT.glob(f"Benchmarks/*/{program[2:]}")) else f"there is no {program}"
    return "" if program in TOOLS else f"{program} is a program that {pathlib.Path(__file__).name} does not know"


def main():
    build = build_folder(sys.argv[1:])
    shown = [*pages(), ROOT / "Benchmarks/README.md", *sorted((ROOT / "Examples").glob("*/README.md"))]
    found = [each for page in shown for each in commands(page)]
    faults = [f"{place}: {command}: {problem}" for place, command in found if (problem := fault(command, build))]
    print("\n".join(faults + [f"{len(found)} commands of the README and the articles, {len(faults)} faults"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
