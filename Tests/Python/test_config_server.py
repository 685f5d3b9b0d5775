"""A gunicorn.conf.py before a server: its settings, its hooks, what it logs."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

from serving import PATIENCE, Server, package, serving

CONFIG = """
import os

workers = 2
worker_class = "gevent"
raw_env = ["OF_THE_FILE=yes"]


def note(*words):
    with open(os.environ["NOTES"], "a") as file:
        print(*words, file=file)


def on_starting(server):
    note("on_starting", server.cfg.workers, server.pid == os.getppid())


def when_ready(server):
    note("when_ready")


def pre_fork(server, worker):
    note("pre_fork", worker.pid)


def post_fork(server, worker):
    note("post_fork", worker.pid == os.getpid(), server.pid == os.getppid())


def post_worker_init(worker):
    note("post_worker_init", worker.app.__name__)


def pre_request(worker, req):
    note("pre_request", req.method, req.uri)


def post_request(worker, req, environ, resp):
    note("post_request", req.path, resp.status, resp.sent)


def child_exit(server, worker):
    note("child_exit", worker.exit)


def worker_exit(server, worker):
    note("worker_exit")


def on_exit(server):
    note("on_exit")
"""
APPLICATION = """
import logging, os

def application(environ, start_response):
    logging.getLogger("shop").warning("of the application")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [os.environ.get("OF_THE_FILE", "no").encode()]

async def asgi(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 201})
    await send({"type": "http.response.body", "body": b"made"})
