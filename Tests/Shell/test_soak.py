"""What `make soak` says where its server does not start: `python3 -m unittest discover Tests/Shell`."""

import unittest

from trees import TreeTestCase


class Soak(TreeTestCase):
    def setUp(self):
        super().setUp()
        self.copy("Scripts/soak", "Scripts/soak-reloads")
        self.program("bin/swift")
        self.program(".build/debug/app", "echo 'Error: no port is free' >&2; exit 1")
        (self.root / "tmp").mkdir()

    def soak(self, script):
        done = self.run_it(self.root / "Scripts" / script, TMPDIR=str(self.root / "tmp"), SOAK="10")
        self.assertEqual(list((self.root / "tmp").iterdir()), [])
        self.assertEqual(done.returncode, 1)
        self.assertIn("Error: no port is free", done.stderr)
        self.assertIn("the server does not start", done.stderr)

    def test_the_one_with_reloads(self):
        self.soak("soak-reloads")

    def test_the_one_with_reloads_as_a_part(self):
        self.soak("soak")

    def test_the_one_after_it(self):
        self.program("Scripts/soak-reloads")
        self.soak("soak")


if __name__ == "__main__":
    unittest.main()
