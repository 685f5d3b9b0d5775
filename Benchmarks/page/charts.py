"""Bars and lines as SVG, without a library: text, so that they can be kept in git and are sharp at any size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

from figures import is_own

WIDTH = 760
OURS, CEILING, PEERS = "#2f8f5b", "#9aa4ad", ["#c9762b", "#4a7fb5", "#8d6bb0", "#b5524a", "#6b8e23", "#5f6b73"]
FONT = "font-family='DejaVu Sans, Helvetica, Arial, sans-serif'"


@dataclass(frozen=True)
class Series:
    name: str
    points: list[tuple[float, float]]
    """For lines: x and y. For bars: one point, whose x means nothing."""


def colour(name: str, index: int) -> str:
    if is_own(name):
        return {"thread": "#7cc49a", "sync": "#bfe3cd"}.get(name.rpartition(" ")[2], OURS)
    return CEILING if name.startswith("epoll") or name == "C" else PEERS[index % len(PEERS)]


def number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def text(x: float, y: float, words: str, size: int = 13, anchor: str = "start", fill: str = "#24292f", weight: str = "normal") -> str:
    return (f"<text x='{x:.1f}' y='{y:.1f}' {FONT} font-size='{size}' text-anchor='{anchor}' fill='{fill}' "
            f"font-weight='{weight}'>{escape(words)}</text>")


def picture(height: float, title: str, subtitle: str, body: list[str]) -> str:
    return "\n".join([
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height:.0f}' viewBox='0 0 {WIDTH} {height:.0f}' "
        f"role='img' aria-label='{escape(title, quote=True)}'>",
        f"<rect width='{WIDTH}' height='{height:.0f}' fill='#ffffff'/>",
        text(20, 30, title, 16, weight="bold"), text(20, 50, subtitle, 12, fill="#57606a"), *body, "</svg>\n"])


def bars(title: str, subtitle: str, values: list[tuple[str, float]]) -> str:
    """A bar for each name, with its value at its end."""
    left, top, step, thick = 190, 68, 30, 20
    most = max((value for _, value in values), default=0) or 1
    room = WIDTH - left - 90
    body = []
    for index, (name, value) in enumerate(values):
        y = top + index * step
        width = max(1.0, room * value / most)
        body += [text(left - 10, y + 15, name, anchor="end"),
                 f"<rect x='{left}' y='{y}' width='{width:.1f}' height='{thick}' rx='2' fill='{colour(name, index)}'/>",
                 text(left + width + 8, y + 15, number(value))]
    return picture(top + len(values) * step + 14, title, subtitle, body)


def nice_steps(most: float, count: int = 5) -> list[float]:
    """Round numbers from 0 to at least `most`."""
    raw = (most or 1) / count
    power = 10 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw)
    return [index * step for index in range(math.ceil(most / step) + 1)]


def lines(title: str, subtitle: str, series: list[Series]) -> str:
    """A line for each name over places that all have in common, which stand at equal distances."""
    left, right, top, bottom = 80, 170, 72, 46
    height = 340
    places = sorted({x for each in series for x, _ in each.points})
    steps = nice_steps(max((y for each in series for _, y in each.points), default=1))
    width, tall = WIDTH - left - right, height - top - bottom

    def at(x: float, y: float) -> tuple[float, float]:
        share = places.index(x) / max(1, len(places) - 1)
        return left + width * share, top + tall * (1 - y / steps[-1])

    body = []
    for value in steps:
        _, y = at(places[0], value)
        body += [f"<line x1='{left}' y1='{y:.1f}' x2='{left + width}' y2='{y:.1f}' stroke='#e3e7eb'/>",
                 text(left - 8, y + 4, number(value), 12, "end", "#57606a")]
    for x in places:
        body.append(text(at(x, 0)[0], height - bottom + 20, number(x), 12, "middle", "#57606a"))
    ends = []
    for index, each in enumerate(series):
        points = [at(x, y) for x, y in sorted(each.points)]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        shade = colour(each.name, index)
        body.append(f"<polyline points='{drawn}' fill='none' stroke='{shade}' stroke-width='2.5'/>")
        body += [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3.5' fill='{shade}'/>" for x, y in points]
        ends.append((points[-1][1], each.name, shade))
    previous = -100.0
    for y, name, shade in sorted(ends):
        previous = max(y, previous + 17)  # names do not lie on each other
        body.append(text(left + width + 14, previous + 4, name, fill=shade, weight="bold"))
    return picture(height, title, subtitle, body)
