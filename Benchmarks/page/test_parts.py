"""The parts measure what their titles say: which servers, how their connections are opened, and what is left out is said."""

import contextlib
import io
import select
import socket
import sys
import tempfile
import types
import unittest
from pathlib import Path
from unittest import mock

import paths  # noqa: F401
import descriptors
import exact
import http2
import load
import memory_part
import micro_part
import native
import proc
import protocol_parts
import python_part
import suite_parts
from instructions import BROWSER
from kinds import KINDS
from memory_part import MemoryPart
from running import Running
from servers import Server, epoll
from suites import Bench, many


def bench(folder: str) -> Bench:
    return Bench(Path(folder), Path(sys.executable), Path("epoll"), 0, 1, 0, lambda line: None, seconds=1)


class Folder(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.bench = bench(self._folder.name)


class Suites(Folder):
    def asked(self, suite) -> dict[str, tuple]:
        """What each server of a suite is asked, by its command line."""
        asked = {}
        for row in suite.rows:
            running = types.SimpleNamespace(server=row.server, pid=1, url="http://127.0.0.1:1")
            with mock.patch.object(exact, "run", lambda program, options, *_, **__: asked.setdefault(
                    suite_parts.short(row.server.name), (program, *options)) and exact.Counted(10, 2.0, 0.5, {"p50_ms": 1.0}, 1.0)):
                sample = suite.measure(self.bench, running)
            self.assertEqual((sample["rps"], sample["cpu_us"], sample["failures"]), (5.0, 50_000.0, 0))
        return asked

    def test_each_kind_of_request_is_asked_of_ours_and_the_ceiling(self):
        base = ("requests", "1", "/plain", "64", "1")
        asked = {name: self.asked(make(self.bench)) for name, make in KINDS.items()}
        self.assertEqual(asked["a connection for each request"]["Greenfinch green"], (*base, "--close"))
        self.assertEqual(asked["a connection for each request"]["epoll in C, closing"], (*base, "--close"))
        self.assertEqual(asked["pipelined × 16"]["epoll in C"], (*base, "--batch", "16"))
        self.assertEqual(asked["14 fields of a browser"]["Greenfinch green"], (*base, "--fields", BROWSER))
        self.assertEqual(asked["JSON of 10 fields"]["Greenfinch green"], ("requests", "1", "/json/ten", "64", "1"))
        self.assertNotIn("epoll in C", asked["JSON of 10 fields"])

    def test_the_ceiling_of_a_batch_answers_as_often(self):
        [ceiling] = [row.server for row in KINDS["pipelined × 16"](self.bench).rows if row.server.name.startswith("epoll")]
        self.assertEqual(ceiling.command[-2:], ("--times", "16"))

    def test_many_connections_are_opened_outside_of_what_is_counted(self):
        self.assertEqual(self.asked(many(self.bench, 5000))["epoll in C"], ("requests", "1", "/plain", "5000", "1"))


class Memory(Folder):
    def part(self, limit=65_536) -> MemoryPart:
        with mock.patch.object(descriptors, "limit", lambda: limit):
            part = MemoryPart(self.bench)
            self.about = part.about
            self.all = [(count, suite_parts.short(server.name)) for count, server in part._all()]
        return part

    def test_many_connections_are_held_by_green_and_nginx_and_few_by_all(self):
        self.part()
        self.assertEqual([name for count, name in self.all if count == 20_000], ["Greenfinch green", "nginx"])
        few = {name for count, name in self.all if count == 1000}
        self.assertLessEqual({"Greenfinch green", "Greenfinch thread", "Greenfinch sync", "nginx"}, few)

    def test_they_are_as_many_as_the_descriptors_allow(self):
        self.part(limit=20_000)
        self.assertEqual(sorted({count for count, _ in self.all}), [1000, 5000, 19_500])
        self.assertIn("20,000 cannot be had here", self.about)

    def test_sync_has_a_row_of_its_idle_connections(self):
        part = self.part()
        self.assertEqual(list(part._kinds(1000, Server("greenfinch -w 1 -k sync", ()))), ["idle_bytes"])
        self.assertEqual(list(part._kinds(1000, Server("greenfinch -w 1 -k green", ()))), ["idle_bytes", "rush_bytes", "busy_bytes"])
        self.assertEqual(list(part._kinds(5000, Server("greenfinch -w 1 -k green", ()))), ["idle_bytes"])
        self.assertEqual(list(part._kinds(1000, Server("nginx", ()))), ["idle_bytes", "rush_bytes"])

    def test_growth_is_divided_by_the_connections_that_came_between_the_two_looks(self):
        sizes = iter([proc.Usage(pss=10.0), proc.Usage(pss=10.1)])
        opened = []
        with mock.patch.object(memory_part, "SETTLING", 0), mock.patch.object(memory_part, "WARM", 3), \
                mock.patch.object(proc, "usage", lambda pid: next(sizes)), \
                Running(epoll(native.build("epoll")), native.RESULTS / "logs" / "test.log") as running:
            def some(port, first, count):
                opened.append((first, count))
                return memory_part.at_once(port, first, count)
            self.assertAlmostEqual(memory_part.growth(running, some, 20), 5000)
        self.assertEqual(opened, [(3, 20)])

    def test_connections_that_the_server_has_closed_are_not_counted_as_kept(self):
        def ended(port, first, count):
            connections = memory_part.in_turn(port, first, count)
            for connection in connections:
                select.select([connection], [], [], 30)
            return connections

        with mock.patch.object(memory_part, "SETTLING", 0), mock.patch.object(memory_part, "WARM", 1), \
                Running(epoll(native.build("epoll"), "--close"), native.RESULTS / "logs" / "test.log") as running:
            with self.assertRaisesRegex(ConnectionError, "closed 5 of 5 connections"):
                memory_part.growth(running, ended, 5)
            memory_part.growth(running, ended, 5, are_kept=False)

    def test_an_answer_that_is_not_right_is_a_failure(self):
        ours, other = socket.socketpair()
        with ours, other:
            other.sendall(b"HTTP/1.1 503 Full\r\nContent-Length: 2\r\n\r\nno")
            with self.assertRaisesRegex(ConnectionError, "503"):
                memory_part.answer(ours)

    def test_connections_are_opened_in_turn_at_once_or_asleep(self):
        with Running(epoll(native.build("epoll"), "--delay 30"), native.RESULTS / "logs" / "test.log") as running:
            for opened in (memory_part.in_turn, memory_part.at_once, memory_part.sleeping):
                connections = opened(running.port, 0, 4)
                self.assertEqual(len({connection.getsockname() for connection in connections}), 4)
                for connection in connections:
                    if opened is memory_part.sleeping:
                        memory_part.answer(connection)
                    connection.close()


class Protocols(Folder):
    def test_messages_are_echoed_by_few_and_by_a_thousand_and_a_failure_leaves_the_others(self):
        part = protocol_parts.WebSocketPart(self.bench)
        part._servers = lambda: [Server("Greenfinch green", ()), Server("SwiftNIO", ())]
        asked = []

        def serve(server, log, count):
            asked.append((server.name, count))
            if server.name == "SwiftNIO" and count == 64:
                raise load.LoadFailed("it ended")
            part.keep(f"{count:,} connections", server.name, messages=1.0)

        part._serve = serve
        part._ceiling = lambda count: part.keep(f"{count:,} connections", "epoll in C", messages=2.0)
        part.run_round(0)
        part.run_round(1)
        self.assertEqual([count for name, count in asked if name == "SwiftNIO"], [64, 1000, 1000])
        self.assertEqual({(figure.row, figure.server): len(figure.samples) for figure in part.figures()}, {
            ("64 connections", "Greenfinch green"): 2, ("64 connections", "epoll in C"): 2,
            ("1,000 connections", "Greenfinch green"): 2, ("1,000 connections", "SwiftNIO"): 2, ("1,000 connections", "epoll in C"): 2})
        self.assertEqual(part.problems(), ["SwiftNIO, 64 connections: it ended"])

    def test_http2_has_percentiles(self):
        part = protocol_parts.HTTP2Part(self.bench)
        part._command = lambda name, port: []
        with mock.patch.object(http2, "Served", lambda *_: contextlib.nullcontext()), \
                mock.patch.object(http2, "measure", lambda *_: (10.0, 2.0, 1.0)), \
                mock.patch.object(http2, "percentiles", lambda *_: {"p50_ms": 1.0, "p99_ms": 2.0, "p999_ms": 3.0}):
            part.run_round(0)
        names = [figure.name for figure in part.figures() if figure.server == "nginx"]
        self.assertEqual(names, ["rps", "cpu_us", "mean_ms", "p50_ms", "p99_ms", "p999_ms"])


class Micro(Folder):
    def test_loads_last_as_long_as_is_known_when_the_first_round_begins(self):
        seen = []

        def row(options):
            seen.append(options)
            return types.SimpleNamespace(run_round=lambda number, used, say: seen.append(used), counts_instructions=False)

        self.bench.seconds = 5
        with mock.patch.dict(micro_part.ROWS, {"echo": row}):
            part = micro_part.MicroPart(self.bench, "micro", "A title", "", {"echo"}, counts=False)
            part.prepare()
            self.bench.seconds = 1
            part.run_round(0)
            part.run_round(1)
        long, *short = seen
        self.assertEqual((long.quick, long.echo_seconds, long.idle_seconds), (False, 3, 10))
        self.assertEqual({(used.quick, used.echo_seconds, used.idle_seconds) for used in short}, {(True, 1, 2)})
        self.assertEqual(len(short), 3)


class Python(unittest.TestCase):
    """The server here is a small one of the library's."""

    SERVER = ("import http.server as h, sys\n"
              "class H(h.BaseHTTPRequestHandler):\n"
              "    def do_GET(s): s.send_response(200); s.send_header('Content-Length', '2'); s.end_headers(); s.wfile.write(b'ab')\n"
              "h.HTTPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()\n")

    def measure(self, result: load.Result) -> dict:
        module = python_part._load()
        port = python_part.free_port()
        with mock.patch.object(module.load, "run", lambda *_: result), contextlib.redirect_stderr(io.StringIO()):
            return module.measure([sys.executable, "-c", self.SERVER, str(port)], port, 1, (0, 0))

    def test_it_has_percentiles_and_failures(self):
        times = {"p50_ms": 1.0, "p99_ms": 2.0, "p999_ms": 3.0}
        found = self.measure(load.Result({"rps": 10.0, "requests": 10.0, **times}, 3, "non-2xx 3"))
        self.assertEqual(set(found), {"rps", "cpu_us", *times, "peak_pss", "failures"})
        self.assertEqual(found["failures"], 3)
        self.assertGreater(found["peak_pss"], 1)

    def test_no_answer_at_all_is_a_failure_and_not_a_division(self):
        with self.assertRaises(load.LoadFailed):
            self.measure(load.Result({"rps": 0.0, "requests": 0.0}, 0))

    def test_one_that_ends_is_told(self):
        module = python_part._load()
        with self.assertRaises(SystemExit):
            module.measure([sys.executable, "-c", "pass"], python_part.free_port(), 1, (0, 0))

    def test_failed_requests_are_a_problem_of_the_part(self):
        part = python_part.PythonPart(types.SimpleNamespace(say=print))
        part.keep("bare (WSGI)", "granian", rps=10.0, failures=3)
        part.keep("bare (WSGI)", "greenfinch green", rps=10.0, failures=0)
        self.assertEqual(part.problems(), ["bare (WSGI), granian: 3 requests failed"])


if __name__ == "__main__":
    unittest.main()
