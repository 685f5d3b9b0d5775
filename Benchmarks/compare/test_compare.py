"""What the tools print is read right, and failures are never lost: `python3 -m unittest discover Benchmarks/compare`."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import http2
import instructions
import load
import machine
import native
import proc
import report
import syscalls
import tls
import transfer
from running import DidNotStart, Running, free_port, get
from servers import Server, epoll, greenfinch_flask, newest_wheel, nginx, nginx_program
from suites import Column, Row

AB = """
Concurrency Level:      10
Time taken for tests:   3.027 seconds
Complete requests:      50
Failed requests:        5
   (Connect: 0, Receive: 0, Length: 5, Exceptions: 0)
Non-2xx responses:      7
Requests per second:    16.52 [#/sec] (mean)
Percentage of the requests served within a certain time (ms)
  50%    503
 100%    508 (longest request)
"""

HEY = """
Summary:
  Total:\t2.5130 secs
  Requests/sec:\t19.8965

Latency distribution:
  50% in 0.5011 secs

Status code distribution:
  [200]\t41 responses
  [500]\t2 responses

Error distribution:
  [7]\tGet "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused
"""

WRK = """
Running 5s test @ http://127.0.0.1:18085/plain
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   186.05us  521.93us   8.47ms   95.72%
    Req/Sec    37.03k     6.74k   48.63k    54.55%
  Latency Distribution
     50%   72.00us
     75%  126.00us
     90%  232.00us
     99%    1.02s
  40446 requests in 5.10s, 2.74MB read
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5778
Requests/sec:  36777.05
Transfer/sec:      2.50MB
"""

STRACE = """
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.123456           9     10000           sendto
 39.00    0.100000           9     10003         3 recvfrom
  1.00    0.001000           5       191           epoll_wait
------ ----------- ----------- --------- --------- ----------------
100.00    0.224456          11     20194         3 total
"""

CALLGRIND = """
events: Ir
fn=(1) main
16 4
calls=1 0
16 1000
+3 6
cfn=(2) serve
calls=3 0
* 300

fn=(2)
0 70
fn=(3) serve'2
-1 30
totals: 110
"""


class Parsing(unittest.TestCase):
    def test_ab(self):
        result = load.parse_ab(AB)
        self.assertEqual(result.figures, {"seconds": 3.027, "requests": 50, "longest_ms": 508})
        self.assertEqual(result.failures, 12)
        self.assertIn("Length: 5", result.complaints)
        self.assertIn("non-2xx 7", result.complaints)

    def test_hey(self):
        result = load.parse_hey(HEY)
        self.assertEqual(result.figures, {"seconds": 2.513, "requests": 43})
        self.assertEqual(result.failures, 9)
        self.assertIn("connection refused", result.complaints)

    def test_wrk(self):
        result = load.parse_wrk(WRK)
        self.assertEqual(result.figures, {"rps": 36777.05, "requests": 40446, "p50_ms": 0.072, "p99_ms": 1020})
        self.assertEqual(result.failures, 5788)
        # Above a second wrk ends the line with a space.
        self.assertEqual(load.parse_wrk(WRK.replace("1.02s", "1.03s ")).figures["p99_ms"], 1030)
        self.assertEqual(load.parse_wrk(WRK + "99.9th percentile: 1653378 us\n").figures["p999_ms"], 1653.378)

    def test_strace(self):
        self.assertEqual(
            syscalls.parse(STRACE), {"sendto": (10000, 0), "recvfrom": (10003, 3), "epoll_wait": (191, 0)})

    def test_callgrind_counts_each_function_without_those_that_it_calls(self):
        self.assertEqual(instructions.by_function(CALLGRIND), {"main": 10, "serve": 100})

    def test_a_tool_that_printed_no_result_is_a_failure(self):
        with self.assertRaisesRegex(load.LoadFailed, "ab ended with status"):
            load.run(load.ab("http://127.0.0.1:1/", 1, 1), 10)

    def test_a_tool_that_does_not_end_is_a_failure(self):
        with self.assertRaisesRegex(load.LoadFailed, "was not done after"):
            load.run(["sleep", "30"], 0.1)


class Article(unittest.TestCase):
    def test_the_article_s_program_is_served_by_its_three_lines(self):
        with tempfile.TemporaryDirectory() as folder, unittest.mock.patch("servers.PYTHON", Path(folder)), \
                unittest.mock.patch("servers.WHEELS", Path(folder)):
            self.assertTrue(greenfinch_flask("-w 2 -k sync").missing)
            program = Path(folder, "venv-3.11", "bin", "greenfinch")
            program.parent.mkdir(parents=True)
            program.touch()
            program.with_name("flask").touch()
            self.assertTrue(greenfinch_flask("-w 2 -k green").missing)
            Path(folder, "greenfinch-0.1.0.whl").touch()
            server = greenfinch_flask("-w 2 -k green --worker-connections 100")
            self.assertEqual((server.missing, server.first), ("", "/"))
            self.assertEqual(server.command_line(8000)[1:],
                             ["server:app", "-w", "2", "-k", "green", "--worker-connections", "100", "-b", "127.0.0.1:8000"])
            self.assertTrue((server.directory / "server.py").exists())


    def test_the_newest_wheel_is_measured_and_named(self):
        with tempfile.TemporaryDirectory() as folder, unittest.mock.patch("servers.WHEELS", Path(folder)):
            self.assertIsNone(newest_wheel())
            self.assertNotIn("wheel", machine.describe_servers(Path("nothing")))
            for name, made in (("greenfinch-0.1.0.whl", 1_000_000), ("greenfinch-0.10.0.whl", 3_000_000), ("greenfinch-0.2.0.whl", 2_000_000)):
                Path(folder, name).touch()
                os.utime(Path(folder, name), (made, made))
            self.assertEqual(newest_wheel().name, "greenfinch-0.10.0.whl")
            self.assertIn("greenfinch-0.10.0.whl, made 1970-02-0", machine.describe_servers(Path("nothing"))["wheel"])


class Servers(unittest.TestCase):
    log = native.RESULTS / "logs" / "test.log"

    def test_the_ceiling_starts_answers_and_ends(self):
        with Running(epoll(native.build("epoll")), self.log) as running:
            self.assertTrue(running.answer.endswith(b"\r\n\r\nHello World!"))
            self.assertEqual(proc.tree(running.pid), [running.pid])
            self.assertEqual(proc.usage(running.pid).threads, 1)
        with self.assertRaises(ProcessLookupError):
            os.kill(running.pid, 0)

    @unittest.skipUnless(nginx_program(), "nginx is not installed")
    def test_nginx_starts_in_a_folder_with_a_blank_in_its_name_and_without_a_path(self):
        with tempfile.TemporaryDirectory() as name, unittest.mock.patch.dict(os.environ, {"PATH": "/usr/bin:/bin"}):
            folder = Path(name, "my folder")
            with Running(nginx(folder), self.log) as running:
                self.assertTrue(running.answer.endswith(b"Hello World!"))
            (folder / "files").mkdir()
            (folder / "files" / "content").write_bytes(b"Hello World!")
            with Running(transfer.servers(folder)[1], self.log) as running:
                self.assertTrue(get(running.port, "/files/content").endswith(b"Hello World!"))
            tls.prepare(folder, 1)
            with Running(nginx(folder, folder / "both.pem"), self.log) as running:
                self.assertTrue(get(running.port, "/plain", scheme="https").endswith(b"Hello World!"))
            self.assertEqual(os.listdir(name), ["my folder"])

    @unittest.skipUnless(nginx_program() and shutil.which("h2load"), "nginx or h2load is not installed")
    def test_nginx_serves_http2_in_a_folder_with_a_blank_in_its_name(self):
        with tempfile.TemporaryDirectory() as name:
            folder, port = Path(name, "my folder"), free_port()
            folder.mkdir()
            (folder / "nginx.conf").write_text(http2.NGINX.format(folder=folder, port=port))
            core = min(os.sched_getaffinity(0))
            with http2.Served("nginx", [nginx_program(), "-c", str(folder / "nginx.conf")], port, core) as served:
                self.assertGreater(served.cpu_seconds(), -1)

    def test_a_server_of_http2_that_ends_or_answers_otherwise_is_ended(self):
        core = min(os.sched_getaffinity(0))
        with self.assertRaisesRegex(OSError, "it has ended with status 3"):
            http2.Served("it", ["sh", "-c", "exit 3"], free_port(), core).__enter__()
        served = http2.Served("it", ["sleep", "100"], free_port(), core)
        with unittest.mock.patch.object(http2, "load", side_effect=KeyboardInterrupt), self.assertRaises(KeyboardInterrupt):
            served.__enter__()
        self.assertIsNotNone(served._process.returncode)

    def test_the_client_makes_exactly_as_many_requests_as_asked(self):
        with Running(epoll(native.build("epoll")), self.log) as running:
            done = subprocess.run([str(native.build("drive")), str(running.port), "/plain", "8", "1000"],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        self.assertRegex(done.stdout, r"^connected\nrequests 1000 failures 0 seconds [\d.]+\n$")

    def test_a_server_that_ends_at_once_is_told_with_its_log(self):
        broken = Server("broken", (sys.executable, "-c", "import sys; sys.exit('no such worker class')"))
        with self.assertRaisesRegex(DidNotStart, "(?s)broken did not start: it ended with status 1.*no such worker class"):
            with Running(broken, self.log):
                pass


class Reporting(unittest.TestCase):
    def test_a_request_that_costs_more_than_the_record_allows_is_told(self):
        record = {"/plain": {"greenfinch": 1000, "nginx": 1000}, "/json": {"greenfinch": 1000}}
        now = {"/plain": {"greenfinch": 1031, "nginx": 2000}, "/json": {"greenfinch": 1030}, "/new": {"greenfinch": 1}}
        self.assertEqual(instructions.worse(now, record), ["/plain costs 1,031 instructions, 1.031 of the record"])

    def test_a_cell_shows_the_median_and_the_range(self):
        row = Row(Server("one", ()), samples=[{"x": 1.0}, {"x": 9.0}, {"x": 2.0}])
        self.assertEqual(report.cell(row, Column("x", "x", 1)), "2.0 (1.0 to 9.0)")
        self.assertEqual(report.cell(row, Column("missing", "x", 1)), "")

    def test_a_server_that_could_not_be_measured_keeps_its_row(self):
        row = Row(Server("one", (), missing="not built"), problems=["not built"])
        self.assertIn("one (not built)", "\n".join(report.table([row], [Column("x", "x", 1)])))


if __name__ == "__main__":
    unittest.main()
