"""The time of a request reaches code that computes, in the request that it belongs to and nowhere else."""

import json
import threading
import time
import unittest

from serving import PATIENCE, serving

CLASSES = {"green": ["-k", "green"], "thread": ["--threads", "4"], "sync": ["-k", "sync"]}


class DeadlineTests(unittest.TestCase):
    def serving(self, kind, seconds, **more):
        return serving("deadlines", *CLASSES[kind], "--request-timeout", str(seconds), **more)

    def notes(self, server, count):
        """Waits for so many: an answer in time does not wait for code that is late."""
        end = time.monotonic() + PATIENCE
        while len(notes := json.loads(server.answered("/notes"))) < count and time.monotonic() < end:
            time.sleep(0.02)
        return notes

    def test_an_endless_loop_ends_with_its_time(self):
        for kind in CLASSES:
            with self.subTest(kind), self.serving(kind, 0.5) as server:
                self.assertEqual(server.overdue("/endless"), 503)
                found = server.wait_for(r"Out of time in GET /endless[^\n]*\n[\s\S]*?RequestTimeout: [^\n]*")[0]
                self.assertIn("in endless", found)
                self.assertIn("greenfinch.RequestTimeout: the request has taken longer than request_timeout", found)
                server.answered("/")
                self.assertEqual(len(server.workers()), 1)

    def test_whoever_catches_it_and_goes_on_computing_gets_it_again(self):
        for kind in CLASSES:
            with self.subTest(kind), self.serving(kind, 0.5) as server:
                # A thread's answer is sent although it is late.
                self.assertEqual(server.overdue("/catching"), 503 if kind == "green" else 200)
                sentence = "the request has taken longer than request_timeout"
                self.assertEqual(self.notes(server, 2), [sentence, sentence])

    def test_others_go_on(self):
        for kind in ("green", "thread"):
            with self.subTest(kind), self.serving(kind, 5) as server:
                answers = []
                endless = threading.Thread(target=lambda: answers.append(server.overdue("/endless")))
                endless.start()
                # One after the other beside it, on slots that are used again and again. Fibers come to no turn meanwhile.
                beside = [200, 503] if kind == "green" else [200]
                while endless.is_alive():
                    self.assertIn(server.get("/compute?0.02")[0], beside)
                self.assertEqual(answers, [503])
                for _ in range(20):
                    self.assertEqual(server.get("/compute?0.01")[2], b"done")

    def test_whoever_waits_is_told_once(self):
        with self.serving("green", 0.5) as server:
            for count in range(2, 22, 2):
                self.assertEqual(server.overdue("/sleeping"), 503)
                notes = self.notes(server, count)[count - 2 :]
                if notes != ["TimeoutError", "late"]:
                    break
            self.assertEqual(notes, ["TimeoutError", "cleaned up"])
            self.assertNotIn("Out of time", server.text())

    def test_whoever_waits_for_a_lock_gets_it_before(self):
        with self.serving("green", 1) as server:
            statuses = []
            threads = [threading.Thread(target=lambda: statuses.append(server.overdue("/locked"))) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(statuses, [503, 503])
            # And it is free again, once the second has come to its turn.
            end = time.monotonic() + PATIENCE
            while server.answered("/free") != b"True":
                self.assertLess(time.monotonic(), end, server.text())
                time.sleep(0.02)
            self.assertIn("had the lock", self.notes(server, 1))

    def test_nothing_is_left_for_the_next_request(self):
        # The exception is raised where the thread comes back to Python, which it does not before the request has ended.
        with self.serving("sync", 4, environment={"PIPE_SECONDS": "6"}) as server:
            for _ in range(2):
                server.get("/pipe")
                for _ in range(10):
                    self.assertEqual(server.get("/compute?0.01")[2], b"done")
            self.assertNotIn("RequestTimeout", server.text())


if __name__ == "__main__":
    unittest.main()
