"""The same by the plain interpreter, in a thread: in_thread.py SUITE.

A fiber is to Python what such a thread is: not the main one, and not one that ``threading`` has started.
"""

import _thread
import contextlib
import json
import os
import sys
import time

from running import outcome
from suites import SUITES


def main(name):
    # What tests print is not the answer.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    found = []

    def run():
        try:
            found.append(outcome(SUITES[name], os.environ["SUITE_FOLDER"]))
        except BaseException as error:
            found.append({"ran": 0, "skipped": 0, "bad": {"": repr(error)}, "seconds": 0})

    _thread.start_new_thread(run, ())
    while not found:
        # Some tests interrupt the main thread.
        with contextlib.suppress(KeyboardInterrupt):
            time.sleep(0.05)
    json.dump(found[0], answer)
    answer.flush()
    # Whatever a test has left running.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
