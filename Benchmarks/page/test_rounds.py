"""What was disturbed is measured once more where there is time, and the better run is kept."""

import contextlib
import io
import types
import unittest
from unittest import mock

import paths  # noqa: F401  (where the other folders' modules are)
import judge
import rounds
from figures import known
from part import Effort, Outcome, Part, Run
from progress import Progress


class Counted(Part):
    """Its samples are the numbers of its rounds, over both runs."""

    def __init__(self, name="classes", seconds=1.0, is_timed=True, fails_in=None):
        self.name, self.title, self.is_timed = name, name, is_timed
        self.samples, self._seconds, self._number, self._fails_in = [], seconds, 0, fails_in

    def seconds_a_round(self, effort):
        return self._seconds

    def run_round(self, number):
        self._number += 1
        if self._number == self._fails_in:
            raise OSError("no more")
        self.samples.append(float(self._number))

    def figures(self):
        return [known(self.name, "row", "Greenfinch green", "cpu_us", list(self.samples))] if self.samples else []

    def forget(self):
        self.samples = []


class Repeating(unittest.TestCase):
    def run_with(self, parts, ceiling, count=2, limit=0.0, elapsed=0.0) -> list[Outcome]:
        """`ceiling`: what it makes, one look after the other; 100 from then on."""
        rates = iter(ceiling)
        outcomes = [Outcome(part) for part in parts]
        progress = Progress()
        with contextlib.redirect_stderr(io.StringIO()), mock.patch.object(judge, "ask_ceiling", lambda _: next(rates, 100.0)), \
                mock.patch.object(Progress, "elapsed", elapsed):
            progress.plan(parts, Effort(1, count), limit)
            rounds.run(outcomes, types.SimpleNamespace(), count, progress)
        return outcomes

    def test_what_was_quiet_is_measured_once(self):
        [outcome] = self.run_with([Counted()], [100, 99, 98, 97])
        self.assertEqual((outcome.kept.figures[0].samples, outcome.repeated, outcome.disturbed), ([1, 2], False, ""))

    def test_what_was_disturbed_is_measured_once_more_and_the_steadier_run_is_kept(self):
        [outcome] = self.run_with([Counted()], [100, 50, 100, 100, 100, 99, 98, 99])
        self.assertEqual(outcome.kept.figures[0].samples, [3, 4])
        self.assertEqual(outcome.other.figures[0].samples, [1, 2])
        self.assertEqual((outcome.is_second, outcome.disturbed, outcome.kept.ceiling), (True, "", [100, 99, 98, 99]))

    def test_the_first_is_kept_where_the_second_was_worse_and_it_is_still_said_to_be_disturbed(self):
        [outcome] = self.run_with([Counted()], [100, 70, 100, 100, 100, 40, 98, 99])
        self.assertEqual((outcome.kept.figures[0].samples, outcome.other.figures[0].samples), ([1, 2], [3, 4]))
        self.assertFalse(outcome.is_second)
        self.assertIn("70% of the 100", outcome.disturbed)

    def test_it_is_repeated_once_alone(self):
        [outcome] = self.run_with([Counted()], [100, 50, 100, 100, 100, 60, 98, 99])
        self.assertEqual(outcome.kept.figures[0].samples, [3, 4])
        self.assertIn("60%", outcome.disturbed)

    def test_a_second_run_that_failed_is_not_kept(self):
        [outcome] = self.run_with([Counted(fails_in=3)], [100, 50])
        self.assertEqual(outcome.kept.figures[0].samples, [1, 2])
        self.assertIn("no more", outcome.other.broken)
        self.assertEqual(outcome.kept.problems, [])

    def test_nothing_is_repeated_for_which_there_is_no_time(self):
        [outcome] = self.run_with([Counted(seconds=10)], [100, 50, 100, 100], limit=20)  # a round, with its ceiling, is 15 s
        self.assertFalse(outcome.repeated)
        self.assertTrue(outcome.disturbed)

    def test_the_most_disturbed_is_the_first_to_be_repeated(self):
        first, second = Counted("first"), Counted("second")
        order = []
        with mock.patch.object(rounds, "repeat", lambda outcome, *_: order.append(outcome.part.name)):
            self.run_with([first, second], [100, 80, 100, 40], count=1)
        self.assertEqual(order, ["second", "first"])

    def test_what_does_not_depend_on_the_time_is_never_repeated(self):
        [outcome] = self.run_with([Counted(is_timed=False)], [100, 50, 100, 100])
        self.assertEqual((outcome.repeated, outcome.disturbed), (False, ""))

    def test_time_that_is_left_is_for_more_rounds_of_what_was_not_repeated(self):
        quiet, disturbed = Counted("quiet"), Counted("disturbed")
        outcomes = self.run_with([quiet, disturbed], [100, 100, 100, 50], count=1, limit=1000)
        self.assertEqual([len(outcome.kept.figures[0].samples) for outcome in outcomes], [rounds.MOST_ROUNDS, 1])

    def test_what_was_interrupted_keeps_the_first_run(self):
        outcome = Outcome(Counted(), Run([known("classes", "row", "Greenfinch green", "cpu_us", [1.0])], [50.0, 100.0], rounds=1))
        outcome.disturbed = "disturbed"
        progress = Progress()
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(KeyboardInterrupt), \
                mock.patch.object(judge, "ask_ceiling", mock.Mock(side_effect=KeyboardInterrupt)):
            rounds.repeat(outcome, [outcome], types.SimpleNamespace(), progress)
        self.assertEqual((outcome.kept.figures[0].samples, outcome.is_second), ([1.0], False))


class Steadiness(unittest.TestCase):
    def test_it_is_the_least_as_a_share_of_the_most_in_the_whole_run(self):
        self.assertEqual(judge.steadiness([80, 90], 100), 0.8)
        self.assertEqual(judge.steadiness([80, 160], 100), 0.5)
        self.assertEqual([judge.steadiness([], 100), judge.steadiness([0.0], 0)], [0.0, 0.0])


if __name__ == "__main__":
    unittest.main()
