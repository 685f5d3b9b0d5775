"""The loads that count exactly count what they say, and refuse what is wrong."""

import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

import descriptors
import exact
import http2
import load
import native
import proc
import tls
from running import Running, connect, source
from servers import HERE, Server, epoll, websocket_peers

LOG = native.RESULTS / "logs" / "test.log"


def program(name: str, *flags: str) -> Path:
    """Built apart from that of measurements."""
    path = native.RESULTS / "build" / f"test-{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", *native.FLAGS, "-Werror", *flags, str(HERE / f"{name}.c"), "-o", str(path)], check=True)
    return path


class Asking(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.requests = program("requests", "-DFROM_ONE=3")
        cls.epoll = program("epoll")

    def ask(self, server: str, *options: str, seconds: float = 0.2, connections: int = 7) -> exact.Counted:
        with Running(epoll(self.epoll, server), LOG) as running, mock.patch.object(native, "build", lambda _: self.requests):
            return exact.requests(f"{running.url}/plain", running.pid, seconds, None, connections, "--warm", "0.05", *options)

    def test_requests_are_counted_with_their_times(self):
        counted = self.ask("")
        self.assertGreater(counted.count, 7)
        self.assertGreaterEqual(counted.seconds, 0.2)
        figures = counted.figures("rps")
        self.assertEqual(set(figures), {"rps", "cpu_us", "p50_ms", "p99_ms", "p999_ms"})
        self.assertLessEqual(figures["p50_ms"], figures["p99_ms"])
        self.assertLessEqual(figures["p99_ms"], figures["p999_ms"])
        self.assertAlmostEqual(figures["rps"], counted.count / counted.seconds)

    def test_the_time_of_a_request_is_from_its_sending_to_its_answer(self):
        counted = self.ask("--delay 50", seconds=0.3)
        self.assertGreaterEqual(counted.latencies["p50_ms"], 49)
        # Each connection asks once in 50 ms, and no answer is waited for in vain.
        self.assertLessEqual(counted.count, 7 * 8)
        self.assertEqual(counted.count % 7, 0)

    def test_a_connection_for_each_request(self):
        self.assertGreater(self.ask("--close", "--close").count, 7)

    def test_requests_in_batches_are_counted_one_by_one(self):
        counted = self.ask("--times 16", "--batch", "16")
        self.assertGreater(counted.count, 16 * 7)
        self.assertEqual(counted.count % 16, 0)

    def test_all_workers_of_the_ceiling_have_connections(self):
        """One that took all that had come left nothing to the others."""
        with Running(epoll(self.epoll, "--workers 2 --work 20000"), LOG) as running:
            connections = []
            for _ in range(12):
                connections.append(connect(running.port, timeout=30))
                connections[-1].sendall(b"GET / HTTP/1.1\r\n\r\n")
            for connection in connections:
                self.assertTrue(connection.recv(4096))
            pids = proc.tree(running.pid)
            counts = [sum("socket:" in os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()) for pid in pids]
            for connection in connections:
                connection.close()
        self.assertEqual((len(counts), sum(counts)), (2, 14), "a listener each, and the connections")
        self.assertTrue(all(count > 1 for count in counts), counts)

    def test_fields_are_sent(self):
        """The first request, as a server sees it."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            command = [str(self.requests), str(listener.getsockname()[1]), "/some", "1", "1", "--fields", "A: b\r\nC: d\r\n"]
            client = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            with listener.accept()[0] as connection:
                text = connection.recv(4096)
            complaint = client.communicate(timeout=20)[1]
        self.assertEqual(text, b"GET /some HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\r\nC: d\r\n\r\n")
        self.assertIn(b"the first answer", complaint)
        self.assertEqual(client.returncode, 1)

    def answered_with(self, *answers: bytes) -> str:
        """What the load complains of where a server answers so, one after the other, and then ends."""
        def serve(listener: socket.socket) -> None:
            for some in filter(None, (answers[:1], answers[1:])):  # the first connection is there to learn from
                with listener.accept()[0] as connection:
                    for answer in some:
                        connection.recv(4096)
                        connection.sendall(answer)

        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = threading.Thread(target=serve, args=(listener,), daemon=True)
            server.start()
            with mock.patch.object(native, "build", lambda _: self.requests), self.assertRaises(load.LoadFailed) as failed:
                exact.requests(f"http://127.0.0.1:{listener.getsockname()[1]}/", os.getpid(), 0.1, None, 1)
            server.join(20)
        return str(failed.exception)

    def test_what_is_not_right_is_a_failure(self):
        right = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
        wrong = b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nab"
        self.assertIn("the first answer is not 200", self.answered_with(wrong))
        self.assertIn("not 200, or not as long", self.answered_with(right, right, wrong))
        self.assertIn("the first answers", self.answered_with(right, right[:-1]))
        self.assertIn("ended too soon", self.answered_with(right, right))
        self.assertIn("without Content-Length", self.answered_with(b"HTTP/1.1 200 OK\r\n\r\n"))

    def test_one_that_does_not_start_says_why(self):
        with mock.patch.object(native, "build", lambda _: self.requests), self.assertRaisesRegex(load.LoadFailed, "usage: requests"):
            exact.run("requests", ["0", "/", "1", "1"], os.getpid(), 1, None)


class Echoing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.frames = program("frames")

    def echo(self, server: Server) -> exact.Counted:
        with Running(server, LOG) as running, mock.patch.object(native, "build", lambda _: self.frames):
            return exact.run("frames", [str(running.port), "/socket", "5", "64", "0.2"], running.pid, 0.2, None)

    def test_peers_echo(self):
        for server in websocket_peers():
            with self.subTest(server.name):
                if server.missing:
                    self.skipTest(server.missing)
                self.assertGreater(self.echo(server).figures("messages")["messages"], 0)

    def test_the_ceiling_sends_the_same_bytes(self):
        with tempfile.NamedTemporaryFile() as response:
            response.write(bytes([0x81, 64]) + bytes(ord("a") + index % 26 for index in range(64)))
            response.flush()
            server = epoll(program("epoll"), "", Path(response.name))
            port = socket.create_server(("127.0.0.1", 0))
            number = port.getsockname()[1]
            port.close()
            process = subprocess.Popen(server.command_line(number), stderr=subprocess.PIPE)
            try:
                process.stderr.readline()  # it listens
                with mock.patch.object(native, "build", lambda _: self.frames):
                    counted = exact.run("frames", [str(number), "-", "5", "64", "0.2"], process.pid, 0.2, None)
            finally:
                process.terminate()
                process.communicate()
        self.assertGreater(counted.count, 5)
        self.assertLess(counted.latencies["p50_ms"], 10_000)


class Reading(unittest.TestCase):
    def test_the_last_line(self):
        self.assertEqual(exact.parse("requests 100 seconds 0.500000 p50 250 p99 1000 p999 2000\n"),
                         (100, 0.5, {"p50_ms": 0.25, "p99_ms": 1.0, "p999_ms": 2.0}))
        for wrong in ("", "requests 1", "started"):
            with self.assertRaises(load.LoadFailed):
                exact.parse(wrong)

    def test_times_of_h2load(self):
        text = "".join(f"170000000000{number:04}\t200\t{number}\tmore\n" for number in range(1, 1001))
        self.assertEqual(http2.read_times(text), {"p50_ms": 0.501, "p99_ms": 0.991, "p999_ms": 1.0})
        for wrong in ("", text + "1700000000001001\t-1\t5\n", text + "1700000000001001\t503\t5\n"):
            with self.assertRaises(OSError):
                http2.read_times(wrong)

    def test_handshakes_are_divided_by_the_time_that_they_took(self):
        said = "2100 connections in 2.10s; 1000.00 connections/user sec, bytes read 0\n" \
               "2100 connections in 4 real seconds, 0 bytes read per connection\n"
        self.assertEqual(tls.handshake_rate(said, 3.5), 600)


class Descriptors(unittest.TestCase):
    def test_connections_are_as_many_as_the_limit_allows_and_it_is_said(self):
        counts = [64, 1000, 20_000]
        self.assertEqual(descriptors.allowed(counts, 65_536), counts)
        self.assertEqual(descriptors.allowed(counts, 20_000), [64, 1000, 19_500])
        self.assertEqual(descriptors.allowed(counts, 1024), [64, 524])
        self.assertEqual(descriptors.remark(counts, 65_536), "")
        self.assertIn("20,000 cannot be had here: the limit of descriptors is 20,000", descriptors.remark(counts, 20_000))

    def test_the_limit_is_raised_as_far_as_it_can_be(self):
        code = "import descriptors, resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, most));" \
               "print(descriptors.raise_limit())"
        code = code.replace("resource;", "resource; most = resource.getrlimit(resource.RLIMIT_NOFILE)[1];")
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HERE, check=True)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        self.assertGreaterEqual(int(done.stdout), min(descriptors.WANTED, hard if hard >= 0 else descriptors.WANTED))

    def test_connections_of_greater_number_come_from_other_addresses(self):
        self.assertEqual([source(0), source(9999), source(10_000), source(25_000)],
                         [None, None, ("127.0.0.2", 0), ("127.0.0.3", 0)])
        with socket.create_server(("127.0.0.1", 0)) as listener, connect(listener.getsockname()[1], number=10_000) as connection:
            self.assertEqual(connection.getsockname()[0], "127.0.0.2")


if __name__ == "__main__":
    unittest.main()
