"""Echoes WebSocket messages by the library `websockets` on uvloop: `echo.py PORT`."""

import asyncio
import http
import signal
import sys

import uvloop
from websockets.asyncio.server import serve


def plain(connection, request):
    """`/plain` is answered like by the other servers, so that it can be asked whether it serves."""
    return connection.respond(http.HTTPStatus.OK, "Hello World!") if request.path == "/plain" else None


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main():
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    # What others do not do either: compression is not asked for, and nobody is asked whether he is there.
    async with serve(echo, "127.0.0.1", int(sys.argv[1]), process_request=plain, compression=None, ping_interval=None, backlog=4096):
        await ended.wait()


if __name__ == "__main__":
    uvloop.run(main())
