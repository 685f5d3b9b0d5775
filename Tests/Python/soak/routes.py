"""What the soak asks for: each route does something that waits or keeps state of a thread, and answers with its number only if what
it got was its own."""

import asyncio
import bz2
import collections
import concurrent.futures
import contextvars
import ctypes
import decimal
import gc
import hashlib
import http.client
import io
import itertools
import json
import logging
import lzma
import os
import pickle
import queue
import random
import select
import selectors
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import weakref
import zlib

ROUTES = {}
port = 0
local = threading.local()
variable = contextvars.ContextVar("number")
lock, again, changed = threading.Lock(), threading.RLock(), threading.Condition()
shared = collections.Counter()


def route(function):
    ROUTES[function.__name__] = function
    return function


def pause(number):
    time.sleep(0.001 * (number % 7))


# ---- Threads and what belongs to them ------------------------------------------------------------------------------


@route
def sleep(number):
    pause(number)
    return number


@route
def thread_local(number):
    local.number = number
    pause(number)
    return local.number


@route
def context_variable(number):
    token = variable.set(number)
    pause(number)
    found = variable.get()
    variable.reset(token)
    return found


@route
def decimal_context(number):
    with decimal.localcontext() as context:
        context.prec = 2 + number % 20
        pause(number)
        assert len((decimal.Decimal(1) / 3).as_tuple().digits) == 2 + number % 20
    return number


@route
def locks(number):
    with lock:
        before = shared["lock"]
        pause(number)
        shared["lock"] = before + 1
        assert shared["lock"] == before + 1
    return number


@route
def reentrant(number):
    with again, again:
        mine = shared["again"] = number
        pause(number)
        assert shared["again"] == mine
    return number


@route
def condition(number):
    with changed:
        changed.notify_all()
        changed.wait(0.005)
    return number


@route
def event(number):
    done = threading.Event()
    timer = threading.Timer(0.002, done.set)
    timer.start()
    assert done.wait(30)
    timer.join()
    return number


@route
def barrier(number):
    both = threading.Barrier(2)
    other = threading.Thread(target=both.wait, args=(30,))
    other.start()
    both.wait(30)
    other.join()
    return number


@route
def thread(number):
    found = []
    worker = threading.Thread(target=lambda: (pause(number), found.append(number)))
    worker.start()
    worker.join()
    return found[0]


@route
def pool(number):
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        assert list(threads.map(lambda n: n * number, range(5))) == [n * number for n in range(5)]
    return number


@route
def queues(number):
    items = queue.Queue(2)
    worker = threading.Thread(target=lambda: [items.put(n) for n in range(number, number + 9)])
    worker.start()
    found = [items.get(timeout=30) for _ in range(9)]
    worker.join()
    assert found == list(range(number, number + 9))
    return number


@route
def semaphore(number):
    gate = threading.BoundedSemaphore(1)
    assert gate.acquire(timeout=1) and not gate.acquire(timeout=0.002)
    gate.release()
    return number


@route
def errors(number):
    try:
        raise KeyError(number)
    except KeyError as error:
        pause(number)
        # The exception that is handled belongs to a thread.
        assert sys.exc_info()[1] is error and str(number) in traceback.format_exc()
        return error.args[0]


# ---- Sockets, files, processes -------------------------------------------------------------------------------------


@route
def sockets(number):
    one, other = socket.socketpair()
    with one, other:
        sender = threading.Thread(target=lambda: (pause(number), other.sendall(b"%d" % number)))
        sender.start()
        answer = one.recv(100)
        sender.join()
    return int(answer)


@route
def socket_timeout(number):
    one, other = socket.socketpair()
    with one, other:
        one.settimeout(0.003)
        try:
            one.recv(1)
        except socket.timeout:
            return number


@route
def selecting(number):
    one, other = socket.socketpair()
    with one, other:
        assert select.select([one], [], [], 0.002) == ([], [], [])
        other.send(b"x")
        assert select.select([one], [], [], 30)[0] == [one]
    return number


@route
def selector(number):
    one, other = socket.socketpair()
    with one, other, selectors.DefaultSelector() as chosen:
        chosen.register(one, selectors.EVENT_READ, number)
        other.send(b"x")
        return chosen.select(30)[0][0].data


@route
def pipe(number):
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb", 0) as sink:
        sink.write(b"%d\n" % number)
        return int(source.readline())


@route
def web(number):
    # The server itself, by the port that it listens at.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", f"/sleep?{number}")
        return int(connection.getresponse().read())
    finally:
        connection.close()


