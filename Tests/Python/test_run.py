"""What is said of files of tests that run at once, and when they have failed."""

import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = "import sys, run; sys.exit(not run.run_files(sys.executable, None, sys.argv[1]))"


class FilesTests(unittest.TestCase):
    def run_files(self, **bodies):
        """Of files that have a test each."""
        with tempfile.TemporaryDirectory() as folder:
            for name, body in bodies.items():
                with open(os.path.join(folder, "test_%s.py" % name), "w") as file:
                    file.write("import os, unittest\n\nclass Case(unittest.TestCase):\n    def test(self):\n        %s\n" % body)
            words = [sys.executable, "-c", PROGRAM, folder]
            done = subprocess.run(words, cwd=HERE, capture_output=True, text=True, timeout=120)
            return done.returncode, done.stdout, done.stderr

    def test_all_are_run_and_counted(self):
        status, said, complaint = self.run_files(one="pass", other="pass")
        self.assertEqual((status, complaint), (0, ""))
        self.assertIn("== test_one (", said)
        self.assertTrue(said.endswith("\n2 tests in 2 files, of which 0 failed\n"), said)

    def test_a_failure_is_shown_below_the_name_of_its_file_which_is_named_again(self):
        status, said, complaint = self.run_files(fails="self.fail('on purpose')", passes="pass")
        self.assertEqual((status, complaint), (1, "failed: test_fails\n"))
        shown = said.partition("== test_fails (")[2].partition("\n== ")[0]
        self.assertIn("AssertionError: on purpose", shown)
        self.assertIn("\n2 tests in 2 files, of which 1 failed\n", said)

    def test_a_file_that_does_not_come_to_its_end_has_failed(self):
        for body in ("os._exit(0)", "os.kill(os.getpid(), 9)"):
            status, said, complaint = self.run_files(ends=body, passes="pass")
            self.assertEqual((status, complaint), (1, "failed: test_ends\n"))
            self.assertIn("\n1 tests in 2 files, of which 1 failed\n", said)

    def test_where_there_are_none_that_is_a_failure(self):
        self.assertEqual(self.run_files()[0], 1)


if __name__ == "__main__":
    unittest.main()
