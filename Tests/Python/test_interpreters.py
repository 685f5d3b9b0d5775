"""Which interpreters are tested by, without any: made of programs that answer as they do."""

import contextlib
import io
import os
import stat
import sys
import tempfile
import unittest
from unittest import mock

import interpreters
import run


class Machine:
    """Folders with programs that answer as interpreters of versions do."""

    def __init__(self, folder):
        self.folder = folder

    def add(self, place, version, name="cpython"):
        path = os.path.join(self.folder, place)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write("#!/bin/sh\necho %s %s %s\n" % (version, name, path) if version else "#!/bin/sh\nexit 127\n")
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        return path

    def found(self):
        variables = {"PATH": os.path.join(self.folder, "bin"), "HOME": self.folder, "PYENV_ROOT": os.path.join(self.folder, "env")}
        with mock.patch.dict(os.environ, variables):
            # What this machine has of its own is not asked for.
            with mock.patch.object(interpreters, "_asked", self._asked_here(interpreters._asked)):
                return interpreters.found()

    def _asked_here(self, asked):
        return lambda program: asked(program) if program.startswith(self.folder) else None


class InterpreterTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.machine = Machine(folder.name)

    def test_those_of_pyenv_are_found_where_its_programs_in_the_path_refuse_to_run(self):
        self.machine.add("bin/python3.12", None)
        first = self.machine.add("bin/python3", "3.11.2")
        for version in ("3.9.18", "3.12.1"):
            self.machine.add("env/versions/%s/bin/python3" % version, version)
        self.machine.add(".pyenv/versions/3.13.0/bin/python3", "3.13.0")
        found = self.machine.found()
        self.assertEqual(sorted(found.values()), ["3.11.2", "3.12.1", "3.13.0", "3.9.18"])
        self.assertEqual(interpreters.missing(found), ["3.10"])
        self.assertEqual(interpreters.two(found)[0], first)
        self.assertEqual(found[interpreters.two(found)[1]], "3.13.0")
        self.assertEqual(interpreters.chosen("3.12", found), interpreters.chosen("3.12.1", found))
        self.assertEqual(found[interpreters.chosen("3.9", found)], "3.9.18")

    def test_a_name_that_refuses_to_run_stands_for_its_version(self):
        self.machine.add("bin/python3.12", None)
        found = {"/opt/python3": "3.12.1"}
        with mock.patch.dict(os.environ, {"PATH": os.path.join(self.machine.folder, "bin")}):
            self.assertEqual(interpreters.chosen("python3.12", found), "/opt/python3")
            with self.assertRaises(LookupError):
                interpreters.chosen("python3.13", found)

    def test_what_is_not_served_is_left_out(self):
        self.machine.add("env/versions/3.8.18/bin/python3", "3.8.18")
        self.machine.add("env/versions/pypy/bin/python3", "3.10.13", "pypy")
        self.machine.add("env/versions/3.13.0t/bin/python3", "3.13.0", "cpythont")
        self.assertEqual(self.machine.found(), {})
        self.assertEqual(interpreters.two({}), [])

    def test_a_build_without_the_lock_says_so(self):
        for flags, name in (("", "cpython"), ("d", "cpython"), ("t", "cpythont"), ("td", "cpythont")):
            said = io.StringIO()
            with mock.patch.object(sys, "abiflags", flags), contextlib.redirect_stdout(said):
                exec(interpreters.QUESTION)
            self.assertEqual(said.getvalue().split(" ")[1], name)

    def test_two_are_of_two_versions(self):
        found = {"/a/python3": "3.11.7", "/usr/bin/python3": "3.11.2"}
        self.assertEqual(interpreters.two(found), ["/a/python3"])

    def test_one_that_is_not_there_is_told_with_those_that_are(self):
        with self.assertRaisesRegex(LookupError, r"'3\.13'.*3\.11\.7"):
            interpreters.chosen("3.13", {"/a/python3": "3.11.7"})
        self.assertEqual(interpreters.chosen(sys.executable, {}), sys.executable)

    def test_another_interpreter_goes_on_once_with_the_other_words(self):
        class GoesOn(Exception):
            pass

        words = ["run.py", "--build", "there", "--python", sys.executable, "name"]
        with mock.patch.object(sys, "argv", words), mock.patch.dict(os.environ):
            with mock.patch.object(os, "execve", side_effect=GoesOn) as execve:
                with self.assertRaises(GoesOn):
                    interpreters.run_by(sys.executable)
                program, words, variables = execve.call_args[0]
                self.assertEqual((program, words), (sys.executable, [sys.executable, "run.py", "--build", "there", "name"]))
                # Whatever is left of its words, that is not begun once more; and those that it starts are not told.
                os.environ.update(variables)
                interpreters.run_by(sys.executable)
                self.assertEqual((execve.call_count, interpreters.GONE_ON in os.environ), (1, False))

    def test_all_are_those_that_there_are_unless_more_are_required(self):
        one = {"/usr/bin/python3": "3.11.2"}
        for required, programs, is_enough in (("", one, True), ("2", one, False), ("2", {**one, "/a/python3": "3.9.18"}, True)):
            said = io.StringIO()
            with mock.patch.dict(os.environ, REQUIRE_VERSIONS=required), contextlib.redirect_stdout(said):
                self.assertEqual(run.tested(True, programs), (programs, is_enough))
            self.assertIn("not here, and not tested: Python ", said.getvalue())

    def test_two_may_be_one_where_there_is_no_other(self):
        for programs, status in (({"/usr/bin/python3": "3.11.2"}, 0), ({}, 1)):
            said, errors = io.StringIO(), io.StringIO()
            with mock.patch.object(interpreters, "found", lambda: programs):
                with contextlib.redirect_stdout(said), contextlib.redirect_stderr(errors):
                    self.assertEqual(interpreters.main(["--two"]), status)
            self.assertEqual(said.getvalue().splitlines(), list(programs))
            self.assertIn("there is none of 3.9", errors.getvalue())


if __name__ == "__main__":
    unittest.main()
