"""Runs the tests of other projects on greenfinch: run.py [--build BUILD] [--python PROGRAM] [SUITE...]

Of some our server is what they test: httpbin under requests' tests, the dummy server of urllib3's, Django's live tests. Others run in a
fiber of a green worker: Django's, and those of drivers. Each is run twice, first as it is without us, and what comes out differently
without a reason in suites.py is told, and makes the status 1.

The package is staged from a debug build, unless GREENFINCH_PACKAGE says where it lies. Those of others and their source distributions are
fetched from PyPI, once, into .build-python. SUITES_LOG names a file for what our servers log.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))

import environments  # noqa: E402
import interpreters  # noqa: E402
import services  # noqa: E402
from suites import SUITES  # noqa: E402

#: Of which nobody has seen yet what comes of them.
UNTRIED = {"django", "urllib3"}


class Place:
    """A virtual environment with what suites need, and their sources."""

    def __init__(self, group):
        self.group = group
        self.folder = environments.folder_of("suites-" + group)
        self.python = self.folder / "bin" / "python"
        self.sources = environments.STORE / "suites-sources"

    def pip(self, *arguments):
        command = [self.python, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]
        subprocess.run(command, check=True, cwd="/")

    def prepare(self):
        suites = [suite for suite in SUITES.values() if suite.group == self.group]
        environments.made(self.folder)
        needed = sorted({word for suite in suites for word in (suite.installed or suite.package, *suite.needs)})
        stamp = self.folder / "installed"
        if not stamp.exists() or stamp.read_text().split("\n") != needed:
            self.pip("install", *needed)
            stamp.write_text("\n".join(needed))

    def source(self, suite):
        """The folder of a suite's source distribution, in the version that is installed."""
        question = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
        name = suite.installed or suite.package
        answer = subprocess.run([self.python, "-c", question, name], capture_output=True, text=True, check=True, cwd="/")
        version = answer.stdout.strip()
        place = self.sources / ("%s-%s" % (suite.package, version))
        if not place.exists():
            with tempfile.TemporaryDirectory() as folder:
                self.pip("download", "--no-deps", "--no-binary", suite.package, "-d", folder, "%s==%s" % (suite.package, version))
                (archive,) = pathlib.Path(folder).glob("*.tar.gz")
                # It has its name once it is whole.
                begun = place.with_name(place.name + ".begun")
                shutil.rmtree(begun, ignore_errors=True)
                begun.mkdir(parents=True)
                with tarfile.open(archive) as file:
                    # Without the folder that all is in.
                    for member in file.getmembers():
                        member.name = member.name.partition("/")[2]
                        if member.name:
                            file.extract(member, begun)
                begun.rename(place)
        return place / suite.folder


def _failed(reason):
    return {"ran": 0, "skipped": 0, "bad": {"": reason}, "seconds": 0}


def _by_itself(python, program, suite, folder, environment, *rest):
    with tempfile.TemporaryFile("w+") as log:
        try:
            answer = subprocess.run(
                [python, HERE / program, suite.name, *rest], cwd=folder, env=environment, stdout=subprocess.PIPE,
                stderr=log, stdin=subprocess.DEVNULL, timeout=suite.patience,
            )  # fmt: skip
            if answer.stdout:
                return json.loads(answer.stdout)
            log.seek(0)
            return _failed("it has ended: " + log.read()[-2000:])
        except subprocess.TimeoutExpired:
            log.seek(0)
            return _failed("it hangs: " + log.read()[-2000:])


def _in_fiber(python, suite, folder, environment):
    from serving import Server

    server = Server(
        "suite_app:app", "-k", "green", "-t", "0", folder=folder, environment=environment, python=str(python)
    )
    try:
        return json.loads(server.ready().get("/" + suite.name, timeout=suite.patience)[2])
    except (OSError, ValueError, AssertionError) as error:
        return _failed(f"{error!r}\n{server.text()[-3000:]}")
    finally:
        if os.environ.get("SUITES_LOG"):
            with open(os.environ["SUITES_LOG"], "a") as file:
                file.write(server.text())
        server.process.kill()
        server.process.wait()
        server.log.close()


