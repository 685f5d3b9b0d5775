"""A suite by the plain interpreter, as whoever wrote it runs it: in_main.py SUITE [without the plugins that start our server: plain]"""

import dataclasses
import json
import os
import sys

from running import outcome
from suites import SUITES


def _plain(suite):
    """With the servers that its author has given it."""
    arguments = list(suite.arguments)
    for index in range(len(arguments) - 1, 0, -1):
        if arguments[index - 1] == "-p":
            del arguments[index - 1 : index + 1]
    return dataclasses.replace(suite, arguments=tuple(arguments))


def main(name, *rest):
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    suite = SUITES[name]
    if rest == ("plain",):
        os.environ.pop("SERVED_BY_GREENFINCH", None)
        suite = _plain(suite)
    else:
        os.environ["SERVED_BY_GREENFINCH"] = "yes"
    json.dump(outcome(suite, os.environ["SUITE_FOLDER"]), answer)
    answer.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
