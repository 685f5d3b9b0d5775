"""Requests, streams and WebSockets of an ASGI application: python3 test_fastapi.py"""

import asyncio
import concurrent.futures
import json
import pathlib
import sys
import time
import unittest

import websockets

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tests" / "Python"))

from serving import serving  # noqa: E402


class FastAPITests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = serving("app:app", "-k", "green", folder=HERE)
        cls.server = cls.context.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.context.__exit__(None, None, None)

    def test_requests_that_wait_are_served_at_once(self):
        for path in ("/wait/0.5", "/block/0.5"):
            with concurrent.futures.ThreadPoolExecutor(20) as pool:
                began = time.monotonic()
                answers = list(pool.map(lambda _, path=path: self.server.get(path), range(20)))
            self.assertEqual({status for status, _, _ in answers}, {200})
            self.assertLess(time.monotonic() - began, 5)

    def test_json_is_read_checked_and_written(self):
        body = json.dumps({"name": "chair", "price": 100}).encode()
        headers = {"Content-Type": "application/json"}
        status, fields, answer = self.server.request("POST", "/items", body, headers)
        self.assertEqual((status, json.loads(answer)), (201, {"name": "chair", "with_tax": 119.0}))
        self.assertEqual(fields["Content-Type"], "application/json")
        self.assertEqual(self.server.request("POST", "/items", b"{}", headers)[0], 422)
        self.assertEqual(self.server.get("/nowhere")[0], 404)
        self.assertIn(b"made chair", self.server.get("/heard")[2])

    def test_a_stream_comes_as_it_is_made(self):
        status, fields, body = self.server.get("/count/20")
        self.assertEqual(body.split(), [str(number).encode() for number in range(1, 21)])

    def test_all_in_the_room_hear_what_one_says(self):
        async def talk():
            address = f"ws://127.0.0.1:{self.server.port}/room/"
            async with websockets.connect(address + "ada") as ada, websockets.connect(address + "bob") as bob:
                await ada.send("hello")
                said = [await asyncio.wait_for(one.recv(), 10) for one in (ada, bob)]
                await bob.send("grüß dich")
                return said + [await asyncio.wait_for(one.recv(), 10) for one in (ada, bob)]

        self.assertEqual(asyncio.run(talk()), ["ada: hello"] * 2 + ["bob: grüß dich"] * 2)


if __name__ == "__main__":
    unittest.main()
