"""Runs an application of ASGI 3 in an event loop, which has one fiber of the worker.

The connections' fibers parse and write HTTP and WebSockets. They tell the loop of requests, and the loop, between two of its
callbacks, begins the application for each: in a task of its own, whose first step is taken at once. The loop is asyncio's or
uvloop's own, unchanged; asyncio's waits with a selector that knows of the requests too.
"""

import asyncio
import contextlib
import inspect
import ipaddress
import logging
import os
import selectors
import signal
import sys
import time
import traceback

from . import _child
from . import _greenfinch as native
from ._kind import as_asgi3
from ._lifespan import Lifespan, LifespanError
from ._root import set_root

SPECIFICATION = {"version": "3.0", "spec_version": "2.4"}
HTTP = {
    "type": "http",
    "asgi": SPECIFICATION,
    "extensions": {
        "http.response.pathsend": {},
        "http.response.trailers": {},
        "http.response.early_hint": {},
    },
}
WEBSOCKET = {"type": "websocket", "asgi": SPECIFICATION, "extensions": {"websocket.http.response": {}}}


def run(application):
    """Serves the application until the worker is asked to stop. In the fiber of the loop."""
    loop = _make_loop(_setting("asgi_loop", "auto"))
    asyncio.set_event_loop(loop)
    worker = os.getpid()
    try:
        # One task for as long as the loop runs: libraries tell by that for how long it does.
        server = loop.create_task(_Server(as_asgi3(application), loop).serve())
        while not server.done():
            try:
                loop.run_until_complete(server)
            except (SystemExit, KeyboardInterrupt) as error:
                # The loop lets these two out, whoever has raised them, and can go on.
                if os.getpid() != worker:
                    # In a child that a request has forked. The loop and its requests are its parent's.
                    _child.end(error)
                if server.done():
                    raise
                _left_loop(error)
    finally:
        _end(loop)


def _left_loop(error):
    """Of a task it is the end, which is told of as any other. Whoever raises it elsewhere, in a callback, means the process: the
    worker ends gracefully, as by the handler of a signal."""
    if not any(frame.f_code.co_flags & inspect.CO_COROUTINE for frame, _ in traceback.walk_tb(error.__traceback__)):
        logging.getLogger("gunicorn.error").error("A callback of the event loop ends the worker", exc_info=error)
        os.kill(os.getpid(), signal.SIGTERM)


class Selector(selectors.EpollSelector):
    """Waits for descriptors, and for requests, which need none."""

    #: How many times the loop has come round.
    turns = 0

    def select(self, timeout=None):
        self.turns += 1
        if native.asgi_wait(self.fileno(), timeout):
            return super().select(0)
        return []


def _make_loop(name):
    if name in ("auto", "uvloop"):
        try:
            import uvloop
        except ImportError:
            if name == "uvloop":
                raise RuntimeError("asgi_loop is uvloop, which is not installed: pip install uvloop") from None
        else:
            return uvloop.new_event_loop()
    return asyncio.SelectorEventLoop(Selector())


def _setting(name, standard):
    return native.setting(name) or standard


def _seconds(text):
    """A time as settings have it: ``3``, ``0.5``, ``3s``, ``100ms``."""
    for suffix, factor in (("ms", 0.001), ("s", 1.0)):
        if text.endswith(suffix):
            return float(text[: -len(suffix)]) * factor
    return float(text)


def _server(bind):
    """The address that all clients have connected to, where the server listens at one that is no wildcard."""
    host, _, port = bind.rpartition(":")
    if "," in bind or not port.isdigit() or port == "0":
        return None
    host = host.strip("[]")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return None if address.is_unspecified else (host, int(port))