def reason(suite, name):
    """Why a test comes out differently; ``None`` for no reason."""
    for key, text in suite.reasons.items():
        plain = name.partition("[")[0]
        if name == key or (key.endswith("*") and name.startswith(key[:-1])) or name.endswith(key) or plain.endswith(key):
            return text
    return None


def compare(suite, place, common):
    """Prints a line for a suite. Returns whether it came out alike, apart from what has a reason."""
    folder = place.source(suite)
    with contextlib.ExitStack() as stack:
        environment = {**common, "SUITE_FOLDER": str(folder)}
        if "postgresql" in suite.services:
            address = stack.enter_context(services.postgresql())
            parts = urllib.parse.urlsplit(address)
            environment.update(
                SUITE_POSTGRESQL=address, PSYCOPG2_TESTDB="psycopg2_test", PSYCOPG2_TESTDB_HOST=parts.hostname,
                PSYCOPG2_TESTDB_PORT=str(parts.port), PSYCOPG2_TESTDB_USER=parts.username,
            )  # fmt: skip
            # SQLAlchemy's tests take their databases from a file.
            if suite.package == "SQLAlchemy":
                (folder / "test.cfg").write_text(
                    "[db]\ngreenfinch=" + address.replace("postgresql:", "postgresql+psycopg2:") + "\n"
                )
        if "redis" in suite.services:
            environment["SUITE_REDIS"] = stack.enter_context(services.redis())
        if suite.served_by:
            before = _by_itself(place.python, "in_main.py", suite, folder, environment, "plain")
            here = _by_itself(place.python, "in_main.py", suite, folder, environment)
        else:
            before = _by_itself(place.python, "in_thread.py", suite, folder, environment)
            here = _in_fiber(place.python, suite, folder, environment)
    differing = sorted(set(here["bad"]) - set(before["bad"]))
    unexplained = [test for test in differing if reason(suite, test) is None]
    columns = [
        "%d of %d, %d skipped" % (found["ran"] - len(found["bad"]), found["ran"], found["skipped"]) for found in (before, here)
    ]
    what = ("served: " + suite.served_by) if suite.served_by else "in a fiber"
    print(
        "| %s | %s | %s | %s | %d | %d |"
        % (suite.name, what, *columns, len(differing) - len(unexplained), len(unexplained)), flush=True,
    )  # fmt: skip
    for test in unexplained:
        print(f"    {test}: {here['bad'][test]}", flush=True)
    for test in sorted(set(before["bad"])):
        print(f"    without us too: {test}: {before['bad'][test]}", flush=True)
    # The tests of a class that could not be set up have not run.
    whole = here["ran"] + sum(name.startswith("setUpClass (") for name in here["bad"]) >= before["ran"] > 0
    return not unexplained and whole


def main():
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--build", default=os.path.join(ROOT, ".build/debug"))
    parser.add_argument("--python", help="the interpreter, or its version, such as 3.13")
    parser.add_argument("names", nargs="*", default=[name for name in SUITES if name not in UNTRIED])
    options = parser.parse_args()
    for name in options.names:
        if name not in SUITES:
            parser.error("there is no suite '%s': %s" % (name, ", ".join(SUITES)))
    interpreters.run_by(options.python)
    print("CPython %s, %s\n" % (sys.version.split()[0], sys.executable), flush=True)
    # What was started is ended then too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    suites = [SUITES[name] for name in options.names]
    places = {group: Place(group) for group in {suite.group for suite in suites}}
    for place in places.values():
        place.prepare()
    print("| suite | with us | without us | with us | differ for a reason | differ |", flush=True)
    print("| --- | --- | --- | --- | ---: | ---: |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        package = os.environ.get("GREENFINCH_PACKAGE") or folder
        if package == folder:
            stage = [sys.executable, ROOT / "Python/build/stage.py", folder, os.path.abspath(options.build)]
            subprocess.run(stage, check=True)
        paths = [package, str(HERE), str(HERE.parent)]
        os.environ["GREENFINCH_PACKAGE"] = package
        common = {
            **os.environ, "PYTHONPATH": os.pathsep.join(paths), "SERVED_LOG": os.environ.get("SUITES_LOG", os.devnull),
            "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        outcomes = [compare(suite, places[suite.group], common) for suite in suites]
    print(f"\n{sum(outcomes)} suites came out alike, {len(outcomes) - sum(outcomes)} did not")
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
