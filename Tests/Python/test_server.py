"""The server around an application: start, reload, end, and workers that fail."""

import contextlib
import importlib.util
import os
import signal
import socket
import tempfile
import textwrap
import time
import unittest

from serving import PATIENCE, Server, received, serving


def has_paste():
    try:
        return importlib.util.find_spec("paste.deploy") is not None
    except ImportError:
        return False


class StartTests(unittest.TestCase):
    def refused(self, target, *options, text):
        server = Server(target, *options)
        try:
            self.assertEqual(server.process.wait(PATIENCE), 3, server.text())
            self.assertIn(text, server.text())
        finally:
            server.stop()
            server.log.close()

    def test_applications_that_cannot_be_loaded(self):
        self.refused("nowhere:app", text="ModuleNotFoundError: No module named 'nowhere'")
        self.refused("shapes:nothing", text="Failed to find attribute 'nothing' in 'shapes'.")
        self.refused("shapes.py", text="did you mean 'shapes:application'?")
        self.refused("shapes:state", text="Application object must be callable.")
        self.refused("broken:app", "-k", "green", text="ZeroDivisionError: division by zero")

    def test_names(self):
        for target in ("shapes", "shapes:application", "shapes:make()", "shapes:make(kind='plain')"):
            with serving(target, "-k", "green") as server:
                self.assertEqual(server.get("/")[2], b"Hello World!")

    def test_command_line(self):
        with serving("shapes:application", "-w", "2", "-k", "gevent", "--worker-connections", "100") as server:
            server.wait_for("Using worker: green")
            server.wait_for("Booting worker", 2)

    def test_a_program_that_eventlet_has_patched_is_refused(self):
        for options in (["-k", "green"], ["-k", "eventlet"]):
            self.refused("patched_by_eventlet:app", *options, text="eventlet has patched this program")

    def test_names_of_worker_classes_of_others(self):
        for name in ("asgi", "uvicorn.workers.UvicornWorker", "gevent", "eventlet"):
            with self.subTest(name), serving("shapes:application", "-k", name) as server:
                server.wait_for("Using worker: green")
                self.assertEqual(server.get("/modules")[2], b"[]")
        for name in ("asgi", "uvicorn.workers.UvicornWorker"):
            with self.subTest(name), serving("asgi_shapes", "-k", name) as server:
                server.wait_for("Using worker: green")
                self.assertEqual(server.request("POST", "/length", b"x" * 1000)[2], b"1000")

    @unittest.skipUnless(has_paste(), "PasteDeploy is not installed")
    def test_paste(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "site.ini")
            with open(path, "w") as file:
                file.write(
                    "[app:main]\npaste.app_factory = shapes:of_paste\nword = main\n"
                    "[app:other]\npaste.app_factory = shapes:of_paste\nword = other\n"
                )
            for place, word in ((path, b"main"), (path + "#other", b"other")):
                with serving("--paste=" + place, "--paste-global", "where=here", "-k", "green") as server:
                    self.assertEqual(server.get("/")[2], b"here " + word)
            with serving("--paste", path, "-k", "green") as server:
                self.assertEqual(server.get("/")[2], b"None main")

    @unittest.skipIf(has_paste(), "PasteDeploy is installed")
    def test_paste_that_is_not_there(self):
        self.refused("--paste=/nowhere.ini", "-k", "green", text="--paste needs PasteDeploy: pip install PasteDeploy")

    def test_places(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "elsewhere.py"), "w") as file:
                file.write("from shapes import application\n")
            here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "apps")
            with serving("elsewhere:application", "--chdir", folder, "--pythonpath", here) as server:
                self.assertEqual(server.get("/")[2], b"Hello World!")

    def test_a_path_that_ld_preload_cannot_say(self):
        # venv refuses colons; folders that pip has as its target may have them.
        with tempfile.TemporaryDirectory(suffix=" a b:c") as folder:
            # By its place: another test of this process may have imported the package without its extension.
            package = os.path.join(os.environ["GREENFINCH_PACKAGE"], "greenfinch")
            os.symlink(package, os.path.join(folder, "greenfinch"))
            here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "apps")
            environment = {"PYTHONPATH": here}
            with serving("shapes:application", "-k", "green", folder=folder, environment=environment) as server:
                self.assertEqual(server.get("/fibers")[0], 200)
                self.assertNotIn(b"greenfinch", server.get("/preload")[2])
                maps = [open(f"/proc/{pid}/maps").read() for pid in server.workers()]
                self.assertTrue(all("GreenPython" in text or "libgreenfinch" in text for text in maps))

    def test_root_path(self):
        import json

        with serving("shapes:application", "-k", "green", "--root-path", "/app") as server:
            shown = json.loads(server.get("/app/shown")[2])
            self.assertEqual((shown["SCRIPT_NAME"], shown["PATH_INFO"]), ("/app", "/shown"))


    def test_a_prefix_that_a_proxy_has_taken_off_is_taken_off_nothing(self):
        import json

        headers = {"X-Forwarded-Prefix": "/shown"}
        for options in (["-k", "green"], ["-k", "sync"]):
            with self.subTest(options), serving("shapes:application", *options) as server:
                shown = json.loads(server.get("/shown/admin", headers=headers)[2])
                self.assertEqual((shown["SCRIPT_NAME"], shown["PATH_INFO"]), ("/shown", "/shown/admin"))
        # What is set counts.
        with serving("shapes:application", "-k", "green", "--root-path", "/app") as server:
            shown = json.loads(server.get("/app/shown/admin", headers=headers)[2])
            self.assertEqual((shown["SCRIPT_NAME"], shown["PATH_INFO"]), ("/app", "/shown/admin"))


