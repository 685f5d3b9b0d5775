"""A program for gevent in a green worker: there greenlets are fibers."""

import concurrent.futures
import json
import unittest

from serving import Server, serving


class GeventTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("gevent_app", "-k", "gevent", environment={"GREENFINCH_GEVENT": "on"}).ready()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.server.log.close()

    def ask(self, name):
        status, _, body = self.server.get("/" + name)
        self.assertEqual(status, 200, self.server.text())
        return json.loads(body)

    def test_greenlets(self):
        self.assertEqual(self.ask("spawn"), [number * 2 for number in range(20)])
        self.assertEqual(self.ask("pool"), list(range(20)))
        self.assertEqual(self.ask("queue"), list(range(10)))
        self.assertEqual(self.ask("events"), [[True] * 3, "value"])
        self.assertTrue(self.ask("many"))

    def test_timeouts_reach_calls_that_wait(self):
        self.assertEqual(self.ask("timeout_of_a_sleep"), ["0.1 seconds", True])
        self.assertEqual(self.ask("timeout_of_a_socket"), ["0.1 seconds", True])
        self.assertEqual(self.ask("silent"), "went on")
        self.assertEqual(self.ask("with_timeout_of_a_socket"), ["late", "0.1 seconds"])
        self.assertTrue(self.ask("after_a_timeout"))

    def test_a_greenlet_is_killed_in_a_call_that_waits(self):
        self.assertEqual(self.ask("kill"), [["cleaned up"], True, "GreenletExit"])

    def test_names_of_the_package(self):
        self.assertEqual(self.ask("own_names"), [7, True, [1, 2]])

    def test_all_at_once(self):
        names = ["spawn", "pool", "queue", "timeout_of_a_sleep", "timeout_of_a_socket", "kill", "events"] * 5
        with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
            for name, answer in zip(names, pool.map(self.ask, names)):
                self.assertTrue(answer, name)

    def test_patching_is_told_of_once(self):
        self.server.wait_for(r"gevent\.monkey\.patch_all\(\) changes nothing")


class ImportTests(unittest.TestCase):
    """Timers that were there before any fiber, in another thread or in the process that the worker is forked from."""

    def test_timeouts_of_requests_reach_calls_that_wait_all_the_same(self):
        for options in ([], ["--preload"]):
            with self.subTest(options):
                options = ["-k", "gevent", *options]
                with serving("gevent_at_import", *options, environment={"GREENFINCH_GEVENT": "on"}) as server:
                    for name, expected in (
                        ("timeout_of_a_socket", ["0.1 seconds", True]),
                        ("timeout_of_a_sleep", ["0.1 seconds", True]),
                        ("with_timeout_of_a_socket", ["late", "0.1 seconds"]),
                        ("interrupted_from_a_thread", [False]),
                        ("events", [[True] * 3, "value"]),
                    ):
                        status, _, body = server.get("/" + name)
                        self.assertEqual(status, 200, server.text())
                        self.assertEqual(json.loads(body), expected, name)


if __name__ == "__main__":
    unittest.main()
