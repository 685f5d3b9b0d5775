#!/usr/bin/env python3
"""Looks at the examples' pages in a headless Chromium, and does in them what a person does.

    Tests/Browser/run.py FOLDER-OF-PROGRAMS [NAME…]

`chat`, `dashboard`, `gather`, `notes`, with a Redis and a PostgreSQL of its own; `site`, the documentation, where it was made by
`make docs`. Fails where a page is not what it is to be, throws, writes an error to the console, or cannot load a part. What was
seen is left as pictures in .build/browser.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import os
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests" / "Conformance"), str(ROOT / "Tests" / "Python" / "suites")]

import services  # noqa: E402
from chromium import Chromium  # noqa: E402
from running import Running, free_port  # noqa: E402

PICTURES = ROOT / ".build" / "browser"
# One pixel, red.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        pass


class Site(Running):
    """One of the examples, on a port of its own."""

    def __init__(self, programs: Path, folder: Path, name: str, *options: str, **environment: str):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(
            [str(programs / name), "--bind", f"127.0.0.1:{port}", *options], port, folder / f"{name}.log",
            {**os.environ, "FOLDER": str(ROOT / "Examples" / name), **environment},
        )  # fmt: skip


def chat(browser: Chromium, programs: Path, folder: Path) -> None:
    with services.redis() as redis, Site(programs, folder, "chat", "-w", "2", "-k", "green", REDIS_URL=redis) as site:
        eve, adam = browser.page(site.url + "/rooms/garden?name=Eve"), browser.page(site.url)
        eve.until("document.querySelector('#state').textContent === 'in garden as Eve'")
        adam.fill("#room", "garden")
        adam.fill("#name", "Adam")
        adam.click("#enter button")
        for page in (eve, adam):
            page.until("[...document.querySelectorAll('#present li')].map((li) => li.textContent).sort().join() === 'Adam,Eve'")
        eve.fill("#text", "An <b>apple</b>? \U0001f34e")
        eve.click("#say button")
        for page in (eve, adam):
            line = page.until("document.querySelector('#said li:last-child')?.innerText")
            assert line.startswith("Eve An <b>apple</b>? \U0001f34e"), line
        adam.picture(PICTURES / "chat.png")
        # Who leaves is told of, and who comes later is told what was said.
        eve.value("socket.onclose = null, socket.close()")
        adam.until("[...document.querySelectorAll('#present li')].map((li) => li.textContent).join() === 'Adam'")
        late = browser.page(site.url + "/rooms/garden?name=Cain")
        late.until("document.querySelector('#said')?.innerText.includes('apple')")


def dashboard(browser: Chromium, programs: Path, folder: Path) -> None:
    with Site(programs, folder, "dashboard", CONTROL_SOCKET=str(folder / "dashboard.ctl")) as site:
        page = browser.page(site.url)
        page.until("document.querySelector('#state').textContent.includes('2 of 2 green workers')")
        page.until("document.querySelectorAll('#workers tr').length === 2")
        page.click("#work")
        page.until("Number(document.querySelector('#rate').textContent) > 0", 60)
        page.until("document.querySelector('#rate-plot polyline').getAttribute('points').split(' ').length >= 5")
        page.until("[...document.querySelectorAll('#workers tr')].every((row) => Number(row.cells[3].textContent) > 0)", 60)
        page.picture(PICTURES / "dashboard.png")
        # The workers are replaced, and the page goes on by itself.
        before = page.value("[...document.querySelectorAll('#workers tr')].map((row) => row.cells[0].textContent).join()")
        os.kill(site.process.pid, 1)
        page.until(
            "(() => { const now = [...document.querySelectorAll('#workers tr')].map((row) => row.cells[0].textContent);"
            f" return now.length === 2 && !now.some((pid) => {before.split(',')!r}.includes(pid)); }})()", 60
        )  # fmt: skip
        # The old workers' streams were cut, which the browser calls an error of the network.
        browser.complaints[:] = [text for text in browser.complaints if "/events" not in text]


def gather(browser: Chromium, programs: Path, folder: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(programs / "gather"), "-k", "green", "--bind", f"127.0.0.1:{port}"]
    with Running(command, port, folder / "gather.log", {**os.environ, "SERVICES": url + "/services"}):
        page = browser.page(url)
        milliseconds = {}
        for way in ("/fibers", "/tasks", "/turns"):
            page.go(url + way)
            assert page.until("document.querySelectorAll('li').length") == 3, page.value("document.body.innerText")
            milliseconds[way] = int(page.value("document.querySelector('b').textContent.split(' ')[0]"))
        assert milliseconds["/turns"] > 1.5 * max(milliseconds["/fibers"], milliseconds["/tasks"]), milliseconds
        page.picture(PICTURES / "gather.png")


def notes(browser: Chromium, programs: Path, folder: Path) -> None:
    uploads = folder / "uploads"
    uploads.mkdir(mode=0o700)
    picture = folder / "red.png"
    picture.write_bytes(PIXEL)
    with contextlib.ExitStack() as stack:
        settings = {
            "DATABASE_URL": stack.enter_context(services.postgresql()), "UPLOADS": str(uploads),
            "SECRET_KEY": base64.b64encode(os.urandom(32)).decode(),
        }  # fmt: skip
        site = stack.enter_context(Site(programs, folder, "notes", "-w", "2", "-k", "green", **settings))
        page = browser.page(site.url)
        page.until("document.querySelector('h1')?.textContent === 'Log in'")
        page.go(site.url + "/register")
        page.fill("#name", "eve")
        page.fill("#password", "correct horse")
        page.click("form button")
        page.until("document.querySelector('.flash')?.textContent === 'Welcome, eve.'")
        page.fill("#title", "Milk & <i>honey</i>")
        page.fill("#body", "Two bottles of each")
        page.choose_file("#picture", picture)
        page.click("form[enctype] button")
        page.until("document.querySelector('h1')?.textContent === 'Milk & <i>honey</i>'")
        assert page.until("document.querySelector('img')?.complete && document.querySelector('img').naturalWidth") == 1
        # The page is styled: the policy lets the style sheet in.
        assert page.value("document.styleSheets.length") == 1
        page.picture(PICTURES / "notes.png")
        page.click("form[action$=delete] button")
        page.until("document.querySelector('.flash')?.textContent.includes('is no more')")
        page.click("header form button")
        page.until("document.querySelector('h1')?.textContent === 'Log in'")
        page.go(site.url + "/docs")
        page.until("document.body.innerText.includes('/api/notes')")
        page.picture(PICTURES / "notes-docs.png")


def site(browser: Chromium, _: Path, folder: Path) -> None:
    made = ROOT / ".build-docs" / "site"
    if not (made / "index.html").exists():
        return print("  there is no site: make docs")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(made))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        page = browser.page(url + "/")
        # The code is drawn after the text.
        page.until("document.querySelector('pre')?.innerText.includes('import Greenfinch')")
        page.picture(PICTURES / "site.png")
        page.go(url + "/documentation/greenweb/")
        page.until("document.querySelector('h1')?.innerText.includes('GreenWeb')")
        page.picture(PICTURES / "site-module.png")
        server.shutdown()


LOOKS = {"chat": chat, "dashboard": dashboard, "gather": gather, "notes": notes, "site": site}


def main(programs: str, *names: str) -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in names or LOOKS:
        print(f"{name}:", flush=True)
        with tempfile.TemporaryDirectory() as folder, Chromium() as browser:
            try:
                LOOKS[name](browser, Path(programs).resolve(), Path(folder))
                assert not browser.complaints, browser.complaints
                print("  as it is to be")
            except (AssertionError, RuntimeError, TimeoutError) as error:
                failed.append(name)
                print(f"  {error}")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
