"""The article's program as Quart has it, for uvicorn: the same routes as the example `hello`."""

import asyncio

from quart import Quart

app = Quart(__name__)


@app.get("/")
async def index():
    await asyncio.sleep(0.5)  # a rough stand-in for waiting on a database
    return "Hello World!"


@app.get("/plain")
async def plain():
    return "Hello World!", 200, {"Content-Type": "text/plain; charset=utf-8"}
