"""What the scripts of this folder make of what they measure: `python3 -m unittest discover Benchmarks/web`."""

import argparse
import http.server
import itertools
import json
import tempfile
import threading
import types
import unittest
from pathlib import Path
from unittest import mock

import lines
import notes
import ratios
from load import LoadFailed, Result
from native import build
from servers import epoll


class Lines(unittest.TestCase):
    def test_of_swift_neither_blank_lines_nor_comments_count(self):
        self.assertEqual(lines.of_swift('import Green\n\n/// What it is.\nlet a = 1  // one\n  // why\nlet b = "// two"\n'), 3)

    def test_of_python_neither_comments_nor_documentation_count(self):
        text = '"""A module\n\nof two lines."""\nimport os  # why\n\n# A comment.\ndef f():\n    """What it does."""\n    return """a\n\nb"""\n'
        self.assertEqual(lines.of_python(text), 4)

    def test_a_text_that_is_no_documentation_counts(self):
        self.assertEqual(lines.of_python('a = 1\n"""stands there"""\n'), 2)

    def test_each_server_has_sources_that_are_counted(self):
        for server, paths in notes.SOURCES.items():
            self.assertGreater(lines.of(paths), 50, server)


def figures(rps: float, p99: float, failures: int = 0) -> dict[str, float]:
    return {"rps": rps, "p99": p99, "cpu": 100.0, "memory": 50.0, "failures": failures}


class Notes(unittest.TestCase):
    results = {
        ("one note", "Greenfinch"): {0: figures(100, 10), 1: figures(300, 10)},
        ("one note", "Flask, gunicorn gevent"): {0: figures(50, 20), 1: figures(100, 5)},
        ("one note", "Hummingbird, libpq on threads"): {1: figures(200, 10, failures=3)},
    }

    def test_ratios_are_of_the_same_round(self):
        flask, flask_tail, hummingbird, _ = notes.GOALS
        self.assertEqual(notes.ratios(self.results, flask, "one note"), [2, 3])
        self.assertEqual(notes.ratios(self.results, flask_tail, "one note"), [0.5, 2])
        self.assertEqual(notes.ratios(self.results, hummingbird, "one note"), [1.5])
        self.assertEqual(notes.ratios(self.results, hummingbird, "another"), [])

    def test_the_goals_say_what_was_asked_and_seen(self):
        text = notes.goals(self.results)
        self.assertIn("| one note | Flask, requests/s | ≥ 2 | 2.50 (2.00 to 3.00) | yes |", text)
        self.assertIn("| one note | Flask, p99 | ≤ 1 | 1.25 (0.50 to 2.00) | **no** |", text)
        self.assertEqual(len(text), 6)

    def test_failures_are_in_the_table(self):
        row = next(line for line in notes.table(self.results) if "Hummingbird" in line)
        self.assertTrue(row.endswith(f"| {lines.of(notes.SOURCES['Hummingbird'])} | 3 |"), row)

    def test_nothing_measured_has_no_rows(self):
        self.assertEqual(len(notes.goals({})), 2)

    def test_what_is_asked_has_sources_and_servers(self):
        self.assertLessEqual({goal.peer for goal in notes.GOALS}, set(notes.SOURCES))
        self.assertLessEqual({goal.figure for goal in notes.GOALS}, set(notes.FIGURES))


