"""Django and psycopg2 on a PostgreSQL that this starts: python3 test_django.py"""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tests" / "Python"))

from serving import serving  # noqa: E402


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def programs():
    """The folder of the newest PostgreSQL."""
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not versions:
        raise unittest.SkipTest("postgresql is not installed")
    return versions[-1]


@contextlib.contextmanager
def postgresql():
    """A server of its own, at a free port. Gives its address."""
    folder, port = tempfile.mkdtemp(), free_port()
    as_user = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    data = os.path.join(folder, "data")
    begin = [programs() / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8"]
    subprocess.run([*as_user, *begin], check=True, stdout=subprocess.DEVNULL, cwd="/")
    settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=100", "fsync=off"]
    command = [programs() / "postgres", "-D", data, "-p", str(port)]
    for setting in settings:
        command += ["-c", setting]
    server = subprocess.Popen([*as_user, *command], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    try:
        end = time.monotonic() + 60
        while subprocess.run([programs() / "pg_isready", "-q", "-d", address]).returncode != 0:
            if time.monotonic() > end:
                raise AssertionError("PostgreSQL does not start")
            time.sleep(0.05)
        yield address
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


PREPARE = """
import django
django.setup()
from django.db import connection
from shop.models import Item
with connection.schema_editor() as editor:
    editor.create_model(Item)
Item.objects.create(name="chair", stock=50)
Item.objects.create(name="table", stock=5)
"""


class DjangoTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.environment = {"DATABASE_URL": cls.stack.enter_context(postgresql()), "DJANGO_SETTINGS_MODULE": "shop.settings"}
        subprocess.run([sys.executable, "-c", PREPARE], cwd=HERE, env={**os.environ, **cls.environment}, check=True)

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    def serving(self, target="shop.wsgi"):
        return serving(target, "-k", "green", folder=HERE, environment=self.environment)

    def at_once(self, server, path, count):
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            began = time.monotonic()
            answers = list(pool.map(lambda _: server.get(path), range(count)))
        self.assertEqual({status for status, _, _ in answers}, {200}, server.text())
        return time.monotonic() - began, [json.loads(body) for _, _, body in answers]

    def test_queries_wait_at_once_on_connections_of_their_own(self):
        with self.serving() as server:
            self.at_once(server, "/wait/10", 20)
            seconds, answers = self.at_once(server, "/wait/500", 20)
            # One after another it would be 10 s.
            self.assertLess(seconds, 5)
            self.assertEqual(len({answer["connection"] for answer in answers}), 20)

    def test_connections_are_used_again(self):
        with self.serving() as server:
            for _ in range(5):
                self.at_once(server, "/wait/20", 10)
            self.assertLessEqual(self.at_once(server, "/connections", 1)[1][0]["count"], 12)

    def test_rows_are_locked_between_requests(self):
        with self.serving() as server:
            _, answers = self.at_once(server, "/sell/chair", 30)
            self.assertEqual(sorted(answer["left"] for answer in answers), list(range(20, 50)))

    def test_the_same_project_serves_asynchronous_views(self):
        with self.serving("shop.asgi:application") as server:
            seconds, answers = self.at_once(server, "/later", 10)
            self.assertLess(seconds, 5)
            self.assertEqual(answers[0], {"items": ["chair", "table"]})
            self.at_once(server, "/wait/100", 5)


if __name__ == "__main__":
    unittest.main()
