"""Starts servers of Python applications for tests, and ends them by their pids."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from ports import Port

HERE = os.path.dirname(os.path.abspath(__file__))


def package():
    """The folder in which the package `greenfinch` lies; none where it is installed."""
    return os.environ.get("GREENFINCH_PACKAGE", "")


class Server:
    """A server of an application of `apps`, at a free port of the loopback device."""

    def __init__(self, target, *options, environment=None, folder=None, python=sys.executable):
        self._port = Port()
        self.port = self._port.number
        self.log = tempfile.TemporaryFile("w+b")
        places = [place for place in (package(), os.environ.get("PYTHONPATH", "")) if place]
        variables = {**os.environ, "PYTHONPATH": ":".join(places), **(environment or {})}
        self.process = subprocess.Popen(
            [python, "-m", "greenfinch", target, "-b", f"127.0.0.1:{self.port}", *options],
            cwd=folder or os.path.join(HERE, "apps"), env=variables, stdout=self.log, stderr=self.log,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def text(self):
        place = os.dup(self.log.fileno())
        with os.fdopen(place, "rb") as file:
            return os.pread(file.fileno(), 10_000_000, 0).decode("utf-8", "replace")

    def wait_for(self, pattern, count=1, seconds=60):
        """Waits until the log has the pattern so often. Returns the matches."""
        end = time.monotonic() + seconds
        while True:
            found = re.findall(pattern, self.text())
            if len(found) >= count:
                return found
            if time.monotonic() > end or (self.process.poll() is not None and not re.search(pattern, self.text())):
                raise AssertionError(f"'{pattern}' is not in the log:\n{self.text()}")
            time.sleep(0.02)

    def ready(self, seconds=60):
        """Waits until a request is answered."""
        end = time.monotonic() + seconds
        while True:
            try:
                self.get("/")
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise AssertionError("the server does not serve:\n" + self.text()) from None
                time.sleep(0.02)

    def connection(self, timeout=30):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method, path, body=None, headers=None, timeout=30):
        """The status, the fields and the body of the answer."""
        connection = self.connection(timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def raw(self, data, timeout=10):
        """Sends bytes, and returns all that comes until the server ends the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as peer:
            peer.sendall(data)
            pieces = []
            while True:
                piece = peer.recv(65536)
                if not piece:
                    return b"".join(pieces)
                pieces.append(piece)

    def workers(self):
        return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", self.text())]

    def stop(self, number=signal.SIGTERM, seconds=20):
        """Asks the server to end. Returns its status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the server has not ended:\n" + self.text()) from None
        finally:
            self._port.release()


@contextlib.contextmanager
def serving(target, *options, **more):
    server = Server(target, *options, **more)
    try:
        yield server.ready()
    finally:
        server.stop()
        server.log.close()