"""


class ConfigTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "shop.py").write_text(APPLICATION)
        self.notes = self.folder / "notes"
        self.notes.touch()

    def configure(self, text):
        (self.folder / "gunicorn.conf.py").write_text(textwrap.dedent(text))

    def serving(self, target="shop", *options):
        return serving(target, *options, folder=self.folder, environment={"NOTES": str(self.notes)})

    def noted(self, what, count=1):
        """Waits until something has been noted so often."""
        end = time.monotonic() + PATIENCE
        while len(found := [line for line in self.notes.read_text().splitlines() if line.startswith(what)]) < count:
            self.assertLess(time.monotonic(), end, self.notes.read_text())
            time.sleep(0.02)
        return found

    def test_hooks_are_called_in_their_order(self):
        self.configure(CONFIG)
        with self.serving() as server:
            self.assertEqual(server.get("/x?y")[2], b"yes")
            self.assertEqual(len(set(self.noted("pre_fork", 2))), 2)
            self.assertEqual(self.noted("post_fork", 2), ["post_fork True True"] * 2)
            self.noted("post_worker_init application", 2)
            self.noted("pre_request GET /x?y")
            self.noted("post_request /x 200 OK 3")
            self.noted("when_ready")
            # Before it says so a signal ends a worker as it ends any process.
            server.wait_for("Booting worker", 2)
        self.assertEqual(self.noted("worker_exit", 2), ["worker_exit"] * 2)
        self.assertIn("exited with code 0", self.noted("child_exit", 2)[0])
        self.noted("on_exit")
        lines = self.notes.read_text().splitlines()
        self.assertEqual(lines[0], "on_starting 2 True")
        self.assertEqual(lines[-1], "on_exit")

    def test_a_worker_that_is_asked_to_end_as_soon_as_it_is_there_has_its_hooks(self):
        self.configure(CONFIG)
        for options in ([], ["-k", "thread"], ["-k", "sync"]):
            with self.subTest(options):
                self.notes.write_text("")
                server = Server("shop", *options, folder=self.folder, environment={"NOTES": str(self.notes)})
                server.wait_for("Booting worker", 2)
                # Before the others are waited for.
                self.assertEqual(server.stop(), 0, server.text())
                self.assertEqual(self.noted("worker_exit", 2), ["worker_exit"] * 2)
                self.assertEqual(len([line for line in self.noted("child_exit", 2) if "code 0" in line]), 2)
                server.log.close()

    def test_hooks_of_what_is_asked_of_the_master(self):
        more = """
            def on_reload(server):
                note("on_reload", server.num_workers)

            def nworkers_changed(server, new_value, old_value):
                note("nworkers_changed", server.num_workers, new_value, old_value)

            def pre_exec(server):
                note("pre_exec", server.pid == os.getppid())

            def worker_int(worker):
                note("worker_int", worker.pid == os.getpid())
            """
        self.configure(CONFIG + textwrap.dedent(more) + f"\npidfile = {str(self.folder / 'pid')!r}\n")
        with self.serving() as server:
            self.noted("nworkers_changed 2 2 None")
            self.assertLess(self.notes.read_text().index("nworkers_changed"), self.notes.read_text().index("on_starting"))
            server.process.send_signal(signal.SIGTTIN)
            self.noted("nworkers_changed 3 3 2")
            # One that has not begun yet would leave without a word.
            server.wait_for("Booting worker", 3)
            server.process.send_signal(signal.SIGTTOU)
            self.noted("nworkers_changed 2 2 3")
            server.process.send_signal(signal.SIGHUP)
            self.noted("on_reload 2")
            server.wait_for("Booting worker", 5)
            # A second master, which ends again.
            server.process.send_signal(signal.SIGUSR2)
            self.noted("pre_exec True")
            self.noted("on_starting", 2)
            end = time.monotonic() + PATIENCE
            while not (self.folder / "pid.2").exists():
                self.assertLess(time.monotonic(), end, server.text())
                time.sleep(0.02)
            server.wait_for("Booting worker", 7)
            os.kill(int((self.folder / "pid.2").read_text()), signal.SIGTERM)
            self.noted("on_exit")
            self.notes.write_text("")
            self.assertEqual(server.stop(signal.SIGINT), 0, server.text())
            self.assertEqual(self.noted("worker_int", 2), ["worker_int True"] * 2)
            self.assertEqual(self.noted("worker_exit", 2), ["worker_exit"] * 2)

    def test_hooks_of_the_master_are_read_again_at_hup(self):
        self.configure(CONFIG)
        with self.serving() as server:
            self.noted("pre_fork", 2)
            # One that has not begun yet would leave without a word.
            server.wait_for("Booting worker", 2)
            more = """
                workers = 3


                def on_reload(server):
                    note("reloaded", server.num_workers, len(server.WORKERS), server.pid == os.getppid())


                def pre_fork(server, worker):
                    note("forked_anew", worker.pid in server.WORKERS)


                def child_exit(server, worker):
                    note("exited_anew", worker.pid not in server.WORKERS, worker.exit)
                """
            self.configure(CONFIG + textwrap.dedent(more))
            server.process.send_signal(signal.SIGHUP)
            self.assertEqual(self.noted("reloaded"), ["reloaded 2 2 True"])
            self.assertEqual(self.noted("forked_anew", 3), ["forked_anew True"] * 3)
            self.assertEqual(self.noted("exited_anew", 2), ["exited_anew True exited with code 0"] * 2)
            # A file that cannot be run changes nothing.
            self.configure("raise ValueError('no')\n")
            server.process.send_signal(signal.SIGHUP)
            server.wait_for("Cannot reload")
            # And one without hooks has none of them called.
            self.notes.write_text("")
            self.configure("workers = 1\n")
            server.process.send_signal(signal.SIGHUP)
            server.wait_for("Worker exiting", 5)
        self.assertEqual(self.noted("worker_exit", 3), ["worker_exit"] * 3)
        self.assertEqual(len(self.notes.read_text().splitlines()), 3, self.notes.read_text())

    def test_hooks_that_come_with_hup(self):
        self.configure("workers = 1\n")
        with self.serving() as server:
            server.wait_for("Booting worker")
            self.configure(CONFIG)
            server.process.send_signal(signal.SIGHUP)
            self.noted("pre_fork", 2)
        self.noted("child_exit", 2)
        self.noted("on_exit")

    def test_hooks_that_have_no_meaning_are_told_of(self):
        self.configure("def worker_abort(worker): pass\n\n\ndef ssl_context(config, default): pass\n")
        with self.serving() as server:
            server.wait_for("worker_abort is not called here: a worker that hangs cannot run Python")
            server.wait_for("ssl_context is not called here: the server speaks TLS itself")

    def test_requests_of_asgi_have_their_hooks(self):
        self.configure(CONFIG)
        with self.serving("shop:asgi") as server:
            self.assertEqual(server.get("/z")[0], 201)
            self.noted("pre_request GET /z")
            self.noted("post_request /z 201 4")

    def test_a_hook_that_fails_at_the_start_ends_the_server(self):
        self.configure("def on_starting(server):\n    raise ValueError('no migration')\n")
        server = Server("shop", folder=self.folder)
        self.assertEqual(server.process.wait(PATIENCE), 1)
        self.assertIn("no migration", server.text())
        server.stop()
        server.log.close()

    def test_the_command_line_goes_before_the_file(self):
        self.configure("workers = 4\nworker_class = 'sync'\n")
        with self.serving("shop", "-w", "1", "-k", "green") as server:
            server.wait_for("Using worker: green")
            self.assertEqual(server.get("/")[0], 200)
            self.assertEqual(len(server.workers()), 1)

    def test_a_value_that_ends_in_a_return_takes_no_setting_along(self):
        # As a file that was written elsewhere leaves it; the settings are told of in the order of their names.
        self.configure("raw_env = ['OF_THE_FILE=it\\r']\nworker_class = 'green'\nworkers = 2\n")
        with self.serving() as server:
            server.wait_for("Using worker: green")
            server.wait_for("Booting worker", 2)
            self.assertTrue(server.get("/")[2].startswith(b"it"))

    def test_a_file_may_have_quotes_and_marks_in_its_name(self):
        # A quote and a mark that combines with it, which a shell has as two.
        name = "it'\u0301s $(touch made).py"
        (self.folder / name).write_text("raw_env = ['OF_THE_FILE=quoted']\n")
        with self.serving("shop", "-c", name) as server:
            self.assertEqual(server.get("/")[2], b"quoted")
        self.assertFalse((self.folder / "made").exists())

    def test_a_file_that_cannot_be_run_says_where(self):
        self.configure("workers = 1\nworkers = 1 // 0\n")
        server = Server("shop", folder=self.folder)
        self.assertEqual(server.process.wait(PATIENCE), 1)
        self.assertIn("line 2", server.text())
        self.assertIn("ZeroDivisionError", server.text())
        server.stop()
        server.log.close()

    def command(self, *arguments):
        """The exit status of a command that ends by itself, and what it says."""
        command = [sys.executable, "-m", "greenfinch", *arguments]
        variables = {**os.environ, "PYTHONPATH": package()}
        done = subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def check(self, *arguments):
        return self.command(*arguments, "--check-config")

    def test_help_tells_the_options(self):
        status, text = self.command("--help")
        self.assertEqual(status, 0)
        self.assertIn("greenfinch MODULE:NAME [options]", text)
        self.assertIn("--worker-class", text)
        self.assertEqual(self.command("--version")[0], 0)

    def test_the_file_may_name_the_application(self):
        status, text = self.command()
        self.assertEqual(status, 1)
        self.assertIn("no application was named", text)
        self.configure("wsgi_app = 'nosuch:app'\nbind = '127.0.0.1:0'\n")
        status, text = self.command()
        self.assertEqual(status, 3, text)
        self.assertIn("No module named 'nosuch'", text)

    def test_check_config_loads_the_application(self):
        self.assertEqual(self.check("shop"), (0, ""))
        self.assertEqual(self.check("shop:asgi", "-k", "gevent"), (0, ""))
        for target, reason in {
            "nosuch:app": "No module named 'nosuch'",
            "shop:nosuch": "Failed to find attribute 'nosuch' in 'shop'.",
            "shop:__name__": "must be callable",
        }.items():
            status, text = self.check(target)
            self.assertEqual(status, 1, text)
            self.assertIn("Error while loading the application:", text)
            self.assertIn(reason, text)
        self.assertEqual(self.check()[0], 1)
        self.assertEqual(self.check("shop", "--workers", "x")[0], 2)

    def test_check_config_loads_the_application_as_a_worker_does(self):
        inner = self.folder / "inner"
        inner.mkdir()
        (inner / "depot.py").write_text("import os\nassert os.environ['PLACE'] == 'here'\napplication = print\n")
        self.assertEqual(self.check("depot", "-e", "PLACE=here")[0], 1)
        self.assertEqual(self.check("depot", "-e", "PLACE=here", "--pythonpath", "inner")[0], 0)
        self.assertEqual(self.check("depot", "-e", "PLACE=here", "--chdir", "inner")[0], 0)
        self.configure("wsgi_app = 'depot'\nraw_env = ['PLACE=here']\nchdir = 'inner'\n")
        self.assertEqual(self.check(), (0, ""))

    def test_a_changed_file_counts_after_hup(self):
        self.configure("workers = 1\nraw_env = ['OF_THE_FILE=before']\n")
        with self.serving() as server:
            self.assertEqual(server.get("/")[2], b"before")
            self.configure("workers = 2\nraw_env = ['OF_THE_FILE=after']\n")
            os.kill(server.process.pid, signal.SIGHUP)
            server.wait_for("Booting worker", 3)
            end = time.monotonic() + PATIENCE
            while server.get("/")[2] != b"after":
                self.assertLess(time.monotonic(), end, server.text())
                time.sleep(0.05)

    def test_what_is_logged_before_the_worker_serves_goes_into_the_servers_log(self):
        self.configure("def post_fork(server, worker):\n    server.log.info('from the hook')\n")
        log = self.folder / "error.log"
        with self.serving("shop", "--error-logfile", str(log)) as server:
            server.get("/")
            self.assertRegex(log.read_text(), r"\n\[[^]]+\] \[\d+\] \[INFO\] from the hook\n")

    def test_pythons_logs_are_configured(self):
        self.configure(
            """
            logconfig_dict = {
                "handlers": {
                    "console": {"class": "logging.FileHandler", "filename": "python.log", "formatter": "generic"},
                    "error_console": {"class": "logging.StreamHandler"},
                },
            }
            """
        )
        with self.serving("shop", "-k", "green") as server:
            server.get("/logged")
            end = time.monotonic() + PATIENCE
            while '"GET /logged HTTP/1.1" 200' not in (text := (self.folder / "python.log").read_text()):
                self.assertLess(time.monotonic(), end, text)
                time.sleep(0.02)
            self.assertIn("[WARNING] of the application", text)


if __name__ == "__main__":
    unittest.main()
