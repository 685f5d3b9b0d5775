"""What applications do that servers seldom see, in each class of workers: the request has its due, and the others theirs."""

import http.client
import json
import signal
import socket
import threading
import time
import unittest

from serving import PATIENCE, serving

CLASSES = {"sync": ["-k", "sync"], "thread": ["--threads", "8"], "green": ["-k", "green"]}


class Unkind:
    kind = ""

    @classmethod
    def setUpClass(cls):
        cls.context = serving("unkind:application", *CLASSES[cls.kind])
        cls.server = cls.context.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.context.__exit__(None, None, None)

    def tearDown(self):
        self.assertEqual(self.body("/"), b"here")
        self.assertEqual(len(self.server.workers()), 1, self.server.text())

    def body(self, path):
        status, _, body = self.server.get(path)
        self.assertEqual(status, 200, body)
        return body

    def test_loops(self):
        self.assertEqual(self.body("/loop_in_view"), b"[1, 2]")
        self.assertIn(b"cannot be called from a running event loop", self.body("/loop_in_loop"))

    def test_pools_of_processes(self):
        for kind in ("fork", "spawn"):
            self.assertEqual(self.body(f"/pools?{kind}"), b"[0, 2, 4, 6]")

    def test_debuggers(self):
        found = []
        asking = [threading.Thread(target=lambda: found.append(self.body("/untraced"))) for _ in range(4)]
        for thread in asking:
            thread.start()
        self.assertEqual(json.loads(self.body("/traces")), ["traced"])
        for thread in asking:
            thread.join()
        self.assertEqual(found, [b"None"] * 4)
        for path in ("/profiles", "/memory", "/dump"):
            self.assertEqual(self.body(path), b"True", path)
        self.assertEqual(self.body("/collector"), b"['start', 'stop']")

    def test_deep_and_native(self):
        self.assertEqual(self.body("/deep_text"), b"too deep")
        self.assertEqual(self.body("/native_callbacks"), b"True")
        self.assertEqual(self.body("/modules_reload"), b"1")

    def test_bodies_that_break_off(self):
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            self.server.get("/raises_late")
        self.server.wait_for("ValueError: in the middle")
        self.assertEqual(self.body("/raises_in_close"), b"whole")
        self.server.wait_for(r"ValueError: in close\(\)")

    def test_a_generator_is_closed_when_its_client_goes(self):
        before = int(self.body("/what_was_closed"))
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE) as peer:
            peer.sendall(b"GET /endless HTTP/1.1\r\nHost: h\r\n\r\n")
            peer.recv(1000)
        end = time.monotonic() + PATIENCE
        while int(self.body("/what_was_closed")) == before:
            self.assertLess(time.monotonic(), end, "the generator is not closed")
            time.sleep(0.05)

    def test_huge_answers(self):
        for path in ("/huge", "/huge?pieces"):
            connection = self.server.connection(timeout=120)
            connection.request("GET", path)
            answer = connection.getresponse()
            size = 0
            while True:
                piece = answer.read(1 << 20)
                if not piece:
                    break
                size += len(piece)
            connection.close()
            self.assertEqual(size, 300 << 20)

    def test_signals(self):
        if self.kind != "sync":
            self.assertIn(b"signal only works in main thread", self.body("/signals"))


class SyncTests(Unkind, unittest.TestCase):
    kind = "sync"


class ThreadTests(Unkind, unittest.TestCase):
    kind = "thread"


class GreenTests(Unkind, unittest.TestCase):
    kind = "green"


class EndTests(unittest.TestCase):
    def test_what_is_to_run_at_the_end_runs(self):
        for options in CLASSES.values():
            with serving("unkind:application", *options) as server:
                self.assertEqual(server.get("/at_exit")[2], b"registered")
                # Threads that are no daemons are waited for, as ever.
                self.assertEqual(server.get("/left_thread")[2], b"left")
                self.assertEqual(server.stop(signal.SIGTERM), 0, server.text())
                self.assertIn("told at the end", server.text())


if __name__ == "__main__":
    unittest.main()
