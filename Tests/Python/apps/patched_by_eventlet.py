"""A program that eventlet has patched; where it is not installed, that has what it leaves behind then."""

import sys
import types

try:
    import eventlet
except ImportError:
    patcher = types.ModuleType("eventlet.patcher")
    patcher.already_patched = {"socket": True}
    sys.modules["eventlet.patcher"] = patcher
else:
    eventlet.monkey_patch()


def app(environ, start_response):
    start_response("200 OK", [])
    return [b"never"]
