"""Applications of both kinds in one."""

import asyncio
import json
import time

import greenfinch


def of_wsgi(name):
    def application(environ, start_response):
        time.sleep(0.01)
        body = json.dumps([name, environ["SCRIPT_NAME"], environ["PATH_INFO"]]).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return application


class OfASGI:
    def __init__(self, name):
        self.name = name
        self.started = 0

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return await self.live(scope, receive, send)
        if scope["type"] == "websocket":
            return await self.talk(receive, send)
        await asyncio.sleep(0.01)
        told = [self.name, scope["root_path"], scope["path"], scope["state"]["started"]]
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})

    async def live(self, scope, receive, send):
        await receive()
        scope["state"]["started"] = self.name
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("ended", self.name, flush=True)
        await send({"type": "lifespan.shutdown.complete"})

    async def talk(self, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        message = await receive()
        await send({"type": "websocket.send", "text": self.name + " " + message["text"]})
        await send({"type": "websocket.close"})


class Broken:
    async def __call__(self, scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})


application = greenfinch.Mounts(
    {"/": of_wsgi("site"), "/live": OfASGI("live"), "/live/old/": of_wsgi("old"), "/\u00fcber": OfASGI("\u00fcber")}
)
calls = greenfinch.Mounts({"/a": of_wsgi("a"), "/b": of_wsgi("b")})
loops = greenfinch.Mounts({"/a": OfASGI("a"), "/b": OfASGI("b")})
nested = greenfinch.Mounts({"/": greenfinch.Mounts({"/live": OfASGI("live"), "/shop": OfASGI("shop")})})
broken = greenfinch.Mounts({"/": of_wsgi("site"), "/live": Broken()})
