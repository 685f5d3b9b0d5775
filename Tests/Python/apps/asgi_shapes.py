"""An application of ASGI with a path for each thing that one can do."""

import asyncio
import contextvars
import json
import os
import sys
import time

request_path = contextvars.ContextVar("request_path", default=None)
held = []
meetings = {}
seen = {"started": 0, "disconnects": 0, "cancelled": 0, "background": 0, "gone": 0, "waiting": 0, "sent": 0}


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        return await lifespan(scope, receive, send)
    if scope["type"] == "websocket":
        return await sockets[scope["path"]](scope, receive, send)
    await paths.get(scope["path"], missing)(scope, receive, send)


async def lifespan(scope, receive, send):
    await receive()
    seen["started"] += 1
    scope["state"]["began"] = time.monotonic()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    marker = os.environ.get("SHUTDOWN_MARKER")
    if marker:
        with open(marker, "w") as file:
            file.write("shutdown %d" % seen["background"])
    await send({"type": "lifespan.shutdown.complete"})


async def answer(send, body, status=200, headers=()):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain"), *headers]})
    await send({"type": "http.response.body", "body": body})


async def hello(scope, receive, send):
    await answer(send, b"Hello World!")


async def missing(scope, receive, send):
    await answer(send, b"nothing here", 404)


async def shown(scope, receive, send):
    texts = {
        key: value.decode("latin-1") if isinstance(value, bytes) else value
        for key, value in scope.items()
        if key not in ("headers", "state", "extensions")
    }
    texts["headers"] = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]]
    texts["state"] = sorted(scope["state"])
    await answer(send, json.dumps(texts).encode())


async def echo(scope, receive, send):
    """Sends each piece back as it comes."""
    await send({"type": "http.response.start", "status": 200})
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        await send({"type": "http.response.body", "body": message["body"], "more_body": message["more_body"]})
        if not message["more_body"]:
            return


async def length(scope, receive, send):
    count = pieces = 0
    while True:
        message = await receive()
        count += len(message["body"])
        pieces += 1
        if not message["more_body"]:
            return await answer(send, b"%d" % count)


async def stream(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    for number in range(5):
        await send({"type": "http.response.body", "body": b"%d\n" % number, "more_body": True})
        await asyncio.sleep(0.01)
    await send({"type": "http.response.body"})


async def large(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % (8 << 20))]})
    for number in range(128):
        await send({"type": "http.response.body", "body": bytes([number]) * 65536, "more_body": number < 127})


async def flows(scope, receive, send):
    """64 MB in small pieces, which never all have gone before the next come."""
    await send({"type": "http.response.start", "status": 200})
    for _ in range(16384):
        await send({"type": "http.response.body", "body": b"x" * 4096, "more_body": True})
    await send({"type": "http.response.body"})


async def sent_by_two(send, message, key):
    """Sends long pieces and short ones, each kind in a task of its own."""

    async def repeated(data, count):
        for _ in range(count):
            await send({**message, key: data})

    await asyncio.gather(repeated(b"x" * 40_000, 200), repeated(b"y" * 1000, 400))