class _Server:
    def __init__(self, application, loop):
        self.application = application
        self.loop = loop
        self.log = logging.getLogger("gunicorn.error")
        self.lifespan = Lifespan(application, _setting("asgi_lifespan", "auto"), self.log)
        self.grace = _seconds(_setting("asgi_disconnect_grace_period", "3"))
        self.stopped = loop.create_future()

    async def serve(self):
        self.configure()
        try:
            await self.lifespan.startup()
        except LifespanError as error:
            native.asgi_started("The application has not started: %s" % error)
            return
        selector = getattr(self.loop, "_selector", None)
        if not isinstance(selector, Selector):
            self.loop.add_reader(native.asgi_descriptor(), self.process)
        native.asgi_started(None)
        watch = BlockWatch(selector, self.log)
        try:
            await self.stopped
            await self.finish()
        finally:
            watch.end()
            with contextlib.suppress(asyncio.CancelledError):
                await self.lifespan.shutdown()

    def configure(self):
        if _seconds(_setting("request_timeout", "0")) > 0:
            self.loop.set_task_factory(_begin_task)
        is_eager = sys.version_info >= (3, 12)
        options = {"loop": self.loop}
        if is_eager:
            options["eager_start"] = True
        native.asgi_configure(
            application=self.application,
            loop=self.loop,
            task_type=asyncio.Task,
            task_options=options,
            is_eager=is_eager,
            report=report,
            on_stop=self.stop,
            on_gone=self.client_gone,
            on_late=self.out_of_time,
            http=HTTP,
            websocket=WEBSOCKET,
            root_path=set_root(),
            state=None if _setting("asgi_lifespan", "auto") == "off" else self.lifespan.state,
            cancelled_error=asyncio.CancelledError,
            server=_server(_setting("bind", "")),
        )

    def process(self):
        """With a loop that waits by itself: takes what has come, and comes again where there is more."""
        if native.asgi_process():
            self.loop.call_soon(self.process)

    def stop(self):
        if not self.stopped.done():
            self.stopped.set_result(None)

    def client_gone(self, exchange):
        """Whoever makes an answer for nobody is cancelled, after a time for noticing it himself; not who has made it by then."""
        self.loop.call_later(self.grace, exchange.give_up)

    def out_of_time(self, task):
        """Whoever still makes an answer when the request's time is over is cancelled where he awaits something."""
        task.cancel("the request has taken longer than request_timeout")

    async def finish(self):
        """Waits for the calls of the application that go on after their answers: background tasks."""
        deadline = self.loop.time() + _seconds(_setting("graceful_timeout", "30"))
        while native.asgi_active() and self.loop.time() < deadline:
            await asyncio.sleep(0.02)
        if native.asgi_active():
            self.log.warning("%d calls of the application had not ended when their time was over.", native.asgi_active())


def _end(loop):
    try:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=1))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(asyncio.wait_for(loop.shutdown_default_executor(), 1))
    except asyncio.TimeoutError:
        pass
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def report(error, line=None, is_late=False):
    """The text for the log of what an application has raised, with the request's line where the log would not have it.

    ``is_late``: it was ended since the request's time is over.
    """
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip()
    if is_late:
        return trace
    place = " after its answer to " + line if line else ""
    return "Exception in ASGI application%s\n%s" % (place, trace)


def _begin_task(loop, coroutine, **options):
    """A task that a request's own task begins has the request's time too."""
    # What is none is refused by the task.
    if asyncio.iscoroutine(coroutine):
        coroutine = native.asgi_guarded(coroutine)
    return asyncio.Task(coroutine, loop=loop, **options)


class BlockWatch:
    """Says which line of ``async`` code holds the loop by a call that blocks: all requests of the worker wait for it.

    It looks from a fiber of its own once a second, and so it sees calls that wait. One that computes holds the fibers too, and
    is for the worker's own watchdog to tell of.
    """

    INTERVAL = 1.0

    def __init__(self, selector, log):
        import threading

        self._ident = threading.get_ident()
        self._selector = selector if isinstance(selector, Selector) else None
        self._log = log
        self._has_ended = False
        self._spawn()

    def _spawn(self):
        if native.in_fiber():
            self._fiber = native.spawn(self._look)

    def end(self):
        """Looks no more."""
        self._has_ended = True

    def _look(self):
        before = told = None
        while not self._has_ended:
            time.sleep(self.INTERVAL)
            frame = sys._current_frames().get(self._ident)
            now = self._place(frame)
            if now is not None and now == before and now != told:
                told = now
                self._tell(frame)
            before = now

    def _place(self, frame):
        """Where the loop is, as something to compare; ``None`` where it waits, as it should."""
        if frame is None or frame.f_code in (Selector.select.__code__, run.__code__):
            return None
        return id(frame), frame.f_lasti, self._selector.turns if self._selector else None

    def _tell(self, frame):
        stack = "".join(traceback.format_stack(frame)).rstrip()
        self._log.warning(
            "A call in async code has held the event loop for more than %g s, and every request of this worker waits for it. "
            "Await an asynchronous call in its place, or asyncio.to_thread(function):\n%s",
            self.INTERVAL,
            stack,
        )
