"""``python -m greenfinch`` and the command ``greenfinch``: becomes the server's master, which is no Python."""

import os
import sys

from . import _libraries

_HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    program = os.path.join(_HERE, "bin", "greenfinch")
    # The loader would end it with the first name alone.
    missing = _libraries.missing(os.path.join(_HERE, "lib"))
    if missing:
        sys.exit(_libraries.sentence(missing))
    environment = dict(os.environ)
    environment["GREENFINCH_PYTHON"] = sys.executable
    environment["GREENFINCH_LIBRARY"] = os.path.join(_HERE, "lib", "libgreenfinch.so")
    try:
        if "--check-config" in sys.argv[1:]:
            from ._check import check

            sys.exit(check([program, *sys.argv[1:]], environment))
        os.execve(program, ["greenfinch", *sys.argv[1:]], environment)
    except OSError as error:
        sys.exit(f"Error: {program} cannot be run: {error.strerror}")


if __name__ == "__main__":
    main()
