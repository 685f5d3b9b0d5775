"""What becomes of .build-python when the tests of conformance make their environment: `python3 -m unittest discover Tests/Shell`."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Makes an environment whose pip does as it is told.
PYTHON = """#!/bin/sh
echo made >>"$MADE"
mkdir -p "$3/bin"
printf '#!/bin/sh\\nexit %s\\n' "$PIP" >"$3/bin/pip"
chmod 755 "$3/bin/pip"
"""


class Environment(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name, "a tree")
        self.scratch = self.root / ".build-python"
        self.made = self.root / "made"
        shutil.copytree(ROOT / "Tests/Conformance", self.root / "Tests/Conformance")
        (self.root / "bin").mkdir()
        python = self.root / "bin/python3"
        python.write_text(PYTHON)
        python.chmod(0o755)

    def run_it(self, pip=0):
        environment = {**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}", "MADE": str(self.made), "PIP": str(pip)}
        return subprocess.run([self.root / "Tests/Conformance/environment"], env=environment, capture_output=True, text=True, timeout=60)

    def test_what_others_have_there_stays(self):
        wheel = self.scratch / "wheels/greenfinch.whl"
        wheel.parent.mkdir(parents=True)
        wheel.write_text("a wheel")
        self.assertNotEqual(self.run_it(pip=1).returncode, 0)
        done = self.run_it()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, f"{self.scratch}/conformance/bin/python\n")
        self.assertEqual(wheel.read_text(), "a wheel")

    def test_it_is_made_once_and_anew_where_other_libraries_are_required(self):
        self.run_it()
        self.run_it()
        self.assertEqual(self.made.read_text(), "made\n")
        with open(self.root / "Tests/Conformance/requirements.txt", "a") as file:
            file.write("another\n")
        self.assertEqual(self.run_it().returncode, 0)
        self.assertEqual(self.made.read_text(), "made\nmade\n")


if __name__ == "__main__":
    unittest.main()
