"""What clients and proxies that many people use make of the server: clients.py FOLDER-OF-PROGRAMS [NAME...]

The names are those of the functions in CLIENTS; all of them where none is given. A program that is not installed is said so, and
passed over.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import httpx
import requests

from running import ROOT, Running, certificates, free_port

HERE = Path(__file__).resolve().parent
TEXT = "0123456789" * 50_000
# Short enough to be compressed at once, longer, made while it is sent, and JSON.
CODED_PATHS = ("/text/50", "/text/3000", "/streamed/5", "/json/100")
CLASSES = {"green": ["-k", "green"], "thread": ["-k", "thread", "--threads", "8"], "sync": ["-k", "sync", "-w", "2"]}


class Site:
    """Servers of a worker class, each with and without TLS: what most is tried on, and one that compresses its answers."""

    def __init__(self, programs: Path, folder: Path, name: str):
        self.folder, self.name = folder, name
        self.authority = str(folder / "ca.pem")
        self.servers: list[Running] = []
        self.urls = self.add(programs / "streams")
        self.coded_urls = self.add(programs / "compressing")
        self.speaks_http2 = name == "green"

    def add(self, program: Path) -> list[str]:
        """The URLs of a program's two servers, which run while the site does."""
        ports = [free_port(), free_port()]
        common = [str(program), *CLASSES[self.name], "--http-protocols", "h2,h1", "--limit-request-body", "0"]
        secure = ["--certfile", str(self.folder / "server.pem"), "--keyfile", str(self.folder / "server.key")]
        environment = os.environ | {"STREAMS_PAGE": str(HERE / "page.html")}
        for port, more, log in (ports[0], [], "plain"), (ports[1], secure, "secure"):
            command = [*common, *more, "-b", f"127.0.0.1:{port}"]
            self.servers.append(Running(command, port, self.folder / f"{program.name}-{log}.log", environment))
        return [f"http://127.0.0.1:{ports[0]}", f"https://localhost:{ports[1]}"]

    def __enter__(self) -> Site:
        for server in self.servers:
            server.__enter__()
        return self

    def __exit__(self, *_) -> None:
        for server in self.servers:
            server.__exit__()


def check(condition: bool, what: str, *seen: object) -> None:
    if not condition:
        raise AssertionError(f"{what}: {seen}")


# Python's.

def pieces():
    """The text in parts, whose number nobody knows."""
    for start in range(0, len(TEXT), 7_001):
        yield TEXT[start:start + 7_001].encode()


def codings(fields: str) -> list[str]:
    """The codings that a client says it takes off, of the fields that it sends by itself."""
    (accepted,) = (line.split(": ")[1] for line in fields.lower().splitlines() if line.startswith("accept-encoding: "))
    found = [coding.strip() for coding in accepted.split(",")]
    check({"gzip", "deflate", "br"} <= set(found), "codings", found)
    return found


def try_requests(site: Site) -> None:
    for url in site.urls:
        with requests.Session() as session:
            # Whatever the environment says.
            session.trust_env, session.verify = False, site.authority
            for _ in range(20):
                check(session.get(url + "/plain").text == "Hello World!", "get")
            check(session.post(url + "/echo", data=TEXT).text == TEXT, "a body of known length")
            check(session.post(url + "/echo", data=pieces()).text == TEXT, "a body in chunks")
            check(session.head(url + "/plain").headers["Content-Length"] == "12", "head")
            check(session.get(url + "/no-content").status_code == 204, "no content")
            check(session.get(url + "/alphabet", headers={"Range": "bytes=-3"}).text == "xyz", "range")
            with session.get(url + "/stream/5", stream=True) as answer:
                check(sum(map(len, answer.iter_content(10_000))) == 5 << 20, "stream")
            lines = session.get(url + "/events/3", stream=True).iter_lines()
            check([line for line in lines if line] == [b"data: 0", b"data: 1", b"data: 2"], "events")
            try:
                session.get(url + "/torn")
                check(False, "a body that is cut was taken for a whole one")
            except requests.exceptions.ChunkedEncodingError:
                pass
    for url in site.coded_urls:
        with requests.Session() as session:
            session.trust_env, session.verify = False, site.authority
            for coding in codings(session.get(site.urls[0] + "/fields").text):
                for path in CODED_PATHS:
                    plain = session.get(url + path, headers={"Accept-Encoding": "identity"})
                    answer = session.get(url + path, headers={"Accept-Encoding": coding})
                    check("Content-Encoding" not in plain.headers, "not coded", path, plain.headers)
                    check(answer.headers["Content-Encoding"] == coding, "coded", path, coding, answer.headers)
                    check(answer.content == plain.content, "what was coded", path, coding)
            sent = session.post(url + "/as-sent", data=gzip.compress(TEXT.encode()), headers={"Content-Encoding": "gzip"})
            check(sent.headers["X-Coding"] == "gzip" and gzip.decompress(sent.content) == TEXT.encode(), "a coded body")


