"""The server's error log as Python sees it."""

import threading

from . import _greenfinch


class ErrorStream:
    """``wsgi.errors``: whole lines go into the error log. Each thread gathers its own."""

    encoding = "utf-8"
    errors = "backslashreplace"
    closed = False

    def __init__(self):
        self._parts = threading.local()

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() takes str, not {type(text).__name__}")
        parts = self._parts
        gathered = getattr(parts, "text", "") + text
        *lines, parts.text = gathered.split("\n")
        if lines:
            self._put("\n".join(lines))
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        rest = getattr(self._parts, "text", "")
        if rest:
            self._parts.text = ""
            self._put(rest)

    def _put(self, text):
        if text.strip():
            _greenfinch.log(40, text.encode("utf-8", self.errors).decode("utf-8"))

    def isatty(self):
        return False

    def writable(self):
        return True

    def readable(self):
        return False

    def seekable(self):
        return False
