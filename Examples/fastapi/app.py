"""A room in which all hear what one says, and a page to try it with."""

import asyncio
import time
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel

PAGE = """<!doctype html>
<title>Room</title>
<ul id=said></ul>
<form onsubmit="socket.send(words.value); words.value = ''; return false"><input id=words autofocus></form>
<script>
  const socket = new WebSocket(location.href.replace(/^http/, "ws") + "room/web")
  socket.onmessage = event => said.append(Object.assign(document.createElement("li"), {textContent: event.data}))
</script>
"""

room: set[WebSocket] = set()
heard: list[str] = []


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.began = time.monotonic()
    yield
    room.clear()


app = FastAPI(lifespan=lifespan)


class Item(BaseModel):
    name: str
    price: float


@app.get("/", response_class=HTMLResponse)
async def page():
    return PAGE


@app.get("/wait/{seconds}")
async def wait(seconds: float):
    await asyncio.sleep(seconds)
    return {"waited": seconds}


@app.get("/block/{seconds}")
def block(seconds: float):
    time.sleep(seconds)  # a plain function runs on a thread
    return {"blocked": seconds}


@app.post("/items", status_code=201)
async def create(item: Item, tasks: BackgroundTasks):
    tasks.add_task(heard.append, f"made {item.name}")
    return {"name": item.name, "with_tax": round(item.price * 1.19, 2)}


@app.get("/count/{last}")
async def count(last: int):
    async def lines():
        for number in range(1, last + 1):
            yield f"{number}\n"
            await asyncio.sleep(0.01)

    return StreamingResponse(lines(), media_type="text/plain")


@app.get("/heard")
async def all_heard():
    return heard


@app.websocket("/room/{name}")
async def enter(socket: WebSocket, name: str):
    await socket.accept()
    room.add(socket)
    try:
        async for words in socket.iter_text():
            for other in list(room):
                await other.send_text(f"{name}: {words}")
    except WebSocketDisconnect:
        pass
    finally:
        room.discard(socket)