class Interface(http.server.BaseHTTPRequestHandler):
    """The interface that is measured, as far as it is checked."""

    first = 1000

    def reply(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status if self.headers["Authorization"] == f"Bearer {notes.TOKEN}" else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        every = [{"id": number, "title": f"note {number}", "body": "text " * 20, "updatedAt": ""}
                 for number in range(self.first, self.first - 20, -1)]
        self.reply(200, {**every[0], "title": "note 500"} if self.path == "/api/notes/500" else every)

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.reply(201, {"id": 1001, **given})

    def log_message(self, *_) -> None:
        pass


class Checking(unittest.TestCase):
    def check(self, handler: type) -> None:
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                notes.check(types.SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}"))
            finally:
                server.shutdown()

    def test_the_interface_is_recognised(self):
        self.check(Interface)

    def test_another_list_is_refused(self):
        with self.assertRaisesRegex(notes.DidNotStart, "a list of twenty: 200"):
            self.check(type("Another", (Interface,), {"first": 999}))

    def test_an_answer_of_a_failure_is_refused(self):
        with self.assertRaisesRegex(notes.DidNotStart, "one note: 500 '{}'"):
            self.check(type("Failing", (Interface,), {"do_GET": lambda self: self.reply(500, {})}))


def round_of(rps_ratio: float, cpu_ratio: float, **more: float) -> dict[str, float]:
    return {"rps_ratio": rps_ratio, "cpu_ratio": cpu_ratio, "server_core": 1.0, "strangers": 0.0, "failures": 0} | more


class Ratios(unittest.TestCase):
    def results(self, *rounds: dict[str, float], **more: float) -> ratios.Results:
        times = [{"session_ns": 2_500.0, "rows_ns": 61_000.0} | more]
        counted = {ratios.ROUTER: 3_000.0, ratios.PAIRS["parameter"].place: 3_100.0}
        return ratios.Results({"parameter": list(rounds)}, times, counted, [])

    def test_the_lower_of_both_ratios_counts(self):
        results = self.results(round_of(0.99, 0.96), round_of(1.0, 0.95))
        self.assertAlmostEqual(results.seen("parameter"), 0.955)
        self.assertEqual(results.missed(), ["a typed parameter ÷ none", "a table of 100 rows by `HTML`"])

    def test_the_table_has_what_is_asked_and_seen(self):
        text = self.results(round_of(0.99, 0.98)).table()
        self.assertIn("| a typed parameter ÷ none | ≥ 0.97 | 0.990 | 0.980 | 0.968 (3,000 ÷ 3,100) | yes |", text)
        self.assertIn("| a signed session, read | ≤ 3 µs | 2.50 µs | yes |", text)
        self.assertIn("| a table of 100 rows by `HTML` | ≤ 60 µs | 61.00 µs | **no** |", text)

    def test_noise_and_a_load_that_was_the_limit_are_told(self):
        remarks = self.results(round_of(1, 1, strangers=0.5), round_of(1, 1, server_core=0.6)).remarks()
        self.assertIn("up to 0.50 of a core in 1 of 2 rounds", remarks[0])
        self.assertIn("0.60 of the time", remarks[1])

    def test_each_pair_is_served_by_a_case_of_the_program(self):
        cases = (Path(ratios.HERE) / "program" / "main.swift").read_text()
        for pair in ratios.PAIRS.values():
            for place in (pair.base, pair.place):
                self.assertIn(f'case "{place.case}":', cases)

    def measured(self, number: int, failures: int = 0, requests: float = 100) -> tuple[dict[str, float], list[str]]:
        """A round with servers that answer, and a load that does not ask; and the paths in the order in which it came."""
        asked = []

        def run(command: list[str], **_) -> Result:
            path = "/" + command[-1].split("/", 3)[3]
            asked.append(path)
            return Result({"requests": requests, "rps": 50.0 if path == "/plain" else 40.0}, failures)

        options = argparse.Namespace(program=Path("ratios"), turns=2, seconds=1, patience=0)
        ticks = itertools.count()
        with mock.patch("load.run", run), mock.patch.object(ratios, "server", lambda *_: epoll(build("epoll"))), \
                mock.patch("proc.cpu_seconds", lambda _: next(ticks) * 0.01), mock.patch("running.Running._wait_until_idle"):
            return ratios.measure(ratios.PAIRS["parameter"], number, options, ratios.Cores(None, None)), asked

    def test_both_sides_are_asked_in_turn(self):
        figures, asked = self.measured(0)
        self.assertEqual(asked[2:], ["/plain", "/users/4711", "/users/4711", "/plain"])
        self.assertEqual(self.measured(1)[1][2:], ["/users/4711", "/plain", "/plain", "/users/4711"])
        self.assertAlmostEqual(figures["rps_ratio"], 0.8)
        self.assertAlmostEqual(figures["cpu_ratio"], 1)
        self.assertEqual(figures["failures"], 0)

    def test_failures_are_counted_while_it_warms_up_too(self):
        self.assertEqual(self.measured(0, failures=1)[0]["failures"], 6)

    def test_a_round_without_an_answer_is_a_failure(self):
        with self.assertRaises(LoadFailed):
            self.measured(0, requests=0)

    def times(self, script: str) -> dict[str, float]:
        with tempfile.NamedTemporaryFile("w", suffix=".sh") as program:
            program.write(script)
            program.flush()
            # Run by the shell: the file that is written to cannot be executed.
            options = argparse.Namespace(program=program.name, batches=7)
            return ratios.times(options, ratios.Cores(None, None), ["sh"])

    def test_times_are_read(self):
        self.assertEqual(self.times("echo session_ns 2500.5; echo rows_ns 40000"), {"session_ns": 2500.5, "rows_ns": 40000})

    def test_times_that_are_missing_are_a_failure(self):
        with self.assertRaisesRegex(ratios.DidNotStart, "session_ns 1"):
            self.times("echo session_ns 1")
        with self.assertRaisesRegex(ratios.DidNotStart, "ended with 3"):
            self.times("echo session_ns 1; echo rows_ns 2; exit 3")


if __name__ == "__main__":
    unittest.main()
