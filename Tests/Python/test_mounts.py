"""Several applications in one worker, of WSGI and of ASGI."""

import json
import threading
import unittest

from serving import PATIENCE, Server, serving
from websocket_client import WebSocket


class MountsTests(unittest.TestCase):
    def ask(self, server, path, **headers):
        status, _, body = server.get(path, headers=headers)
        return json.loads(body) if status == 200 else status

    def test_both_kinds_share_a_worker(self):
        with serving("mounted") as server:
            for path, told in {
                "/": ["site", "", "/"],
                "/a/b": ["site", "", "/a/b"],
                "/livestock": ["site", "", "/livestock"],
                "/live": ["live", "/live", "/live", "live"],
                "/l%69ve/x%20y": ["live", "/live", "/live/x y", "live"],
                "/live/old": ["old", "/live/old", ""],
                "/live/old/er": ["old", "/live/old", "/er"],
                "/%C3%BCber/x": ["\u00fcber", "/\u00fcber", "/\u00fcber/x", "\u00fcber"],
            }.items():
                self.assertEqual(self.ask(server, path), told, path)
            self.assertEqual(len(server.workers()), 1)

    def test_they_serve_at_the_same_time(self):
        with serving("mounted") as server:
            wrong = []

            def ask(path, name):
                for _ in range(20):
                    if self.ask(server, path)[0] != name:
                        wrong.append(path)

            pairs = [("/", "site"), ("/live", "live"), ("/live/old", "old")] * 3
            threads = [threading.Thread(target=ask, args=pair) for pair in pairs]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])

    def test_websockets_and_the_end(self):
        server = Server("mounted").ready()
        peer = WebSocket(server.port, "/live/talk")
        peer.send("hello")
        self.assertEqual(peer.receive(), "live hello")
        peer.socket.close()
        self.assertEqual(server.stop(), 0)
        # Each has its own lifespan.
        self.assertIn("ended live", server.text())
        self.assertIn("ended \u00fcber", server.text())
        server.log.close()

    def test_one_kind_alone(self):
        for options in (["-k", "sync"], ["-k", "thread"], ["-k", "green"]):
            with self.subTest(options), serving("mounted:calls", *options) as server:
                self.assertEqual(self.ask(server, "/a/x"), ["a", "/a", "/x"])
                self.assertEqual(self.ask(server, "/b"), ["b", "/b", ""])
                self.assertEqual(self.ask(server, "/c"), 404)
        with serving("mounted:loops") as server:
            self.assertEqual(self.ask(server, "/a/x"), ["a", "/a", "/a/x", "a"])
            self.assertEqual(self.ask(server, "/c"), 404)

    def test_under_a_root(self):
        with serving("mounted", "--root-path", "/shop") as server:
            self.assertEqual(self.ask(server, "/shop/live/x"), ["live", "/shop/live", "/shop/live/x", "live"])
            self.assertEqual(self.ask(server, "/live/x"), ["live", "/shop/live", "/shop/live/x", "live"])
            self.assertEqual(self.ask(server, "/shop/live/old/x"), ["old", "/shop/live/old", "/x"])
            self.assertEqual(self.ask(server, "/shop/x"), ["site", "/shop", "/x"])

    def test_a_root_is_taken_off_once_whoever_is_mounted_in_whom(self):
        with serving("mounted:nested", "--root-path", "/shop") as server:
            for path in ("/shop/live/x", "/live/x"):
                self.assertEqual(self.ask(server, path), ["live", "/shop/live", "/shop/live/x", "live"], path)
            self.assertEqual(self.ask(server, "/shop/shop/x"), ["shop", "/shop/shop", "/shop/shop/x", "shop"])
            self.assertEqual(self.ask(server, "/shop/x"), 404)

    def test_a_root_of_the_environment_counts_for_both_kinds(self):
        with serving("mounted", environment={"SCRIPT_NAME": "/shop/"}) as server:
            for path in ("/shop/live/x", "/live/x"):
                self.assertEqual(self.ask(server, path), ["live", "/shop/live", "/shop/live/x", "live"], path)
            self.assertEqual(self.ask(server, "/shop/live/old/x"), ["old", "/shop/live/old", "/x"])
            self.assertEqual(self.ask(server, "/shop/x"), ["site", "/shop", "/x"])

    def test_under_what_a_proxy_has_taken_off(self):
        with serving("mounted") as server:
            for path, prefix, told in (
                ("/x/live", "/x", ["site", "/x", "/x/live"]),
                ("/live/x", "/x", ["live", "/x/live", "/x/live/x", "live"]),
                ("/live/live/x", "/live", ["live", "/live/live", "/live/live/live/x", "live"]),
                ("/live/old/x", "/live", ["old", "/live/live/old", "/x"]),
                ("/shop", "/live", ["site", "/live", "/shop"]),
            ):
                self.assertEqual(self.ask(server, path, **{"X-Forwarded-Prefix": prefix}), told, path)
        with serving("mounted:loops") as server:
            self.assertEqual(self.ask(server, "/x/a", **{"X-Forwarded-Prefix": "/x"}), 404)
        # What is set counts.
        with serving("mounted", "--root-path", "/shop") as server:
            for path in ("/shop/live/x", "/live/x"):
                told = self.ask(server, path, **{"X-Forwarded-Prefix": "/other"})
                self.assertEqual(told, ["live", "/shop/live", "/shop/live/x", "live"], path)
            self.assertEqual(self.ask(server, "/shop/shop/live/x"), ["site", "/shop", "/shop/live/x"])

    def test_what_cannot_start_says_where(self):
        server = Server("mounted:broken")
        self.assertEqual(server.process.wait(PATIENCE), 3, server.text())
        self.assertIn("at '/live': no database", server.text())
        server.stop()
        server.log.close()


if __name__ == "__main__":
    unittest.main()
