"""Builds the extension's part for ASGI with a test in the place of the connections, for the interpreter that runs this."""

import hashlib
import importlib.util
import os
import pathlib
import subprocess
import sys
import sysconfig

import environments

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "Python" / "extension"
HEADERS = ROOT / "Sources" / "CGreenPython" / "include"
PACKAGE = ROOT / "Python"


def load():
    """The module ``greenfinch._greenfinch``, as the package imports it from then on."""
    if "greenfinch._greenfinch" in sys.modules:
        return sys.modules["greenfinch._greenfinch"]
    path = _built()
    sys.path.insert(0, str(PACKAGE))
    spec = importlib.util.spec_from_file_location("greenfinch._greenfinch", path)
    module = importlib.util.module_from_spec(spec)
    # What else the package takes from it, it is not asked for here.
    module.__getattr__ = _missing
    spec.loader.exec_module(module)
    sys.modules["greenfinch._greenfinch"] = module
    return module


def _missing(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return None


def _built():
    files = sorted(SOURCES.glob("asgi*.c")) + [SOURCES / "running.c", ROOT / "Tests" / "Python" / "native" / "fake.c"]
    headers = [*SOURCES.glob("*.h"), *HEADERS.glob("*.h")]
    content = b"".join(file.read_bytes() for file in files + sorted(headers))
    key = hashlib.sha256(content + sys.version.encode()).hexdigest()[:16]
    # Not where all users of the machine have their files: what lies there is loaded.
    folder = environments.STORE / "fake-native"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ("_greenfinch-%s.so" % key)
    if not path.exists():
        made = folder / ("%s-%d" % (path.name, os.getpid()))
        command = ["cc", "-O1", "-g", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"]
        include = ["-I", str(SOURCES), "-I", str(HEADERS), "-I", sysconfig.get_path("include")]
        subprocess.run([*command, *include, "-o", str(made), *map(str, files)], check=True)
        made.rename(path)
    return path
