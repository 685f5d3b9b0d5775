"""Starlette, Quart and their libraries behind a server. In an environment that has them: see Tests/Python/environment."""

import concurrent.futures
import json
import os
import pathlib
import socket
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from serving import Server  # noqa: E402
from websocket_client import WebSocket  # noqa: E402


class Case(unittest.TestCase):
    target = "starlette_app:app"
    options = ()

    @classmethod
    def setUpClass(cls):
        loop = os.environ.get("ASGI_LOOP", "auto")
        cls.server = Server(cls.target, "-k", "green", "--asgi-loop", loop, *cls.options, folder=HERE).ready()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.server.log.close()

    def get(self, path, **more):
        return self.server.get(path, **more)

    def json(self, path, **more):
        status, _, body = self.get(path, **more)
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def until_done(self, what):
        end = time.monotonic() + 10
        while what not in self.json("/done"):
            self.assertLess(time.monotonic(), end, self.server.text())
            time.sleep(0.02)


class StarletteTests(Case):
    def test_requests(self):
        status, fields, body = self.get("/?name=Ada")
        self.assertEqual((status, body), (200, b"Hello, Ada!"))
        self.assertIn("x-seconds", fields)
        address = "http://127.0.0.1:%d/users/ada" % self.server.port
        self.assertEqual(self.json("/state"), {"name": "from the lifespan", "url": address})
        self.assertEqual(self.json("/users/bob"), {"user": "bob", "method": "GET"})
        self.assertEqual(self.server.request("PUT", "/users/bob")[0], 405)
        self.assertEqual(self.get("/nowhere")[0], 404)
        self.assertEqual(self.get("/redirect")[0], 307)
        self.assertEqual(self.server.request("POST", "/sub/endpoint", b'{"a": 1}')[2], b'{"a":1}')

    def test_plain_functions_run_on_threads(self):
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            began = time.monotonic()
            self.assertEqual({body for _, _, body in pool.map(lambda _: self.get("/blocking"), range(20))}, {b"blocked"})
        self.assertLess(time.monotonic() - began, 3)

    def test_bodies_and_forms(self):
        self.assertEqual(json.loads(self.server.request("POST", "/body", b"x" * 300_000)[2]), {"count": 300_000})
        parts = (
            b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello\r\n'
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n' + b"y" * 200_000 + b"\r\n--b--\r\n"
        )
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = json.loads(self.server.request("POST", "/form", parts, headers)[2])
        self.assertEqual(answer, {"text": "hello", "name": "a.bin", "size": 200_000})

    def test_streams_and_files(self):
        self.assertEqual(self.get("/stream")[2].split(), [b"%d" % number for number in range(10)])
        content = (HERE / "starlette_app.py").read_bytes()
        status, fields, body = self.get("/file")
        self.assertEqual((status, body, fields["x-own"]), (200, content, "yes"))
        self.assertEqual(self.server.request("HEAD", "/file")[1]["Content-Length"], str(len(content)))
        status, _, body = self.get("/file", headers={"Range": "bytes=3-7"})
        self.assertEqual((status, body), (206, content[3:8]))

    def test_background_tasks(self):
        began = time.monotonic()
        self.get("/background")
        self.assertLess(time.monotonic() - began, 0.19)
        self.until_done("task")

    def test_failures(self):
        self.assertEqual(self.get("/wrong")[0], 500)
        self.server.wait_for("RuntimeError: of the application")
        status, _, body = self.get("/teapot")
        self.assertEqual((status, body), (418, b"short and stout"))

    def test_task_groups_and_their_limits_of_time(self):
        self.assertEqual(self.json("/group"), {"results": [0, 1, 2, 3, 4], "late": True})

    def test_websockets(self):
        client = WebSocket(self.server.port, "/sub/echo")
        client.send('{"a": [1]}')
        self.assertEqual(json.loads(client.receive()), {"echo": {"a": [1]}})
        client.close(4001)
        self.until_done(4001)
        self.assertEqual(WebSocket(self.server.port, "/nowhere").status, 403)


