"""The path that a worker is mounted at, by its settings or, where these say nothing, by its environment."""

import os

from . import _greenfinch


def set_root():
    """That path, without a slash at its end; empty for none. In a worker only."""
    return (_greenfinch.setting("root_path") or os.environ.get("SCRIPT_NAME") or "").rstrip("/")