class LifeTests(unittest.TestCase):
    def test_end(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = Server("shapes:application", "-k", "green").ready()
            with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as peer:
                # It is under way when the signal comes: it waits for its body.
                peer.sendall(b"POST /echo?waits HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
                self.until(lambda server=server: b"POST /echo?waits" in server.get("/dumps")[2], server)
                server.process.send_signal(number)
                server.wait_for("Handling signal")
                # A quick end breaks it off.
                with contextlib.suppress(OSError) if number == signal.SIGINT else contextlib.nullcontext():
                    peer.sendall(b"hello")
                    answer = received(peer, b"hello")
                    if number == signal.SIGTERM:
                        self.assertTrue(answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"\r\n\r\nhello"), answer)
                self.assertEqual(server.stop(None), 0, server.text())
            server.log.close()

    def until(self, is_so, server):
        end = time.monotonic() + PATIENCE
        while not is_so():
            self.assertLess(time.monotonic(), end, server.text())
            time.sleep(0.02)

    def test_reload(self):
        with tempfile.TemporaryDirectory() as folder:
            self.write(folder, "first")
            with serving("changing:app", "-k", "green", folder=folder) as server:
                self.assertEqual(server.get("/")[2], b"first")
                self.write(folder, "second")
                server.process.send_signal(signal.SIGHUP)
                server.wait_for("Worker exiting")
                self.assertEqual(server.get("/")[2], b"second")
                self.write(folder, "third", "raise RuntimeError('not this one')")
                server.process.send_signal(signal.SIGHUP)
                server.wait_for("The workers are not replaced")
                self.assertEqual(server.get("/")[2], b"second")

    def test_reload_by_itself(self):
        with tempfile.TemporaryDirectory() as folder:
            self.write(folder, "first")
            with serving("changing:app", "-k", "green", "--reload", folder=folder) as server:
                self.assertEqual(server.get("/")[2], b"first")
                self.write(folder, "second")
                server.wait_for("changing.py modified")
                server.wait_for("Worker exiting")
                self.assertEqual(server.get("/")[2], b"second")

    def write(self, folder, word, more=""):
        with open(os.path.join(folder, "changing.py"), "w") as file:
            file.write(
                textwrap.dedent(f"""
                {more}
                def app(environ, start_response):
                    start_response("200 OK", [])
                    return [b"{word}"]
                """)
            )
        # Python takes a file of the same second and size for the one that it has compiled.
        os.utime(os.path.join(folder, "changing.py"), (1, hash(word) % 10**8))

    def test_crash(self):
        with serving("shapes:application", "-k", "green") as server:
            first = server.get("/pid")[2]
            with self.assertRaises(OSError):
                server.get("/dies")
            server.wait_for("Booting worker", 2)
            server.ready()
            self.assertNotEqual(server.get("/pid")[2], first)

    def test_recycling(self):
        with serving("shapes:application", "-k", "green", "--max-requests", "5") as server:
            for _ in range(12):
                self.assertEqual(server.get("/")[0], 200)
            server.wait_for("Booting worker", 2)

    def test_timeout(self):
        # More than a machine that is busy has the worker wait for.
        with serving("hanging:app", "-k", "green", "-t", "4") as server:
            with self.assertRaises(OSError):
                server.get("/hang")
            server.wait_for("WORKER TIMEOUT")
            # Which thread was at what, and its frames by faulthandler.
            (thread,) = server.wait_for(r"Thread (0x[0-9a-f]+) is at GET /hang\n")
            server.wait_for(r'hread %s .*\n  File ".*hanging\.py", line \d+ in app' % thread)
            server.wait_for("Booting worker", 2)
            self.assertEqual(server.ready().get("/")[0], 200)

    def test_timeout_of_an_answer_that_has_begun(self):
        for kind in ("sync", "green"):
            with self.subTest(kind), serving("hanging:app", "-k", kind, "-t", "4") as server:
                try:
                    server.raw(b"GET /streams HTTP/1.1\r\nHost: h\r\n\r\n", timeout=60)
                except ConnectionResetError:
                    pass
                (thread,) = server.wait_for(r"Thread (0x[0-9a-f]+) is at GET /streams\n")
                server.wait_for(r'hread %s .*\n  File ".*hanging\.py", line \d+ in streams' % thread)

    def test_deadline(self):
        with serving("shapes:application", "-k", "green", "--request-timeout", "0.3") as server:
            self.assertEqual(server.get("/sleep?40")[0], 503)
            self.assertEqual(server.answered("/"), b"Hello World!")


if __name__ == "__main__":
    unittest.main()
