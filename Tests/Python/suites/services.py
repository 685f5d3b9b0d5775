"""Starts the servers that suites need, at free ports, and ends them by their pids."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(server, is_ready):
    end = time.monotonic() + 120
    while not is_ready():
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError("%s does not start" % server.args[0])
        time.sleep(0.05)


@contextlib.contextmanager
def postgresql():
    """A server with the databases that suites ask for. Gives the address of one."""
    programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not programs:
        raise RuntimeError("postgresql is not installed: Scripts/install-dependencies")
    place, folder, port = programs[-1], tempfile.mkdtemp(), free_port()
    as_user = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    data = os.path.join(folder, "data")
    begin = [place / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8"]
    subprocess.run([*as_user, *begin], check=True, stdout=subprocess.DEVNULL, cwd="/")
    settings = [
        "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=100", "fsync=off",
        "max_prepared_transactions=10", "wal_level=logical",
    ]  # fmt: skip
    command = [place / "postgres", "-D", data, "-p", str(port), *(word for setting in settings for word in ("-c", setting))]
    server = subprocess.Popen([*as_user, *command], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    try:
        _wait(server, lambda: subprocess.run([place / "pg_isready", "-q", "-d", address]).returncode == 0)
        for name in ("psycopg2_test", "django", "django2"):
            subprocess.run([place / "psql", "-q", "-d", address, "-c", f"CREATE DATABASE {name}"], check=True)
        # Where the package with extensions is installed.
        hstore = ["-q", "-d", address.rpartition("/")[0] + "/psycopg2_test", "-c", "CREATE EXTENSION hstore"]
        subprocess.run([place / "psql", *hstore], stderr=subprocess.DEVNULL)
        yield address
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def redis():
    """A server that keeps nothing. Gives its address."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        options = ["--port", str(port), "--save", "", "--appendonly", "no", "--dir", folder, "--bind", "127.0.0.1"]
        server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        try:

            def is_ready():
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as client:
                    client.sendall(b"PING\r\n")
                    return client.recv(100).startswith(b"+PONG")
                return False

            _wait(server, is_ready)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(30)
