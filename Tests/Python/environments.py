"""Virtual environments below .build-python, which are kept for the next time."""

import hashlib
import os
import pathlib
import sys
import venv

STORE = pathlib.Path(__file__).resolve().parents[2] / ".build-python"


def folder_of(name, store=STORE):
    """Where the environment of that name lies which is made by the interpreter that runs this. Another's lies elsewhere, also one of the
    same version."""
    program = hashlib.sha256(os.path.realpath(sys.executable).encode()).hexdigest()[:8]
    return store / ("%s-%d.%d-%s" % (name, *sys.version_info[:2], program))


def made(folder):
    """The interpreter of an environment, which is made where it is not there, or was not made to its end."""
    stamp = folder / "made"
    if not stamp.exists():
        venv.create(folder, with_pip=True, clear=True)
        stamp.touch()
    return folder / "bin" / "python"
