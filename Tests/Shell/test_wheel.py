"""What a wheel of the Python package says of its files, and what a release is made of: `python3 -m unittest discover Tests/Shell`."""

import os
import sys
import time
import unittest
import unittest.mock
import zipfile

from trees import ROOT, TreeTestCase

sys.path.insert(0, str(ROOT / "Python/build"))
import greenfinch_build  # noqa: E402
import platform_tag  # noqa: E402


class Wheel(TreeTestCase):
    def pack(self, age, mode, epoch):
        """A wheel of a module and a program, of files that are so old and may be read by so many."""
        folder = self.root / f"{age} {mode:o}"
        for name, more in (("greenfinch/a.py", 0), ("greenfinch/bin/greenfinch", 0o100)):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
            path.chmod(mode | more)
            os.utime(path, (age, age))
        path = self.root / f"{age} {mode:o}.whl"
        with unittest.mock.patch.dict(os.environ, {"SOURCE_DATE_EPOCH": epoch}):
            greenfinch_build._pack(str(folder), str(path))
        return path

    def test_it_is_the_same_whenever_and_however_its_files_were_written(self):
        moment = 1_700_000_001
        one, other = self.pack(0, 0o600, str(moment)), self.pack(1_800_000_000, 0o664, str(moment))
        self.assertEqual(one.read_bytes(), other.read_bytes())
        with zipfile.ZipFile(one) as wheel:
            # A zip counts two seconds at a time.
            self.assertEqual({entry.date_time for entry in wheel.infolist()}, {time.gmtime(moment - 1)[:6]})
            modes = {entry.filename: entry.external_attr >> 16 for entry in wheel.infolist()}
            record = next(name for name in modes if name.endswith("/RECORD"))
            self.assertEqual(modes, {"greenfinch/a.py": 0o100644, "greenfinch/bin/greenfinch": 0o100755, record: 0o100644})
            self.assertEqual(wheel.read(record).decode().count("\n"), 3)

    def test_times_that_no_zip_has_are_the_next_that_one_has(self):
        for epoch, year in (("", 1980), ("0", 1980), ("99999999999", 2107)):
            with zipfile.ZipFile(self.pack(0, 0o644, epoch)) as wheel:
                self.assertEqual({entry.date_time[0] for entry in wheel.infolist()}, {year})

    def test_a_time_that_is_none_is_told(self):
        for epoch in ("yesterday", "9" * 30):
            with self.assertRaisesRegex(SystemExit, f"to be a number of seconds, and is '{epoch}'"):
                self.pack(0, 0o644, epoch)

    def test_a_library_that_is_not_there_is_told(self):
        self.program("bin/ldd", "echo '\tlibc.so.6 => /lib/libc.so.6 (0x1)'; echo '\tlibev.so.4 => not found'")
        with unittest.mock.patch.dict(os.environ, {"PATH": f"{self.root}/bin:{os.environ['PATH']}"}):
            with self.assertRaisesRegex(SystemExit, "libgreenfinch.so is linked to libev.so.4, which cannot be found here"):
                platform_tag._needed("lib/libgreenfinch.so")


class Pip(TreeTestCase):
    def test_it_is_one_of_its_own_which_is_made_where_there_is_none(self):
        self.copy("Scripts/wheel")
        self.program("pip", 'echo "$*" >>"$SAID"')
        self.program("bin/python3", 'echo "$1 $2" >>"$SAID"; mkdir -p "$3/bin"; ln -s "$PWD/pip" "$3/bin/python"')
        for _ in range(2):
            done = self.run_it(self.root / "Scripts/wheel", "a folder", "--config-settings", "portable=yes")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        made = "-m pip wheel --disable-pip-version-check --no-deps --wheel-dir a folder --config-settings portable=yes ."
        self.assertEqual(self.said(), ["-m venv", made, "-m pip --version", made])
        self.assertTrue((self.root / "a folder").is_dir())


class Release(TreeTestCase):
    """Scripts/dist ends where the sources are not the commit's. What comes next here only says that it was come to."""

    def setUp(self):
        super().setUp()
        self.copy("Scripts/dist")
        self.program("Scripts/version", "echo gone on; exit 9")
        (self.root / ".gitignore").write_text("/bin\n")
        (self.root / "Sources").mkdir()
        (self.root / "Sources/A.swift").touch()
        self.git("init", "-q")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "All")

    def git(self, *words):
        done = self.run_it("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", *words)
        self.assertEqual(done.returncode, 0, done.stderr)

    def dist(self, **variables):
        done = self.run_it(self.root / "Scripts/dist", **{"DIST_UNCOMMITTED": "", **variables})
        return done.returncode, done.stdout + done.stderr

    def test_what_is_committed_is_taken(self):
        (self.root / "notes").touch()
        self.assertEqual(self.dist(), (9, "gone on\n"))

    def test_a_change_is_told_unless_it_is_wanted(self):
        (self.root / "Sources/A.swift").write_text("changed")
        status, told = self.dist()
        self.assertEqual(status, 1)
        self.assertIn("not in the sources", told)
        self.assertTrue(told.endswith(":\nSources/A.swift\n"), told)
        self.assertEqual(self.dist(DIST_UNCOMMITTED="1"), (9, "gone on\n"))

    def test_a_new_source_is_told(self):
        (self.root / "Sources/B.swift").touch()
        status, told = self.dist()
        self.assertEqual(status, 1)
        self.assertTrue(told.endswith(":\nSources/B.swift\n"), told)


if __name__ == "__main__":
    unittest.main()
