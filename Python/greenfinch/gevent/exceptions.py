"""gevent's exceptions."""


class GreenletExit(BaseException):
    """Ends a greenlet that was killed: it counts as successful, and this is its value."""


class LoopExit(Exception):
    """Kept for its name: a worker's hub runs as long as the worker."""


class BlockingSwitchOutError(AssertionError):
    """Kept for its name: nothing here runs in a hub's own greenlet."""


class ConcurrentObjectUseError(AssertionError):
    """Kept for its name: two fibers may wait for one socket."""


class InvalidSwitchError(AssertionError):
    """Kept for its name."""


class InvalidThreadUseError(RuntimeError):
    """Kept for its name: everything here may be used from any thread."""


class HubDestroyed(GreenletExit):
    """Kept for its name."""


class NeedsHub(NotImplementedError):
    """What was asked for is gevent's hub itself, which there is not here."""

    def __init__(self, what, instead):
        super().__init__(
            "%s belongs to gevent's hub, and this worker has greenfinch's fibers in its place: %s" % (what, instead)
        )
