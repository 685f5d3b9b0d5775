"""What code gets that computes for longer than a request may take."""


class RequestTimeout(TimeoutError):
    """Raised in code that still computes when the time of its request, ``request_timeout``, is over; code that waits gets the
    ``TimeoutError`` of its wait. Whoever catches it and goes on computing gets it once more each second."""

    def __str__(self):
        return super().__str__() or "the request has taken longer than request_timeout"


RequestTimeout.__module__ = "greenfinch"