async def two(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    await sent_by_two(send, {"type": "http.response.body", "more_body": True}, "body")
    await send({"type": "http.response.body"})


async def endless(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    try:
        while True:
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            seen["sent"] += 1
    except OSError:
        seen["gone"] += 1
        raise


async def waits_for_the_end(scope, receive, send):
    await receive()
    seen["waiting"] += 1
    try:
        message = await receive()
        if message["type"] == "http.disconnect":
            seen["disconnects"] += 1
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        seen["cancelled"] += 1
        raise


async def half(scope, receive, send):
    while (message := await receive())["type"] != "http.disconnect":
        assert message["body"]
    seen["disconnects"] += 1


async def early_answer(scope, receive, send):
    """Answers without having read the body."""
    await answer(send, b"no", 413)


async def fails(scope, receive, send):
    raise ValueError("before the head")


async def fails_late(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise ValueError("after the head")


async def exits(scope, receive, send):
    await asyncio.sleep(0.01)
    sys.exit(3)


async def exits_in_a_child(scope, receive, send):
    await asyncio.sleep(0.01)
    child = os.fork()
    if child == 0:
        sys.exit(7)
    status = await asyncio.get_running_loop().run_in_executor(None, os.waitpid, child, 0)
    await answer(send, b"%d" % (status[1] >> 8))


async def exits_in_a_child_with_a_message(scope, receive, send):
    await asyncio.sleep(0.01)
    child = os.fork()
    if child == 0:
        sys.stdout.write("printed by a child\n")
        sys.exit("the child's last words")
    status = await asyncio.get_running_loop().run_in_executor(None, os.waitpid, child, 0)
    await answer(send, b"%d" % (status[1] >> 8))


async def exits_on_a_thread(scope, receive, send):
    await asyncio.get_running_loop().run_in_executor(None, sys.exit, 3)


async def exits_in_a_callback(scope, receive, send):
    asyncio.get_running_loop().call_soon(sys.exit, 3)
    await asyncio.sleep(0.3)
    await answer(send, b"answered")


async def stops_the_loop(scope, receive, send):
    asyncio.get_running_loop().stop()
    await asyncio.sleep(60)


async def returns_early(scope, receive, send):
    pass


async def twice(scope, receive, send):
    await answer(send, b"once")
    try:
        await send({"type": "http.response.body", "body": b"twice"})
    except RuntimeError as error:
        seen["twice"] = str(error)


async def background(scope, receive, send):
    await answer(send, b"done")
    await asyncio.sleep(0.3)
    seen["background"] += 1


async def goes_on(scope, receive, send):
    """Has more to do when it has answered, once it is told to go on."""
    event = asyncio.Event()
    held.append(event)
    await answer(send, b"done")
    await event.wait()
    seen["background"] += 1


async def answers_nobody(scope, receive, send):
    """Answers when the client has gone, and has more to do then."""
    while (await receive())["type"] != "http.disconnect":
        pass
    await answer(send, b"for nobody")
    await asyncio.sleep(0.5)
    seen["for_nobody"] = seen.get("for_nobody", 0) + 1


async def sleeps(scope, receive, send):
    request_path.set(scope["query_string"])
    await asyncio.sleep(0.3)
    await answer(send, request_path.get())


async def meets(scope, receive, send):
    """Answers with its query, COUNT,NAME, when so many are here at once."""
    request_path.set(scope["query_string"])
    count = int(scope["query_string"].partition(b",")[0])
    inside, event = meetings.setdefault(count, ([], asyncio.Event()))
    inside.append(scope)
    if len(inside) == count:
        event.set()
    await event.wait()
    await answer(send, request_path.get())


async def blocks(scope, receive, send):
    time.sleep(2.5)
    await answer(send, b"blocked")


async def file(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/x-python")]})
    await send({"type": "http.response.pathsend", "path": __file__})


async def trailers(scope, receive, send):
    headers = [(b"trailer", b"x-sum")]
    await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": True})
    await send({"type": "http.response.body", "body": b"body"})
    await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"42")]})


