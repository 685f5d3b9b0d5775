"""Whether the package can be had by an interpreter at all. Asked before its extension is imported."""

import os
import sys

#: What is wrong with builds without a lock.
FREE_THREADED = (
    "greenfinch does not serve free-threaded builds of CPython, whose extensions are other ones: use the usual build of Python %d.%d"
    % sys.version_info[:2]
)


def refusal(flags):
    """Why an interpreter with these ``sys.abiflags`` cannot have the package; ``None`` where it can."""
    return FREE_THREADED if "t" in flags else None


def is_command(argv, original):
    """Whether the package is imported by its own command, which ends with a sentence and not with a traceback."""
    first = argv[0] if argv else ""
    if first == "-m":
        return any(word == "greenfinch" or word.startswith("greenfinch.") for word in original)
    return os.path.basename(first) == "greenfinch"


def check():
    """Raises ``ImportError`` where the package cannot be had; ends the command."""
    reason = refusal(getattr(sys, "abiflags", ""))
    if reason is None:
        return
    if is_command(getattr(sys, "argv", []), getattr(sys, "orig_argv", [])):
        sys.exit("Error: " + reason)
    raise ImportError(reason)
