"""The interface for programs of Examples/notes, in Flask with psycopg: gunicorn -k gevent flask_notes:app."""
import hashlib
import hmac
import os
import secrets

from flask import Flask, abort, g, jsonify, request
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

app = Flask(__name__)
pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=1, max_size=10, open=False, kwargs={"row_factory": dict_row})
COLUMNS = "id, title, body, picture, picture_type, updated_at"


def rows(text, *values):
    pool.open()
    with pool.connection() as connection:
        return connection.execute(text, values).fetchall()


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def shown(note):
    names = {"picture_type": "pictureType", "updated_at": "updatedAt"}
    fields = {names.get(name, name): value for name, value in note.items() if value is not None}
    return {**fields, "updatedAt": note["updated_at"].isoformat()}


def text_of_note():
    given = request.get_json()
    if not isinstance(given, dict) or not isinstance(given.get("title"), str) or not 1 <= len(given["title"]) <= 80:
        abort(422)
    if not isinstance(given.get("body", ""), str):
        abort(422)
    return given["title"], given.get("body", "")


@app.before_request
def find_owner():
    if request.path == "/api/tokens":
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = rows("select owner from tokens where digest = %s", digest(token)) if scheme == "Bearer" else []
    if not found:
        abort(401)
    g.owner = found[0]["owner"]


@app.post("/api/tokens")
def make_token():
    given = request.get_json()
    found = rows("select id, password from users where name = %s", given["name"])
    salt, _, hashed = (found[0]["password"] if found else "00$00").partition("$")
    made = hashlib.scrypt(given["password"].encode(), salt=bytes.fromhex(salt), n=16384, r=8, p=1)
    if not hmac.compare_digest(made.hex(), hashed):
        abort(401)
    token = secrets.token_urlsafe(32)
    rows("insert into tokens (digest, owner) values (%s, %s) returning 1", digest(token), found[0]["id"])
    return jsonify(token=token), 201


@app.get("/api/notes")
def notes():
    limit = request.args.get("limit", 20, int)
    if not 1 <= limit <= 100:
        abort(422)
    found = rows(f"select {COLUMNS} from notes where owner = %s order by id desc limit %s", g.owner, limit)
    return jsonify([shown(note) for note in found])


@app.get("/api/notes/<int:note>")
def one_note(note):
    found = rows(f"select {COLUMNS} from notes where id = %s and owner = %s", note, g.owner)
    return jsonify(shown(found[0])) if found else abort(404)


@app.post("/api/notes")
def add():
    title, body = text_of_note()
    made = rows(f"insert into notes (owner, title, body) values (%s, %s, %s) returning {COLUMNS}", g.owner, title, body)
    return jsonify(shown(made[0])), 201, {"Location": f"/api/notes/{made[0]['id']}"}


@app.put("/api/notes/<int:note>")
def change(note):
    title, body = text_of_note()
    made = rows(
        f"update notes set title = %s, body = %s, updated_at = now() where id = %s and owner = %s returning {COLUMNS}",
        title, body, note, g.owner)
    return jsonify(shown(made[0])) if made else abort(404)


@app.delete("/api/notes/<int:note>")
def remove(note):
    return ("", 204) if rows("delete from notes where id = %s and owner = %s returning id", note, g.owner) else abort(404)
