"""Runs one of CPython's own test modules in the calling thread, and says what came of it."""

import time
import unittest


class _Result(unittest.TestResult):
    """Counts each test once, with what was wrong with it."""

    def __init__(self):
        super().__init__()
        self.bad = {}

    def addError(self, test, error):
        super().addError(test, error)
        self._note(test, error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._note(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            self._note(test, error)

    def _note(self, test, error):
        # One of setUpClass and the like has no name of its own, but tells it.
        name = test.id() if hasattr(test, "id") else str(test)
        lines = str(error[1]).strip().splitlines() or [""]
        self.bad[name] = "%s: %s" % (error[0].__name__, lines[0][:200])


def outcome(name):
    """How many tests of a module have run and were skipped, and by their names what was wrong with the others."""
    from test import support

    # As `python -m test` without -u: nothing that needs another machine, or much of this one.
    support.use_resources = []
    support.verbose = False
    began = time.monotonic()
    result = _Result()
    unittest.defaultTestLoader.loadTestsFromName(name).run(result)
    return {
        "ran": result.testsRun,
        "skipped": len(result.skipped),
        "bad": result.bad,
        "seconds": round(time.monotonic() - began, 1),
    }
