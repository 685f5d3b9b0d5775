"""Results are compared with what is recorded in git where nothing else is named."""

import contextlib
import copy
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import paths  # noqa: F401
import page
import record
import regression
from figures import Figure, from_json, known
from part import Outcome, Part, Run

FACTS = {"date": "2026-11-30 14:13:18 +0000", "command": "bench.py", "machine": "a processor, 2 cores", "commit": "11313786"}


class Named(Part):
    def __init__(self, name):
        self.name = self.title = name


def measured() -> dict:
    """A result as `make bench` writes it, with ours and peers."""
    yields = Figure("micro", "Two fibers that yield in turn", "Green", "ns", "ns", -1, [23.8, 19.0], 1)
    echo = Figure("micro", "TCP echo", "Green", "per_s", "round trips/s", 1, [168_490.0, 210_526.0], 0)
    peer = Figure("micro", "Two fibers that yield in turn", "gevent", "ns", "ns", -1, [2036.0], 1)
    parts = {
        "classes": [known("classes", "/plain, 64 connections", "Greenfinch green", "cpu_us", [5.6, 5.9])],
        "memory": [known("memory", "1,000 connections", "Greenfinch green", "idle_bytes", [5837, 5901]),
                   known("memory", "1,000 connections", "nginx", "idle_bytes", [524, 524])],
        "micro": [yields, echo, peer],
        "instructions": [known("instructions", "/plain", "Greenfinch green", "instructions", [3922]),
                         known("instructions", "/plain", "nginx", "instructions", [7085])],
    }
    return page.as_json(FACTS, [], [Outcome(Named(name), Run(found, [100.0], rounds=2)) for name, found in parts.items()])


def figure_of(result: dict, name: str, figure: str, server: str = "Green") -> dict:
    [part] = [part for part in result["parts"] if part["name"] == name]
    return next(each for each in part["figures"] if each["name"] == figure and each["server"].startswith(server))


class Recording(unittest.TestCase):
    def test_ours_are_recorded_and_of_the_runtime_the_best_round(self):
        kept = record.recorded(measured())
        self.assertEqual([part["name"] for part in kept["parts"]], ["instructions", "memory", "micro"])
        self.assertEqual(figure_of(kept, "micro", "ns")["samples"], [19.0])
        self.assertEqual(figure_of(kept, "micro", "per_s")["samples"], [210_526.0])
        self.assertEqual(figure_of(kept, "memory", "idle_bytes")["samples"], [5837, 5901])
        self.assertTrue(all(each["server"].startswith("Green") for part in kept["parts"] for each in part["figures"]))
        self.assertNotIn("command", kept["facts"])

    def test_what_was_not_measured_stays(self):
        new = measured()
        new["parts"] = [part for part in new["parts"] if part["name"] != "memory"]
        kept = record.recorded(new, record.recorded(measured()))
        self.assertEqual(figure_of(kept, "memory", "idle_bytes")["samples"], [5837, 5901])

    def test_the_record_in_git_can_be_compared_and_is_no_regression_of_itself(self):
        kept = json.loads(regression.RECORD.read_text())
        changes = regression.compare(kept, copy.deepcopy(kept))
        self.assertGreater(len(changes), 20)
        self.assertFalse([change for change in changes if change.counts])
        self.assertTrue(all(figure.samples for part in kept["parts"] for figure in from_json(part["figures"])))


class Comparing(unittest.TestCase):
    def compare(self, new: dict) -> tuple[int, str]:
        """What the command says where no base is named, with this as what is recorded, and its status."""
        said = io.StringIO()
        with tempfile.TemporaryDirectory() as folder:
            kept, other = Path(folder) / "bench.json", Path(folder) / "new.json"
            kept.write_text(json.dumps(record.recorded(measured())))
            other.write_text(json.dumps(new))
            with mock.patch.object(regression, "RECORD", kept), mock.patch.object(regression, "newest", lambda: other), \
                    mock.patch.object(sys, "argv", ["regression.py"]), contextlib.redirect_stdout(said):
                return regression.main(), said.getvalue()

    def test_the_same_is_no_regression(self):
        status, said = self.compare(measured())
        self.assertEqual(status, 0)
        self.assertIn("worse: 0 of 4 figures", said)

    def test_more_instructions_are(self):
        new = measured()
        figure_of(new, "instructions", "instructions")["samples"] = [4100]
        status, said = self.compare(new)
        self.assertEqual(status, 1)
        self.assertIn("worse: 1 of 4 figures", said)
        self.assertIn("instructions: /plain, Greenfinch green: instructions: 3,922 became 4,100 (1.05)", said)

    def test_more_memory_is(self):
        new = measured()
        figure_of(new, "memory", "idle_bytes")["samples"] = [10_310, 10_412]
        self.assertEqual(self.compare(new)[0], 1)

    def test_of_the_runtime_the_best_round_tells(self):
        new = measured()
        figure_of(new, "micro", "ns")["samples"] = [60.0, 20.0]
        self.assertEqual(self.compare(new)[0], 0)
        figure_of(new, "micro", "ns")["samples"] = [60.0, 25.0]
        self.assertEqual(self.compare(new)[0], 1)

    def test_times_of_another_machine_are_not_compared_but_instructions_are(self):
        new = measured()
        new["facts"] = FACTS | {"machine": "a slow one"}
        figure_of(new, "micro", "ns")["samples"] = [60.0]
        status, said = self.compare(new)
        self.assertEqual(status, 0)
        self.assertIn("is of another machine: micro", said)
        figure_of(new, "instructions", "instructions")["samples"] = [4100]
        self.assertEqual(self.compare(new)[0], 1)

    def test_failed_requests_where_there_were_none_are_a_regression(self):
        base, new = measured(), measured()
        for result, samples in ((base, [0, 0]), (new, [3, 5])):
            result["parts"][0]["figures"] += page.figures.as_json(
                [known("classes", "/plain, 64 connections", "Greenfinch green", "failures", samples)])
        [change] = [change for change in regression.compare(base, new) if change.after.name == "failures"]
        self.assertTrue(change.counts and change.ratio > 1)

    def test_failed_requests_are_a_regression_in_one_round_on_a_busy_machine_and_where_nothing_is_recorded_of_them(self):
        new = measured()
        new["parts"][0]["disturbed"] = "disturbed: the ceiling fell"
        for samples, wanted in (([0, 0], 0), ([0, 3], 1)):
            new["parts"][0]["figures"] = page.figures.as_json(
                [known("classes", "/plain, 64 connections", "Greenfinch green", "failures", samples)])
            self.assertEqual(self.compare(new)[0], wanted)
        new["parts"][0]["figures"][0]["server"] = "nginx"
        self.assertEqual(self.compare(new)[0], 0)

    def test_figures_that_are_gone_are_a_regression_where_something_went_wrong(self):
        new = measured()
        [memory] = [part for part in new["parts"] if part["name"] == "memory"]
        memory["figures"] = []
        status, said = self.compare(new)
        self.assertEqual(status, 0)
        self.assertIn("new.json has not measured it: memory (1 figures)", said)
        status, said = self.compare(copy.deepcopy(new) | {"parts": [
            part | ({"missing": "no time was left"} if part["name"] == "memory" else {}) for part in new["parts"]]})
        self.assertEqual(status, 0)
        self.assertIn("memory (no time was left)", said)
        memory["problems"] = ["Greenfinch green: did not start"]
        status, said = self.compare(new)
        self.assertEqual(status, 1)
        self.assertIn("gone: 1 figures\n    memory: 1,000 connections, Greenfinch green: an idle connection, bytes was", said)


if __name__ == "__main__":
    unittest.main()
