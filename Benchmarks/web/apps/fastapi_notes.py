"""The interface for programs of Examples/notes, in FastAPI with psycopg: uvicorn fastapi_notes:app."""
import contextlib
import datetime
import hashlib
import hmac
import os
import secrets
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Response
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, Field

pool = AsyncConnectionPool(
    os.environ["DATABASE_URL"], min_size=1, max_size=10, open=False, kwargs={"row_factory": dict_row})
COLUMNS = 'id, title, body, picture, picture_type as "pictureType", updated_at as "updatedAt"'


@contextlib.asynccontextmanager
async def lifespan(_):
    await pool.open()
    yield
    await pool.close()


app = FastAPI(lifespan=lifespan)


class Login(BaseModel):
    name: str
    password: str


class Text(BaseModel):
    title: str = Field(min_length=1, max_length=80)
    body: str = ""


class Note(BaseModel):
    id: int
    title: str
    body: str
    picture: str | None = None
    pictureType: str | None = None
    updatedAt: datetime.datetime


async def rows(text, *values):
    async with pool.connection() as connection:
        return await (await connection.execute(text, values)).fetchall()


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


async def find_owner(authorization: Annotated[str, Header()] = ""):
    scheme, _, token = authorization.partition(" ")
    found = await rows("select owner from tokens where digest = %s", digest(token)) if scheme == "Bearer" else []
    if not found:
        raise HTTPException(401)
    return found[0]["owner"]


Owner = Annotated[int, Depends(find_owner)]


@app.post("/api/tokens", status_code=201)
async def make_token(login: Login):
    found = await rows("select id, password from users where name = %s", login.name)
    salt, _, hashed = (found[0]["password"] if found else "00$00").partition("$")
    made = hashlib.scrypt(login.password.encode(), salt=bytes.fromhex(salt), n=16384, r=8, p=1)
    if not hmac.compare_digest(made.hex(), hashed):
        raise HTTPException(401)
    token = secrets.token_urlsafe(32)
    await rows("insert into tokens (digest, owner) values (%s, %s) returning 1", digest(token), found[0]["id"])
    return {"token": token}


@app.get("/api/notes")
async def notes(owner: Owner, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[Note]:
    return await rows(f"select {COLUMNS} from notes where owner = %s order by id desc limit %s", owner, limit)


@app.get("/api/notes/{note}")
async def one_note(note: int, owner: Owner) -> Note:
    found = await rows(f"select {COLUMNS} from notes where id = %s and owner = %s", note, owner)
    if not found:
        raise HTTPException(404)
    return found[0]


@app.post("/api/notes", status_code=201)
async def add(text: Text, owner: Owner, response: Response) -> Note:
    made = await rows(
        f"insert into notes (owner, title, body) values (%s, %s, %s) returning {COLUMNS}", owner, text.title, text.body)
    response.headers["Location"] = f"/api/notes/{made[0]['id']}"
    return made[0]


@app.put("/api/notes/{note}")
async def change(note: int, text: Text, owner: Owner) -> Note:
    made = await rows(
        f"update notes set title = %s, body = %s, updated_at = now() where id = %s and owner = %s returning {COLUMNS}",
        text.title, text.body, note, owner)
    if not made:
        raise HTTPException(404)
    return made[0]


@app.delete("/api/notes/{note}", status_code=204)
async def remove(note: int, owner: Owner):
    if not await rows("delete from notes where id = %s and owner = %s returning id", note, owner):
        raise HTTPException(404)