async def hints(scope, receive, send):
    await send({"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]})
    await answer(send, b"hinted")


async def empty(scope, receive, send):
    await send({"type": "http.response.start", "status": 204})
    await send({"type": "http.response.body"})


async def counters(scope, receive, send):
    await answer(send, json.dumps(seen).encode())


async def threads(scope, receive, send):
    values = await asyncio.gather(*(asyncio.get_running_loop().run_in_executor(None, abs, -number) for number in range(5)))
    await answer(send, json.dumps(values).encode())


async def subprocesses(scope, receive, send):
    process = await asyncio.create_subprocess_exec("echo", "from a child", stdout=asyncio.subprocess.PIPE)
    await answer(send, (await process.communicate())[0])


async def sockets_of_the_loop(scope, receive, send):
    """A server and a client of the loop's own, beside its requests."""

    async def serve(reader, writer):
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    writer.write(b"loud\n")
    body = await reader.read()
    writer.close()
    server.close()
    await answer(send, body)


async def resumes(scope, receive, send):
    """Has those go on that have waited for it."""
    for event in held:
        event.set()
    await answer(send, b"%d" % len(held))


paths = {
    "/": hello, "/shown": shown, "/echo": echo, "/length": length, "/stream": stream, "/large": large, "/endless": endless,
    "/waits": waits_for_the_end, "/early": early_answer, "/half": half, "/fails": fails, "/fails-late": fails_late,
    "/returns": returns_early, "/twice": twice, "/background": background, "/sleeps": sleeps, "/blocks": blocks,
    "/file": file, "/trailers": trailers, "/hints": hints, "/empty": empty, "/counters": counters, "/threads": threads,
    "/subprocess": subprocesses, "/sockets": sockets_of_the_loop, "/flows": flows, "/two": two, "/resumes": resumes,
    "/answers-nobody": answers_nobody, "/goes-on": goes_on, "/meets": meets,
    "/exits": exits, "/exits-on-a-thread": exits_on_a_thread, "/exits-in-a-callback": exits_in_a_callback,
    "/exits-in-a-child": exits_in_a_child, "/exits-with-a-message": exits_in_a_child_with_a_message, "/stops": stops_the_loop,
}


async def ws_echo(scope, receive, send):
    await receive()
    names = scope["subprotocols"]
    await send({"type": "websocket.accept", "subprotocol": names[0] if names else None, "headers": [(b"x-own", b"yes")]})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            seen["closed"] = [message["code"], message.get("reason", "")]
            return
        if message.get("text") == "close":
            return await send({"type": "websocket.close", "code": 4321, "reason": "as asked"})
        if message.get("text") == "raise":
            raise ValueError("in a conversation")
        if message.get("text") == "return":
            return
        await send({**message, "type": "websocket.send"})


async def ws_refuse(scope, receive, send):
    await receive()
    await send({"type": "websocket.close", "code": 4000})


async def ws_deny(scope, receive, send):
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": [(b"x-why", b"unknown")]})
    await send({"type": "websocket.http.response.body", "body": b"who are you?"})


async def ws_flood(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    for number in range(2000):
        await send({"type": "websocket.send", "bytes": bytes([number % 256]) * 1000})
    await send({"type": "websocket.close"})


async def ws_two(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    await sent_by_two(send, {"type": "websocket.send"}, "bytes")
    await send({"type": "websocket.close"})


async def ws_pushes(scope, receive, send):
    """Sends, and receives nothing."""
    await receive()
    await send({"type": "websocket.accept"})
    try:
        while True:
            await send({"type": "websocket.send", "text": "pushed"})
            await asyncio.sleep(0.02)
    except OSError:
        seen["pushed"] = seen.get("pushed", 0) + 1
        raise


async def ws_holds(scope, receive, send):
    """Neither sends nor receives until it is told to go on."""
    await receive()
    await send({"type": "websocket.accept"})
    held.append(asyncio.Event())
    await held[-1].wait()
    messages = [await receive() for _ in range(3)]
    seen["held"] = [message.get("text") or message["type"] for message in messages]


async def ws_counts(scope, receive, send):
    """Receives nothing until it is told to go on, and then all that there is."""
    await receive()
    await send({"type": "websocket.accept"})
    held.append(asyncio.Event())
    await held[-1].wait()
    count = 0
    while (message := await receive())["type"] != "websocket.disconnect":
        count += len(message["bytes"])
    seen["counted"] = [count, message["code"]]


sockets = {
    "/echo": ws_echo, "/refuse": ws_refuse, "/deny": ws_deny, "/flood": ws_flood, "/two": ws_two, "/pushes": ws_pushes,
    "/holds": ws_holds, "/counts": ws_counts,
}


async def without_lifespan(scope, receive, send):
    assert scope["type"] == "http"
    await hello(scope, receive, send)


async def cannot_start(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "the database is not there"})


class Old:
    """ASGI 2."""

    def __init__(self, scope):
        self.scope = scope

    async def __call__(self, receive, send):
        if self.scope["type"] == "lifespan":
            raise NotImplementedError
        await answer(send, b"Hello from 2")