def try_httpx(site: Site) -> None:
    for url in site.urls:
        for http2 in (False, True):
            if http2 and not (site.speaks_http2 and url.startswith("https")):
                continue
            asyncio.run(ask_by_httpx(url, http2, site.authority))
    for url, coded_url in zip(site.urls, site.coded_urls):
        for http2 in (False, True):
            if not http2 or (site.speaks_http2 and url.startswith("https")):
                asyncio.run(ask_coded_by_httpx(url, coded_url, http2, site.authority))


async def ask_by_httpx(url: str, http2: bool, authority: str) -> None:
    context = ssl.create_default_context(cafile=authority)
    async with httpx.AsyncClient(http1=not http2, http2=http2, verify=context, timeout=20) as client:
        answer = await client.get(url + "/version")
        version = "HTTP/2" if http2 else "HTTP/1.1"
        check(answer.http_version == version and answer.text.startswith(version), "version", answer.http_version, answer.text)

        async def parts():
            for piece in pieces():
                yield piece
        check((await client.post(url + "/echo", content=TEXT)).text == TEXT, "a body of known length")
        check((await client.post(url + "/echo", content=parts())).text == TEXT, "a body of unknown length")
        answers = await asyncio.gather(*(client.get(url + "/plain") for _ in range(50)))
        check(all(answer.text == "Hello World!" for answer in answers), "fifty at once")
        async with client.stream("GET", url + "/stream/5") as answer:
            check(sum([len(part) async for part in answer.aiter_bytes()]) == 5 << 20, "stream")
        try:
            await client.get(url + "/torn")
            check(False, "a body that is cut was taken for a whole one")
        except httpx.RemoteProtocolError:
            pass


async def ask_coded_by_httpx(url: str, coded_url: str, http2: bool, authority: str) -> None:
    context = ssl.create_default_context(cafile=authority)
    async with httpx.AsyncClient(http1=not http2, http2=http2, verify=context, timeout=20) as client:
        for coding in codings((await client.get(url + "/fields")).text):
            for path in CODED_PATHS:
                plain = await client.get(coded_url + path, headers={"Accept-Encoding": "identity"})
                answer = await client.get(coded_url + path, headers={"Accept-Encoding": coding})
                check("Content-Encoding" not in plain.headers, "not coded", path, plain.headers)
                check(answer.headers["Content-Encoding"] == coding, "coded", path, coding, answer.headers)
                check(answer.content == plain.content, "what was coded", path, coding)


def try_aiohttp(site: Site) -> None:
    for url in site.urls:
        asyncio.run(ask_by_aiohttp(url, site.authority))
    for url, coded_url in zip(site.urls, site.coded_urls):
        asyncio.run(ask_coded_by_aiohttp(url, coded_url, site.authority))


async def ask_by_aiohttp(url: str, authority: str) -> None:
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=authority))

    async def parts():
        for piece in pieces():
            yield piece
    async with aiohttp.ClientSession(connector=connector) as session:
        async def text(method: str, path: str, **options) -> str:
            async with session.request(method, url + path, **options) as answer:
                return await answer.text()
        check(await text("GET", "/version") == f"HTTP/1.1 {url.split(':')[0]} {url.split('//')[1]}", "version")
        check(await text("POST", "/echo", data=TEXT.encode()) == TEXT, "a body of known length")
        check(await text("POST", "/echo", data=parts()) == TEXT, "a body in chunks")
        check(await text("POST", "/echo", data=TEXT.encode(), expect100=True) == TEXT, "a body after 100")
        check(await text("POST", "/count", data=aiohttp.FormData({"a": "b"})) == "3", "a form")
        check(set(await asyncio.gather(*(text("GET", "/plain") for _ in range(50)))) == {"Hello World!"}, "fifty at once")
        async with session.get(url + "/events/3") as answer:
            check(b"".join([line async for line in answer.content]) == b"data: 0\n\ndata: 1\n\ndata: 2\n\n", "events")
        async with session.ws_connect(url + "/socket", compress=15) as talk:
            await talk.send_str("hello")
            await talk.send_bytes(bytes(100_000))
            check((await talk.receive()).data == "hello" and (await talk.receive()).data == bytes(100_000), "WebSocket")
            await talk.close()
            check(talk.close_code == 1000, "close", talk.close_code)


