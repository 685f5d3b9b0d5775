"""What `make run` installs before it builds: `python3 -m unittest discover Tests/Shell`."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Dependencies(unittest.TestCase):
    def install(self, compiler):
        """On a machine without dpkg and apt-get, whose compiler does as it is told."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "bash").symlink_to(shutil.which("bash"))
            for program in ("cc", "git", "make"):
                path = folder / program
                path.write_text(f"#!/bin/sh\n{compiler}\n")
                path.chmod(0o755)
            return subprocess.run([ROOT / "Scripts/install-dependencies", "build"], env={**os.environ, "PATH": name},
                                  capture_output=True, text=True, timeout=60)

    def test_libraries_that_are_there_are_not_asked_for(self):
        done = self.install("exit 0")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_without_them_another_system_than_debian_is_told_what_to_install(self):
        done = self.install("exit 1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("missing: libev-dev libc-ares-dev; this is not Debian", done.stderr)


if __name__ == "__main__":
    unittest.main()
