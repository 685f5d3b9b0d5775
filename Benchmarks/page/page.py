"""The page: Markdown for people, JSON for programs."""

from __future__ import annotations

import json
from pathlib import Path

import figures
from figures import Figure, is_ceiling
from part import Outcome, Run

TITLE = "# Greenfinch measured"


def table(found: list[Figure]) -> list[str]:
    """A line for each row and server, a column for each figure."""
    columns = list(dict.fromkeys((figure.name, figure.title) for figure in found))
    if all(figure.name == "failures" and not any(figure.samples) for figure in found):
        return []
    columns = [each for each in columns if each[0] != "failures" or any(any(f.samples) for f in found if f.name == "failures")]
    cells = {(figure.row, figure.server, figure.name): figure for figure in found}
    lines = [["", "", "runs", *(title for _, title in columns)]]
    before = ""
    for row, server in dict.fromkeys((figure.row, figure.server) for figure in found):
        those = [cells.get((row, server, name)) for name, _ in columns]
        runs = max((len(each.samples) for each in those if each), default=0)
        lines.append([row if row != before else "", server, str(runs), *(each.shown() if each else "" for each in those)])
        before = row
    return aligned(lines)


def aligned(lines: list[list[str]]) -> list[str]:
    widths = [max(3, *(len(line[index]) for line in lines)) for index in range(len(lines[0]))]
    shown = [[text.ljust(width) if index < 2 else text.rjust(width) for index, (text, width) in enumerate(zip(line, widths))]
             for line in lines]
    rule = ["-" * width if index < 2 else "-" * (width - 1) + ":" for index, width in enumerate(widths)]
    return [f"| {' | '.join(line)} |" for line in (shown[0], rule, *shown[1:])]


def repetition(outcome: Outcome) -> str:
    """What is said of a part that was measured twice."""
    if not outcome.repeated:
        return ""
    shown, other = ("second", "first") if outcome.is_second else ("first", "second")
    if outcome.other.broken or not outcome.other.figures:
        return "It was measured once more, which came to nothing."
    return (f"It was measured twice; this is the {shown} time, in which the ceiling was steadier: {ranged(outcome.kept.ceiling)} "
            f"requests/s, and {ranged(outcome.other.ceiling)} the {other} time.")


def ranged(rates: list[float]) -> str:
    return f"{min(rates):,.0f} to {max(rates):,.0f}" if rates else "nothing"


def beside(found: list[Figure]) -> str:
    """Which of the servers are the ceiling, and which peers."""
    others = list(dict.fromkeys(figure.server for figure in found if not figure.is_own))
    ceilings = [name for name in others if is_ceiling(name)]
    peers = [name for name in others if not is_ceiling(name)]
    rows = list(dict.fromkeys(figure.row for figure in found))
    covered = {figure.row for figure in found if is_ceiling(figure.server)}
    sentence = f"Ceiling: {', '.join(ceilings)}." if ceilings else "There is no ceiling for this."
    if ceilings and (bare := [row for row in rows if row not in covered]):
        sentence = sentence[:-1] + f"; none for {', '.join(bare) if len(bare) <= 4 else f'{len(bare)} of {len(rows)} rows'}."
    return sentence + (f" Peers: {', '.join(peers)}." if peers else " No peer was measured.")


def section(outcome: Outcome, charts: dict[str, str]) -> list[str]:
    lines = ["", f"## {outcome.part.title}", "", outcome.part.about, ""]
    if outcome.missing:
        return [*lines, f"Not measured: {outcome.missing}."]
    if outcome.figures:
        lines += [beside(outcome.figures), ""]
    said = [f"**These times are {outcome.disturbed}.**"] if outcome.disturbed else []
    if said or outcome.repeated:
        lines += [" ".join([*said, repetition(outcome)]).strip(), ""]
    if outcome.part.name in charts:
        lines += [f"![{outcome.part.title}]({charts[outcome.part.name]})", ""]
    lines += table(outcome.figures)
    return lines + [f"\n{problem}" for problem in outcome.kept.problems]


def markdown(facts: dict[str, str], remarks: list[str], outcomes: list[Outcome], charts: dict[str, str]) -> str:
    lines = [TITLE, "", *(f"- {name}: {value}" for name, value in facts.items()), *(f"- **{remark}**" for remark in remarks), "",
             "A cell is the median, with (lowest to highest) where the runs differed."]
    for outcome in outcomes:
        lines += section(outcome, charts)
    return "\n".join(lines) + "\n"


def run_as_json(run: Run) -> dict:
    return {"rounds": run.rounds, "seconds": round(run.seconds, 1), "ceiling_rps": run.ceiling, "problems": run.problems,
            "figures": figures.as_json(run.figures)}


def as_json(facts: dict[str, str], remarks: list[str], outcomes: list[Outcome]) -> dict:
    return {
        "facts": facts,
        "remarks": remarks,
        "parts": [{
            "name": outcome.part.name, "title": outcome.part.title, "missing": outcome.missing, "disturbed": outcome.disturbed,
            "repeated": outcome.repeated, **run_as_json(outcome.kept),
            "other": run_as_json(outcome.other) if outcome.other else None,
        } for outcome in outcomes],
    }


def write(name: Path, facts: dict[str, str], remarks: list[str], outcomes: list[Outcome], charts: dict[str, str]) -> None:
    name.with_suffix(".md").write_text(markdown(facts, remarks, outcomes, charts))
    name.with_suffix(".json").write_text(json.dumps(as_json(facts, remarks, outcomes), indent=1) + "\n")
