"""Turns the samples into tables: Markdown for people, JSON for programs.

A cell is the median, with (lowest to highest) where the runs differed.
"""

from __future__ import annotations

from statistics import median

import promises
from suites import Column, Row, Suite

MEMORY = [
    Column("processes", "processes", 0), Column("threads", "most threads", 0),
    Column("idle_pss", "idle PSS, MB", 1), Column("peak_pss", "peak PSS, MB", 1),
    Column("idle_rss", "idle RSS, MB", 1), Column("peak_rss", "peak RSS, MB", 1),
]


def cell(row: Row, column: Column) -> str:
    values = [sample[column.key] for sample in row.samples if column.key in sample]
    if not values:
        return ""
    shown = [f"{value:.{column.digits}f}" for value in (median(values), min(values), max(values))]
    return shown[0] if shown[1] == shown[2] else f"{shown[0]} ({shown[1]} to {shown[2]})"


def table(rows: list[Row], columns: list[Column]) -> list[str]:
    lines = [["server", "runs", *(column.title for column in columns)]]
    for row in rows:
        if row.samples:
            lines.append([row.server.name, str(len(row.samples)), *(cell(row, column) for column in columns)])
        elif row.problems:
            why = row.server.missing or "not measured, see below"
            lines.append([f"{row.server.name} ({why})", "0", *("" for _ in columns)])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    shown = [[text.ljust(width) if i == 0 else text.rjust(width) for i, (text, width) in enumerate(zip(line, widths))]
             for line in lines]
    rule = ["-" * width if i == 0 else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
    return [f"| {' | '.join(line)} |" for line in (shown[0], rule, *shown[1:])]


def markdown(facts: dict[str, str], suites: list[Suite], remarks: list[str]) -> str:
    lines = ["# Greenfinch compared", ""]
    lines += [f"- {name}: {value}" for name, value in facts.items()]
    lines += [f"- **{remark}**" for remark in remarks]
    for suite in suites:
        rows = [*suite.rows, *suite.partners.values()]
        where = "server on one core, load on another" if suite.pinned else "nothing pinned"
        lines += ["", f"## {suite.title}", "", *(f"    {command}" for command in suite.commands), "", f"{where}.", ""]
        lines += table(rows, suite.columns)
        if measured := [row for row in rows if row.samples]:
            lines += ["", "Memory and threads of all its processes:", "", *table(measured, MEMORY)]
        lines += problems(rows)
        lines += strangers(rows)
    checks = promises.check(suites)
    if checks:
        lines += ["", "## Promises", "", "| | seen | promised | |", "| --- | ---: | ---: | --- |"]
        for check in checks:
            bound = f"{'≤' if check['at_most'] else '≥'} {check['limit']:g}"
            lines.append(f"| {check['what']} | {check['seen']:.4g} | {bound} | {'kept' if check['kept'] else 'BROKEN'} |")
    lines += ["", "## Commands", ""]
    for suite in suites:
        for row in [*suite.rows, *suite.partners.values()]:
            lines.append(f"- {suite.name}: `{row.server.shown()}`")
    return "\n".join(lines) + "\n"


def problems(rows: list[Row]) -> list[str]:
    lines = [f"\n{problem}" for row in rows if not row.server.missing for problem in row.problems]
    lines += [f"\n{row.server.name}: {round(failed)} failures, of {len(row.samples)} runs together."
              for row in rows if (failed := sum(sample["failures"] for sample in row.samples))]
    return lines


def strangers(rows: list[Row]) -> list[str]:
    """Names the runs in which other programs used more than a twentieth of a core: trust those less."""
    noisy = [sample["strangers"] for row in rows for sample in row.samples if sample["strangers"] > 0.05]
    if not noisy:
        return []
    runs = sum(len(row.samples) for row in rows)
    return [f"\nIn {len(noisy)} of {runs} runs other programs used up to {max(noisy):.2f} of a core: noise."]


def as_json(facts: dict[str, str], suites: list[Suite], remarks: list[str]) -> dict:
    return {
        "facts": facts,
        "remarks": remarks,
        "promises": promises.check(suites),
        "suites": [{
            "name": suite.name,
            "title": suite.title,
            "commands": suite.commands,
            "pinned": suite.pinned,
            "rows": [{
                "server": row.server.name,
                "command": row.server.shown(),
                "median": {key: median(sample[key] for sample in row.samples) for key in row.samples[0]}
                if row.samples else {},
                "samples": row.samples,
                "problems": row.problems,
            } for row in [*suite.rows, *suite.partners.values()]],
        } for suite in suites],
    }
