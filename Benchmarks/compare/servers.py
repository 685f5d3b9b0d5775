"""The servers that can be measured. A server is a name and a command line; add yours as a function like these.

Each serves `/` (sleeps half a second, then `Hello World!`) and `/plain` (`Hello World!` at once).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = HERE / "peers"
HELLO = ROOT / ".build-release" / "release" / "hello"
BUILD_HELLO = "swift build -c release --static-swift-stdlib --scratch-path .build-release --product hello"


@dataclass(frozen=True)
class Server:
    name: str
    command: tuple[str, ...]
    """`{port}` stands for the port."""
    missing: str = ""
    """Why it cannot be started, if it cannot."""
    optional: bool = False
    """Whether that is no failure."""
    path: str = "/plain"
    """Where `wrk` asks."""
    directory: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict, hash=False)

    def command_line(self, port: int) -> list[str]:
        return [word.replace("{port}", str(port)) for word in self.command]

    def shown(self) -> str:
        """The command line as a person would type it at the repository's root."""
        return " ".join(self.command).replace(f"{ROOT}/", "").replace("{port}", "PORT")


def greenfinch(options: str, hello: Path = HELLO, path: str = "/plain") -> Server:
    """The example `hello` with these options."""
    missing = "" if hello.exists() else f"{hello.name} is not built: {BUILD_HELLO}"
    name = f"greenfinch {options}" + (f", {path}" if path != "/plain" else "")
    return Server(name, (str(hello), *options.split(), "-b", "127.0.0.1:{port}"), missing, path=path)


def gunicorn(options: str) -> Server:
    """gunicorn with Flask, from the virtual environment that `peers/install` makes."""
    program = PEERS / ".venv" / "bin" / "gunicorn"
    missing = "" if program.exists() else "not installed: Benchmarks/compare/peers/install"
    # gunicorn 27 opens a control socket in the home directory, on a thread of its own, unless told not to.
    command = (str(program), *options.split(), "--no-control-socket", "-b", "127.0.0.1:{port}", "app:app")
    return Server(f"gunicorn {options}", command, missing, optional=True, directory=PEERS)


def epoll(program: Path, options: str = "", response: Path | None = None) -> Server:
    """The ceiling, epoll.c. `response` holds the bytes to answer with."""
    send = ("--response", str(response)) if response else ()
    return Server(f"epoll {options}".strip(), (str(program), "{port}", *options.split(), *send))
