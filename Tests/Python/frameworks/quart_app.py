import asyncio

from quart import Quart, jsonify, request, stream_with_context, websocket

app = Quart(__name__)


@app.before_serving
async def begin():
    app.config["BEGAN"] = True


@app.route("/")
async def index():
    return "Hello from Quart"


@app.route("/json", methods=["POST"])
async def json():
    return jsonify(got=await request.get_json(), began=app.config["BEGAN"])


@app.route("/stream")
async def stream():
    @stream_with_context
    async def pieces():
        for number in range(5):
            yield b"%d " % number
            await asyncio.sleep(0.01)

    return pieces()


@app.route("/sync")
def sync():
    return "on a thread"


@app.websocket("/ws")
async def talk():
    while True:
        await websocket.send("you said " + await websocket.receive())
