"""What the tools print is read right: `python3 -m unittest discover Benchmarks/python`."""

import contextlib
import http.server
import io
import os
import subprocess
import sys
import tempfile
import threading
import time
import types
import unittest
from pathlib import Path
from unittest import mock

import compare
import load  # of the folder that compare names
import proc
import waiting

WRK = """
Running 5s test @ http://127.0.0.1:18085/
  1 threads and 64 connections
  Latency Distribution
     50%   72.00us
     99%    1.02s
  40446 requests in 5.10s, 2.74MB read
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5778
Requests/sec:   7930.59
Transfer/sec:      2.50MB
"""

AB = """
Concurrency Level:      1000
Time taken for tests:   2.641 seconds
Complete requests:      4000
Failed requests:        5
   (Connect: 0, Receive: 0, Length: 5, Exceptions: 0)
Non-2xx responses:      7
Requests per second:    1514.52 [#/sec] (mean)
  99%    950
 100%   1031 (longest request)
"""


class Parsing(unittest.TestCase):
    def test_wrk(self):
        found = load.parse_wrk(WRK)
        self.assertEqual(found.figures, {"rps": 7930.59, "requests": 40446, "p50_ms": 0.072, "p99_ms": 1020})
        self.assertEqual(found.failures, 5788)
        self.assertEqual(found.complaints, "socket errors: connect 1, read 2, write 3, timeout 4, non-2xx 5778")
        for text, wanted in (("72.00us", 0.072), ("8.86ms", 8.86), ("1.10m", 66_000)):
            self.assertAlmostEqual(load.parse_wrk(WRK.replace("1.02s", text)).figures["p99_ms"], wanted)

    def test_ab(self):
        found = load.parse_ab(AB)
        self.assertEqual((found.figures["seconds"], found.failures), (2.641, 12))
        quiet = AB.replace("requests:        5", "requests:        0").replace("Non-2xx responses:      7\n", "")
        self.assertEqual(load.parse_ab(quiet).failures, 0)

    def test_what_ab_says_where_it_breaks_off_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder, "ab")
            program.write_text("#!/bin/sh\necho 'apr_socket_recv: Connection reset by peer (104)' >&2\nexit 104\n")
            program.chmod(0o755)
            with mock.patch.dict(os.environ, {"PATH": f"{folder}:{os.environ['PATH']}"}):
                with self.assertRaisesRegex(load.LoadFailed, "status 104: apr_socket_recv"):
                    load.run(load.ab("http://127.0.0.1:1/", 1, 1), 30)

    def test_what_is_beside_gunicorn_is_shown_where_gunicorn_was_measured(self):
        self.assertEqual(waiting.beside({"greenfinch green": 40.0, "gunicorn gevent": 80.0}, "greenfinch green"), "0.50")
        self.assertEqual(waiting.beside({"greenfinch green": 40.0}, "greenfinch green"), "")


class Servers(unittest.TestCase):
    def test_those_that_are_not_installed_are_left_out(self):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder, "bin")
            place.mkdir()
            names = list(compare.servers(place, "bare:app", 8000))
            self.assertEqual(names, ["greenfinch green", "gunicorn gevent", "gunicorn gthread 16", "granian"])
            (place / "uwsgi").touch()
            Path(folder, "lib/python3.13/site-packages").mkdir(parents=True)
            Path(folder, "lib/python3.13/site-packages/bjoern.cpython-313-x86_64-linux-gnu.so").touch()
            found = compare.servers(place, "bare:app", 8000)
            self.assertEqual(list(found)[4:], ["uWSGI 16 threads", "bjoern"])
            self.assertIn("127.0.0.1:8000", found["uWSGI 16 threads"])
            # Else it would answer with 500 where it cannot load the application.
            self.assertIn("--need-app", found["uWSGI 16 threads"])
            self.assertEqual(found["bjoern"][-2:], ["bare:app", "8000"])

    def test_both_have_the_same_options(self):
        commands = dict(waiting.sides("/bin", "server:app", ["-w", "2", "--preload"], None))
        lines = [command(8000)[1:] for command in commands.values()]
        self.assertEqual(lines[0], ["server:app", "-k", "green", "-w", "2", "--preload", "-b", "127.0.0.1:8000"])
        self.assertEqual(lines[1], ["server:app", "-k", "gevent", "-w", "2", "--preload", "-b", "127.0.0.1:8000"])
        self.assertEqual(list(dict(waiting.sides("/bin", "server:app", [], ["gevent"]))), ["gunicorn gevent"])

    def test_an_interpreter_that_is_not_there_is_told(self):
        self.assertEqual(compare.interpreter(sys.executable), sys.executable)
        with self.assertRaisesRegex(LookupError, "no interpreter '2.0'"):
            compare.interpreter("2.0")

    def test_the_version_of_an_interpreter(self):
        self.assertEqual(compare.version_of(sys.executable), "%d.%d" % sys.version_info[:2])
        self.assertEqual(compare.version_of(sys.executable, 3), "%d.%d.%d" % sys.version_info[:3])

    def made(self, folder, version, fails=False, python="/usr/bin/python3"):
        """What is run to make an environment by an interpreter of that version."""
        commands = []

        def run(words, **_):
            words = list(map(str, words))
            commands.append(words)
            if words[1:3] == ["-m", "venv"]:
                Path(words[3], "bin").mkdir(parents=True)
                Path(words[3], "bin/python").touch()
            elif fails and "flask" in words:
                raise subprocess.CalledProcessError(1, words)
            return subprocess.CompletedProcess(words, 0, "")

        with mock.patch.object(compare, "RESULTS", Path(folder)), mock.patch.object(compare.subprocess, "run", run), \
                mock.patch.object(compare, "version_of", lambda _, count=2: ".".join(version.split(".")[:count])):  # fmt: skip
            try:
                compare.environment("greenfinch.whl", python)
            except subprocess.CalledProcessError:
                pass
        return ["venv" in words for words in commands].count(True), ["flask" in words for words in commands].count(True)

    def test_an_environment_that_was_not_made_to_its_end_or_by_another_version_is_made_anew(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.made(folder, "3.11.7", fails=True), (1, 1))
            self.assertEqual(self.made(folder, "3.11.7"), (1, 1))
            self.assertEqual(self.made(folder, "3.11.7"), (0, 0))
            self.assertEqual(self.made(folder, "3.11.9"), (1, 1))
            self.assertEqual(self.made(folder, "3.11.9", python="/opt/python3"), (1, 1))
            self.assertEqual(self.made(folder, "3.11.9"), (1, 1))
            Path(folder, "venv-3.11", "bin", "python").unlink()
            self.assertEqual(self.made(folder, "3.11.9"), (1, 1))

    def test_what_was_not_to_be_had_is_tried_once_more_and_told(self):
        cases = {
            "echo 'error: no compiler' && exit 1": ("error: no compiler", True),
            "echo 'ERROR: No matching distribution found for bjoern'; exit 1": ("No matching distribution found", False),
            "exit 1": ("status 1", True), "exit 0": ("", True),
        }  # fmt: skip
        for program, (text, is_settled) in cases.items():
            with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()) as said:
                tried = Path(folder, "tried")
                compare.install_if_possible("bjoern", ["sh", "-c", program], tried)
                self.assertEqual(tried.exists(), is_settled, program)
                self.assertIn(text, said.getvalue())
                self.assertEqual(said.getvalue().startswith("bjoern is left out"), bool(text))


