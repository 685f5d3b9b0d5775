"""What runs on a thread of its own while a `with` block runs."""

from __future__ import annotations

import threading


class Background:
    def __init__(self) -> None:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        """Goes on until `_done` is set."""
        raise NotImplementedError
