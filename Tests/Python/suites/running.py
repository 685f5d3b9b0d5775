"""Runs one suite in the calling thread, and says what came of each of its tests."""

import os
import sys
import time
import unittest


def outcome(suite, folder):
    """How many tests have run and were skipped, and by their names what was wrong with the others."""
    began = time.monotonic()
    os.chdir(folder)
    sys.path.insert(0, folder)
    found = {"ran": 0, "skipped": 0, "bad": {}}
    {"pytest": _pytest, "unittest": _unittest, "django": _django}[suite.how](suite, found)
    return {**found, "seconds": round(time.monotonic() - began, 1)}


def _line(text):
    lines = [line for line in str(text).strip().splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else ""


class _Reports:
    """A plugin of pytest's that counts each test once."""

    def __init__(self, found):
        self.found = found

    def pytest_runtest_logstart(self, nodeid):
        # Which one it was that hung.
        print(nodeid, file=sys.stderr, flush=True)

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.skipped:
            self.found["ran"] += 1
        if report.skipped:
            self.found["skipped"] += 1
        if report.failed:
            if report.when == "setup":
                self.found["ran"] += 1
            self.found["bad"][report.nodeid] = _line(report.longreprtext)

    def pytest_collectreport(self, report):
        if report.failed:
            self.found["bad"][report.nodeid] = _line(report.longreprtext)


def _pytest(suite, found):
    import pytest

    arguments = ["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-o", "addopts=", "--timeout=0", "--capture=no"]
    given = [os.path.expandvars(word) for word in suite.arguments]
    pytest.main([*arguments, *given], plugins=[_Reports(found)])


class _Result(unittest.TextTestResult):
    found: dict

    def startTest(self, test):
        super().startTest(test)
        print(test.id(), file=sys.stderr, flush=True)
        self.found["ran"] += 1

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.found["skipped"] += 1

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
        self.found["bad"][name] = "%s: %s" % (error[0].__name__, _line(error[1]))


def _result(found):
    return type("Result", (_Result,), {"found": found})


def _unittest(suite, found):
    tests = unittest.TestSuite()
    for name in suite.arguments:
        if name.endswith("test_suite"):
            tests.addTests(unittest.defaultTestLoader.loadTestsFromName(name))
        else:
            module = __import__(name, fromlist=["x"])
            tests.addTests(unittest.defaultTestLoader.discover(os.path.dirname(module.__file__), top_level_dir=_root(module)))
    unittest.TextTestRunner(stream=sys.stderr, resultclass=_result(found), verbosity=0).run(tests)


def _root(module):
    """Where a package is imported from."""
    place = os.path.dirname(module.__file__)
    for _ in module.__name__.split("."):
        place = os.path.dirname(place)
    return place


def _django(suite, found):
    """Django's runtests.py, which is a program."""
    import runpy

    from django.test.runner import DiscoverRunner

    DiscoverRunner.get_resultclass = lambda self: _result(found)
    # Handlers of signals are the main thread's.
    unittest.installHandler = unittest.removeHandler = lambda: None
    sys.argv = ["runtests.py", "--settings=suite_settings", "--parallel=1", "--noinput", *suite.arguments]
    try:
        runpy.run_path("runtests.py", run_name="__main__")
    except SystemExit:
        pass
