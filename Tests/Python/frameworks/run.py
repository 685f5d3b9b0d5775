"""Runs the tests of frameworks and of the examples in Python in a virtual environment that is made for them:
run.py [--python PROGRAM] [BUILD]

The program is an interpreter or a version such as 3.13. The package is staged from a debug build. What the environment has is fetched from PyPI.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))

import environments  # noqa: E402
import interpreters  # noqa: E402

EXAMPLES = [ROOT / "Examples" / name for name in ("flask", "django", "fastapi")]


def environment():
    """The interpreter of an environment with all that is required. It is kept for the next time."""
    python = environments.made(environments.folder_of("frameworks"))
    files = [HERE / "requirements.txt", *(example / "requirements.txt" for example in EXAMPLES)]
    needed = [word for file in files for word in ("-r", file)]
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *needed], check=True)
    return python


def main():
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--python", help="the interpreter, or its version")
    parser.add_argument("build", nargs="?", default=ROOT / ".build" / "debug")
    options = parser.parse_args()
    interpreters.run_by(options.python)
    print("Python %s, %s" % (sys.version.split()[0], sys.executable), flush=True)
    build = os.path.abspath(options.build)
    python = environment()
    status = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, ROOT / "Python/build/stage.py", folder, build], check=True)
        variables = {**os.environ, "GREENFINCH_PACKAGE": folder, "PYTHONPATH": folder}
        runs = [(HERE, "test_frameworks", {"ASGI_LOOP": loop}) for loop in ("asyncio", "uvloop")]
        runs.append((HERE.parent, "test_asgi_deadline", {"ASGI_LOOP": "uvloop"}))
        # PasteDeploy is there.
        runs.append((HERE.parent, "test_server.StartTests", {}))
        runs += [(example, "test_" + example.name, {}) for example in EXAMPLES]
        for place, test, more in runs:
            print("%s %s" % (test, " ".join(more.values())), flush=True)
            outcome = subprocess.run([python, "-m", "unittest", test], cwd=place, env={**variables, **more})
            status = status or outcome.returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
