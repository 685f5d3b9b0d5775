"""The time of a request reaches coroutines, in the request that it belongs to and nowhere else in the loop."""

import json
import os
import threading
import time
import unittest

from serving import PATIENCE, serving
from websocket_client import WebSocket

SENTENCE = "the request has taken longer than request_timeout"


class AsgiDeadlineTests(unittest.TestCase):
    def serving(self, seconds):
        loop = os.environ.get("ASGI_LOOP", "asyncio")
        return serving("asgi_deadlines", "-k", "green", "--asgi-loop", loop, "--request-timeout", str(seconds))

    def notes(self, server, count):
        end = time.monotonic() + PATIENCE
        while len(notes := json.loads(server.answered("/notes"))) < count and time.monotonic() < end:
            time.sleep(0.02)
        return notes

    def test_what_awaits_is_cancelled_at_once(self):
        with self.serving(1) as server:
            began = time.monotonic()
            self.assertEqual(server.overdue("/awaits"), 503)
            # It would have gone on for a minute.
            self.assertLess(time.monotonic() - began, 45)
            self.assertEqual(self.notes(server, 2)[1], "cleaned up")
            self.assertIn("cancelled", self.notes(server, 2)[0])
            found = server.wait_for(r"Out of time in GET /awaits[^\n]*\n[\s\S]*?CancelledError[^\n]*")[0]
            self.assertIn("in awaits", found)
            server.answered("/")

    def test_an_answer_that_comes_too_late_is_refused(self):
        with self.serving(1) as server:
            self.assertEqual(server.overdue("/swallows"), 503)
            self.assertEqual(self.notes(server, 1), ["ClientDisconnected: " + SENTENCE])
            self.assertEqual(server.overdue("/waits"), 503)
            self.assertEqual(self.notes(server, 2)[1], "cancelled")
            server.answered("/")

    def test_an_endless_loop_ends_with_its_time(self):
        with self.serving(1) as server:
            for path in ("computes", "computes-later"):
                self.assertEqual(server.overdue("/" + path), 503)
                found = server.wait_for(rf"Out of time in GET /{path} [^\n]*\n[\s\S]*?RequestTimeout: [^\n]*")[0]
                self.assertIn("in endless", found)
                self.assertIn("greenfinch.RequestTimeout: " + SENTENCE, found)
                server.answered("/")
            # In a task of its own it ends too; who awaits that gets the one exception or the other.
            self.assertEqual(server.overdue("/task"), 503)
            server.wait_for("Out of time in GET /task ")
            self.assertIn("RequestTimeout", self.notes(server, 1)[0])
            self.assertEqual(len(server.workers()), 1)

    def test_whoever_catches_it_and_goes_on_computing_gets_it_again(self):
        with self.serving(1) as server:
            self.assertEqual(server.overdue("/catches"), 503)
            self.assertEqual(self.notes(server, 2), ["RequestTimeout: " + SENTENCE] * 2)

    def test_a_call_that_blocks_fails(self):
        with self.serving(1) as server:
            self.assertEqual(server.overdue("/blocks"), 503)
            self.assertEqual(self.notes(server, 1), ["TimeoutError"])
            found = server.wait_for(r"Out of time in GET /blocks [^\n]*\n[\s\S]*?TimeoutError[^\n]*")[0]
            self.assertIn("in blocks", found)
            self.assertIn("time.sleep(60)", found)
            server.answered("/")

    def test_what_times_out_by_itself_after_the_answer_is_a_failure_as_any(self):
        with self.serving(4) as server:
            self.assertEqual(server.answered("/times-out-later?4.5"), b"done")
            server.wait_for(r"after its answer to GET /times-out-later[\s\S]*?TimeoutError: of its own")
            self.assertNotIn("Out of time in GET /times-out-later", server.text())

    def test_what_is_no_coroutine_is_refused_where_a_task_of_it_is_asked_for(self):
        with self.serving(30) as server:
            self.assertEqual(server.answered("/no-coroutines"), b"done")
            refusals = self.notes(server, 2)
            self.assertEqual(len(refusals), 2)
            for refusal in refusals:
                self.assertIn("a coroutine was expected, got <", refusal)

    def test_a_body_that_has_begun_is_cut_off(self):
        with self.serving(1) as server:
            self.assertIsNone(server.overdue("/streams"))
            self.assertEqual(self.notes(server, 1), ["cancelled in its body"])

    def test_what_goes_on_after_the_answer_has_its_time(self):
        with self.serving(1) as server:
            self.assertEqual(server.answered("/background-task"), b"done")
            self.assertEqual(self.notes(server, 1), ["background task"])
            self.assertEqual(server.answered("/background"), b"done")
            self.assertEqual(self.notes(server, 4)[1:], ["slept", "computed", "background"])
            self.assertNotIn("RequestTimeout", server.text())
            self.assertNotIn("CancelledError", server.text())

    def test_others_go_on(self):
        with self.serving(2) as server:
            answers, beside = [], []
            threads = [threading.Thread(target=lambda: answers.append(server.get("/awaits")[0])) for _ in range(5)]
            threads += [threading.Thread(target=lambda: answers.append(server.get("/computes-later")[0]))]
            threads += [threading.Thread(target=lambda: beside.append(server.get("/sleep?0.1")[0])) for _ in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(answers, [503] * 6)
            # They have waited for the one that computed, and some longer than they may.
            self.assertLessEqual(set(beside), {200, 503})
            for _ in range(20):
                self.assertEqual(server.answered("/compute?0.01"), b"done")
                self.assertEqual(server.answered("/sleep?0.01"), b"done")

    def test_nothing_is_left_for_the_next_request(self):
        # Computing that ends about when its time does.
        with self.serving(0.1) as server:
            for number in range(60):
                self.assertIn(server.get("/compute?%g" % (0.08 + number % 10 * 0.01))[0], (200, 503))
                self.assertIn(server.get("/compute?0")[0], (200, 503))
            server.answered("/")
            self.assertNotIn("event loop has failed", server.text())
            self.assertNotIn("Exception in callback", server.text())
            self.assertEqual(len(server.workers()), 1)

    def test_a_websocket_has_as_much_time_as_it_wants(self):
        with self.serving(1) as server:
            client = WebSocket(server.port, "/socket")
            for text in ("one", "compute", "two"):
                time.sleep(1.2)
                client.send(text)
                self.assertEqual(client.receive(), text)
            client.end()


if __name__ == "__main__":
    unittest.main()
