"""The page shows what was measured, says what was not, and comparisons find what became worse: `python3 -m unittest discover
Benchmarks/page`."""

import argparse
import contextlib
import copy
import io
import unittest
import xml.etree.ElementTree

import paths
import charts
import judge
import micro_part
import page
import pictures
import readme
import regression
from charts import Series
from effort import chosen, total_seconds
from figures import Figure, as_json, from_json, known
from part import Effort, Outcome, Part, Run
from progress import Progress, clock
from suite_parts import short


class Measured(Part):
    def __init__(self, name="classes", seconds=10.0):
        self.name, self.title, self.about, self._seconds = name, "A title", "About it.", seconds

    def seconds_a_round(self, effort):
        return self._seconds + effort.seconds


def outcome(*figures, name="classes", **more) -> Outcome:
    return Outcome(Measured(name), Run(list(figures), [100.0, 101.0], rounds=2), **more)


def figure(name="cpu_us", samples=(1.0, 1.1), server="Greenfinch green", part="classes", row="/plain, 64 connections") -> Figure:
    return known(part, row, server, name, list(samples))


def result(*outcomes) -> dict:
    return page.as_json({"date": "2026-11-30"}, [], list(outcomes))


class Judging(unittest.TestCase):
    def test_a_quiet_machine_is_not_disturbed(self):
        self.assertEqual(judge.verdict([100_000, 95_000, 90_000], 101_000), "")
        self.assertEqual(judge.verdict([], 101_000), "")

    def test_a_ceiling_that_fell_is_said_with_its_figures(self):
        self.assertIn("80,000 requests/s, 80% of the 100,000", judge.verdict([100_000, 80_000], 90_000))

    def test_a_part_that_was_slow_all_the_time_is_found_by_what_the_ceiling_did_elsewhere(self):
        self.assertTrue(judge.verdict([50_000, 50_100], 100_000))


class Planning(unittest.TestCase):
    def options(self, **more):
        return argparse.Namespace(**{"minutes": 0, "quick": False, "seconds": 0, "rounds": 0, **more})

    def test_minutes_are_kept(self):
        parts = [Measured(), Measured("memory", 30)]
        effort = chosen(self.options(minutes=3), parts)
        self.assertLessEqual(total_seconds(parts, effort), 0.75 * 180)
        self.assertEqual(chosen(self.options(minutes=60), parts), Effort(5, 5))
        self.assertEqual(chosen(self.options(minutes=0.1), parts).seconds, 1)

    def test_a_round_that_would_end_too_late_does_not_begin(self):
        progress = Progress()
        with contextlib.redirect_stderr(io.StringIO()):
            progress.plan([Measured()], Effort(1, 1), 30)
        self.assertTrue(progress.has_time_for(Measured()))
        self.assertFalse(progress.has_time_for(Measured(seconds=40)))

    def test_what_is_asked_for_wins(self):
        self.assertEqual(chosen(self.options(seconds=2, rounds=3), []), Effort(2, 3))
        self.assertEqual(chosen(self.options(quick=True), []), Effort(1, 1))

    def test_a_clock_shows_minutes(self):
        self.assertEqual([clock(0), clock(61.4), clock(-5)], ["0:00", "1:01", "0:00"])


