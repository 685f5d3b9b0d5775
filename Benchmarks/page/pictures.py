"""Which charts the page has, and their PNG."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import charts
from charts import Series
from figures import Figure
from part import Outcome


def of(figures: list[Figure], name: str, row: str | None = None) -> list[Figure]:
    return [figure for figure in figures if figure.name == name and (row is None or figure.row == row)]


def bar_values(figures: list[Figure]) -> list[tuple[str, float]]:
    return [(figure.server, figure.median) for figure in figures]


def by_number(figures: list[Figure]) -> list[Series]:
    """A line for each server, by the number with which the row begins."""
    found: dict[str, list[tuple[float, float]]] = {}
    for figure in figures:
        where = float(re.sub(r"[^\d.]", "", figure.row.split()[0]))
        found.setdefault(figure.server, []).append((where, figure.median))
    return [Series(name, points) for name, points in found.items()]


def article(figures: list[Figure]) -> str:
    return charts.bars("50 requests that wait half a second, 10 at a time", "seconds in all (ab, two workers); less is better",
                       bar_values(of(figures, "ab_s")))


def classes(figures: list[Figure]) -> str:
    return charts.bars("Requests a second of one worker on one core", "/plain, 64 connections; more is better",
                       bar_values(of(figures, "rps")))


def memory(figures: list[Figure]) -> str:
    first = of(figures, "idle_bytes")[:1]
    return charts.bars("Memory of an idle connection", "bytes (PSS of all the server's processes); less is better",
                       bar_values(of(figures, "idle_bytes", first[0].row if first else None)))


def connections(figures: list[Figure]) -> str:
    return charts.lines("CPU of a request, by active connections", "microseconds, one worker on one core; less is better",
                        by_number(of(figures, "cpu_us")))


def cost(figures: list[Figure]) -> str:
    return charts.lines("Requests a second, by what the handler computes", "microseconds of computing; one core; more is better",
                        by_number(of(figures, "rps")))


def tls(figures: list[Figure]) -> str:
    return charts.bars("Requests a second over TLS 1.3", "/plain, 64 kept connections, one core; more is better",
                       bar_values(of(figures, "rps")))


def http2(figures: list[Figure]) -> str:
    return charts.bars("Requests a second over HTTP/2", "16 connections, 32 streams each, one core; more is better",
                       bar_values(of(figures, "rps")))


def websocket(figures: list[Figure]) -> str:
    return charts.bars("WebSocket messages echoed a second", "1,000 connections, 64 bytes, one core; more is better",
                       bar_values(of(figures, "messages", "1,000 connections")))


def python(figures: list[Figure]) -> str:
    values = [(f"{figure.row.partition(' ')[0].removeprefix('hello_')}: {figure.server}", figure.median)
              for figure in of(figures, "cpu_us")]
    return charts.bars("CPU of a request of a Python application", "microseconds, one worker on one core; less is better", values)


CHARTS = {made.__name__: made for made in (article, classes, memory, connections, cost, tls, http2, websocket, python)}


def as_png(svg: Path) -> bool:
    """Whether there is a program that could make one."""
    png = svg.with_suffix(".png")
    if program := shutil.which("rsvg-convert"):
        return subprocess.run([program, "-z", "2", "-o", png, svg], timeout=60).returncode == 0
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        return False
    size = re.search(r"width='(\d+)' height='(\d+)'", svg.read_text())
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=2",
             f"--user-data-dir={profile}", f"--window-size={size[1]},{size[2]}", f"--screenshot={png}", svg.as_uri()],
            capture_output=True, timeout=120)
    return done.returncode == 0 and png.exists()


def write(name: Path, outcomes: list[Outcome]) -> dict[str, str]:
    """Draws what was measured beside the page; the names of the files by the parts'."""
    written = {}
    for outcome in outcomes:
        draw = CHARTS.get(outcome.part.name)
        if not draw or not outcome.figures:
            continue
        svg = name.with_name(f"{name.name}-{outcome.part.name}.svg")
        svg.write_text(draw(outcome.figures))
        as_png(svg)
        written[outcome.part.name] = svg.name
    return written
