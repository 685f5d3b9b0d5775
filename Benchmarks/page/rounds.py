"""Measures parts round by round, and once more what was disturbed."""

from __future__ import annotations

import time

import judge
from part import Outcome, Run
from progress import Progress
from suites import Bench

MOST_ROUNDS = 5
"""With a limit of time, so many where it allows them."""


def measure_round(outcome: Outcome, number: int, bench: Bench, progress: Progress) -> None:
    """One round of a part, between two looks at the ceiling. What was measured until Ctrl-C is kept."""
    part, run, start = outcome.part, outcome.kept, time.monotonic()
    progress.begin_round(part, number)
    try:
        run.ceiling.append(judge.ask_ceiling(bench))
        part.run_round(number)
        run.ceiling.append(judge.ask_ceiling(bench))
        progress.end_round(part)
    except Exception as problem:  # whatever it is, the other parts are measured, and what there is is written
        run.broken = f"{type(problem).__name__}: {problem}"
        progress.say(run.broken)
    finally:
        run.rounds += 1
        run.seconds += time.monotonic() - start
        run.figures = part.figures()
        run.problems = part.problems() + ([run.broken] if run.broken else [])


def measure(outcomes: list[Outcome], bench: Bench, numbers: range, progress: Progress) -> None:
    """Round by round, so that a bad minute of the machine falls on one round of a part, and what finds no time is the last
    rounds rather than the last parts."""
    for number in numbers:
        for outcome in outcomes:
            if number < outcome.part.most_rounds and not outcome.kept.broken and progress.has_time_for(outcome.part):
                measure_round(outcome, number, bench, progress)


def best_of(outcomes: list[Outcome]) -> float:
    """The most that the ceiling made, in whatever run."""
    runs = [run for outcome in outcomes for run in (outcome.kept, outcome.other) if run]
    return max((rate for run in runs for rate in run.ceiling), default=0)


def judged(outcomes: list[Outcome]) -> None:
    best = best_of(outcomes)
    for outcome in outcomes:
        outcome.disturbed = judge.verdict(outcome.kept.ceiling, best) if outcome.part.is_timed else ""


def choose(outcome: Outcome, first: Run, best: float) -> None:
    """Keeps the run in which the ceiling was steadier, of two; the first where the second came to nothing."""
    second = outcome.kept
    comes_to_something = second.rounds >= first.rounds and not second.broken and second.figures
    if comes_to_something and judge.steadiness(second.ceiling, best) > judge.steadiness(first.ceiling, best):
        outcome.other, outcome.is_second = first, True
    else:
        outcome.kept, outcome.other = first, second


def repeat(outcome: Outcome, outcomes: list[Outcome], bench: Bench, progress: Progress) -> None:
    """Measures a part once more, with as many rounds."""
    first = outcome.kept
    progress.say(f"{outcome.part.name} was {outcome.disturbed}: once more")
    progress.expect(outcome.part, first.rounds)
    outcome.kept = Run()
    try:
        outcome.part.forget()
        measure([outcome], bench, range(first.rounds), progress)
    except Exception as problem:  # the first is there all the same
        outcome.kept.broken = f"{type(problem).__name__}: {problem}"
        progress.say(outcome.kept.broken)
    finally:
        choose(outcome, first, max(best_of(outcomes), *first.ceiling, 0))


def repeat_disturbed(outcomes: list[Outcome], bench: Bench, progress: Progress) -> None:
    """The most disturbed first, as many as there is time for."""
    best = best_of(outcomes)
    for outcome in sorted(outcomes, key=lambda outcome: judge.steadiness(outcome.kept.ceiling, best)):
        if outcome.disturbed and not outcome.repeated and progress.has_time_for(outcome.part, outcome.kept.rounds):
            repeat(outcome, outcomes, bench, progress)
    judged(outcomes)


def run(outcomes: list[Outcome], bench: Bench, rounds: int, progress: Progress) -> None:
    """So many rounds; what was disturbed again; and with a limit of time more rounds of the others, as long as there is any."""
    present = [outcome for outcome in outcomes if not outcome.missing]
    try:
        measure(present, bench, range(rounds), progress)
        judged(present)
        repeat_disturbed(present, bench, progress)
        if progress.is_limited:
            measure([outcome for outcome in present if not outcome.repeated], bench, range(rounds, MOST_ROUNDS), progress)
    finally:
        judged(present)
        for outcome in present:
            if not outcome.kept.rounds:
                outcome.missing = "no time was left"