async def ask_coded_by_aiohttp(url: str, coded_url: str, authority: str) -> None:
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=authority))
    async with aiohttp.ClientSession(connector=connector) as session:
        async def get(address: str, accepted: str | None = None) -> tuple[str | None, bytes]:
            headers = {"Accept-Encoding": accepted} if accepted else {}
            async with session.get(address, headers=headers) as answer:
                return answer.headers.get("Content-Encoding"), await answer.read()
        _, fields = await get(url + "/fields")
        for coding in codings(fields.decode()):
            for path in CODED_PATHS:
                (none, plain), (said, content) = await get(coded_url + path, "identity"), await get(coded_url + path, coding)
                check(none is None and said == coding, "coded", path, coding, none, said)
                check(content == plain, "what was coded", path, coding)
        async with session.post(coded_url + "/as-sent", data=TEXT.encode(), compress="gzip") as answer:
            sent = await answer.read()
            check(answer.headers["X-Coding"] == "gzip" and gzip.decompress(sent) == TEXT.encode(), "a coded body")


# curl.

def try_curl(site: Site) -> None:
    body = site.folder / "body"
    body.write_text(TEXT)

    def curl(url: str, path: str, *options: str) -> str:
        command = ["curl", "-sS", "-m", "20", "--cacert", site.authority, *options, url + path]
        outcome = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return outcome.stdout if outcome.returncode == 0 else f"curl ended with {outcome.returncode}: {outcome.stderr}"
    for url in site.urls:
        versions = {"--http1.0": "HTTP/1.0", "--http1.1": "HTTP/1.1"}
        if site.speaks_http2:
            versions["--http2" if url.startswith("https") else "--http2-prior-knowledge"] = "HTTP/2.0"
        for option, version in versions.items():
            seen = curl(url, "/version", option)
            check(seen.startswith(version), "version", option, seen)
            check(curl(url, "/echo", option, "--data-binary", f"@{body}") == TEXT, "upload", option)
            waiting = ("-X", "POST", "-H", "Expect: 100-continue", "-T", str(body))
            check(curl(url, "/echo", option, *waiting) == TEXT, "100-continue", option)
            if option != "--http1.0":
                chunked = ("-H", "Transfer-Encoding: chunked", "--data-binary", f"@{body}")
                check(curl(url, "/echo", option, *chunked) == TEXT, "chunked", option)
            check(curl(url, "/alphabet", option, "-r", "2-4") == "cde", "range", option)
            seen = curl(url, "/alphabet", option, "-r", "0-1,518-")
            check(seen.lower().count("content-range: bytes") == 2, "ranges", option, seen)
            check(curl(url, "/plain", option, "-I").startswith("HTTP/"), "head", option)
            check(len(curl(url, "/stream/5", option)) == 5 << 20, "stream", option)
            check(curl(url, "/torn", option).startswith("curl ended with") or option == "--http1.0", "torn", option)


# Go's.

def try_go(site: Site) -> None:
    if not shutil.which("go"):
        return print("  go is not installed")
    program = ROOT / ".build-go" / "client"
    source = HERE / "go/main.go"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        environment = os.environ | {"GOCACHE": str(ROOT / ".build-go/cache"), "GO111MODULE": "off", "CGO_ENABLED": "0"}
        subprocess.run(["go", "build", "-o", str(program), str(source)], check=True, env=environment)
    for url, protocol in [(site.urls[0], "HTTP/1.1"), (site.urls[1], "HTTP/1.1"), (site.urls[1], "HTTP/2.0")]:
        if protocol == "HTTP/2.0" and not site.speaks_http2:
            continue
        environment = os.environ | ({} if protocol == "HTTP/2.0" else {"GODEBUG": "http2client=0"})
        subprocess.run([str(program), url, site.authority, protocol], check=True, env=environment, stdout=subprocess.DEVNULL,
                       timeout=120)


# A browser.

def try_chromium(site: Site) -> None:
    if not shutil.which("chromium"):
        return print("  chromium is not installed")
    if site.name == "sync":
        return print("  a browser opens connections before it has requests, and each would have a sync worker to itself")
    for url, protocol in zip(site.urls, ["http/1.1", "h2" if site.speaks_http2 else "http/1.1"]):
        seen = browse(url, site)
        expected = {
            "protocol": protocol, "plain": "Hello World!", "echo": "true", "many": "true", "stream": str(5 << 20),
            "abort": "AbortError", "range": "206 bcd", "events": "0,1,2",
            "socket": "hello ü,100000 permessage-deflate; server_no_context_takeover; client_no_context_takeover 1000 true",
        }
        check(seen == expected, "chromium", [(name, seen.get(name)) for name in expected if seen.get(name) != expected[name]])


