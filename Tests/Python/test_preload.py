"""--preload: the application is imported once, in a process that the workers are forked from."""

import contextlib
import json
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

from serving import PATIENCE, Server, package, serving

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

    def serving(self, target="shop", *options, preload=("--preload",), **more):
        environment = {"NOTES": str(self.notes)}
        return serving(target, *preload, *options, folder=self.folder, environment=environment, **more)

    def ask(self, server):
        return json.loads(server.get("/")[2])

    def ask_until(self, server, is_right):
        end = time.monotonic() + PATIENCE
        while not is_right(answer := self.ask(server)):
            self.assertLess(time.monotonic(), end, (answer, server.text()))
            time.sleep(0.02)
        return answer

    def gone(self, pid):
        end = time.monotonic() + PATIENCE
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
                pids, end = set(), time.monotonic() + PATIENCE
                while len(pids) < 2:
                    self.assertLess(time.monotonic(), end, server.text())
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
        self.assertEqual(server.process.wait(PATIENCE), 3)
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
            end = time.monotonic() + PATIENCE
            # One that is asked to end before it has begun calls no more of them.
            while not ("when_ready" in (text := self.notes.read_text()) and text.count("post_worker_init") == 2):
                self.assertLess(time.monotonic(), end, text)
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

    def interpreter_for(self, user):
        """One that this user can run, with the package."""
        environment = {**os.environ, "PYTHONPATH": package()}
        for path in (sys.executable, "/usr/bin/python3"):
            command = [path, "-c", "from greenfinch import _greenfinch"]
            with contextlib.suppress(OSError):
                if not subprocess.run(command, user=user, env=environment, cwd="/", stderr=subprocess.DEVNULL).returncode:
                    return path
        raise unittest.SkipTest("there is no interpreter that this user can run")

    @unittest.skipIf(os.geteuid(), "only root can make somebody else of a process")
    def test_it_is_imported_by_whom_the_workers_are(self):
        nobody = pwd.getpwnam("nobody")
        python = self.interpreter_for("nobody")
        os.chmod(self.folder, 0o755)
        os.chmod(self.notes, 0o666)
        self.write("first", "import os\nimported_by = os.geteuid()\n")
        more = """

def whose(environ, start_response):
    start_response("200 OK", [])
    return [json.dumps({
        "imported_by": imported_by, "user": os.getresuid(), "group": os.getresgid(), "groups": os.getgroups(), "pid": os.getpid(),
        "importer": importer, "parent": os.getppid(),
    }).encode()]
"""
        with open(self.folder / "shop.py", "a") as file:
            file.write(more)
        for options in ([], ["--group", str(pwd.getpwnam("daemon").pw_gid)], ["--initgroups"]):
            with self.subTest(options), self.serving(
                "shop:whose", "-w", "2", "--user", "nobody", *options, python=python
            ) as server:
                group = int(options[1]) if options[1:] else nobody.pw_gid
                answer = self.ask(server)
                self.assertEqual(answer["imported_by"], nobody.pw_uid)
                self.assertEqual((answer["user"], answer["group"]), ([nobody.pw_uid] * 3, [group] * 3))
                self.assertNotIn(0, answer["groups"])
                self.assertEqual(answer["parent"], server.process.pid)
                # One that has died is forked again, and HUP imports anew, by the same user.
                server.wait_for("Booting worker", 2)
                os.kill(answer["pid"], signal.SIGKILL)
                server.wait_for("Booting worker", 3)
                server.process.send_signal(signal.SIGHUP)
                fresh = self.ask_until(server, lambda new: new["importer"] != answer["importer"])
                self.assertEqual((fresh["imported_by"], fresh["user"]), (nobody.pw_uid, [nobody.pw_uid] * 3))
            self.assertEqual(server.process.returncode, 0)

    def test_a_service_manager_hears_that_it_reloads_until_new_workers_serve(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(self.folder / "manager"))
            manager.settimeout(60)
            environment = {"NOTES": str(self.notes), "NOTIFY_SOCKET": str(self.folder / "manager")}
            with serving("shop", "--preload", "-w", "2", "-k", "green", folder=self.folder, environment=environment) as server:

                def heard(word):
                    lines = []
                    while not any(line.startswith(word) for line in lines):
                        lines += manager.recv(4096).decode().splitlines()
                    return lines

                heard("READY=1")
                server.wait_for("Booting worker", 2)
                waits = "import time, os\nwhile not os.path.exists(os.environ['NOTES'] + '.go'): time.sleep(0.02)\n"
                self.write("second", waits)
                server.process.send_signal(signal.SIGHUP)
                self.assertNotIn("READY=1", heard("RELOADING=1"))
                # It takes its time; meanwhile a worker is replaced, and it is not ready.
                os.kill(self.ask(server)["pid"], signal.SIGKILL)
                server.wait_for("Booting worker", 3)
                self.assertEqual(json.loads(server.ready().get("/")[2])["word"], "first")
                manager.setblocking(False)
                with self.assertRaises(BlockingIOError):
                    while True:
                        self.assertNotIn(b"READY=1", manager.recv(4096))
                manager.settimeout(60)
                (self.folder / "notes.go").touch()
                heard("READY=1")
                self.ask_until(server, lambda answer: answer["word"] == "second")
                # One that cannot be imported: it is ready again with what it has.
                self.write("third", "raise RuntimeError('not this one')\n")
                server.process.send_signal(signal.SIGHUP)
                heard("RELOADING=1")
                heard("READY=1")
                self.assertEqual(self.ask(server)["word"], "second")
            heard("STOPPING=1")

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
            self.assertEqual(server.process.wait(PATIENCE), 0, server.text())

    def test_it_costs_less_memory(self):
        def share(pid):
            # Without files, whose pages other programs may have too.
            lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            return next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:"))

        def memory(preload):
            with self.serving("heavy", "-w", "2", "-k", "green", preload=preload) as server:
                # Both workers have imported it once they have answered; the importer is one of them without --preload.
                pids, end = set(), time.monotonic() + PATIENCE
                while len(pids) < (3 if preload else 2):
                    self.assertLess(time.monotonic(), end, server.text())
                    pids |= {int(pid) for pid in server.get("/")[2].split()}
                return sum(map(share, pids))

        (self.folder / "heavy.py").write_text(
            "import os\nimporter = os.getpid()\nthings = [str(n) * 20 for n in range(200_000)]\n"
            "def application(environ, start_response):\n    start_response('200 OK', [])\n"
            "    return [b'%d %d' % (importer, os.getpid())]\n"
        )
        without, shared = memory(()), memory(("--preload",))
        self.assertLess(shared, 0.7 * without, "with and without, in KB")


if __name__ == "__main__":
    unittest.main()
