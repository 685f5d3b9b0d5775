"""What the conformance checks have in common: free ports, and servers that end with a `with` block."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A process that listens on a port, from when it does until the end of a `with` block."""

    def __init__(self, command: list[str], port: int, log: Path, environment: dict[str, str] | None = None):
        self.command, self.port, self.log, self.environment = command, port, log, environment

    def __enter__(self) -> Running:
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *self.command], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=self.environment)
        for _ in range(400):
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                time.sleep(0.05)
        self.__exit__()
        raise SystemExit(f"{self.command[0]} does not listen:\n{self.log.read_text(errors='replace')[-3000:]}")

    def __exit__(self, *_) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def certificates(folder: Path) -> None:
    """`ca.pem` and, for localhost, `server.pem` with `server.key`."""
    script = """set -e
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=localhost \\
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1
      openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out server.pem"""
    subprocess.run(["/bin/sh", "-c", script], cwd=folder, check=True, capture_output=True)
