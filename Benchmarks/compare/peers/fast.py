"""The article's program as FastAPI has it, for uvicorn: the same routes as the example `hello`."""

import asyncio

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

app = FastAPI(default_response_class=PlainTextResponse)


@app.get("/")
async def index():
    await asyncio.sleep(0.5)  # a rough stand-in for waiting on a database
    return "Hello World!"


@app.get("/plain")
async def plain():
    return "Hello World!"
