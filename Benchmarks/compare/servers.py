"""The servers that can be measured. A server is a name and a command line; add yours as a function like these.

Each serves `/` (sleeps half a second, then `Hello World!`) and `/plain` (`Hello World!` at once); the article's own program has `/`
alone.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = HERE / "peers"
PYTHON = ROOT / "Benchmarks" / "results" / "python"
WHEELS = ROOT / ".build-python" / "wheels"
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
    """Whether that is not a failure."""
    path: str = "/plain"
    """Where `wrk` asks."""
    directory: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict, hash=False)
    first: str = "/plain"
    """What it is asked for at once, and answers with `Hello World!`."""
    scheme: str = "http"
    """`https` where it speaks TLS, with a certificate that nobody knows."""

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


def newest_wheel() -> Path | None:
    """What `make wheel` has made."""
    return max(WHEELS.glob("*.whl"), key=lambda path: path.stat().st_mtime, default=None)


def greenfinch_flask(options: str) -> Server:
    """The article's own program, `Examples/flask/server.py`, in workers of Python, from the newest environment that
    `Benchmarks/python/compare.py` has made of the wheel. Where there is none any more, what was made of an old one is not measured."""
    programs = [path for path in PYTHON.glob("venv-*/bin/greenfinch") if (path.parent / "flask").exists()]
    newest = max(programs, key=lambda path: path.stat().st_mtime, default=PYTHON / "greenfinch")
    missing = "" if newest.exists() and newest_wheel() else "not installed: make wheel, then Benchmarks/python/compare.py --prepare"
    command = (str(newest), "server:app", *options.split(), "-b", "127.0.0.1:{port}")
    return Server(f"Flask in greenfinch {options}", command, missing, optional=True, first="/", directory=ROOT / "Examples" / "flask")


def python_peers() -> list[Server]:
    """One process each, with the same programs, from the same virtual environment."""
    here = ["--host", "127.0.0.1", "--port", "{port}"]
    uvicorn = ["uvicorn", *here, "--no-access-log", "--loop", "uvloop", "--http", "httptools"]
    commands = {
        "uWSGI, Flask": ["uwsgi", "--http", "127.0.0.1:{port}", "--http-keepalive", "--module", "app:app", "--gevent", "100",
                         "--gevent-monkey-patch", "--master", "--die-on-term", "--disable-logging", "--so-keepalive"],
        "granian, Flask": ["granian", "--interface", "wsgi", *here, "--workers", "1", "app:app"],
        "uvicorn, Quart": [*uvicorn, "asgi:app"],
        "uvicorn, FastAPI": [*uvicorn, "fast:app"],
    }
    servers = []
    for name, (program, *options) in commands.items():
        path = PEERS / ".venv" / "bin" / program
        missing = "" if path.exists() else "not installed: Benchmarks/compare/peers/install"
        servers.append(Server(name, (str(path), *options), missing, optional=True, directory=PEERS))
    return servers


def swift_peers() -> list[Server]:
    """Servers in Swift, on one thread each, as peers/install builds them."""
    servers = []
    for name, program in (("Hummingbird", "hummingbird"), ("SwiftNIO", "nio")):
        path = ROOT / ".build-peers" / "release" / program
        missing = "" if path.exists() else "not built: Benchmarks/compare/peers/install"
        servers.append(Server(name, (str(path), "{port}"), missing, optional=True))
    return servers


def websocket_peers() -> list[Server]:
    """Servers that echo WebSocket messages, on one thread each."""
    python = PEERS / ".venv" / "bin" / "python"
    library = list(PEERS.glob(".venv/lib/python3*/site-packages/websockets"))
    nio = ROOT / ".build-peers" / "release" / "nio-websocket"
    absent = "not installed: Benchmarks/compare/peers/install"
    return [
        Server("websockets, uvloop", (str(python), "echo.py", "{port}"), "" if library else absent, optional=True, directory=PEERS),
        Server("SwiftNIO", (str(nio), "{port}"), "" if nio.exists() else absent, optional=True),
    ]


def epoll(program: Path, options: str = "", response: Path | None = None) -> Server:
    """The ceiling, epoll.c. `response` holds the bytes to answer with."""
    send = ("--response", str(response)) if response else ()
    return Server(f"epoll {options}".strip(), (str(program), "{port}", *options.split(), *send))


TEN_FIELDS = (
    '{"city":"London","country":"United Kingdom","created":"2026-11-29T20:51:39Z","email":"ada@example.org","id":4711,'
    '"isActive":true,"language":"en-GB","name":"Ada Lovelace","score":98.6,"visits":1815}')
"""What the example `hello` answers to `/json/ten`."""

def nginx_program() -> str | None:
    """Where nginx is: the PATH of who is not root may lack its folder."""
    return shutil.which("nginx", path=f"/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:{os.environ.get('PATH', '')}")


def configured(program: str, configuration: Path, text: str, *options: str) -> tuple[str, ...]:
    """The command that writes nginx's configuration, in which `{port}` stands for the port, and starts it."""
    start = 'printf %s "$1" > "$2" && file=$2 && shift 2 && exec "$@" -c "$file"'
    return "sh", "-c", start, "sh", text, str(configuration), program, *options


NGINX = """daemon off; master_process off; worker_rlimit_nofile 65536; pid "{folder}/nginx.pid"; error_log stderr;
events {{ worker_connections 21000; }}
http {{
  access_log off; keepalive_requests 1000000000; default_type text/plain;
  client_body_temp_path "{folder}"; proxy_temp_path "{folder}"; fastcgi_temp_path "{folder}";
  uwsgi_temp_path "{folder}"; scgi_temp_path "{folder}";
  server {{
    listen 127.0.0.1:{{port}} backlog=8192 {tls};
    location = /plain {{ return 200 "Hello World!"; }}
    location = /json {{ default_type application/json; return 200 '{{"message":"Hello World!"}}'; }}
    location = /json/ten {{ default_type application/json; return 200 '{ten}'; }}
  }}
}}
"""


def nginx(folder: Path, certificate: Path | None = None) -> Server:
    """One process, which answers with a constant text, and keeps its files in `folder`. `certificate` has its key with it."""
    program = nginx_program()
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "nginx.conf"
    # TLS 1.3 is not among its defaults before 1.23.4.
    tls = f"ssl; ssl_protocols TLSv1.3; ssl_certificate \"{certificate}\"; ssl_certificate_key \"{certificate}\"" if certificate else ""
    text = NGINX.format(folder=folder, ten=TEN_FIELDS, tls=tls)
    missing = "" if program else "not installed: apt-get install nginx-light"
    return Server("nginx", configured(program or "nginx", configuration, text), missing, optional=True, scheme="https" if tls else "http")