class DisconnectTests(Case):
    target = "starlette_app:plain"

    def test_a_client_that_goes(self):
        with socket.create_connection(("127.0.0.1", self.server.port), 10) as client:
            client.sendall(b"GET /disconnected HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.2)
        self.until_done("disconnected")


class DeadlineTests(Case):
    """Middleware of Starlette's runs the endpoint in a task of its own."""

    options = ("--request-timeout", "1")

    def test_what_computes_ends_and_what_awaits_is_cancelled(self):
        for _ in range(2):
            self.assertEqual(self.get("/endless")[0], 503)
            self.server.wait_for("Out of time in GET /endless ")
            self.assertEqual(self.get("/asleep")[0], 503)
            self.until_done("cancelled")
        self.assertEqual(self.json("/group"), {"results": [0, 1, 2, 3, 4], "late": True})
        self.assertEqual(len(self.server.workers()), 1)
        self.assertNotIn("event loop has failed", self.server.text())


class QuartTests(Case):
    target = "quart_app:app"

    def test_requests(self):
        self.assertEqual(self.get("/")[2], b"Hello from Quart")
        headers = {"Content-Type": "application/json"}
        answer = json.loads(self.server.request("POST", "/json", b'{"a": 1}', headers)[2])
        self.assertEqual(answer, {"got": {"a": 1}, "began": True})
        self.assertEqual(self.get("/stream")[2], b"0 1 2 3 4 ")
        self.assertEqual(self.get("/sync")[2], b"on a thread")

    def test_websockets(self):
        client = WebSocket(self.server.port, "/ws")
        client.send("hello")
        self.assertEqual(client.receive(), "you said hello")
        client.close()


class FlaskSocketTests(Case):
    target = "flask_sockets_app:app"

    def test_flask_sock(self):
        clients = [WebSocket(self.server.port, "/echo") for _ in range(20)]
        began = time.monotonic()
        for client in clients:
            client.send("slow")
        self.assertEqual([client.receive() for client in clients], ["slow"] * 20)
        self.assertLess(time.monotonic() - began, 3)
        for client in clients:
            client.close()

    def test_socketio_by_websocket(self):
        client = WebSocket(self.server.port, "/socket.io/?EIO=4&transport=websocket")
        self.assertTrue(client.receive().startswith("0{"))
        client.send("40")
        self.assertTrue(client.receive().startswith("40{"))
        client.send('42["echo","loud"]')
        self.assertEqual(client.receive(), '42["echo","LOUD"]')
        client.close()

    def test_socketio_by_requests(self):
        path = "/socket.io/?EIO=4&transport=polling"
        identifier = json.loads(self.get(path)[2][1:])["sid"]
        path += "&sid=" + identifier
        self.assertEqual(self.server.request("POST", path, b"40")[2], b"OK")
        self.assertTrue(self.get(path)[2].startswith(b"40{"))
        self.server.request("POST", path, b'42["echo","loud"]')
        self.assertEqual(self.get(path)[2], b'42["echo","LOUD"]')


class GeventTests(unittest.TestCase):
    """Where gevent itself is installed."""

    def server(self, **environment):
        return Server("gevent_app", "-k", "green", folder=HERE.parent / "apps", environment=environment)

    def test_a_program_finds_fibers_by_its_name(self):
        server = self.server().ready()
        self.assertEqual(json.loads(server.get("/timeout_of_a_socket")[2]), ["0.1 seconds", True])
        self.assertEqual(server.stop(), 0)

    def test_gevent_itself_is_refused_with_a_sentence(self):
        server = self.server(GREENFINCH_GEVENT="off")
        self.assertEqual(server.process.wait(30), 3)
        self.assertIn("gevent has patched this program", server.text())
        self.assertNotIn("SIGSEGV", server.text())


if __name__ == "__main__":
    unittest.main()
