"""Values of each greenlet's own. A greenlet is a thread to Python, so they are those of threads."""

from threading import local

__all__ = ["local"]
