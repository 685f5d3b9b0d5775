#!/usr/bin/env python3
"""What a connection that waits for its next request costs in memory, beside nginx: over plain TCP, over TLS 1.3, and with
HTTP/2. Each has had one answer, and has been idle for three seconds. The figures are the growth of the server's private
memory (PSS), of the kernel nothing, divided by the number of connections.

    swift build -c release --static-swift-stdlib --scratch-path .build-release --product streams
    Benchmarks/compare/idle.py [--connections 1000]
"""
from __future__ import annotations

import argparse
import resource
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

import proc
from running import free_port
from servers import ROOT, nginx_program
from tls import prepare

STREAMS = ROOT / ".build-release" / "release" / "streams"
NGINX = """daemon off; master_process off; pid "{folder}/pid"; error_log stderr; worker_rlimit_nofile 20000;
events {{ worker_connections 10000; }}
http {{
  access_log off; keepalive_timeout 300; client_body_temp_path "{folder}"; proxy_temp_path "{folder}";
  fastcgi_temp_path "{folder}"; uwsgi_temp_path "{folder}"; scgi_temp_path "{folder}";
  server {{
    listen 127.0.0.1:{port} {listen};
    ssl_certificate "{folder}/both.pem"; ssl_certificate_key "{folder}/both.pem"; ssl_protocols TLSv1.3;
    location = /plain {{ return 200 "Hello World!"; }}
  }}
}}
"""
GET = b"GET /plain HTTP/1.1\r\nHost: x\r\n\r\n"
# The preface, empty settings, and a request of four indexed fields and a literal path (RFC 9113, 3.4 and RFC 7541, 6).
FIELDS = b"\x82\x86\x41\x01x\x04\x06/plain"
GET2 = (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
        + bytes([0, 0, len(FIELDS), 1, 5, 0, 0, 0, 1]) + FIELDS)
KINDS = {"plain": ("", GET), "TLS": ("ssl", GET), "HTTP/2": ("http2", GET2)}


def command(name: str, folder: Path, kind: str, port: int) -> list[str]:
    if name == "nginx":
        settings = folder / "nginx.conf"
        settings.write_text(NGINX.format(folder=folder, port=port, listen=KINDS[kind][0]))
        return [nginx_program() or "nginx", "-e", "stderr", "-c", str(settings)]
    more = ["--certfile", f"{folder}/both.pem"] if kind == "TLS" else ["--http-protocols", "h1,h2"]
    return [str(STREAMS), "-w", "1", "-k", "green", "--worker-connections", "10000", "--keep-alive", "300", "-b",
            f"127.0.0.1:{port}", *more]


def connect(port: int, kind: str, context: ssl.SSLContext) -> socket.socket:
    """A connection that has had one answer."""
    connection = socket.create_connection(("127.0.0.1", port), 20)
    if kind == "TLS":
        connection = context.wrap_socket(connection)
    connection.sendall(KINDS[kind][1])
    answer = b""
    while b"Hello World!" not in answer:
        received = connection.recv(4096)
        if not received:
            raise SystemExit(f"{kind}: it answered {answer[:60]!r}")
        answer += received
    return connection


def measure(name: str, folder: Path, kind: str, count: int) -> float:
    """Bytes a connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    port = free_port()
    with open(folder / f"{name}.log", "wb") as log:
        process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command(name, folder, kind, port)], stdout=log,
                                   stderr=log)
    try:
        for attempt in range(100):
            try:
                first = connect(port, kind, context)
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit(f"{name} does not answer: {(folder / f'{name}.log').read_text()}")
        warm = [first] + [connect(port, kind, context) for _ in range(50)]
        time.sleep(3)
        before = proc.usage(process.pid).pss
        idle = [connect(port, kind, context) for _ in range(count)]
        time.sleep(3)
        grown = proc.usage(process.pid).pss - before
        for connection in warm + idle:
            connection.close()
        return grown * 1e6 / count
    finally:
        process.terminate()
        process.wait(20)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=1000)
    options = parser.parse_args()
    if not STREAMS.exists():
        parser.error(f"{STREAMS} is not built")
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, 1)
        print(f"{'bytes a connection':20}{'greenfinch':>12}{'nginx':>10}")
        for kind in KINDS:
            figures = [measure(server, folder, kind, options.connections) for server in ("greenfinch", "nginx")]
            print(f"{kind:20}{figures[0]:12.0f}{figures[1]:10.0f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
