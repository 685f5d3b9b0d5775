"""Has clients ask a server for everything at random, which is reloaded all the while: run.py [--seconds N] [--build BUILD]

Fails where an answer is wrong or missing, a worker ends by itself, or the workers grow: their memory at the end of each life, with
as many requests behind it, may be a twentieth more in the second half of the time than in the first. The package is staged from a debug build, unless GREENFINCH_PACKAGE says
where it lies.
"""

import argparse
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.dirname(HERE))

from routes import ROUTES  # noqa: E402
from serving import Server  # noqa: E402


class Clients:
    """Ask until they are stopped. What was wrong is in `wrong`."""

    def __init__(self, server, count):
        self.server = server
        self.asked = 0
        self.wrong = []
        self._lock = threading.Lock()
        self._stopped = False
        self._threads = [threading.Thread(target=self._ask, args=(random.Random(n),)) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def _ask(self, chance):
        connection = self.server.connection(timeout=300)
        while not self._stopped:
            name, number = chance.choice(list(ROUTES)), chance.randrange(1_000_000)
            try:
                connection.request("GET", f"/{name}?{number}")
                answer = connection.getresponse()
                body = answer.read()
                fault = None if (answer.status, body) == (200, b"%d" % number) else f"{answer.status} {body[:200]}"
            except OSError as error:
                fault = repr(error)
            except Exception as error:
                # An idle connection that the server ends just when it is used again is not an answer that is missing.
                fault = None if type(error).__name__ in ("RemoteDisconnected",) else repr(error)
            if fault or answer.headers.get("Connection") == "close":
                connection.close()
            with self._lock:
                self.asked += 1
                if fault:
                    self.wrong.append(f"/{name}?{number}: {fault}")

    def stop(self):
        self._stopped = True
        for thread in self._threads:
            thread.join()


def memory(server):
    """Resident memory of the workers that serve, in KB, without what a request takes for a moment."""
    sizes = []
    for _ in range(10):
        sizes.append(_memory_now(server))
        time.sleep(0.1)
    return min(sizes)


def _memory_now(server):
    total = 0
    for pid in server.serving_workers():
        with open(f"/proc/{pid}/smaps_rollup") as file:
            total += int(re.search(r"^Rss:\s+(\d+)", file.read(), re.MULTILINE).group(1))
    return total


class SoakedServer(Server):
    @classmethod
    def starting(cls, environment):
        """One whose application asks it for something too."""
        server = cls("routes:application", "-k", "green", "-w", "2", "-t", "120", environment=environment, folder=HERE)
        return server.ready()

    def serving_workers(self):
        """The youngest two."""
        return self.workers()[-2:]


def certificate(folder):
    path = os.path.join(folder, "localhost.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", path + ".key", "-out", path + ".crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    with open(path, "w") as whole:
        for part in (".key", ".crt"):
            with open(path + part) as file:
                whole.write(file.read())
    return path


def soak(server, seconds, life, clients):
    """Returns the memory at each life's end. All are as many requests long as the first was, which is the longer in time for
    what is slow only once."""
    sizes = []
    quota = None
    end = time.monotonic() + seconds
    while time.monotonic() < end and not clients.wrong:
        began, asked = time.monotonic(), clients.asked
        while not clients.wrong:
            time.sleep(0.1)
            if clients.asked - asked >= quota if quota else time.monotonic() > began + life:
                break
        quota = quota or clients.asked - asked
        sizes.append(memory(server))
        print(f"  {clients.asked - asked} requests, {sizes[-1]} KB", flush=True)
        if server.process.poll() is not None:
            raise SystemExit("the server has ended:\n" + server.text()[-5000:])
        born = len(server.workers())
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("Booting worker", born + 2, 120)
    return sizes


def judge(server, clients, sizes):
    ended = re.findall(r".*(?:exited with code [1-9]|was killed|WORKER TIMEOUT|Error handling request).*", server.text())
    for line in clients.wrong[:20] + ended[:20]:
        print(f"  {line}")
    # By how many requests are at once a life differs from the next; what grows does so from the first half to the second.
    half = len(sizes) // 2
    grown = half >= 3 and statistics.median(sizes[half:]) > statistics.median(sizes[:half]) * 1.05
    if grown:
        print("  the workers have grown")
    return not (clients.wrong or ended or grown)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--build", default=os.path.join(ROOT, ".build/debug"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not os.environ.get("GREENFINCH_PACKAGE"):
            stage = [sys.executable, os.path.join(ROOT, "Python/build/stage.py"), folder, options.build]
            subprocess.run(stage, check=True)
            os.environ["GREENFINCH_PACKAGE"] = os.environ["PYTHONPATH"] = folder
        environment = {"SOAK_CERTIFICATE": certificate(folder)}
        server = SoakedServer.starting(environment)
        clients = Clients(server, options.clients)
        try:
            print(f"CPython {sys.version.split()[0]}, {len(ROUTES)} routes, {options.clients} clients", flush=True)
            life = min(300, max(10, options.seconds // 12))
            sizes = soak(server, options.seconds, life, clients)
        finally:
            clients.stop()
            server.stop(seconds=60)
        is_well = judge(server, clients, sizes)
    print(f"{clients.asked} requests in {len(sizes)} lives of two workers, {len(clients.wrong)} wrong")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
