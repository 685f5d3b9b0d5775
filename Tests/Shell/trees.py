"""A tree with some of the project's files, and programs that only seem to be what scripts call."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class TreeTestCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name, "my work")
        (self.root / "bin").mkdir(parents=True)

    def copy(self, *names):
        for name in names:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)

    def program(self, name, text=""):
        """A shell script; those in bin are found by their names."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/usr/bin/env bash\n{text}\n")
        path.chmod(0o755)

    def run_it(self, *command, **variables):
        """What is in bin is found before what the machine has. SAID is a file for programs to write to."""
        path = f"{self.root}/bin:{os.environ['PATH']}"
        own = {"PATH": path, "SAID": str(self.root / "said"), "SKIP_DEPENDENCIES": ""}
        environment = {**os.environ, **own, **variables}
        return subprocess.run(command, env=environment, cwd=self.root, capture_output=True, text=True, timeout=120)

    def said(self):
        return (self.root / "said").read_text().splitlines()
