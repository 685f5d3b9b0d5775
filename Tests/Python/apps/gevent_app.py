"""A program that was written for gevent, unchanged."""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import socket  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402

import gevent  # noqa: E402
import gevent.pool  # noqa: E402
import gevent.queue  # noqa: E402
from gevent import Timeout  # noqa: E402
from gevent.event import AsyncResult, Event  # noqa: E402


def spawn():
    """Twenty that sleep until all have begun."""
    begun = []

    def work(number):
        begun.append(number)
        end = time.monotonic() + 30
        while len(begun) < 20:
            if time.monotonic() > end:
                return None
            time.sleep(0.02)
        return number * 2

    greenlets = [gevent.spawn(work, number) for number in range(20)]
    gevent.joinall(greenlets)
    return [one.value for one in greenlets]


def pool():
    return gevent.pool.Pool(5).map(lambda number: (gevent.sleep(0.02), number)[1], range(20))


def queue():
    items, got = gevent.queue.Queue(3), []
    taker = gevent.spawn(lambda: [got.append(item) for item in items])
    for number in range(10):
        items.put(number)
    items.put(StopIteration)
    taker.join()
    return got


def timeout_of_a_sleep():
    began = time.monotonic()
    try:
        with Timeout(0.1):
            time.sleep(40)
    except Timeout as timeout:
        return str(timeout), time.monotonic() - began < 20


def timeout_of_a_socket():
    one, other = socket.socketpair()
    began = time.monotonic()
    try:
        with Timeout(0.1):
            one.recv(1)
    except Timeout as timeout:
        return str(timeout), time.monotonic() - began < 20
    finally:
        one.close()
        other.close()


def with_timeout_of_a_socket():
    one, other = socket.socketpair()
    with one, other:
        value = gevent.with_timeout(0.1, one.recv, 10, timeout_value="late")
        try:
            gevent.with_timeout(0.1, one.recv, 10)
        except Timeout as timeout:
            return value, str(timeout)


def silent():
    with Timeout(0.05, False):
        time.sleep(30)
    return "went on"


def kill():
    seen, began = [], Event()

    def wait():
        one, other = socket.socketpair()
        try:
            began.set()
            one.recv(1)
        finally:
            seen.append("cleaned up")

    greenlet = gevent.spawn(wait)
    began.wait(30)
    # It goes on to its wait before.
    gevent.sleep(0)
    greenlet.kill()
    return seen, greenlet.successful(), type(greenlet.value).__name__


def events():
    event, result = Event(), AsyncResult()
    waiting = [gevent.spawn(event.wait, 30) for _ in range(3)]
    gevent.spawn_later(0.05, result.set, "value")
    event.set()
    return [one.get() for one in waiting], result.get(timeout=30)


def many():
    began = time.monotonic()
    greenlets = [gevent.spawn(gevent.sleep, 0.3) for _ in range(500)]
    gevent.joinall(greenlets)
    # One after the other they would take 150.
    return time.monotonic() - began < 50


def after_a_timeout():
    """The same fiber waits on as it should."""
    for _ in range(3):
        try:
            with Timeout(0.02):
                time.sleep(30)
        except Timeout:
            pass
    began = time.monotonic()
    time.sleep(0.1)
    return time.monotonic() - began >= 0.09


def own_names():
    import greenfinch

    # Each goes on when all are there.
    barrier = threading.Barrier(50)
    with greenfinch.ThreadPoolExecutor(50) as executor:
        met = list(executor.map(lambda _: barrier.wait(30), range(50)))
    return greenfinch.spawn(int, "7").get(), sorted(met) == list(range(50)), greenfinch.Pool(2).map(abs, [-1, -2])


TESTS = {
    function.__name__: function
    for function in (
        spawn, pool, queue, timeout_of_a_sleep, timeout_of_a_socket, with_timeout_of_a_socket,
        silent, kill, events, many, after_a_timeout, own_names,
    )
}


def application(environ, start_response):
    name = environ["PATH_INFO"].strip("/")
    body = json.dumps(TESTS[name]()) if name in TESTS else "Hello"
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body.encode()]