class Showing(unittest.TestCase):
    def test_a_table_has_the_median_and_the_range(self):
        text = page.markdown({}, [], [outcome(figure(samples=[3, 1, 2]), figure("rps", [1234, 1234]))], {})
        self.assertRegex(text, r"/plain, 64 connections \| Greenfinch green \| +3 \| +2\.00 \(1\.00 to 3\.00\) \| +1,234 \|")

    def test_what_was_not_measured_says_why(self):
        self.assertIn("Not measured: there is no wheel", page.markdown({}, [], [outcome(missing="there is no wheel")], {}))

    def test_a_disturbed_part_says_so(self):
        second = Run([figure()], [60.0, 101.0], rounds=2)
        text = page.markdown({}, [], [outcome(figure(), disturbed="disturbed: the ceiling fell", other=second)], {})
        self.assertIn("**These times are disturbed: the ceiling fell.** It was measured twice; this is the first time", text)
        self.assertIn("steadier: 100 to 101 requests/s, and 60 to 101 the second time.", text)

    def test_both_runs_are_written(self):
        [part] = result(outcome(figure(), other=Run([figure(samples=[2, 3])], [60.0], rounds=1), is_second=True))["parts"]
        self.assertEqual((part["ceiling_rps"], part["other"]["ceiling_rps"]), ([100.0, 101.0], [60.0]))
        self.assertEqual([each["samples"] for each in part["other"]["figures"]], [[2, 3]])

    def test_the_ceiling_and_the_peers_are_named_and_so_is_their_absence(self):
        self.assertEqual(page.beside([figure(), figure(server="epoll in C"), figure(server="nginx")]), "Ceiling: epoll in C. Peers: nginx.")
        self.assertEqual(page.beside([figure(), figure(server="nginx")]), "There is no ceiling for this. Peers: nginx.")
        self.assertEqual(page.beside([figure(server="greenfinch uvloop")]), "There is no ceiling for this. No peer was measured.")
        found = [figure(), figure(server="epoll in C"), figure(row="JSON")]
        self.assertEqual(page.beside(found), "Ceiling: epoll in C; none for JSON. No peer was measured.")

    def test_failures_are_shown_where_there_are_any(self):
        self.assertNotIn("failures", page.markdown({}, [], [outcome(figure(), figure("failures", [0, 0]))], {}))
        self.assertIn("failures", page.markdown({}, [], [outcome(figure(), figure("failures", [0, 1]))], {}))

    def test_servers_have_short_names(self):
        self.assertEqual(short("greenfinch -w 1 -k green --worker-connections 1000"), "Greenfinch green")
        self.assertEqual(short("greenfinch -w 2 --threads 100"), "Greenfinch thread")
        self.assertEqual(short("Flask in greenfinch -w 2 -k thread --threads 100"), "Greenfinch thread, Flask")
        self.assertEqual(short("epoll --work 10"), "epoll in C")
        self.assertEqual(short("epoll --close"), "epoll in C, closing")

    def test_figures_survive_json(self):
        self.assertEqual(from_json(as_json([figure()])), [figure()])

    def test_charts_are_xml_and_name_what_they_show(self):
        drawn = [charts.bars("A < B", "less", [("Greenfinch green", 3.0), ("gunicorn & gevent", 13.0)]),
                 charts.lines("Lines", "more", [Series("nginx", [(64, 1.0), (1000, 2.0)]), Series("epoll in C", [(64, 0.5)])])]
        for text in drawn:
            xml.etree.ElementTree.fromstring(text)
        self.assertIn("gunicorn &amp; gevent", drawn[0])
        self.assertIn(">1,000<", drawn[1])

    def test_rows_that_begin_with_a_number_become_a_line(self):
        found = pictures.by_number([figure(row="64 connections", samples=[1]), figure(row="20,000 connections", samples=[2])])
        self.assertEqual(found, [Series("Greenfinch green", [(64.0, 1), (20000.0, 2)])])


