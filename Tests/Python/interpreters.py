"""The interpreters of this machine, those of pyenv among them: interpreters.py [--two]

Prints each with its version; with --two the programs of two versions, that of python3 and the newest other one, or of the one that there
is. Where there is none that is served the status is 1.
"""

import glob
import os
import shutil
import subprocess
import sys

#: The versions of CPython that are served.
SERVED = [(3, minor) for minor in range(9, 14)]
# Builds without the lock, whose flags have a t, are not: they have an interface of their own for extensions.
QUESTION = "import sys; print(sys.version.split()[0], sys.implementation.name + 't' * ('t' in sys.abiflags), sys.executable)"

#: Has the interpreter that goes on know that it is the one.
GONE_ON = "GREENFINCH_GONE_ON"


def _candidates():
    names = ["python3", "/usr/bin/python3", *("python%d.%d" % version for version in SERVED)]
    yield from filter(None, map(shutil.which, names))
    # The programs that pyenv puts into PATH refuse to run where it was not told which versions are wanted.
    roots = [os.environ.get("PYENV_ROOT"), os.path.expanduser("~/.pyenv")]
    for root in filter(None, roots):
        yield from sorted(glob.glob(os.path.join(glob.escape(root), "versions", "*", "bin", "python3")))


def _asked(program):
    """The version of an interpreter and where it lies; ``None`` where it does not run or is not served."""
    try:
        answer = subprocess.run([program, "-c", QUESTION], capture_output=True, text=True, timeout=60, cwd="/")
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = answer.stdout.strip().split(" ", 2)
    if answer.returncode or len(words) != 3 or words[1] != "cpython" or minor_of(words[0]) not in SERVED:
        return None
    return words[0], words[2]


def _runs(program):
    try:
        return subprocess.run([program, "-c", ""], stderr=subprocess.DEVNULL, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def minor_of(version):
    """(3, 11) of "3.11.7"."""
    return tuple(int(word) for word in version.split(".")[:2])


def found():
    """Each that there is, once, by its program: its version. Those of PATH come first."""
    programs, places = {}, set()
    for candidate in _candidates():
        answer = _asked(candidate)
        if answer and os.path.realpath(answer[1]) not in places:
            places.add(os.path.realpath(answer[1]))
            programs[answer[1]] = answer[0]
    return programs


def missing(programs):
    """The versions of which there is none."""
    there = {minor_of(version) for version in programs.values()}
    return ["%d.%d" % version for version in SERVED if version not in there]


def two(programs):
    """The first program, and the newest of another version where there is one."""
    if not programs:
        return []
    first = next(iter(programs))
    others = [program for program in programs if minor_of(programs[program]) != minor_of(programs[first])]
    return [first, *sorted(others, key=lambda program: minor_of(programs[program]))[-1:]]


def chosen(wanted, programs=None):
    """The program for what was asked for: a path, a name such as python3.13, or a version such as 3.13.

    Raises ``LookupError`` where there is none.
    """
    program = shutil.which(wanted)
    # A version of which there are no tests may be asked for by its path.
    if program and os.path.basename(program).startswith("python") and _runs(program):
        return program
    programs = found() if programs is None else programs
    number = wanted[len("python") :] if wanted.startswith("python") else wanted
    for program, version in programs.items():
        if number in (version, "%d.%d" % minor_of(version)):
            return program
    there = ", ".join("%s (%s)" % (version, program) for program, version in programs.items())
    raise LookupError("there is no interpreter '%s': there are %s" % (wanted, there or "none"))


def run_by(wanted):
    """Goes on in the interpreter that the option ``--python`` names, with the other words of the command line as they are.

    ``wanted``: what the option says; ``None`` for this one. Returns where this is that one.
    """
    if os.environ.pop(GONE_ON, None) or wanted is None:
        return
    try:
        program = chosen(wanted)
    except LookupError as error:
        raise SystemExit(str(error)) from None
    words = sys.argv[:]
    for index, word in enumerate(words):
        if word == "--python":
            del words[index : index + 2]
            break
        if word.startswith("--python="):
            del words[index]
            break
    os.execve(program, [program, *words], {**os.environ, GONE_ON: "yes"})


def main(arguments):
    programs = found()
    if "--two" not in arguments:
        for program, version in programs.items():
            print(version, program)
        return 0 if programs else 1
    both = two(programs)
    if len(both) < 2:
        number = "one version alone" if both else "no version that is served"
        print(number + " is here; there is none of " + ", ".join(missing(programs)), file=sys.stderr)
    if both:
        print("\n".join(both))
    return 0 if both else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
