"""Folders with a blank in their names: `python3 -m unittest discover Tests/Shell`."""

import unittest

from trees import TreeTestCase


class Blanks(TreeTestCase):
    def test_the_library_is_installed_and_taken_away(self):
        self.program("Scripts/install-dependencies", "")
        self.program("Scripts/build-library", 'echo "$2" >"$SAID"; cd "$1" && touch libgreen.so.0 green.h green.pc')
        (self.root / ".build-library/out").mkdir(parents=True)
        self.copy("Makefile")
        words = ["make", f"DESTDIR={self.root}/a stage", "PREFIX=/opt/my tools"]
        for made in (True, False):
            done = self.run_it(*words, "install" if made else "uninstall")
            self.assertEqual(done.returncode, 0, done.stderr)
            for name in ("lib/libgreen.so", "lib/libgreen.so.0", "include/green.h", "lib/pkgconfig/green.pc"):
                self.assertEqual((self.root / "a stage/opt/my tools" / name).exists(), made, name)
        self.assertEqual(self.said(), ["/opt/my tools"])
        names = {path.name for path in self.root.iterdir()}
        self.assertEqual(names, {"Makefile", "Scripts", ".build-library", "a stage", "said", "bin"})

    def test_peers_are_installed(self):
        here = "Benchmarks/compare/peers"
        self.program("bin/swift", 'for word; do echo "$word" >>"$SAID"; done')
        self.program("bin/python3", 'mkdir -p "$3/bin" && ln -s "$(command -v pip-of-it)" "$3/bin/python"')
        self.program("bin/pip-of-it", '[ "$3" != list ] || echo "Flask 3.1"; echo "$*" >>"$SAID"')
        self.copy(f"{here}/install")
        done = self.run_it(self.root / here / "install")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "Flask 3.1\n", ""))
        said = self.said()
        self.assertTrue(said[0].startswith("-m pip install") and "gunicorn[gevent]" in said[0], said)
        self.assertIn(f"{self.root}/{here}/swift", said)
        self.assertEqual([said[index + 1] for index, word in enumerate(said) if word == "--product"],
                             ["hummingbird", "nio", "hummingbird-notes", "nio-websocket"])


if __name__ == "__main__":
    unittest.main()
