"""Applications of ASGI behind a server: everything that clients see."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import zlib

from serving import PATIENCE, Server, received, serving
from websocket_client import WebSocket

HERE = pathlib.Path(__file__).resolve().parent


def memory(pid, name):
    """What /proc/PID/status says of a process's memory, in bytes."""
    with open("/proc/%d/status" % pid) as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name + ":"))


class Case(unittest.TestCase):
    """One server for all of a case's tests."""

    loop = os.environ.get("ASGI_LOOP", "asyncio")
    options = ("-k", "green", "--asgi-loop", loop, "--asgi-disconnect-grace-period", "0.1")

    @classmethod
    def setUpClass(cls):
        cls.server = Server("asgi_shapes", *cls.options).ready()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.server.log.close()

    def get(self, path, **more):
        return self.server.get(path, **more)

    def counters(self):
        return json.loads(self.get("/counters")[2])

    def until(self, name, value):
        """Waits until a counter of the application has a value."""
        end = time.monotonic() + PATIENCE
        while self.counters().get(name) != value:
            self.assertLess(time.monotonic(), end, self.counters())
            time.sleep(0.02)


class HTTPTests(Case):
    def test_scope(self):
        headers = {"X-Own": "a", "Accept": "*/*"}
        shown = json.loads(self.get("/shown?q=%20", headers=headers)[2])
        self.assertEqual(shown["method"], "GET")
        self.assertEqual((shown["path"], shown["raw_path"], shown["query_string"]), ("/shown", "/shown", "q=%20"))
        self.assertEqual(shown["server"], ["127.0.0.1", self.server.port])
        self.assertEqual(shown["client"][0], "127.0.0.1")
        self.assertGreater(shown["client"][1], 0)
        self.assertIn(["x-own", "a"], shown["headers"])
        self.assertEqual((shown["http_version"], shown["scheme"], shown["state"]), ("1.1", "http", ["began"]))

    def test_answers(self):
        status, fields, body = self.get("/")
        self.assertEqual((status, fields["Content-Length"], body), (200, "12", b"Hello World!"))
        self.assertEqual(self.get("/nowhere")[0], 404)
        self.assertEqual(self.get("/empty")[0], 204)
        self.assertEqual(self.get("/twice")[2], b"once")
        self.assertIn("after response already completed", self.counters()["twice"])
        status, fields, body = self.server.request("HEAD", "/")
        self.assertEqual((status, fields["Content-Length"], body), (200, "12", b""))

    def test_streams(self):
        status, fields, body = self.get("/stream")
        self.assertEqual((fields["Transfer-Encoding"], body), ("chunked", b"0\n1\n2\n3\n4\n"))
        self.assertEqual(self.server.request("HEAD", "/stream")[0], 200)
        _, fields, body = self.get("/large")
        self.assertEqual((fields["Content-Length"], len(body)), (str(8 << 20), 8 << 20))
        self.assertEqual(body[::65536], bytes(range(128)))
        answer = self.server.raw(b"GET /stream HTTP/1.0\r\n\r\n")
        self.assertTrue(answer.endswith(b"\r\n\r\n0\n1\n2\n3\n4\n"), answer)

    def test_the_host_of_a_target_in_absolute_form(self):
        answer = self.server.raw(
            b"GET http://real.example:81/shown HTTP/1.1\r\nA: 1\r\nHOST: other.example\r\nConnection: close\r\n\r\n"
        )
        scope = json.loads(answer.split(b"\r\n\r\n", 1)[1])
        self.assertEqual(scope["headers"], [["host", "real.example:81"], ["a", "1"], ["connection", "close"]])
        self.assertEqual(scope["path"], "/shown")

    def test_bodies(self):
        for count in (0, 1, 100, 70_000, 3_000_000):
            self.assertEqual(self.server.request("POST", "/length", b"x" * count)[2], b"%d" % count)
        data = os.urandom(500_000)
        self.assertEqual(self.server.request("POST", "/echo", data)[2], data)
        answer = self.server.raw(
            b"POST /length HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        )
        self.assertTrue(answer.endswith(b"\r\n\r\n5"), answer)

    def test_a_body_that_comes_slowly(self):
        with socket.create_connection(("127.0.0.1", self.server.port), PATIENCE) as client:
            client.sendall(b"POST /length HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\n")
            for _ in range(4):
                time.sleep(0.05)
                client.sendall(b"x")
            self.assertTrue(client.makefile("rb").read().endswith(b"\r\n\r\n4"))

    def test_an_answer_before_the_body_has_come(self):
        with socket.create_connection(("127.0.0.1", self.server.port), PATIENCE) as client:
            client.sendall(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc")
            self.assertIn(b" 413 ", client.recv(1000))

    def test_expectations_are_met_at_the_first_read(self):
        with socket.create_connection(("127.0.0.1", self.server.port), PATIENCE) as client:
            client.sendall(b"POST /length HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            self.assertTrue(received(client, b"\r\n\r\n").startswith(b"HTTP/1.1 100 "))
            client.sendall(b"abc")
            self.assertTrue(received(client, b"\r\n\r\n3").endswith(b"\r\n\r\n3"))

    def test_failures(self):
        status, _, body = self.get("/fails")
        self.assertEqual(status, 500)
        self.server.wait_for("ValueError: before the head")
        self.assertEqual(self.get("/returns")[0], 500)
        self.server.wait_for("ASGI callable returned without starting response")
        with self.assertRaises(http.client.IncompleteRead):
            self.get("/fails-late")
        self.server.wait_for("ValueError: after the head")
        self.assertEqual(self.get("/")[0], 200)

    def test_a_request_that_exits_ends_alone(self):
        workers = self.server.workers()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            other = pool.submit(self.get, "/sleeps?other")
            self.assertEqual(self.get("/exits")[0], 500)
            self.assertEqual(self.get("/exits-on-a-thread")[0], 500)
            self.assertEqual(self.get("/exits-in-a-child")[2], b"7")
            self.assertEqual(other.result()[2], b"other")
        self.server.wait_for("SystemExit: 3", 2)
        self.assertEqual(self.get("/")[2], b"Hello World!")
        self.assertEqual(self.server.workers(), workers)

    def test_a_child_that_exits_has_its_message_and_what_it_has_printed(self):
        self.assertEqual(self.get("/exits-with-a-message")[2], b"1")
        self.server.wait_for("the child's last words")
        self.server.wait_for("printed by a child")

    def test_requests_wait_at_once_and_apart(self):
        # Each goes on when all are there.
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda number: self.get("/meets?50,%d" % number)[2], range(50)))
        self.assertEqual(answers, [b"50,%d" % number for number in range(50)])

    def test_kept_connections(self):
        connection = self.server.connection()
        for _ in range(200):
            connection.request("GET", "/")
            self.assertEqual(connection.getresponse().read(), b"Hello World!")
        connection.close()

    def test_requests_that_are_sent_at_once(self):
        answer = self.server.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 9 + b"GET / HTTP/1.0\r\n\r\n")
        self.assertEqual(answer.count(b"Hello World!"), 10)

    def test_files_trailers_and_hints(self):
        status, fields, body = self.get("/file")
        self.assertEqual(body, (HERE / "apps" / "asgi_shapes.py").read_bytes())
        self.assertEqual(fields["Content-Length"], str(len(body)))
        answer = self.server.raw(b"GET /trailers HTTP/1.1\r\nHost: x\r\nTE: trailers\r\nConnection: close\r\n\r\n")
        self.assertIn(b"4\r\nbody\r\n0\r\nx-sum: 42\r\n\r\n", answer.lower())
        answer = self.server.raw(b"GET /hints HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 103 "), answer)
        self.assertIn(b"link: </a.css>; rel=preload", answer.lower())
        self.assertTrue(answer.endswith(b"hinted"))

    def test_the_loops_own_things(self):
        self.assertEqual(json.loads(self.get("/threads")[2]), list(range(5)))
        self.assertEqual(self.get("/subprocess")[2], b"from a child\n")
        self.assertEqual(self.get("/sockets")[2], b"LOUD\n")

    def test_background_work_goes_on(self):
        before = self.counters()["background"]
        self.assertEqual(self.get("/goes-on")[2], b"done")
        self.assertEqual(self.counters()["background"], before)
        self.get("/resumes")
        self.until("background", before + 1)


