"""Figures are read right, goals are judged right, and nothing that failed is lost: `python3 -m unittest discover
Benchmarks/micro`."""

import shutil
import subprocess
import sys
import unittest

import contenders
import idleness
import table
from contenders import Contender, Failed
from rows import Column, Goal, Options, Row

STRACE = """% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 90.00    0.000090          45         2         1 epoll_wait
 10.00    0.000010          10         1           timerfd_settime
------ ----------- ----------- --------- --------- ----------------
100.00    0.000100          33         3         1 total
"""

SETTINGS = Options(quick=True, echo_seconds=1, idle_seconds=1)


def printing(name: str, text: str, **more) -> Contender:
    return Contender(name, (sys.executable, "-c", f"print({text!r})"), **more)


def row(*programs: Contender, **more) -> Row:
    return Row("row", "A title", [Column("ns", "ns", 1)], list(programs), **{"goals": [Goal("ns", 10)], **more})


def quiet(_: str) -> None:
    pass


class Reading(unittest.TestCase):
    def test_a_program_prints_its_figures_as_lines_of_key_and_number(self):
        self.assertEqual(contenders.read_figures("ns 12.5\nwoken 3\n"), {"ns": 12.5, "woken": 3})

    def test_what_is_no_figure_is_a_failure(self):
        for text in ("ns", "ns fast", "Killed"):
            with self.assertRaises(Failed):
                contenders.read_figures(text)

    def test_system_calls_are_those_of_the_total(self):
        self.assertEqual(idleness.total_calls(STRACE), 3)
        self.assertEqual(idleness.total_calls(STRACE.replace("         1 total", "           total")), 3)

    def test_no_summary_means_no_calls(self):
        self.assertEqual(idleness.total_calls(""), 0)
        with self.assertRaises(Failed):
            idleness.total_calls("strace: something else")

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_a_process_that_sleeps_makes_no_calls(self):
        sleeper = subprocess.Popen(["sleep", "30"])
        try:
            self.assertEqual(idleness.watch(sleeper.pid, 0.2), {"calls": 0, "switches": 0})
        finally:
            sleeper.kill()
            sleeper.wait()


class Running(unittest.TestCase):
    def test_every_round_runs_each_program_once(self):
        one = row(printing("Green", "ns 5"), printing("C", "ns 2"))
        for number in range(3):
            one.run_round(number, SETTINGS, quiet)
        self.assertEqual([len(entry.samples) for entry in one.entries], [3, 3])

    def test_a_program_that_fails_is_said_and_not_run_again(self):
        one = row(Contender("Green", ("false",)), printing("C", "ns 2"))
        for number in range(2):
            one.run_round(number, SETTINGS, quiet)
        self.assertIn("status 1", one.entries[0].problem)
        self.assertEqual(len(one.entries[1].samples), 2)
        self.assertFalse(table.verdicts(one)[0]["met"])

    def test_a_wrong_count_spoils_the_run(self):
        one = row(printing("Green", "ns 5\nwoken 9"), expected={"woken": 10})
        one.run_round(0, SETTINGS, quiet)
        self.assertEqual(one.entries[0].samples, [])
        self.assertIn("woken is 9", one.entries[0].problem)

    def test_ratios_are_taken_round_by_round(self):
        one = row(printing("Green", "ns 5"), printing("C", "ns 2"), ratio_of="ns")
        one.run_round(0, SETTINGS, quiet)
        self.assertEqual(one.entries[0].samples[0]["ratio"], 2.5)

    def test_what_is_not_installed_is_named(self):
        one = row(printing("Green", "ns 5"), Contender("gevent", ("none",), missing="not installed"))
        one.run_round(0, SETTINGS, quiet)
        self.assertEqual(one.entries[1].problem, "not installed")
        self.assertIn("gevent: not installed", table.markdown({}, [one], []))


class Judging(unittest.TestCase):
    def test_goals_are_bounds_of_the_median(self):
        self.assertTrue(Goal("ns", 10).is_met(10))
        self.assertFalse(Goal("ns", 10).is_met(10.1))
        self.assertTrue(Goal("ratio", 0.95, at_most=False).is_met(0.96))
        one = row(printing("Green", "ns 5"))
        one.entries[0].samples = [{"ns": 9}, {"ns": 10}, {"ns": 99}]
        self.assertTrue(table.verdicts(one)[0]["met"])
        self.assertEqual(table.cell(one.entries[0], "ns", 0), "10 (9 to 99)")

    def test_a_goal_of_which_nothing_was_seen_is_missed(self):
        verdict = table.verdicts(row(printing("Green", "ns 5")))[0]
        self.assertEqual((verdict["seen"], verdict["met"]), (None, False))

    def test_the_noise_of_other_programs_is_said(self):
        one = row(printing("Green", "ns 5"))
        one.entries[0].samples = [{"ns": 9, "strangers": 0.0}, {"ns": 10, "strangers": 0.71}]
        self.assertIn("In 1 of 2 runs other programs used up to 0.71 of a core", table.markdown({}, [one], []))

    def test_the_table_holds_ours_against_the_others(self):
        one = row(printing("Green", "ns 5"), printing("C", "ns 2"))
        one.run_round(0, SETTINGS, quiet)
        text = table.markdown({"machine": "this"}, [one], ["noisy"])
        self.assertRegex(text, r"row: A title: ns +\| +≤ 10 \| +5 \| +C 2 \| +met")


if __name__ == "__main__":
    unittest.main()
