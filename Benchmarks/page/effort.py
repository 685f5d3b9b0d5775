"""How long loads last and how many rounds there are: what is asked for, or what fits into the time that there is."""

from __future__ import annotations

import argparse

from part import Effort, Part

CHOICES = [Effort(5, 5), Effort(5, 3), Effort(3, 3), Effort(3, 2), Effort(2, 2), Effort(2, 1), Effort(1, 1)]
"""From the best to the least."""
JUDGING = 5
"""Seconds that the ceiling takes, before and after each round."""
PLANNED = 0.75
"""Of a limit of time. The rest is for what was disturbed, once more; and then for more rounds."""


def round_seconds(part: Part, effort: Effort) -> float:
    return part.seconds_a_round(effort) + JUDGING


def part_seconds(part: Part, effort: Effort) -> float:
    return min(effort.rounds, part.most_rounds) * round_seconds(part, effort)


def total_seconds(parts: list[Part], effort: Effort) -> float:
    return sum(part_seconds(part, effort) for part in parts)


def chosen(options: argparse.Namespace, parts: list[Part]) -> Effort:
    if options.minutes:
        fitting = [effort for effort in CHOICES if total_seconds(parts, effort) <= PLANNED * options.minutes * 60]
        best = fitting[0] if fitting else CHOICES[-1]
    else:
        best = Effort(1, 1) if options.quick else Effort(5, 5)
    return Effort(options.seconds or best.seconds, options.rounds or best.rounds)
