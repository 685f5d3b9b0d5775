"""--preload: the application is imported once, in a process that the workers are forked from."""

import json
import os
import pathlib
import signal
import tempfile
import textwrap
import time
import unittest

from serving import Server, serving

APPLICATION = """
import json, os, sys, threading

importer = os.getpid()
with open(os.environ["NOTES"], "a") as file:
    print("imported", file=file)


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({
        "word": "WORD", "importer": importer, "pid": os.getpid(), "parent": os.getppid(),
        "preload": os.environ.get("LD_PRELOAD", ""), "in_main": threading.current_thread() is threading.main_thread(),
        "random": __import__("random").random(),
    }).encode()]


async def asgi(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": json.dumps({"importer": importer, "pid": os.getpid()}).encode()})
"""
HOOKS = """
import os

preload_app = True
workers = 2


def note(word, *rest):
    with open(os.environ["NOTES"], "a") as file:
        print(word, *rest, file=file)


def on_starting(server): note("on_starting")
def when_ready(server): note("when_ready")
def pre_fork(server, worker): note("pre_fork", worker.pid)
def post_fork(server, worker): note("post_fork", worker.pid, os.getppid() == server.pid)
def post_worker_init(worker): note("post_worker_init", worker.pid)
def worker_exit(server, worker): note("worker_exit", worker.pid)
def child_exit(server, worker): note("child_exit", worker.pid, worker.exit)
def on_exit(server): note("on_exit")
"""


class PreloadTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.notes = self.folder / "notes"
        self.notes.touch()
        self.write("first")

    def write(self, word, more=""):
        path = self.folder / "shop.py"
        path.write_text(textwrap.dedent(more) + APPLICATION.replace("WORD", word))
        # Python takes a file of the same second and size for the one that it has compiled.
        os.utime(path, (1, hash(word) % 10**8))

    def serving(self, target="shop", *options, preload=("--preload",)):
        environment = {"NOTES": str(self.notes)}
        return serving(target, *preload, *options, folder=self.folder, environment=environment)

    def ask(self, server):
        return json.loads(server.get("/")[2])

    def ask_until(self, server, is_right):
        end = time.monotonic() + 60
        while not is_right(answer := self.ask(server)):
            self.assertLess(time.monotonic(), end, (answer, server.text()))
            time.sleep(0.02)
        return answer

    def gone(self, pid):
        end = time.monotonic() + 20
        with self.assertRaises(ProcessLookupError):
            while time.monotonic() < end:
                os.kill(pid, 0)
                time.sleep(0.02)

    def imports(self):
        return self.notes.read_text().count("imported")

    def test_one_import_serves_all_workers(self):
        for options in (["-k", "green"], ["-k", "thread"], ["-k", "sync"]):
            with self.subTest(options), self.serving("shop", "-w", "2", *options) as server:
                server.wait_for("Booting worker", 2)
                before = self.imports()
                pids = set()
                while len(pids) < 2:
                    answer = self.ask(server)
                    pids.add(answer["pid"])
                    self.assertNotEqual(answer["importer"], answer["pid"])
                    self.assertEqual(answer["parent"], server.process.pid)
                    self.assertNotIn("greenfinch", answer["preload"])
                self.assertEqual(pids, set(server.workers()))
                # One that has died is forked again.
                os.kill(pids.pop(), signal.SIGKILL)
                server.wait_for("Booting worker", 3)
                self.assertEqual(self.ask_until(server, lambda answer: answer["pid"] not in pids)["importer"], answer["importer"])
                self.assertEqual(self.imports(), before)
            self.assertEqual(server.process.returncode, 0)
            self.gone(answer["importer"])

    def test_asgi(self):
        with self.serving("shop:asgi", "-w", "2") as server:
            answer = self.ask(server)
            self.assertNotEqual(answer["importer"], answer["pid"])
            self.assertEqual(self.imports(), 1)

    def test_hup_imports_anew(self):
        with self.serving("shop", "-w", "2", "-k", "green") as server:
            first = self.ask(server)
            self.write("second")
            server.process.send_signal(signal.SIGHUP)
            second = self.ask_until(server, lambda answer: answer["word"] == "second")
            server.wait_for("Worker exiting", 2)
            for _ in range(5):
                self.assertEqual(self.ask(server)["importer"], second["importer"])
            self.assertNotEqual(first["importer"], second["importer"])
            self.assertEqual(self.imports(), 2)
            self.gone(first["importer"])
            # What cannot be imported changes nothing.
            self.write("third", "raise RuntimeError('not this one')\n")
            server.process.send_signal(signal.SIGHUP)
            server.wait_for("Cannot reload: the application cannot be imported: RuntimeError: not this one")
            self.assertEqual(self.ask(server)["importer"], second["importer"])
            # And the next that can is taken.
            self.write("fourth")
            server.process.send_signal(signal.SIGHUP)
            self.ask_until(server, lambda answer: answer["word"] == "fourth")

    def test_workers_are_watched_while_a_new_application_is_imported(self):
        with self.serving("shop", "-w", "1", "-k", "green") as server:
            first = self.ask(server)
            waits = "import time, os\nwhile not os.path.exists(os.environ['NOTES'] + '.go'): time.sleep(0.02)\n"
            self.write("second", waits)
            server.process.send_signal(signal.SIGHUP)
            os.kill(first["pid"], signal.SIGKILL)
            self.assertEqual(self.ask_again(server)["importer"], first["importer"])
            (self.folder / "notes.go").touch()
            self.ask_until(server, lambda answer: answer["word"] == "second")

    def ask_again(self, server):
        server.wait_for("Booting worker", 2)
        return json.loads(server.ready().get("/")[2])

    def test_an_application_that_cannot_be_imported_ends_the_server(self):
        self.write("never", "raise RuntimeError('not this one')\n")
        server = Server("shop", "--preload", folder=self.folder, environment={"NOTES": str(self.notes)})
        self.assertEqual(server.process.wait(60), 3)
        self.assertIn("RuntimeError: not this one", server.text())
        self.assertIn("Cannot start: the application cannot be imported", server.text())
        server.stop()
        server.log.close()

    def test_the_process_that_is_forked_from_is_started_again(self):
        with self.serving("shop", "-w", "1", "-k", "green") as server:
            first = self.ask(server)
            os.kill(first["importer"], signal.SIGKILL)
            os.kill(first["pid"], signal.SIGKILL)
            second = self.ask_again(server)
            self.assertNotEqual(second["importer"], first["importer"])
            self.assertEqual(self.imports(), 2)

    def test_hooks_are_called_in_gunicorns_order(self):
        (self.folder / "gunicorn.conf.py").write_text(HOOKS)
        with self.serving("shop", preload=()) as server:
            server.wait_for("Booting worker", 2)
            end = time.monotonic() + 20
            while "when_ready" not in self.notes.read_text() and time.monotonic() < end:
                time.sleep(0.02)
            workers = server.workers()
        lines = self.notes.read_text().splitlines()
        self.assertEqual(lines[:2], ["imported", "on_starting"], lines)
        self.assertEqual(lines[-1], "on_exit")
        self.assertEqual(lines.count("imported"), 1)
        for pid in workers:
            of_worker = [line.split()[0] for line in lines if str(pid) in line.split()]
            self.assertEqual(of_worker, ["pre_fork", "post_fork", "post_worker_init", "worker_exit", "child_exit"], lines)
            self.assertIn(f"post_fork {pid} True", lines)
            self.assertIn(f"child_exit {pid} exited with code 0", lines)

    def test_threads_of_the_import_are_told_of(self):
        self.write("first", "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n")
        with self.serving("shop") as server:
            server.wait_for("1 thread was started while the application was imported, and in no worker")

    def test_a_signal_to_all_processes_ends_them_in_order(self):
        with self.serving("shop", "-w", "2") as server:
            answer = self.ask(server)
            server.wait_for("Booting worker", 2)
            for pid in [answer["importer"], *server.workers(), server.process.pid]:
                os.kill(pid, signal.SIGINT)
            self.assertEqual(server.process.wait(30), 0, server.text())

    def test_it_costs_less_memory(self):
        def share(pid):
            lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))

        def memory(preload):
            with self.serving("heavy", "-w", "2", "-k", "green", preload=preload) as server:
                server.wait_for("Booting worker", 2)
                pids = {int(pid) for pid in server.get("/")[2].split()} | set(server.workers())
                return sum(map(share, pids))

        (self.folder / "heavy.py").write_text(
            "import os\nimporter = os.getpid()\nthings = [str(n) * 20 for n in range(200_000)]\n"
            "def application(environ, start_response):\n    start_response('200 OK', [])\n"
            "    return [str(importer).encode()]\n"
        )
        without, shared = memory(()), memory(("--preload",))
        self.assertLess(shared, 0.7 * without, "with and without, in KB")


if __name__ == "__main__":
    unittest.main()