def browse(url: str, site: Site) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        command = ["setpriv", "--pdeathsig", "TERM", "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                   "--disable-dev-shm-usage", "--ignore-certificate-errors", "--no-first-run",
                   "--disable-background-networking", f"--user-data-dir={folder}", url + "/page"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        try:
            for _ in range(240):
                said = requests.get(url + "/report", verify=site.authority).text
                if said:
                    return dict(line.split(": ", 1) for line in said.split("\n"))
                time.sleep(0.25)
            raise AssertionError("the page has not reported")
        finally:
            os.killpg(process.pid, 9)
            process.wait()


# Proxies, buffering and not.

NGINX = """daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr; worker_rlimit_nofile 4096;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_max_body_size 0; client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;
  fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
  upstream server {{ server {server}; keepalive 4; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://server; proxy_http_version {version}; proxy_buffering {buffering}; proxy_request_buffering {buffering};
      proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
    }}
  }}
}}
"""
HAPROXY = """global
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout tunnel 30s
  # Or what comes in small parts is gathered, for some tenths of a second.
  option http-no-delay
  {options}
frontend clients
  bind 127.0.0.1:{port}
  default_backend servers
backend servers
  server one {server} {more}
"""


def try_nginx(site: Site) -> None:
    if not (program := shutil.which("nginx", path="/usr/sbin:/usr/bin")):
        return print("  nginx is not installed")
    for version in ("1.0", "1.1"):
        for buffering in ("on", "off"):
            port = free_port()
            server = site.urls[0].split("//")[1]
            text = NGINX.format(folder=site.folder, port=port, server=server, version=version, buffering=buffering)
            configuration = site.folder / "nginx.conf"
            configuration.write_text(text)
            with Running([program, "-e", "stderr", "-c", str(configuration)], port, site.folder / "nginx.log"):
                what = f"nginx, HTTP/{version}, buffering {buffering}"
                ask_through_proxy(f"http://127.0.0.1:{port}", what, buffering == "off", version == "1.1")


def try_haproxy(site: Site) -> None:
    if not (program := shutil.which("haproxy", path="/usr/sbin:/usr/bin")):
        return print("  haproxy is not installed")
    ways = {"as it is": ("", ""), "that waits for bodies": ("option http-buffer-request", ""),
            "one connection a request": ("option http-server-close", "")}
    if site.speaks_http2:
        ways["HTTP/2 to the server"] = ("", "proto h2")
    for what, (options, more) in ways.items():
        port = free_port()
        configuration = site.folder / "haproxy.cfg"
        configuration.write_text(HAPROXY.format(port=port, server=site.urls[0].split("//")[1], options=options, more=more))
        with Running([program, "-db", "-f", str(configuration)], port, site.folder / "haproxy.log"):
            ask_through_proxy(f"http://127.0.0.1:{port}", f"HAProxy {what}", True, True)


def ask_through_proxy(url: str, what: str, passes_at_once: bool, upgrades: bool) -> None:
    with requests.Session() as session:
        for _ in range(20):
            check(session.get(url + "/plain").text == "Hello World!", what, "get")
        check(session.post(url + "/echo", data=TEXT).text == TEXT, what, "a body of known length")
        check(session.post(url + "/echo", data=pieces()).text == TEXT, what, "a body in chunks")
        check(session.post(url + "/unread", data="short").text == "not read", what, "a body that nobody reads")
        check(session.get(url + "/no-content").status_code == 204, what, "no content")
        with session.get(url + "/stream/5", stream=True) as answer:
            check(sum(map(len, answer.iter_content(10_000))) == 5 << 20, what, "stream")
        arrivals = []
        with session.get(url + "/events/5", stream=True) as answer:
            for line in answer.iter_lines(chunk_size=1):
                if line:
                    arrivals.append(time.monotonic())
        check(len(arrivals) == 5, what, "events", arrivals)
        if passes_at_once:
            # They are sent one every 50 ms.
            check(arrivals[-1] - arrivals[0] > 0.1, what, "events come at once", arrivals)
    if upgrades:
        asyncio.run(talk_through_proxy(url, what))


async def talk_through_proxy(url: str, what: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(url + "/socket") as talk:
        await talk.send_str("hello")
        check((await talk.receive()).data == "hello", what, "WebSocket")


CLIENTS = {
    "requests": try_requests, "httpx": try_httpx, "aiohttp": try_aiohttp, "curl": try_curl, "go": try_go,
    "chromium": try_chromium, "nginx": try_nginx, "haproxy": try_haproxy,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=lambda text: Path(text).resolve(),
                        help="the folder of the programs `streams` and `compressing`")
    parser.add_argument("clients", nargs="*", help=", ".join(CLIENTS))
    parser.add_argument("--worker-class", action="append", choices=CLASSES)
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        certificates(Path(name))
        for worker_class in options.worker_class or CLASSES:
            with Site(options.programs, Path(name), worker_class) as site:
                for client in options.clients or CLIENTS:
                    began = time.monotonic()
                    try:
                        CLIENTS[client](site)
                        print(f"{worker_class}: {client} is content ({time.monotonic() - began:.1f} s)", flush=True)
                    except Exception as error:
                        failed += 1
                        print(f"{worker_class}: {client}: {type(error).__name__}: {str(error)[:1000]}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
