"""The server answers many requests that wait, at once: python3 test_flask.py"""

import concurrent.futures
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tests" / "Python"))

from serving import serving  # noqa: E402


def at_once(server, count):
    """How long so many requests take that are sent at once."""
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        began = time.monotonic()
        answers = list(pool.map(lambda _: server.get("/"), range(count)))
    assert all((status, body) == (200, b"Hello World!\n") for status, _, body in answers), answers
    return time.monotonic() - began


class FlaskTests(unittest.TestCase):
    def test_requests_that_wait_are_served_at_once(self):
        options = ("-w", "2", "-k", "green", "--worker-connections", "100")
        with serving("server:app", *options, folder=HERE) as server:
            # One after another it would be 20 s, or 10 by two workers.
            self.assertLess(at_once(server, 40), 5)

    def test_a_worker_of_class_sync_serves_one_after_another(self):
        with serving("server:app", "-k", "sync", folder=HERE) as server:
            self.assertGreater(at_once(server, 4), 1.9)

    def test_two_workers_of_class_sync_serve_two_at_a_time(self):
        with serving("server:app", "-w", "2", "-k", "sync", folder=HERE) as server:
            # By one alone it would be 3 s at least, and by more than two less than 1.5.
            self.assertGreater(at_once(server, 6), 1.4)

    def test_threads_serve_as_many_as_there_are(self):
        with serving("server:app", "--threads", "8", folder=HERE) as server:
            self.assertLess(at_once(server, 8), 3)
        with serving("server:app", "-w", "2", "-k", "thread", "--threads", "100", folder=HERE) as server:
            self.assertLess(at_once(server, 40), 5)


if __name__ == "__main__":
    unittest.main()