class Comparing(unittest.TestCase):
    def test_what_became_slower_beyond_the_noise_is_a_regression(self):
        base, new = result(outcome(figure(samples=[10, 11]))), result(outcome(figure(samples=[13, 14])))
        [change] = regression.compare(base, new)
        self.assertTrue(change.counts and change.ratio > 1)
        [change] = regression.compare(new, base)
        self.assertTrue(change.counts and change.ratio < 1)

    def test_less_of_a_rate_is_worse(self):
        [change] = regression.compare(result(outcome(figure("rps", [100, 101]))), result(outcome(figure("rps", [80, 81]))))
        self.assertTrue(change.counts and change.ratio > 1)

    def test_ranges_that_overlap_are_noise(self):
        [change] = regression.compare(result(outcome(figure(samples=[10, 15]))), result(outcome(figure(samples=[14, 20]))))
        self.assertFalse(change.counts)

    def test_a_single_run_takes_a_quarter(self):
        for after, counts in ((12, False), (13, True)):
            [change] = regression.compare(result(outcome(figure(samples=[10]))), result(outcome(figure(samples=[after]))))
            self.assertEqual(change.counts, counts)

    def test_instructions_may_grow_by_three_in_a_hundred_even_where_times_are_disturbed(self):
        before = result(outcome(figure("instructions", [4000]), name="instructions"))
        for after, counts in ((4100, False), (4200, True)):
            new = result(outcome(figure("instructions", [after]), name="instructions", disturbed="disturbed"))
            [change] = regression.compare(before, new)
            self.assertEqual(change.counts, counts)

    def test_ours_are_compared_under_whatever_name(self):
        redirect = {"part": "redirect", "row": "A read of 8 bytes", "name": "above_ns", "title": "redirected, ns above", "better": -1}
        base = result(outcome(figure(server="greenfinch uvloop"), name="python"), outcome(
            Figure(server="pipe", samples=[10, 11], own=True, **redirect), Figure(server="C", samples=[10, 11], **redirect), name="redirect"))
        new = copy.deepcopy(base)
        for part in new["parts"]:
            for each in part["figures"]:
                each["samples"] = [2 * value for value in each["samples"]]
        worse = [change.after.server for change in regression.compare(base, new) if change.counts]
        self.assertEqual(worse, ["greenfinch uvloop", "pipe"])

    def test_all_that_the_rows_of_the_runtime_s_parts_run_of_ours_is_known_as_ours(self):
        options = micro_part.Options(quick=True, echo_seconds=1, idle_seconds=1)
        found = {name: {each.name for each in micro_part.ROWS[name](options).contenders if each.own}
                 for name in ("redirect", "watched", "hub-channel", "task-sleep")}
        self.assertEqual(found["redirect"], {"socket", "pipe", "eventfd"})
        self.assertEqual(found["watched"], {"unwatched", "GREEN_THREAD_LABELS", "GREEN_TRACE"})
        self.assertEqual(found["hub-channel"], {"unbuffered", "a buffer of 100"})
        self.assertEqual(found["task-sleep"], {"Green"})

    def test_times_of_a_disturbed_part_and_peers_are_not_compared(self):
        base = result(outcome(figure(samples=[10, 11]), figure(server="nginx")))
        new = copy.deepcopy(base)
        self.assertEqual(len(regression.compare(base, new)), 1)
        new["parts"][0]["disturbed"] = "disturbed"
        self.assertEqual(regression.compare(base, new), [])


class Readme(unittest.TestCase):
    def test_a_table_stands_between_its_marks(self):
        text = "before\n<!-- measured: classes -->\nold\n<!-- end -->\nafter\n"
        filled, left = readme.filled(text, result(outcome(figure("rps", [1000, 1200]), figure("cpu_us", [7.0, 7.2]))))
        self.assertIn("Measured on 2026-11-30, medians of 2 runs:", filled)
        self.assertIn("| Greenfinch green | 1,100 | 7.10 |", filled)
        self.assertTrue(filled.startswith("before\n") and filled.endswith("<!-- end -->\nafter\n"))
        self.assertNotIn("old", filled)
        self.assertEqual(left, [])

    def test_what_was_not_measured_or_was_disturbed_stays_and_is_said(self):
        text = "<!-- measured: classes -->\nold\n<!-- end -->\n"
        for wrong in (result(), result(outcome(figure("rps", [1]), disturbed="disturbed"))):
            filled, left = readme.filled(text, wrong)
            self.assertEqual((filled, len(left)), (text, 1))

    def test_a_part_in_which_something_went_wrong_stays_as_it_was_unless_it_is_asked_for(self):
        text, wrong = "<!-- measured: classes -->\nold\n<!-- end -->\n", result(outcome(figure("rps", [1000])))
        wrong["parts"][0]["problems"] = ["Greenfinch green: 3 requests failed"]
        self.assertEqual(readme.filled(text, wrong), (text, ["in classes something went wrong: Greenfinch green: 3 requests failed"]))
        self.assertIn("| Greenfinch green | 1,000 |", readme.filled(text, wrong, allows_problems=True)[0])


if __name__ == "__main__":
    unittest.main()