@route
def tls(number):
    certificate = os.environ["SOAK_CERTIFICATE"]
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    client = ssl.create_default_context(cafile=certificate)
    one, other = socket.socketpair()

    def serve():
        with server.wrap_socket(one, server_side=True) as peer:
            peer.sendall(peer.recv(100))

    serving = threading.Thread(target=serve)
    serving.start()
    with client.wrap_socket(other, server_hostname="localhost") as peer:
        peer.sendall(b"%d" % number)
        answer = int(peer.recv(100))
    serving.join()
    return answer


@route
def process(number):
    return int(subprocess.run(["/bin/echo", str(number)], capture_output=True, check=True).stdout)


@route
def shell(number):
    assert os.system(f"exit {number % 100}") >> 8 == number % 100
    return number


@route
def fork(number):
    pid = os.fork()
    if pid == 0:
        os._exit(number % 100)
    assert os.WEXITSTATUS(os.waitpid(pid, 0)[1]) == number % 100
    return number


@route
def files(number):
    with tempfile.TemporaryFile("w+") as file:
        file.write(str(number))
        file.seek(0)
        return int(file.read())


@route
def database(number):
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("create table numbers (number integer)")
        connection.executemany("insert into numbers values (?)", [(number + n,) for n in range(10)])
        return connection.execute("select min(number) from numbers").fetchone()[0]
    finally:
        connection.close()


@route
def names(number):
    assert socket.getaddrinfo("localhost", number % 60000, type=socket.SOCK_STREAM)
    return number


# ---- Asynchronous code ---------------------------------------------------------------------------------------------


async def _later(number):
    await asyncio.sleep(0.001 * (number % 7))
    return number


@route
def async_run(number):
    return asyncio.run(_later(number))


@route
def async_gather(number):
    async def all_of_them():
        return sum(await asyncio.gather(*(_later(number) for _ in range(5)))) // 5

    return asyncio.run(all_of_them())


@route
def async_thread(number):
    if not hasattr(asyncio, "to_thread"):
        return number
    return asyncio.run(asyncio.to_thread(lambda: number))


@route
def async_process(number):
    async def run():
        child = await asyncio.create_subprocess_exec("/bin/echo", str(number), stdout=subprocess.PIPE)
        return int((await child.communicate())[0])

    return asyncio.run(run())


# ---- What computes -------------------------------------------------------------------------------------------------


@route
def digests(number):
    data = b"%d" % number * 20000
    assert hashlib.sha256(data).digest() == hashlib.sha256(data).digest()
    return number


@route
def compression(number):
    data = b"%d" % number * 5000
    assert zlib.decompress(zlib.compress(data)) == bz2.decompress(bz2.compress(data)) == data
    return number


@route
def strong_compression(number):
    return int(lzma.decompress(lzma.compress(b"%d" % number, preset=0)))


@route
def recursion(number):
    def deeper(left):
        return deeper(left - 1) if left else number

    return deeper(500)


@route
def too_deep(number):
    def deeper():
        return deeper() + 1

    try:
        deeper()
    except RecursionError:
        return number


@route
def texts(number):
    return json.loads(json.dumps({"number": [number] * 500}))["number"][-1]


@route
def pickles(number):
    return pickle.loads(pickle.dumps([number] * 1000))[-1]


@route
def rubbish(number):
    class Ring:
        pass

    ring = Ring()
    ring.self = ring
    gone = weakref.ref(ring)
    del ring
    if number % 50 == 0:
        gc.collect()
        assert gone() is None
    return number


@route
def callbacks(number):
    array = (ctypes.c_int * 5)(5, 3, 1, 4, 2)
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
    ctypes.CDLL(None).qsort(array, 5, 4, kind(lambda a, b: a[0] - b[0]))
    assert list(array) == [1, 2, 3, 4, 5]
    return number


@route
def generators(number):
    return sum(itertools.islice((number for _ in itertools.count()), 100)) // 100


@route
def logs(number):
    stream = io.StringIO()
    logger = logging.Logger("soak")
    logger.addHandler(logging.StreamHandler(stream))
    logger.warning("%d", number)
    return int(stream.getvalue())


@route
def randomness(number):
    return random.Random(number).sample([number], 1)[0]


@route
def signals(number):
    assert signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN
    return number


@route
def arrays(number):
    try:
        import numpy
    except ImportError:
        return number
    matrix = numpy.full((60, 60), number % 100, dtype=float)
    assert (matrix @ numpy.eye(60) == matrix).all()
    return number


def application(environ, start_response):
    """Answers ``/NAME?NUMBER`` with the number."""
    global port
    port = int(environ["SERVER_PORT"])
    name, number = environ["PATH_INFO"][1:], environ["QUERY_STRING"]
    body = str(ROUTES[name](int(number))) if name else " ".join(ROUTES)
    start_response("200 OK", [("Content-Type", "text/plain")])
    # Now and then piece by piece.
    return [body.encode()] if number == "" or int(number) % 3 else (character.encode() for character in body)
