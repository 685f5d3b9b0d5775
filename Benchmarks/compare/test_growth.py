"""What `hello_growth.py` makes of its samples, and that it forgets a build and times a start."""

import tempfile
import unittest
from pathlib import Path

import hello_growth
import native
from running import DidNotStart
from servers import Server, epoll


class Tables(unittest.TestCase):
    samples = {
        "base": [{"build": 100.0, "build_cpu": 150.0, "size": 5.0, "start": 10.0, "pss": 20.0}, {"build": 50.0, "start": 20.0}],
        "head": [{"build": 110.0, "build_cpu": 180.0, "size": 5.1, "start": 10.0, "pss": 20.0}, {"build": 60.0, "start": 20.0}],
    }

    def test_ratios_are_of_neighbouring_rounds(self):
        self.assertEqual(hello_growth.ratios(self.samples, "build"), [1.1, 1.2])
        self.assertEqual(hello_growth.ratios(self.samples, "pss"), [1.0])
        self.assertEqual(hello_growth.ratios({"base": [], "head": []}, "pss"), [])

    def test_only_what_is_asked_can_be_missed(self):
        self.assertEqual(hello_growth.missed(self.samples), ["first build, s"])

    def test_the_table_has_both_and_what_is_asked(self):
        lines = hello_growth.table(self.samples, {"base": "42da53a", "head": "abc"})
        self.assertIn("| first build, s | 75.0 | 85.0 | 1.150 (1.100 to 1.200) | ≤ 1.05 | **no** |", lines)
        self.assertIn("| first build, s of processors | 150.0 | 180.0 | 1.200 |  |  |", lines)
        self.assertIn("| stripped size, MB | 5.00 | 5.10 | 1.020 | ≤ 1.05 | yes |", lines)

    def test_nothing_measured_is_an_empty_table(self):
        self.assertEqual(len(hello_growth.table({"base": [], "head": []}, {"base": "a", "head": "b"})), 2)

    def test_each_comes_first_as_often(self):
        self.assertEqual([hello_growth.in_turn([1, 2], number)[0] for number in range(4)], [1, 2, 1, 2])


class Broken(hello_growth.Tree):
    command = ["false"]


class Builds(unittest.TestCase):
    def test_of_an_earlier_build_only_sources_stay(self):
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder)
            for name in ("checkouts", "x86_64-unknown-linux-gnu"):
                (scratch / name).mkdir()
                (scratch / name / "file").write_text("")
            (scratch / "release").symlink_to("x86_64-unknown-linux-gnu")
            (scratch / "build.db").write_text("")
            hello_growth.forget_build(scratch)
            self.assertEqual([entry.name for entry in scratch.iterdir()], ["checkouts"])

    def test_what_a_command_says_of_its_failure_is_told(self):
        with self.assertRaisesRegex(hello_growth.Failed, "no-such-commit"):
            hello_growth.told("git", "rev-parse", "--verify", "no-such-commit^{commit}")

    def test_a_failed_build_is_told_of(self):
        with tempfile.TemporaryDirectory(dir=native.ROOT / "Benchmarks") as folder:
            tree = Broken("base", Path(folder))
            tree.scratch.mkdir()
            with self.assertRaisesRegex(hello_growth.Failed, "base could not be built"):
                hello_growth.build(tree, Path(folder) / "log")


class Starts(unittest.TestCase):
    def test_a_start_is_timed_to_the_answer(self):
        with hello_growth.Starting(epoll(native.build("epoll")), native.RESULTS / "logs" / "test-growth.log") as running:
            self.assertGreater(running.seconds, 0)
            self.assertLess(running.seconds, running.patience)

    def test_a_server_that_ends_is_told_of(self):
        with self.assertRaisesRegex(DidNotStart, "ended with status"):
            hello_growth.Starting(Server("ends", ("false",)), native.RESULTS / "logs" / "test-growth.log").__enter__()


if __name__ == "__main__":
    unittest.main()
