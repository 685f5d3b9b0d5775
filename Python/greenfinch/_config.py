"""Reads gunicorn.conf.py: a program in Python whose names are settings and hooks.

``python -m greenfinch._config FILE`` prints the settings, and is run by the server at its start and at ``HUP``: for each a line
with its name and its values, separated by tabs. What the file's author should know goes to standard error. The workers run the
file for themselves, for its hooks.
"""

import difflib
import importlib
import importlib.machinery
import importlib.util
import inspect
import os
import sys
import traceback

from . import _names
from ._load import NotLoaded

#: What gunicorn calls the module of a file of settings.
MODULE = "__config__"


class ConfigError(NotLoaded):
    """A file of settings that cannot be used, as one sentence."""


def read(location):
    """The names that a file, or a module given as ``python:NAME``, has defined. What the file raises leaves this function."""
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    if location.startswith("python:"):
        return vars(importlib.import_module(location[len("python:") :]))
    path = location[len("file:") :] if location.startswith("file:") else location
    if not os.path.exists(path):
        raise ConfigError("%r doesn't exist" % path)
    path = os.path.abspath(path)
    # With a loader of its own: the file may have any name.
    loader = importlib.machinery.SourceFileLoader(MODULE, path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_file_location(MODULE, path, loader=loader))
    sys.modules[MODULE] = module
    keeps = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = keeps
    return vars(module)


def settings(names):
    """The values of a file's settings as texts by their names, but for what only Python can use."""
    found = {}
    for name in sorted(_names.SETTINGS - _names.PYTHON_ONLY):
        value = names.get(name)
        if value is not None and value != _names.STANDARD.get(name):
            found[name] = [_text(part, name) for part in _parts(value)]
    return found


def notices(names):
    """What the author of a file should know of it: hooks that nobody calls, names that are nearly a setting's."""
    hooks = [name for name in sorted(_names.UNCALLED_HOOKS) if callable(names.get(name))]
    said = ["%s is not called here: %s." % (name, _names.UNCALLED_HOOKS[name]) for name in hooks]
    for name, value in sorted(names.items()):
        if name not in _names.SETTINGS and name not in _names.HOOKS:
            said += _misspelt(name, value)
    return said


def _parts(value):
    if isinstance(value, dict):
        return ["%s=%s" % pair for pair in sorted(value.items())]
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def _text(value, name):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        # In octal where the server reads it so.
        return "0%o" % value if name == "umask" else str(value)
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if inspect.isclass(value):
        return "%s.%s" % (value.__module__, value.__qualname__)
    if hasattr(value, "total_seconds"):
        return str(value.total_seconds())
    if not isinstance(value, str):
        raise ConfigError("%s is %r, which is not a setting's value" % (name, value))
    return value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _misspelt(name, value):
    """gunicorn ignores what it does not know, so that a file may have variables of its own; a slip should be told of."""
    if name.startswith("_") or not isinstance(value, (bool, int, float, str, list, tuple, dict)):
        return []
    near = difflib.get_close_matches(name, _names.SETTINGS, 1, 0.9)
    return ["there is no setting '%s'; did you mean '%s'?" % (name, near[0])] if near else []


def main(location):
    """Prints a file's settings. The exit code is gunicorn's."""
    answer = sys.stdout
    # What the file prints must not get into what the server reads.
    sys.stdout = sys.stderr
    try:
        names = read(location)
        lines = ["\t".join([name, *values]) for name, values in settings(names).items()]
    except ConfigError as error:
        print("Error: %s" % error, file=sys.stderr)
        return 1
    except BaseException as error:
        print("Failed to read config file: %s" % location, file=sys.stderr)
        traceback.print_exception(type(error), error, _own_frames(error.__traceback__))
        return 1
    for notice in notices(names):
        print("%s: %s" % (location, notice), file=sys.stderr)
    answer.write("".join(line + "\n" for line in lines))
    return 0


def _own_frames(trace):
    """The frames from the file's first on."""
    first = trace
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name != __file__ and not name.startswith("<frozen importlib"):
            return trace
        trace = trace.tb_next
    return first


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
