"""The application of urllib3's dummy server, for asyncio's loop in the place of trio's."""

import asyncio
import sys
import types

import quart
import trio

# Nothing else of the two is used there.
trio.sleep = asyncio.sleep
sys.modules["quart_trio"] = types.ModuleType("quart_trio")
sys.modules["quart_trio"].QuartTrio = quart.Quart

from dummyserver.app import hypercorn_app as app  # noqa: E402, F401
