"""An application of ASGI whose requests take longer than they may, and others beside them."""

import asyncio
import contextlib
import json
import sys
import time

notes = []


def begun(name):
    """Logs that a request has come in its time to what takes longer."""
    print("begun /%s\n" % name, end="", file=sys.stderr, flush=True)


async def answer(send, body, status=200):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})


def compute(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def endless():
    while True:
        pass


async def awaits(scope, receive, send):
    """What awaits is cancelled, and may clean up by awaiting."""
    begun("awaits")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError as error:
        notes.append("cancelled: %s" % error)
        await asyncio.sleep(0.2)
        notes.append("cleaned up")
        raise


async def swallows(scope, receive, send):
    """An answer that comes too late is nobody's."""
    begun("swallows")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        try:
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"late", "more_body": True})
        except OSError as error:
            notes.append("%s: %s" % (type(error).__name__, error))


async def waits_for_a_message(scope, receive, send):
    await receive()
    begun("waits")
    try:
        notes.append((await receive())["type"])
    except asyncio.CancelledError:
        notes.append("cancelled")
        raise


async def computes(scope, receive, send):
    begun("computes")
    endless()


async def computes_after_a_wait(scope, receive, send):
    await asyncio.sleep(0.2)
    begun("computes-later")
    endless()


async def catches(scope, receive, send):
    begun("catches")
    for _ in range(2):
        try:
            endless()
        except TimeoutError as error:
            notes.append("%s: %s" % (type(error).__name__, error))
    await answer(send, b"late")


async def blocks(scope, receive, send):
    """A call that blocks holds the loop, and ends with the request's time."""
    begun("blocks")
    try:
        time.sleep(60)
    except TimeoutError as error:
        notes.append(type(error).__name__)
        raise


async def no_coroutines(scope, receive, send):
    """What no task can be made of is refused where it is asked for."""
    for thing in (asyncio.get_running_loop().create_future(), hello):
        try:
            asyncio.create_task(thing)
        except TypeError as error:
            notes.append(str(error))
    await answer(send, b"done")


async def times_out_after_the_answer(scope, receive, send):
    await answer(send, b"done")
    await asyncio.sleep(float(scope["query_string"]))
    raise TimeoutError("of its own")


async def in_a_task(scope, receive, send):
    """As middleware does that runs the rest in a task of its own."""

    async def rest():
        await asyncio.sleep(0.01)
        begun("task")
        try:
            endless()
        except TimeoutError as error:
            notes.append("in the task: " + type(error).__name__)
            raise

    await asyncio.create_task(rest())


async def streams(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    begun("streams")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        notes.append("cancelled in its body")
        raise


async def background(scope, receive, send):
    """What goes on after the answer has all the time it wants: where it awaits, computes and blocks."""
    await answer(send, b"done")
    time.sleep(0.8)
    notes.append("slept")
    compute(0.8)
    notes.append("computed")
    await asyncio.sleep(0.8)
    compute(0.8)
    notes.append("background")


async def background_task(scope, receive, send):
    async def later():
        await asyncio.sleep(0.1)
        compute(1.5)
        notes.append("background task")

    scope["state"]["kept"] = asyncio.create_task(later())
    await answer(send, b"done")


async def computes_a_while(scope, receive, send):
    compute(float(scope["query_string"]))
    await answer(send, b"done")


async def sleeps_a_while(scope, receive, send):
    await asyncio.sleep(float(scope["query_string"]))
    await answer(send, b"done")


async def noted(scope, receive, send):
    await answer(send, json.dumps(notes).encode())


async def hello(scope, receive, send):
    await answer(send, b"done")


paths = {
    "/": hello, "/notes": noted, "/awaits": awaits, "/swallows": swallows, "/waits": waits_for_a_message, "/computes": computes,
    "/computes-later": computes_after_a_wait, "/catches": catches, "/blocks": blocks, "/task": in_a_task, "/streams": streams,
    "/no-coroutines": no_coroutines, "/times-out-later": times_out_after_the_answer,
    "/background": background, "/background-task": background_task, "/compute": computes_a_while, "/sleep": sleeps_a_while,
}


async def socket(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if message["text"] == "compute":
            compute(1.5)
        await send({"type": "websocket.send", "text": message["text"]})


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    if scope["type"] == "websocket":
        return await socket(scope, receive, send)
    with contextlib.suppress(KeyError):
        return await paths[scope["path"]](scope, receive, send)
    await answer(send, b"nothing here", 404)
