"""The servers that are attacked: the release builds of the example `hello`, and of the tests' program `streams`."""

from __future__ import annotations

from pathlib import Path

import paths  # noqa: F401
from attack import Attack
from servers import ROOT, Server

PROGRAMS = ROOT / ".build-release" / "release"
CLASSES = {
    "green": "-k green -w 1 --worker-connections 20000",
    "thread": "-k thread -w 1 --threads 16 --worker-connections 20000",
    "sync": "-k sync -w 1",
}
"""Options of the server. A worker takes more connections than an attack opens: none is refused for their number."""


def server(attack: Attack, worker_class: str, certificate: Path, folder: Path = PROGRAMS) -> Server:
    program = folder / attack.program
    missing = "" if program.exists() else f"{program.name} is not built: make bench-attacks"
    secure = ("--certfile", str(certificate)) if attack.secure else ()
    command = (str(program), *CLASSES[worker_class].split(), *attack.options.split(), *secure, "-b", "127.0.0.1:{port}")
    return Server(f"{attack.program} -k {worker_class}", command, missing, scheme="https" if attack.secure else "http")
