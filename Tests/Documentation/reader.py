"""The machine of a reader: a folder for what commands write, our programs under the names that articles give them, and servers on
free ports of the loopback device, which end with it."""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import time

from module_maps import ROOT

sys.path.insert(0, str(ROOT / "Tests/Python"))
from ports import Port  # noqa: E402

PATIENCE = 60
# Stands for the application in Python that a page tells of: what frameworks do is tried where they are, Tests/Python/frameworks.
STAND_IN = '''
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Hello World!\\n"]

application = app
'''


class Failed(Exception):
    """What a reader would have seen go wrong."""


@contextlib.contextmanager
def staged(build):
    """A folder in which Python finds the package of a debug build."""
    with tempfile.TemporaryDirectory() as folder:
        # Whoever workers run as finds it too.
        os.chmod(folder, 0o755)
        subprocess.run([sys.executable, ROOT / "Python/build/stage.py", folder, build], check=True, stdout=subprocess.DEVNULL)
        yield folder


class Server:
    """A server that is carried out as it was written, but for its address. `environment` is all that it has; else it has ours."""

    def __init__(self, words, folder, environment=None, secure=False):
        self._port, self.secure = Port(), secure
        self.port = self._port.number
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [*without_address(words), "--bind", f"127.0.0.1:{self.port}"], cwd=folder, stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, env=environment)
        try:
            self.wait_for_answer()
        except BaseException:
            self.end()
            raise

    def wait_for_answer(self):
        end = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise Failed(f"does not serve: {self.text()}")
            time.sleep(0.02)

    def answers(self):
        address = ("127.0.0.1", self.port)
        if self.secure:
            connection = http.client.HTTPSConnection(*address, timeout=PATIENCE, context=ssl._create_unverified_context())
        else:
            connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        return False

    def text(self):
        self.log.seek(0)
        return self.log.read()

    def end(self):
        """Ends it as a reader does, and returns its status."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self._port.release()


def without_address(words):
    kept, skips = [], False
    for word in words:
        if not skips and word not in ("-b", "--bind"):
            kept.append(word)
        skips = word in ("-b", "--bind")
    return kept


class Reader:
    """`package`: where Python finds ours."""

    def __init__(self, build, package):
        self.build, self.package = build, package
        self.home = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.home.name)
        # Whoever workers run as finds what is there.
        self.folder.chmod(0o755)
        self.watched = None
        self.servers = []

    def __enter__(self):
        (self.folder / "hello.json").write_text("{}")
        return self

    def __exit__(self, *_):
        with contextlib.ExitStack() as stack:
            stack.callback(self.home.cleanup)
            if self.watched:
                stack.callback(self.watched.end)
            self.end_block()

    def run(self, words, environment=None, folder=None):
        """Carries a program out, which must end with 0. Returns what it printed."""
        done = subprocess.run(words, cwd=folder or self.folder, env={**os.environ, **(environment or {})}, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=2 * PATIENCE)
        if done.returncode != 0:
            raise Failed(f"ends with {done.returncode}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def host(self):
        """The command `greenfinch`, and what it needs to find its package."""
        return [sys.executable, "-m", "greenfinch"], {"PYTHONPATH": str(self.package)}

    def serve(self, words, environment=None, folder=None, secure=False):
        self.servers.append(Server(words, folder or self.folder, {**os.environ, **(environment or {})}, secure))

    def end_block(self):
        """Ends the servers of a block of commands. Each must do so with 0."""
        ended = [(server.end(), server.text()) for server in self.servers]
        self.servers = []
        for status, text in ended:
            if status != 0:
                raise Failed(f"the server ends with {status}: {text}")

    def signal_server(self, name):
        os.kill(self.servers[-1].process.pid, getattr(signal, f"SIG{name}"))

    def control(self):
        """The socket of a server that runs until the end, and the number of its worker."""
        path = str(self.folder / "ctl")
        hello = str(self.build / "hello")
        if self.watched is None:
            self.watched = Server([hello, "-k", "green", "--control-socket", path], self.folder)
        return path, json.loads(self.run([hello, "ctl", "--socket", path, "--json", "workers"]))[0]["pid"]

    def empty_folder(self):
        place = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        place.chmod(0o755)
        return place

    def write_application(self, target):
        """A module under the name that a command line has. Returns the folder that it lies in."""
        place = self.empty_folder()
        module = place.joinpath(*target.partition(":")[0].split(".")).with_suffix(".py")
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(STAND_IN)
        return place

    def certificate(self):
        """A certificate and its key under the names that a page gives them."""
        if not (self.folder / "server.pem").exists():
            self.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                      "/CN=localhost", "-days", "1", "-keyout", "server.key", "-out", "server.pem"])
