"""A WSGI application with every shape of answer, each at a path of its own."""

import contextvars
import importlib
import io
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import weakref

local = threading.local()
variable = contextvars.ContextVar("variable", default=None)
lock = threading.RLock()
state = {"closed": 0, "inside": 0, "most_inside": 0}


class Closing:
    """An iterable that notes that it was closed."""

    def __init__(self, blocks, length=None):
        self.blocks = iter(blocks)

    def __iter__(self):
        return self.blocks

    def close(self):
        state["closed"] += 1


def text(start_response, body, status="200 OK", headers=()):
    body = body.encode() if isinstance(body, str) else body
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), *headers])
    return [body]


def root(environ, start_response):
    return text(start_response, "Hello World!")


def shown(environ, start_response):
    plain = {key: value for key, value in environ.items() if isinstance(value, (str, bool, tuple))}
    return text(start_response, json.dumps(plain, ensure_ascii=True))


def interned(environ, start_response):
    """Of each field's name that was made up, whether the interpreter keeps it for good."""
    names = [key for key in environ if key.startswith("HTTP_X_MADE")]
    return text(start_response, json.dumps([name is sys.intern(name.encode().decode()) for name in names]))


def echo(environ, start_response):
    return text(start_response, environ["wsgi.input"].read())


def count(environ, start_response):
    total = 0
    while True:
        piece = environ["wsgi.input"].read(100_000)
        if not piece:
            return text(start_response, str(total))
        total += len(piece)


def reading(environ, start_response):
    body = environ["wsgi.input"]
    parts = [body.read(3), body.readline(), body.readline(2), body.readlines(1), list(body), body.read()]
    return text(start_response, repr(parts))