class Measuring(unittest.TestCase):
    def test_a_session_has_those_whose_parent_has_ended(self):
        # The one in between ends at once, and what it has started stays.
        program = "(sleep 100 & echo $! >&3); exec sleep 100"
        reader, writer = os.pipe()
        with subprocess.Popen(
            ["bash", "-c", program.replace(">&3", f">&{writer}")], pass_fds=[writer], start_new_session=True
        ) as process:
            os.close(writer)
            try:
                with os.fdopen(reader) as pipe:
                    child = int(pipe.readline())
                pids = sorted([process.pid, child])
                # The one in between has written the line, and may not have ended yet.
                limit = time.monotonic() + 60
                while proc.session(process.pid) != pids and time.monotonic() < limit:
                    time.sleep(0.01)
                self.assertEqual(proc.session(process.pid), pids)
                self.assertGreater(proc.usage_of(pids).pss, 0)
                self.assertGreaterEqual(proc.cpu_seconds_of(pids), 0)
            finally:
                for pid in proc.session(process.pid):
                    os.kill(pid, 9)

    def test_a_server_ends_with_all_it_has_started_where_its_time_is_over(self):
        program = (
            "import http.server as h, subprocess, sys\n"
            "subprocess.Popen(['sleep', '100'])\n"
            "class H(h.BaseHTTPRequestHandler):\n"
            "    def do_GET(s): s.send_response(200); s.send_header('Content-Length', '0'); s.end_headers()\n"
            "    def log_message(s, *_): pass\n"
            "h.HTTPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()\n"
        )
        port = compare.free_port()
        with compare.running([sys.executable, "-c", program, port], port, "/") as process:
            compare.wait_until_idle(process.pid)
            self.assertEqual(len(proc.session(process.pid)), 2)
        # What has been killed may take a moment to be gone.
        limit = time.monotonic() + 30
        while proc.session(process.pid) and time.monotonic() < limit:
            time.sleep(0.01)
        self.assertEqual(proc.session(process.pid), [])

    def requests(self, measure):
        """What the table of requests says with figures of this function, and what went wrong."""
        said = io.StringIO()
        options = types.SimpleNamespace(rounds=2, seconds=1, only=["granian", "gevent"])
        with mock.patch.object(compare, "measure", measure), mock.patch.object(compare, "WSGI", ("bare:app",)), \
                mock.patch.object(compare, "ASGI", ()), contextlib.redirect_stdout(said):  # fmt: skip
            return compare.measure_requests("/bin", options, (0, 1)), said.getvalue()

    def test_failed_requests_and_servers_that_do_not_start_are_told(self):
        def measure(command, *_):
            if "gevent" in command:
                raise SystemExit("it does not serve")
            return {"rps": 10.0, "cpu_us": 5.0, "p50_ms": 1.0, "p99_ms": 2.0, "peak_pss": 40.0, "failures": 3}

        problems, said = self.requests(measure)
        self.assertEqual(problems, ["bare:app, gunicorn gevent: it does not serve", "bare:app, granian: 6 requests failed"])
        self.assertIn("| bare:app | granian | 10 | 5.0 | 1.0 | 2.0 |  | 40.0 | 6 |\n", said)
        self.assertNotIn("| gunicorn gevent |", said)

    def test_answers_are_counted(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.send_response(404 if self.path == "/none" else 200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"hi")

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                port = server.server_address[1]
                self.assertEqual(waiting.count_answers(waiting.ask_at_once(port, 8, "/"), 30), 8)
                self.assertEqual(waiting.count_answers(waiting.ask_at_once(port, 2, "/none"), 30), 0)
                self.assertEqual(waiting.ask(port), b"hi")
                self.assertGreater(waiting.together(port, 4, "/"), 0)
                with self.assertRaisesRegex(SystemExit, "4 of 4 requests"):
                    waiting.together(port, 4, "/none")
            finally:
                server.shutdown()
                thread.join()


if __name__ == "__main__":
    unittest.main()
