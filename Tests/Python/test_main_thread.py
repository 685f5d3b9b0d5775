"""In a green worker no Python runs in the main thread but what Python leaves to it: that comes to its turn."""

import json
import os
import signal
import time
import unittest

from serving import PATIENCE, serving


class MainThreadTests(unittest.TestCase):
    def notes(self, server, count):
        end = time.monotonic() + PATIENCE
        while len(notes := json.loads(server.get("/")[2])) < count:
            self.assertLess(time.monotonic(), end, server.text())
            time.sleep(0.02)
        return notes

    def test_handlers_of_signals_and_pending_calls_are_called(self):
        for target in ("main_thread", "main_thread:asgi"):
            with self.subTest(target), serving(target, "-k", "green") as server:
                server.wait_for("Booting worker")
                (worker,) = server.workers()
                number = int(signal.SIGRTMIN)
                os.kill(worker, number)
                self.assertEqual(self.notes(server, 1), [["signal", number, True]])
                server.get("/pending")
                self.assertEqual(self.notes(server, 2)[1], ["pending", 0, True])
                # What a handler raises is nobody's.
                os.kill(worker, number + 1)
                self.assertEqual(self.notes(server, 3)[2], ["signal", number + 1, True])
                server.wait_for(r"Error in the handler of a signal[\s\S]*ValueError: of the handler")
                os.kill(worker, number)
                self.notes(server, 4)
            self.assertEqual(server.process.returncode, 0)

    def test_a_handler_that_exits_ends_its_worker_gracefully(self):
        with serving("main_thread", "-k", "green") as server:
            for more, name in ((2, "SystemExit: of the handler"), (3, "KeyboardInterrupt")):
                worker = server.workers()[-1]
                # The request under way is answered.
                status, _, body = server.get("/signalled?%d" % more)
                self.assertEqual((status, body), (200, b"%d" % worker))
                server.wait_for(r"The handler of a signal ends the worker[\s\S]*" + name)
                # Another takes its place: the second, and the third.
                server.wait_for("Booting worker", count=more)
                self.assertEqual(server.get("/")[0], 200)
        self.assertEqual(server.process.returncode, 0)

    def test_a_child_that_a_request_forks_has_a_main_thread(self):
        for options in (["-k", "green"], ["--threads", "4"], ["-k", "sync"]):
            with self.subTest(options), serving("main_thread", *options) as server:
                self.assertEqual(server.get("/forked")[2], b"0")
                self.assertNotIn("Exception ignored", server.text())


if __name__ == "__main__":
    unittest.main()