def generator(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b""
    yield b"one,"
    yield b"two,"
    yield b"three"


def many(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"one,", b"two"]


def empty(environ, start_response):
    start_response("204 No Content", [])
    return []


def writing(environ, start_response):
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    write(b"written,")
    return [b"returned"]


def closing(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return Closing([b"x"] * 3)


def endless(environ, start_response):
    """A body that ends when nobody takes it."""
    status = environ["QUERY_STRING"] or "200"
    start_response(status + " Endless", [] if status != "200" else [("Content-Type", "text/plain")])
    return Closing(itertools.repeat(b"x" * 1000))


def writing_endlessly(environ, start_response):
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    try:
        while True:
            write(b"x" * 1000)
    finally:
        state["closed"] += 1


class ClosingSlowly(list):
    def close(self):
        time.sleep(0.1)


def slow_close(environ, start_response):
    """The call goes on when all of the answer is there."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return ClosingSlowly([b"x"])


def closed(environ, start_response):
    return text(start_response, str(state["closed"]))


def long_list(environ, start_response):
    """More than was said: the rest is cut."""
    start_response("200 OK", [("Content-Length", "4")])
    return iter([b"abcdef", b"ghi"])


def short_list(environ, start_response):
    start_response("200 OK", [("Content-Length", "10")])
    return iter([b"abc"])


STYLE, SCRIPT = ("Link", "</style.css>; rel=preload; as=style"), ("Link", "</script.js>; rel=preload; as=script")


def hints(environ, start_response):
    """Twice, and then what it was asked for."""
    environ["wsgi.early_hints"]([STYLE, ("X-Hint", "1")])
    environ["wsgi.early_hints"]([SCRIPT])
    return text(start_response, environ["wsgi.input"].read(1000) or "hinted", headers=[STYLE, SCRIPT])


def hints_elsewhere(environ, start_response):
    """By a thread, which meanwhile may be a fiber; that of the request goes on."""
    raised = []

    def send():
        try:
            environ["wsgi.early_hints"]([STYLE])
        except RuntimeError as error:
            raised.append(str(error))

    thread = threading.Thread(target=send)
    thread.start()
    thread.join()
    environ["wsgi.early_hints"]([SCRIPT])
    return text(start_response, raised[0] if raised else "sent")


def late_hints(environ, start_response):
    """Once the head is out they are as nothing, and what is none is an error all the same."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"one,"
    environ["wsgi.early_hints"]([STYLE])
    try:
        environ["wsgi.early_hints"]([("Bad name", "x")])
    except ValueError:
        yield b"two"


def bad_hints(environ, start_response):
    kinds = {
        "line": [("X-Bad", "a\r\nInjected: yes")], "name": [("X Bad", "a")], "snow": [("X-Snow", "\u2603")],
        "number": [("X-Bad", 1)], "none": None,
    }
    environ["wsgi.early_hints"](kinds[environ["QUERY_STRING"]])
    return text(start_response, "never")


class Kept:
    """Something that a request has left."""


def keeps_environ(environ, start_response):
    """Leaves environ in its context."""
    environ["shapes.kept"] = Kept()
    state["kept"] = weakref.ref(environ["shapes.kept"])
    variable.set(environ)
    return text(start_response, "kept")


def is_kept(environ, start_response):
    return text(start_response, str(state["kept"]() is not None))


def early_error(environ, start_response):
    raise ValueError("before the head")


def late_error(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"x" * 10
    raise ValueError("after the head")


def error_info(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    try:
        raise KeyError("replaced")
    except KeyError:
        start_response("503 Service Unavailable", [("Content-Type", "text/plain")], sys.exc_info())
    return [b"replaced"]


def late_info(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"begun"
    try:
        raise KeyError("too late")
    except KeyError:
        start_response("500 Oh", [], sys.exc_info())
    yield b"never"


def twice(environ, start_response):
    start_response("200 OK", [])
    start_response("200 OK", [])
    return [b"never"]


def no_start(environ, start_response):
    return [b"never"]


def bad_header(environ, start_response):
    start_response("200 OK", [("X-Bad", "a\r\nInjected: yes")])
    return [b"never"]


def bad_status(environ, start_response):
    start_response("OK", [])
    return [b"never"]


def not_latin(environ, start_response):
    start_response("200 OK", [("X-Snow", "\u2603")])
    return [b"never"]


def not_bytes(environ, start_response):
    start_response("200 OK", [])
    return ["text"]


def file(environ, start_response):
    path = os.environ["SHAPES_FILE"]
    opened = open(path, "rb")
    opened.seek(int(environ["QUERY_STRING"] or 0))
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return environ["wsgi.file_wrapper"](opened)


def unpacked(environ, start_response):
    """A file that has the descriptor of another, whose bytes it unpacks: gzip's, bz2's, lzma's."""
    module = importlib.import_module(environ["QUERY_STRING"])
    with tempfile.NamedTemporaryFile(delete=False) as packed:
        packed.write(module.compress(b"unpacked " * 10_000))
    opened = module.open(packed.name, "rb")
    os.unlink(packed.name)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return environ["wsgi.file_wrapper"](opened)


class Loud(io.FileIO):
    def read(self, size=-1):
        return super().read(size).upper()


def kinds_of_files(environ, start_response):
    """Files that give their own bytes, and others."""
    kind = environ["QUERY_STRING"]
    named = tempfile.NamedTemporaryFile()
    named.write(b"not this, but this")
    named.flush()
    files = {
        "raw": lambda: open(named.name, "rb", buffering=0), "random": lambda: open(named.name, "r+b"), "named": lambda: named,
        "own": lambda: Loud(named.name), "buffered": lambda: io.BufferedReader(Loud(named.name)),
        "memory": lambda: io.BytesIO(b"not this, but this"),
    }
    file = files[kind]()
    file.seek(10)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return environ["wsgi.file_wrapper"](file)


def errors(environ, start_response):
    environ["wsgi.errors"].write("a line of wsgi.errors\n")
    return text(start_response, "noted")


def sleep(environ, start_response):
    time.sleep(float(environ["QUERY_STRING"] or 0.5))
    return text(start_response, "slept")


barriers = {}


def meeting(environ, start_response):
    """Goes on when so many are here at once."""
    count = int(environ["QUERY_STRING"])
    barriers.setdefault(count, threading.Barrier(count)).wait(30)
    return text(start_response, "met")


def locks(environ, start_response):
    """Each request is inside alone, though it waits there."""
    with lock, lock:
        state["inside"] += 1
        state["most_inside"] = max(state["most_inside"], state["inside"])
        time.sleep(0.01)
        state["inside"] -= 1
    return text(start_response, str(state["most_inside"]))


def own(environ, start_response):
    """What belongs to a thread, and to a context, is the request's own over a wait."""
    name = environ["QUERY_STRING"]
    before = variable.get()
    local.name = name
    variable.set(name)
    ident = threading.get_ident()
    try:
        raise KeyError(name)
    except KeyError as error:
        time.sleep(0.05)
        same = sys.exc_info()[1] is error
    right = (before is None, local.name == name, variable.get() == name, threading.get_ident() == ident, same)
    return text(start_response, repr(right))


def thread(environ, start_response):
    found = []
    worker = threading.Thread(target=lambda: found.append(threading.get_ident()))
    worker.start()
    worker.join()
    return text(start_response, str(found[0] != threading.get_ident()))


def process(environ, start_response):
    return text(start_response, subprocess.run(["echo", "child"], capture_output=True, check=True).stdout)


def forks(environ, start_response):
    child = os.fork()
    if child == 0:
        os._exit(7)
    return text(start_response, str(os.waitpid(child, 0)[1] >> 8))


#: What a child may exit by.
CODES = {"none": None, "seven": 7, "much": 256 + 9, "text": "the child's last words"}


def child_exits(environ, start_response):
    child = os.fork()
    if child == 0:
        sys.stdout.write("printed by a child\n")
        sys.exit(CODES[environ["QUERY_STRING"]])
    return text(start_response, str(os.waitpid(child, 0)[1] >> 8))


def child_exits_late(environ, start_response):
    """Once the answer's head is out."""

    def parts():
        yield b"status "
        child = os.fork()
        if child == 0:
            sys.exit(8)
        yield b"%d" % (os.waitpid(child, 0)[1] >> 8)

    start_response("200 OK", [("Content-Type", "text/plain")])
    return parts()


def fork_returns(environ, start_response):
    """A child that goes back into the server."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
    return text(start_response, "parent" if child else "child")


def recursion(environ, start_response):
    def deeper(n):
        return deeper(n + 1)

    try:
        deeper(0)
    except RecursionError:
        return text(start_response, "recursion ended")


def exits(environ, start_response):
    sys.exit(3)


def interrupted(environ, start_response):
    raise KeyboardInterrupt


def dies(environ, start_response):
    os._exit(9)


def numbers(environ, start_response):
    import greenfinch

    return text(start_response, json.dumps(greenfinch.stats()))


def fibers(environ, start_response):
    """Four that each go on when all are there."""
    import greenfinch

    begun = []

    def work(number):
        begun.append(number)
        end = time.monotonic() + 30
        while len(begun) < 4:
            if time.monotonic() > end:
                raise RuntimeError("%r are alone" % begun)
            time.sleep(0.01)
        if number == 3:
            raise ValueError("three")
        return number * 2

    all_of_them = [greenfinch.spawn(work, number) for number in range(4)]
    results = [fiber.result() for fiber in all_of_them[:3]]
    try:
        all_of_them[3].result()
    except ValueError as error:
        results.append(str(error))
    return text(start_response, json.dumps(results))


def offloads(environ, start_response):
    import greenfinch

    return text(start_response, str(greenfinch.offload(sum, [1, 2, 3])))


def dumps(environ, start_response):
    """What the worker is at. From this fiber, or from a thread that it begins."""
    import greenfinch

    found = []
    if environ["QUERY_STRING"] == "thread":
        thread = threading.Thread(target=lambda: found.append(greenfinch.dump()))
        thread.start()
        thread.join()
    else:
        found.append(greenfinch.dump())
    return text(start_response, found[0])


def main_thread(environ, start_response):
    return text(start_response, str(threading.current_thread() is threading.main_thread()))


def upgrade(environ, start_response):
    """Another protocol over the connection itself, as simple-websocket speaks one under gunicorn."""
    peer = environ["gunicorn.socket"]
    if environ["QUERY_STRING"] == "unused":
        return text(start_response, "unused")
    peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")

    def echo_all():
        while True:
            data = peer.recv(100)
            if data in (b"end", b""):
                return
            peer.sendall(data.upper())

    reader = threading.Thread(target=echo_all)
    reader.start()
    reader.join()
    raise StopIteration


def modules(environ, start_response):
    """Which of other servers' modules are imported."""
    return text(start_response, json.dumps([name for name in ("gevent", "eventlet", "uvicorn", "gunicorn") if name in sys.modules]))


def pid(environ, start_response):
    return text(start_response, str(os.getpid()))


def preload(environ, start_response):
    return text(start_response, os.environ.get("LD_PRELOAD", "none"))


ROUTES = {
    name: value
    for name, value in list(globals().items())
    if callable(value) and getattr(value, "__module__", None) == __name__ and name != "text" and not isinstance(value, type)
}


def application(environ, start_response):
    name = environ["PATH_INFO"].strip("/").split("/")[0] or "root"
    found = ROUTES.get(name)
    if found is None:
        return text(start_response, "not found", "404 Not Found")
    return found(environ, start_response)


def validated(environ, start_response):
    from wsgiref.validate import validator

    return validator(application)(environ, start_response)


def of_paste(global_conf, **local_conf):
    """The factory that a file of PasteDeploy names. Its application answers with what it was given."""

    def configured(environ, start_response):
        return text(start_response, "%s %s" % (global_conf.get("where"), local_conf.get("word")))

    return configured


def make(kind="plain"):
    return validated if kind == "validated" else application
