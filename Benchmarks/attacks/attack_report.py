"""The attacks as a table for people, and as JSON for programs."""

from __future__ import annotations

import json
from pathlib import Path

from honest import Latency
from outcomes import PHASES, Outcome

TITLE = "# Greenfinch under attack"
LEGEND = (
    "Honest clients ask for `/plain` meanwhile; ms are the median, the 99th percentile and the highest. MB are the "
    "worker's memory (PSS) and fds its descriptors: before, the most during, and after. \"Back\" is in how many "
    "seconds from the end of the attack both had come back, CPU the server's share of its core.")
COLUMNS = ["attack", "class", *(f"ms {phase}" for phase in PHASES), "failed", "MB", "fds", "back, s", "CPU",
           "what became of it"]


def times(latency: Latency | None) -> str:
    if latency is None or latency.p50_ms is None:
        return "no answer"
    return " / ".join(f"{figure:,.1f}" for figure in (latency.p50_ms, latency.p99_ms, latency.most_ms))


def row(outcome: Outcome) -> list[str]:
    name = [outcome.attack, outcome.worker_class]
    if outcome.not_applicable:
        return name + [""] * (len(COLUMNS) - 3) + [f"not applicable: {outcome.not_applicable}"]
    if len(outcome.latency) < len(PHASES):
        return name + [""] * (len(COLUMNS) - 3) + ["not measured, see below"]
    held = [outcome.held[phase] for phase in PHASES]
    return [
        *name, *(times(outcome.latency.get(phase)) for phase in PHASES),
        f"{sum(latency.failures for latency in outcome.latency.values()):,}",
        " / ".join(f"{each.pss:,.1f}" for each in held), " / ".join(f"{each.descriptors:,}" for each in held),
        "never" if outcome.back_after is None else f"{outcome.back_after:.1f}", f"{100 * outcome.cores:.0f} %",
        outcome.said]


def table(outcomes: list[Outcome]) -> list[str]:
    lines = [COLUMNS, *(row(outcome) for outcome in outcomes)]
    widths = [max(3, *(len(line[index]) for line in lines)) for index in range(len(COLUMNS))]
    # The last column is a sentence.
    widths[-1] = 3
    shown = [" | ".join(text.ljust(width) for text, width in zip(line, widths)) for line in lines]
    rule = " | ".join("-" * width for width in widths)
    return [f"| {line.rstrip()} |" for line in (shown[0], rule, *shown[1:])]


def markdown(facts: dict[str, str], remarks: list[str], outcomes: list[Outcome]) -> str:
    lines = [TITLE, "", *(f"- {name}: {value}" for name, value in facts.items()),
             *(f"- **{remark}**" for remark in remarks), "", LEGEND, "", *table(outcomes)]
    if wrong := [outcome for outcome in outcomes if not outcome.is_good]:
        lines += ["", "## What is wrong", ""]
        lines += [f"- {outcome.attack}, {outcome.worker_class}: {problem}"
                  for outcome in wrong for problem in outcome.problems]
    lines += ["", "## The attacks", ""]
    about = {outcome.attack: (outcome.about, outcome.command) for outcome in outcomes}
    lines += [f"- {name}: {what}, on `{command}`" for name, (what, command) in about.items()]
    return "\n".join(lines) + "\n"


def write(name: Path, facts: dict[str, str], remarks: list[str], outcomes: list[Outcome]) -> None:
    name.with_suffix(".md").write_text(markdown(facts, remarks, outcomes))
    whole = {"facts": facts, "remarks": remarks, "attacks": [outcome.as_json() for outcome in outcomes]}
    name.with_suffix(".json").write_text(json.dumps(whole, indent=1) + "\n")
