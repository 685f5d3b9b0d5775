"""Turns the samples into tables: Markdown for people, JSON for programs.

A cell is the median, with (lowest to highest) where the runs differed.
"""

from __future__ import annotations

from statistics import median

from rows import Entry, Goal, Row


def values(entry: Entry, key: str) -> list[float]:
    return [sample[key] for sample in entry.samples if key in sample]


def cell(entry: Entry, key: str, digits: int) -> str:
    found = values(entry, key)
    if not found:
        return ""
    middle, low, high = (f"{value:,.{digits}f}" for value in (median(found), min(found), max(found)))
    return middle if low == high else f"{middle} ({low} to {high})"


def verdicts(row: Row) -> list[dict]:
    """Each goal beside what was seen, by the median. A goal of which nothing was seen is missed."""
    found = []
    for goal in row.goals:
        entry = next(entry for entry in row.entries if entry.contender.name == goal.name)
        seen = median(samples) if (samples := values(entry, goal.key)) else None
        title = next(column.title for column in row.columns if column.key == goal.key)
        found.append({"row": row.name, "what": f"{row.title}: {title}", "limit": goal.limit, "at_most": goal.at_most,
                      "seen": seen, "met": seen is not None and goal.is_met(seen), "others": others(row, goal)})
    return found


def others(row: Row, goal: Goal) -> dict[str, float]:
    return {entry.contender.name: median(found) for entry in row.entries
            if entry.contender.name != goal.name and (found := values(entry, goal.key))}


def aligned(lines: list[list[str]]) -> list[str]:
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    shown = [[text.ljust(width) if i == 0 else text.rjust(width) for i, (text, width) in enumerate(zip(line, widths))]
             for line in lines]
    rule = ["-" * width if i == 0 else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
    return [f"| {' | '.join(line)} |" for line in (shown[0], rule, *shown[1:])]


def number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def summary(rows: list[Row]) -> list[str]:
    lines = [["measure", "goal", "Green", "others", ""]]
    for row in rows:
        for verdict in verdicts(row):
            beside = ", ".join(f"{name} {number(value)}" for name, value in verdict["others"].items())
            bound = f"{'≤' if verdict['at_most'] else '≥'} {number(verdict['limit'])}"
            lines.append([f"{row.name}: {verdict['what']}", bound, number(verdict["seen"]), beside,
                          "met" if verdict["met"] else "MISSED"])
    return aligned(lines)


def strangers(row: Row) -> list[str]:
    """Names the runs in which other programs used more than a twentieth of a core: trust those less."""
    noisy = [sample["strangers"] for entry in row.entries for sample in entry.samples if sample["strangers"] > 0.05]
    if not noisy:
        return []
    runs = sum(len(entry.samples) for entry in row.entries)
    return [f"\nIn {len(noisy)} of {runs} runs other programs used up to {max(noisy):.2f} of a core: noise."]


def details(row: Row) -> list[str]:
    counted = any(entry.instructions is not None for entry in row.entries)
    lines = [["", "runs", *(column.title for column in row.columns), *(["instructions"] if counted else [])]]
    for entry in row.entries:
        cells = [cell(entry, column.key, column.digits) for column in row.columns]
        instructions = "" if entry.instructions is None else f"{entry.instructions:,.0f}"
        lines.append([entry.contender.name, str(len(entry.samples)), *cells, *([instructions] if counted else [])])
    problems = [f"\n{entry.contender.name}: {entry.problem}" for entry in row.entries if entry.problem]
    return [f"## {row.name}", "", f"{row.title}.", "", *aligned(lines), *problems, *strangers(row), "",
            *(f"    {entry.contender.shown()}" for entry in row.entries), ""]


def markdown(facts: dict[str, str], rows: list[Row], remarks: list[str]) -> str:
    lines = ["# Micro benchmarks", "", *(f"- {name}: {value}" for name, value in facts.items()),
             *(f"- **{remark}**" for remark in remarks), "", *summary(rows), ""]
    for row in rows:
        lines += details(row)
    return "\n".join(lines)


def as_json(facts: dict[str, str], rows: list[Row], remarks: list[str]) -> dict:
    return {
        "facts": facts,
        "remarks": remarks,
        "goals": [verdict for row in rows for verdict in verdicts(row)],
        "rows": [{
            "name": row.name,
            "title": row.title,
            "contenders": [{
                "name": entry.contender.name,
                "command": entry.contender.shown(),
                "median": {key: median(values(entry, key)) for key in entry.samples[0]} if entry.samples else {},
                "samples": entry.samples,
                "instructions": entry.instructions,
                "problem": entry.problem,
            } for entry in row.entries],
        } for row in rows],
    }