class ClientTests(Case):
    def leave(self, path):
        with socket.create_connection(("127.0.0.1", self.server.port), PATIENCE) as client:
            client.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode())
            time.sleep(0.1)

    def test_a_client_that_goes_while_it_is_waited_for(self):
        before = self.counters()
        self.leave("/waits")
        self.until("disconnects", before["disconnects"] + 1)
        self.until("cancelled", before["cancelled"] + 1)

    def test_what_an_answer_for_nobody_leaves_to_be_done_is_done(self):
        before = self.counters().get("for_nobody", 0)
        self.leave("/answers-nobody")
        self.until("for_nobody", before + 1)

    def test_a_client_that_goes_while_an_answer_is_made(self):
        before = self.counters()["gone"]
        self.leave("/endless")
        # Another test's client may go too.
        end = time.monotonic() + PATIENCE
        while self.counters()["gone"] <= before:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        self.assertNotIn("Exception in ASGI application", self.server.text())

    def test_a_client_that_goes_in_the_middle_of_its_body(self):
        before = self.counters()["disconnects"]
        with socket.create_connection(("127.0.0.1", self.server.port), PATIENCE) as client:
            client.sendall(b"POST /half HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            time.sleep(0.1)
        self.until("disconnects", before + 1)

    def test_a_client_that_reads_slowly_holds_up_nobody(self):
        with socket.create_connection(("127.0.0.1", self.server.port), PATIENCE) as client:
            before = self.counters()["sent"]
            client.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            # Until it waits for the client, and answers others all the time.
            last, end = before, time.monotonic() + PATIENCE
            while not before < (sent := self.counters()["sent"]) == last:
                self.assertLess(time.monotonic(), end, sent)
                last = sent
                time.sleep(0.05)
            self.assertEqual(self.get("/")[0], 200)

    def test_two_that_write_to_a_slow_client_both_go_on(self):
        with socket.create_connection(("127.0.0.1", self.server.port), PATIENCE) as client:
            client.sendall(b"GET /two HTTP/1.0\r\n\r\n")
            # Until both wait.
            time.sleep(0.3)
            body = client.makefile("rb").read().split(b"\r\n\r\n", 1)[1]
        self.assertEqual((body.count(b"x"), body.count(b"y")), (200 * 40_000, 400 * 1000))


class WebSocketTests(Case):
    def open(self, path, *protocols):
        return WebSocket(self.server.port, path, protocols)

    def test_messages(self):
        client = self.open("/echo", "chat", "other")
        self.assertEqual((client.status, client.fields["sec-websocket-protocol"], client.fields["x-own"]), (101, "chat", "yes"))
        for message in ("hello", "grüß dich", b"\x00\xff", "x" * 9000, b"y" * 9000, ""):
            client.send(message)
            self.assertEqual(client.receive(), message)
        self.assertEqual(client.close(4444, "bye"), (4444, ""))
        self.until("closed", [4444, "bye"])

    def test_the_server_closes(self):
        client = self.open("/echo")
        client.send("close")
        self.assertEqual(client.receive(), (4321, "as asked"))
        client.end()
        client = self.open("/echo")
        client.send("return")
        self.assertEqual(client.receive(), (1000, ""))
        client.end()
        client = self.open("/echo")
        client.send("raise")
        self.assertEqual(client.receive()[0], 1011)
        client.end()
        self.server.wait_for("ValueError: in a conversation")

    def test_a_client_that_goes_without_a_word(self):
        client = self.open("/echo")
        client.send("x")
        client.receive()
        client.end()
        self.until("closed", [1006, ""])

    def descriptors(self):
        """How many files and sockets the worker has open."""
        return len(os.listdir("/proc/%d/fd" % self.server.workers()[-1]))

    def let_go(self, count, seconds=60):
        """Waits until the worker has no more open than before."""
        end = time.monotonic() + seconds
        while self.descriptors() > count:
            self.assertLess(time.monotonic(), end, self.server.text())
            time.sleep(0.05)

    def test_a_client_that_goes_is_told_of_to_whoever_only_sends(self):
        count = self.descriptors()
        before = self.counters().get("pushed", 0)
        client = self.open("/pushes")
        self.assertEqual(client.receive(), "pushed")
        # Nobody wants it: the connection is not read any more.
        client.send("not wanted")
        self.assertEqual([client.receive() for _ in range(20)], ["pushed"] * 20)
        client.end()
        self.until("pushed", before + 1)
        self.let_go(count)

    def test_a_client_that_goes_while_its_messages_are_held_back_is_let_go_of(self):
        count = self.descriptors()
        client = self.open("/holds")
        client.send("a")
        client.send("b")
        client.end()
        self.let_go(count)
        # What it has sent is there all the same.
        self.get("/resumes")
        self.until("held", ["a", "b", "websocket.disconnect"])

    def test_refusals(self):
        self.assertEqual(self.open("/refuse").status, 403)
        client = self.open("/deny")
        self.assertEqual((client.status, client.fields["x-why"], client.body()), (401, "unknown", b"who are you?"))

    def test_more_than_a_client_takes_at_once(self):
        client = self.open("/flood")
        time.sleep(0.3)
        count = 0
        while isinstance(message := client.receive(), bytes):
            self.assertEqual(message, bytes([count % 256]) * 1000)
            count += 1
        self.assertEqual((count, message), (2000, (1000, "")))

    def test_two_that_send_to_a_slow_client_both_go_on(self):
        client = self.open("/two")
        # Until both wait.
        time.sleep(0.3)
        lengths = []
        while isinstance(message := client.receive(), bytes):
            lengths.append(len(message))
        self.assertEqual((lengths.count(40_000), lengths.count(1000), message), (200, 400, (1000, "")))
        client.end()

    def test_a_thousand_at_once(self):
        clients = [self.open("/echo") for _ in range(1000)]
        try:
            for number, client in enumerate(clients):
                client.send("message %d" % number)
            for number, client in enumerate(clients):
                self.assertEqual(client.receive(), "message %d" % number)
        finally:
            for client in clients:
                client.end()
        self.assertEqual(self.get("/")[0], 200)


@unittest.skipUnless(shutil.which("curl") and shutil.which("openssl"), "curl and openssl are not there")
class HTTP2Tests(unittest.TestCase):
    """The same over TLS and HTTP/2, by curl."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        key, certificate = os.path.join(cls.folder.name, "key"), os.path.join(cls.folder.name, "certificate")
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
        subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        secure = ("--certfile", certificate, "--keyfile", key, "--http-protocols", "h2,h1")
        cls.server = Server("asgi_shapes", "-k", "green", *secure)
        cls.server.wait_for("Booting worker")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.server.log.close()
        cls.folder.cleanup()

    def curl(self, path, *options, data=None):
        command = ["curl", "-sk", "-m", "60", "--http2", *options, "https://127.0.0.1:%d%s" % (self.server.port, path)]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout

    def test_requests(self):
        shown = json.loads(self.curl("/shown"))
        self.assertEqual((shown["http_version"], shown["scheme"]), ("2", "https"))
        self.assertEqual(self.curl("/stream"), b"0\n1\n2\n3\n4\n")
        self.assertEqual(self.curl("/length", "-X", "POST", "--data-binary", "@-", data=b"x" * 300_000), b"300000")
        self.assertEqual(self.curl("/file"), (HERE / "apps" / "asgi_shapes.py").read_bytes())
        self.assertEqual(len(self.curl("/large")), 8 << 20)
        self.assertEqual(self.curl("/fails", "-o", os.devnull, "-w", "%{http_code}"), b"500")


class LifeTests(unittest.TestCase):
    def test_the_kind_is_found(self):
        for target, body in (("asgi_shapes:without_lifespan", b"Hello World!"), ("asgi_shapes:Old", b"Hello from 2")):
            with serving(target) as server:
                self.assertEqual(server.get("/")[2], body)

    def test_an_application_that_cannot_start_ends_the_server(self):
        server = Server("asgi_shapes:cannot_start", "-k", "green")
        try:
            self.assertEqual(server.process.wait(PATIENCE), 3, server.text())
            self.assertIn("the database is not there", server.text())
        finally:
            server.stop()
            server.log.close()

    def test_the_lifespan_ends_after_the_last_request(self):
        with tempfile.TemporaryDirectory() as folder:
            marker = pathlib.Path(folder) / "marker"
            server = Server("asgi_shapes", "-k", "green", environment={"SHUTDOWN_MARKER": str(marker)}).ready()
            self.assertEqual(server.get("/background")[2], b"done")
            self.assertEqual(server.stop(), 0)
            self.assertEqual(marker.read_text(), "shutdown 1")
            server.log.close()

    def test_what_has_been_sent_of_a_long_stream_is_let_go_of(self):
        with serving("asgi_shapes", "-k", "green") as server:
            pid = server.workers()[-1]
            before = memory(pid, "VmRSS")
            with socket.create_connection(("127.0.0.1", server.port), 60) as client:
                client.sendall(b"GET /flows HTTP/1.0\r\n\r\n")
                count = 0
                while piece := client.recv(65536):
                    count += len(piece)
            self.assertGreater(count, 64 << 20)
            self.assertLess(memory(pid, "VmHWM") - before, 32 << 20)

    def test_a_worker_whose_loop_has_ended_is_replaced(self):
        with serving("asgi_shapes", "-k", "green", "--asgi-loop", Case.loop) as server:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.assertEqual(server.get("/stops", timeout=60)[0], 500)
            server.wait_for("its service 'event loop' failed: it has ended by itself")
            server.wait_for("Booting worker", 2)
            self.assertEqual(server.ready().get("/")[2], b"Hello World!")

    def test_a_callback_that_exits_ends_its_worker_gracefully(self):
        with serving("asgi_shapes", "-k", "green", "--asgi-loop", Case.loop) as server:
            self.assertEqual(server.get("/exits-in-a-callback")[2], b"answered")
            server.wait_for("A callback of the event loop ends the worker")
            server.wait_for("Booting worker", 2)
            self.assertEqual(server.ready().get("/")[2], b"Hello World!")
            self.assertNotIn("its service", server.text())

    def test_what_blocks_the_loop_is_named(self):
        with serving("asgi_shapes", "-k", "green") as server:
            self.assertEqual(server.get("/blocks")[2], b"blocked")
            server.wait_for("A call in async code has held the event loop")
            server.wait_for(r"time\.sleep\(2\.5\)")

    def test_a_request_that_takes_too_long_is_answered_for_and_cancelled(self):
        options = ("-k", "green", "--request-timeout", "0.3", "--asgi-disconnect-grace-period", "0.1")
        with serving("asgi_shapes", *options) as server:
            began, waiting = time.monotonic(), 0
            # On a machine that is busy its time may be over before it begins.
            while not waiting:
                self.assertEqual(server.get("/waits")[0], 503)
                waiting = json.loads(server.answered("/counters"))["waiting"]
                # It would have gone on for a minute.
                self.assertLess(time.monotonic() - began, 45)
            while json.loads(server.answered("/counters"))["cancelled"] != waiting:
                self.assertLess(time.monotonic() - began, 45, server.text())
                time.sleep(0.02)

    def test_a_message_that_is_too_long_ends_its_websocket(self):
        with serving("asgi_shapes", "-k", "green", "--websocket-max-message-size", "1000") as server:
            client = WebSocket(server.port, "/echo")
            client.send("x" * 1000)
            self.assertEqual(client.receive(), "x" * 1000)
            client.send("x" * 1001)
            self.assertEqual(client.receive()[0], 1009)
            client.end()

    def test_messages_that_nobody_wants_grow_no_further_than_one_may_be_when_their_client_goes(self):
        longest, each = 2_000_000, 900_000
        with serving("asgi_shapes", "-k", "green", "--websocket-max-message-size", str(longest)) as server:
            offer = "permessage-deflate; client_no_context_takeover; server_no_context_takeover"
            client = WebSocket(server.port, "/counts", extensions=offer)
            own = client.socket.getsockname()[1]
            self.assertIn("permessage-deflate", client.fields["sec-websocket-extensions"])
            packer = zlib.compressobj(wbits=-15)
            packed = packer.compress(bytes(each)) + packer.flush(zlib.Z_SYNC_FLUSH)
            for _ in range(20):
                client.send(packed[:-4], 2, is_compressed=True)
            client.end()
            # It looks after a second whether its client is there.
            end = time.monotonic() + 60
            while self.serves(server.port, own):
                self.assertLess(time.monotonic(), end, server.text())
                time.sleep(0.05)
            server.get("/resumes")
            while "counted" not in (counters := json.loads(server.get("/counters")[2])):
                self.assertLess(time.monotonic(), end, server.text())
                time.sleep(0.02)
            self.assertEqual(counters["counted"], [2 * each, 1009])

    @staticmethod
    def serves(port, client):
        """Whether a server has not closed its end of a connection: ESTABLISHED or CLOSE_WAIT in proc(5)'s net/tcp."""
        ends = [" 0100007F:%04X 0100007F:%04X %s " % (port, client, state) for state in ("01", "08")]
        with open("/proc/net/tcp") as table:
            return any(one in line for line in table for one in ends)

    def test_a_server_that_stops_says_goodbye_to_websockets(self):
        server = Server("asgi_shapes", "-k", "green").ready()
        clients = [WebSocket(server.port, "/echo") for _ in range(50)]
        for client in clients:
            client.send("x")
            client.receive()
        server.process.send_signal(signal.SIGTERM)
        for client in clients:
            self.assertEqual(client.receive()[0], 1001)
            client.send(b"\x03\xe9", 8)
            client.end()
        self.assertEqual(server.stop(), 0)
        server.log.close()

    def test_a_worker_of_any_class_serves_it_in_fibers(self):
        with serving("asgi_shapes", "-k", "sync") as server:
            # Each goes on when all are there.
            with concurrent.futures.ThreadPoolExecutor(20) as pool:
                answers = list(pool.map(lambda _: server.get("/meets?20,x"), range(20)))
            self.assertEqual({(status, body) for status, _, body in answers}, {(200, b"20,x")})

    def test_reloading_loses_no_request(self):
        with serving("asgi_shapes", "-k", "green") as server:
            with concurrent.futures.ThreadPoolExecutor(10) as pool:
                answers = [pool.submit(server.get, "/sleeps?x") for _ in range(10)]
                time.sleep(0.1)
                os.kill(server.process.pid, signal.SIGHUP)
                answers += [pool.submit(server.get, "/sleeps?x") for _ in range(20)]
                self.assertEqual({answer.result()[0] for answer in answers}, {200})
            server.wait_for("Booting worker", 2)


if __name__ == "__main__":
    unittest.main()
