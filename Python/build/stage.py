"""Makes a folder from which `import greenfinch` works, of a debug build: stage.py FOLDER [BUILD]. For tests."""

import os
import shutil
import sys

import native_parts


def stage(folder, build):
    package = os.path.join(folder, "greenfinch")
    shutil.rmtree(package, ignore_errors=True)
    # The parts stay where they were built, and with them the libraries that they find beside themselves.
    for part in ("bin", "lib"):
        os.makedirs(os.path.join(package, part))
    os.symlink(os.path.join(build, "greenfinch"), os.path.join(package, "bin/greenfinch"))
    os.symlink(os.path.join(build, "libGreenPython.so"), os.path.join(package, "lib/libgreenfinch.so"))
    empty = os.path.join(folder, "native-none")
    for part in ("bin", "lib"):
        os.makedirs(os.path.join(empty, part), exist_ok=True)
    native_parts.assemble(folder, empty)


if __name__ == "__main__":
    stage(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else ".build/debug"))
