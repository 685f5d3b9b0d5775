"""What Starlette's documentation shows, in one application."""

import asyncio
import contextlib
import time

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

done = []


@contextlib.asynccontextmanager
async def lifespan(app):
    yield {"name": "from the lifespan"}


class Timing(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        began = time.monotonic()
        response = await call_next(request)
        response.headers["x-seconds"] = "%.3f" % (time.monotonic() - began)
        return response


async def index(request):
    return PlainTextResponse("Hello, %s!" % request.query_params.get("name", "world"))


async def state(request):
    return JSONResponse({"name": request.state.name, "url": str(request.url_for("user", name="ada"))})


async def user(request):
    return JSONResponse({"user": request.path_params["name"], "method": request.method})


def blocking(request):
    time.sleep(0.3)
    return PlainTextResponse("blocked")


async def form(request):
    async with request.form() as fields:
        upload = fields["file"]
        return JSONResponse({"text": fields["text"], "name": upload.filename, "size": len(await upload.read())})


async def body(request):
    count = 0
    async for piece in request.stream():
        count += len(piece)
    return JSONResponse({"count": count})


async def stream(request):
    async def numbers():
        for number in range(10):
            yield "%d\n" % number
            await asyncio.sleep(0.005)

    return StreamingResponse(numbers(), media_type="text/plain")


async def file(request):
    return FileResponse(__file__, headers={"x-own": "yes"})


async def background(request):
    async def later(what):
        await asyncio.sleep(0.2)
        done.append(what)

    return JSONResponse({"status": "begun"}, background=BackgroundTask(later, "task"))


async def all_done(request):
    return JSONResponse(done)


async def disconnected(request):
    for _ in range(200):
        if await request.is_disconnected():
            done.append("disconnected")
            return PlainTextResponse("nobody")
        await asyncio.sleep(0.02)
    return PlainTextResponse("somebody")


async def wrong(request):
    raise RuntimeError("of the application")


async def teapot(request):
    raise HTTPException(418, "a teapot")


async def group(request):
    import anyio

    results = []

    async def work(number):
        await anyio.sleep(0.05)
        results.append(number)

    async with anyio.create_task_group() as tasks:
        for number in range(5):
            tasks.start_soon(work, number)
    with anyio.move_on_after(0.05) as scope:
        await anyio.sleep(5)
    return JSONResponse({"results": sorted(results), "late": scope.cancelled_caught})


async def endless(request):
    await asyncio.sleep(0.01)
    while True:
        pass


async def asleep(request):
    """In a group of tasks, below middleware that has one too."""
    import anyio

    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep, 60)
            await anyio.sleep(60)
    finally:
        done.append("cancelled")


class Endpoint(HTTPEndpoint):
    async def get(self, request):
        return PlainTextResponse("got")

    async def post(self, request):
        return JSONResponse(await request.json())


class Echo(WebSocketEndpoint):
    encoding = "json"

    async def on_receive(self, websocket: WebSocket, data):
        await websocket.send_json({"echo": data})

    async def on_disconnect(self, websocket, close_code):
        done.append(close_code)


async def handle_teapot(request, error):
    return PlainTextResponse("short and stout", 418)


app = Starlette(
    lifespan=lifespan,
    middleware=[Middleware(Timing), Middleware(GZipMiddleware, minimum_size=2000)],
    exception_handlers={418: handle_teapot},
    routes=[
        Route("/", index),
        Route("/state", state),
        Route("/users/{name}", user, name="user", methods=["GET", "DELETE"]),
        Route("/blocking", blocking),
        Route("/form", form, methods=["POST"]),
        Route("/body", body, methods=["POST"]),
        Route("/stream", stream),
        Route("/file", file),
        Route("/background", background),
        Route("/done", all_done),
        Route("/disconnected", disconnected),
        Route("/wrong", wrong),
        Route("/teapot", teapot),
        Route("/group", group),
        Route("/endless", endless),
        Route("/asleep", asleep),
        Route("/redirect", lambda request: RedirectResponse("/", 307)),
        Mount("/sub", routes=[Route("/endpoint", Endpoint), WebSocketRoute("/echo", Echo)]),
    ],
)

# Middleware of Starlette's receives in its own way.
plain = Starlette(routes=[Route("/", index), Route("/disconnected", disconnected), Route("/done", all_done)])
