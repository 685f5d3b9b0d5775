"""Runs CPython's own tests in fibers of a green worker and in threads of the plain interpreter: run.py [--build BUILD]
[--python PROGRAM] [MODULE...]

Each module has a worker of its own. What comes out differently without a reason in modules.py is told, and makes the status 1.
The package is staged from a debug build, unless GREENFINCH_PACKAGE says where it lies.
"""

import argparse
import importlib.util
import json
import os
import pkgutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.dirname(HERE))

import interpreters  # noqa: E402
from modules import MODULES, REASONS  # noqa: E402

#: The longest that a module may take.
PATIENCE = 1200


def modules(names):
    """The full names of modules, where each is there in this version."""
    for name in names:
        full = name if name.startswith("test.") else "test." + name
        spec = importlib.util.find_spec(full)
        if spec is None:
            continue
        if not spec.submodule_search_locations:
            yield full
            continue
        for module in pkgutil.iter_modules(spec.submodule_search_locations, full + "."):
            if module.name.rpartition(".")[2].startswith("test_"):
                yield module.name


def outside(name, folder):
    answer = subprocess.run(
        [sys.executable, os.path.join(HERE, "in_thread.py"), name], cwd=folder, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=PATIENCE,
    )  # fmt: skip
    return json.loads(answer.stdout) if answer.stdout else {"ran": 0, "skipped": 0, "bad": {"": "it has ended"}, "seconds": 0}


def inside(name, folder):
    from serving import Server

    paths = os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")])
    server = Server("suite_app:app", "-k", "green", "-t", "0", folder=folder, environment={"PYTHONPATH": paths})
    try:
        return json.loads(server.ready().get("/" + name, timeout=PATIENCE)[2])
    except (OSError, ValueError) as error:
        return {"ran": 0, "skipped": 0, "bad": {"": f"{error!r}\n{server.text()[-3000:]}"}, "seconds": 0}
    finally:
        server.process.kill()
        server.process.wait()
        server.log.close()


def is_explained(name):
    return any(
        name == key or (key.endswith("*") and name.startswith(key[:-1])) or name.endswith("." + key) for key in REASONS
    )


def compare(name):
    """Prints a line for a module. Returns whether it came out alike, apart from what has a reason."""
    with tempfile.TemporaryDirectory() as folder:
        there, here = outside(name, folder), inside(name, folder)
    differing = sorted(set(here["bad"]) - set(there["bad"]))
    unexplained = [test for test in differing if not is_explained(test)]
    print(
        "| %s | %d of %d, %d skipped | %d of %d, %d skipped | %d | %d |"
        % (name, there["ran"] - len(there["bad"]), there["ran"], there["skipped"],
           here["ran"] - len(here["bad"]), here["ran"], here["skipped"], len(differing) - len(unexplained), len(unexplained)),
        flush=True,
    )  # fmt: skip
    for test in unexplained:
        print(f"    {test}: {here['bad'][test]}", flush=True)
    return not unexplained and here["ran"] == there["ran"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(ROOT, ".build/debug"))
    parser.add_argument("--python", help="the interpreter, or its version, such as 3.13")
    parser.add_argument("names", nargs="*", default=MODULES)
    options = parser.parse_args()
    interpreters.run_by(options.python)
    print(f"CPython {sys.version.split()[0]}, {sys.executable}\n")
    print("| module | in a thread | in a fiber | differ for a reason | differ |\n| --- | --- | --- | ---: | ---: |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        if not os.environ.get("GREENFINCH_PACKAGE"):
            stage = [sys.executable, os.path.join(ROOT, "Python/build/stage.py"), folder, options.build]
            subprocess.run(stage, check=True)
            os.environ["GREENFINCH_PACKAGE"] = os.environ["PYTHONPATH"] = folder
        outcomes = [compare(name) for name in modules(options.names)]
    alike = sum(outcomes)
    print(f"\n{alike} modules came out alike, {len(outcomes) - alike} did not")
    return 0 if alike == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
