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
#: Seconds for what is to come soon, on a machine that is busy.
PATIENCE = 60


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

    def wait_for(self, pattern, count=1, seconds=PATIENCE):
        """Waits until the log has the pattern so often. Returns the matches."""
        end = time.monotonic() + seconds
        while True:
            found = re.findall(pattern, self.text())
            if len(found) >= count:
                return found
            if time.monotonic() > end or (self.process.poll() is not None and not re.search(pattern, self.text())):
                raise AssertionError(f"'{pattern}' is not in the log:\n{self.text()}")
            time.sleep(0.02)

    def ready(self, seconds=PATIENCE):
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

    def connection(self, timeout=PATIENCE):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method, path, body=None, headers=None, timeout=PATIENCE):
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

    def answered(self, path):
        """The body of an answer in time. Of a server whose requests have little time, on a machine that is busy, it may not be the first:
        it is asked for again then."""
        end = time.monotonic() + PATIENCE
        while True:
            status, _, body = self.get(path)
            if status != 503 or time.monotonic() > end:
                break
            time.sleep(0.02)
        if status != 200:
            raise AssertionError("%s is answered with %d:\n%s" % (path, status, self.text()))
        return body

    def overdue(self, path):
        """The status of a request that takes longer than it may, or `None` for an answer that breaks off. The application logs that it
        has begun with it; on a machine that is busy its time may be over before, and it is asked for again then."""
        line = "begun %s\n" % path
        before = self.text().count(line)
        for _ in range(20):
            status = None
            with contextlib.suppress(ConnectionError, http.client.HTTPException):
                status = self.get(path)[0]
            if self.text().count(line) > before:
                return status
            if status != 503:
                raise AssertionError("%s is answered with %s:\n%s" % (path, status, self.text()))
        raise AssertionError("%s has never begun:\n%s" % (path, self.text()))

    def raw(self, data, timeout=PATIENCE):
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

    def stop(self, number=signal.SIGTERM, seconds=PATIENCE):
        """Asks the server to end, or waits until it has where it was asked already: `None`. Returns its status."""
        if number is not None and self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the server has not ended:\n" + self.text()) from None
        finally:
            self._port.release()


def received(peer, end):
    """What has come from a client's socket once it ends so, or once nothing more comes."""
    text = b""
    while not text.endswith(end) and (piece := peer.recv(65536)):
        text += piece
    return text


@contextlib.contextmanager
def serving(target, *options, **more):
    server = Server(target, *options, **more)
    try:
        yield server.ready()
    finally:
        server.stop()
        server.log.close()
