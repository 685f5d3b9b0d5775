"""The lifespan of an application: https://asgi.readthedocs.io/en/latest/specs/lifespan.html"""

import asyncio
import logging
import traceback

SPECIFICATION = {"version": "3.0", "spec_version": "2.0"}


class LifespanError(Exception):
    """The application has not started; the text says why."""


class Lifespan:
    """Tells an application that the worker starts and ends.

    ``mode``: ``on``, ``off``, or ``auto``: an application that raises at the first message has no lifespan, and is served.
    """

    def __init__(self, application, mode="auto", log=None):
        self._application = application
        self._mode = mode
        self._log = log or logging.getLogger("gunicorn.error")
        #: What the application puts here, each request gets a copy of.
        self.state = {}
        self._messages = None
        self._task = None
        self._started = None
        self._ended = None

    async def startup(self):
        """Returns when the application has started. Raises :class:`LifespanError`."""
        if self._mode == "off":
            return
        loop = asyncio.get_running_loop()
        self._messages = asyncio.Queue()
        self._started, self._ended = loop.create_future(), loop.create_future()
        self._task = loop.create_task(self._run(), name="lifespan")
        await self._messages.put({"type": "lifespan.startup"})
        failure = await self._started
        if failure is not None:
            raise LifespanError(failure)

    async def shutdown(self):
        """Returns when the application has ended. What goes wrong is logged."""
        if self._task is None or self._task.done():
            return
        await self._messages.put({"type": "lifespan.shutdown"})
        failure = await self._ended
        # Its last words may come after its answer.
        await asyncio.wait([self._task], timeout=1)
        if failure is not None:
            self._log.error("The application has failed to shut down: %s", failure)

    async def _run(self):
        scope = {"type": "lifespan", "asgi": dict(SPECIFICATION), "state": self.state}
        failure = None
        try:
            await self._application(scope, self._messages.get, self._send)
        except BaseException as error:
            failure = self._failure(error)
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            for future in (self._started, self._ended):
                if not future.done():
                    future.set_result(failure)

    def _failure(self, error):
        """What an exception that the application lets out stands for."""
        if not self._started.done() and self._mode == "auto":
            self._log.info("ASGI 'lifespan' protocol appears unsupported.")
            return None
        return "".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip()

    async def _send(self, message):
        kind = message["type"]
        future = self._started if kind.startswith("lifespan.startup") else self._ended
        known = ("lifespan.startup.complete", "lifespan.startup.failed", "lifespan.shutdown.complete", "lifespan.shutdown.failed")
        if kind not in known:
            raise RuntimeError("Unexpected ASGI message '%s' in the lifespan." % kind)
        if future.done():
            raise RuntimeError("Unexpected ASGI message '%s': it was answered already." % kind)
        failure = message.get("message") or "it gave no reason" if kind.endswith(".failed") else None
        future.set_result(failure)
