"""What becomes of .build-python when the tests of conformance make their environment: `python3 -m unittest discover Tests/Shell`."""

import unittest

from trees import TreeTestCase

# Makes an environment whose pip does as it is told.
PYTHON = """
echo made >>"$SAID"
mkdir -p "$3/bin"
printf '#!/bin/sh\\nexit %s\\n' "$PIP" >"$3/bin/pip"
chmod 755 "$3/bin/pip"
"""


class Environment(TreeTestCase):
    def setUp(self):
        super().setUp()
        self.scratch = self.root / ".build-python"
        self.copy("Tests/Conformance/environment", "Tests/Conformance/requirements.txt")
        self.program("bin/python3", PYTHON)

    def make(self, pip=0):
        return self.run_it(self.root / "Tests/Conformance/environment", PIP=str(pip))

    def test_what_others_have_there_stays(self):
        wheel = self.scratch / "wheels/greenfinch.whl"
        wheel.parent.mkdir(parents=True)
        wheel.write_text("a wheel")
        self.assertNotEqual(self.make(pip=1).returncode, 0)
        done = self.make()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, f"{self.scratch}/conformance/bin/python\n")
        self.assertEqual(wheel.read_text(), "a wheel")

    def test_it_is_made_once_and_anew_where_other_libraries_are_required(self):
        self.make()
        self.make()
        self.assertEqual(self.said(), ["made"])
        with open(self.root / "Tests/Conformance/requirements.txt", "a") as file:
            file.write("another\n")
        self.assertEqual(self.make().returncode, 0)
        self.assertEqual(self.said(), ["made", "made"])


if __name__ == "__main__":
    unittest.main()
