"""Folders with a blank in their names: `python3 -m unittest discover Tests/Shell`."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Blanks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name, "my work")

    def program(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def run_it(self, *command):
        environment = {**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}", "SAID": str(self.root / "said")}
        return subprocess.run(command, env=environment, cwd=self.root, capture_output=True, text=True, timeout=60)

    def test_the_library_is_installed_and_taken_away(self):
        self.program("Scripts/install-dependencies", "")
        self.program("Scripts/build-library", 'echo "$2" >"$SAID"; cd "$1" && touch libgreen.so.0 green.h green.pc')
        (self.root / ".build-library/out").mkdir(parents=True)
        shutil.copy(ROOT / "Makefile", self.root)
        words = ["make", f"DESTDIR={self.root}/a stage", "PREFIX=/opt/my tools"]
        for made in (True, False):
            done = self.run_it(*words, "install" if made else "uninstall")
            self.assertEqual(done.returncode, 0, done.stderr)
            for name in ("lib/libgreen.so", "lib/libgreen.so.0", "include/green.h", "lib/pkgconfig/green.pc"):
                self.assertEqual((self.root / "a stage/opt/my tools" / name).exists(), made, name)
        self.assertEqual((self.root / "said").read_text(), "/opt/my tools\n")
        self.assertEqual({path.name for path in self.root.iterdir()}, {"Makefile", "Scripts", ".build-library", "a stage", "said"})

    def test_peers_are_installed(self):
        here = "Benchmarks/compare/peers"
        self.program("bin/swift", 'for word; do echo "$word" >>"$SAID"; done')
        self.program("bin/python3", 'mkdir -p "$3/bin" && ln -s "$(command -v pip-of-it)" "$3/bin/python"')
        self.program("bin/pip-of-it", '[ "$3" != list ] || echo "Flask 3.1"; echo "$*" >>"$SAID"')
        (self.root / here).mkdir(parents=True)
        shutil.copy(ROOT / here / "install", self.root / here)
        done = self.run_it(self.root / here / "install")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "Flask 3.1\n", ""))
        said = (self.root / "said").read_text().splitlines()
        self.assertTrue(said[0].startswith("-m pip install") and "gunicorn[gevent]" in said[0], said)
        self.assertIn(f"{self.root}/{here}/swift", said)
        self.assertEqual([said[index + 1] for index, word in enumerate(said) if word == "--product"], ["hummingbird", "nio"])


if __name__ == "__main__":
    unittest.main()
