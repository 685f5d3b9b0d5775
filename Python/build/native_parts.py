"""The native parts of the Python package: the command, libgreenfinch, and the extension."""

import os
import shutil
import subprocess
import sysconfig

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRATCH = os.path.join(ROOT, ".build-python")
EXTENSION = "_greenfinch.abi3.so"


def version():
    """As PreforkServer has it."""
    with open(os.path.join(ROOT, "Sources/GreenServer/PreforkServer.swift"), encoding="utf-8") as source:
        for line in source:
            if "static let version" in line:
                return line.split('"')[1]
    raise SystemExit("PreforkServer.swift does not say the version")


def check_interpreter(is_free_threaded=None):
    """Ends where the interpreter that builds is one that the extension cannot be compiled for."""
    if is_free_threaded is None:
        is_free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    if is_free_threaded:
        raise SystemExit("free-threaded builds of CPython are not served: install greenfinch into an environment of the usual build")


def compile_extension(target):
    """One file for CPython 3.9 and later: it keeps to the limited API of 3.9."""
    folder = os.path.join(ROOT, "Python/extension")
    check_interpreter()
    sources = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".c"))
    compiler = os.environ.get("CC", "cc").split()
    command = [
        *compiler, "-shared", "-fPIC", "-O2", "-g1", "-fvisibility=hidden", "-Wall", "-Wextra",
        "-I", sysconfig.get_paths()["include"], "-I", os.path.join(ROOT, "Sources/CGreenPython/include"),
        *sources, "-o", target,
    ]  # fmt: skip
    headers = os.path.join(sysconfig.get_paths()["include"], "Python.h")
    if not os.path.exists(headers):
        raise SystemExit(f"{headers} is not there: install the headers of this Python, such as Debian's python3-dev")
    subprocess.run(command, check=True)


def build_native(folder):
    """Builds the command and libgreenfinch, with the Swift runtime inside, into folder/bin and folder/lib."""
    if not shutil.which("swift"):
        raise SystemExit("swift is not there: the native parts are compiled by Swift 6.3 or later (swift.org/install)")
    subprocess.run([os.path.join(ROOT, "Scripts/build-python"), folder], check=True)


def assemble(folder, native):
    """Makes the package `greenfinch` in a folder: Python's part, the extension, and the native parts from `native`."""
    package = os.path.join(folder, "greenfinch")
    shutil.copytree(
        os.path.join(ROOT, "Python/greenfinch"), package, dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("__pycache__", "*.so", "bin", "lib"),
    )  # fmt: skip
    with open(os.path.join(package, "_version.py"), "w", encoding="utf-8") as file:
        file.write(f'"""Written by the build."""\n\n__version__ = "{version()}"\n')
    compile_extension(os.path.join(package, EXTENSION))
    for part in ("bin", "lib"):
        shutil.copytree(os.path.join(native, part), os.path.join(package, part), dirs_exist_ok=True)
    return package
