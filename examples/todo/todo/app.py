"""A list of things to do: one page, kept in PostgreSQL.

GET /        the items, and a form to add one
POST /items  adds the form's `text`, then leads back to the page
GET /health  200 once the database answers
"""

import html
import os
import signal
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import psycopg2

PORT = 8080
LONGEST_FORM = 10_000

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>To do</title>
<style>
  body {{ font: 1.1rem/1.5 system-ui, sans-serif; color: #222; background: #f4f1ea; margin: 3rem auto; max-width: 30rem; padding: 0 1rem }}
  ul {{ background: white; border-radius: .5rem; box-shadow: 0 1px 4px #0002; list-style: none; padding: .5rem 1.5rem }}
  li {{ padding: .6rem 0; overflow-wrap: anywhere }}
  li + li {{ border-top: 1px solid #eee }}
  form {{ display: flex; gap: .5rem }}
  input, button {{ font: inherit; padding: .5rem 1rem; border: 1px solid #ccc; border-radius: .5rem }}
  input {{ flex: 1; min-width: 0 }}
  button {{ background: #2d6a4f; border-color: #2d6a4f; color: white; cursor: pointer }}
</style>
<h1>To do</h1>
<ul>
{items}
</ul>
<form method="post" action="/items">
  <input name="text" placeholder="Something to do" aria-label="Something to do" maxlength="200" required autofocus>
  <button>Add</button>
</form>
"""


def query(sql, *values):
    """Runs one statement in a transaction of its own; the rows, if it gives any."""
    with closing(psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=3)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []


class Todo(BaseHTTPRequestHandler):
    timeout = 10  # seconds that a client may take over its request

    def do_GET(self):
        self.respond()

    def do_POST(self):
        self.respond()

    def respond(self):
        try:
            match self.command, self.path:
                case "GET", "/":
                    self.show()
                case "GET", "/health":
                    query("SELECT FROM items LIMIT 1")
                    self.answer(HTTPStatus.OK, "ready\n")
                case "POST", "/items":
                    self.add()
                case _:
                    self.answer(HTTPStatus.NOT_FOUND, "There is no such page.\n")
        except psycopg2.Error as error:
            self.answer(HTTPStatus.SERVICE_UNAVAILABLE, f"The database does not answer: {error}\n")
        except ValueError as error:
            self.answer(HTTPStatus.BAD_REQUEST, f"That was not understood: {error}\n")

    def show(self):
        rows = query("SELECT text FROM items ORDER BY id")
        items = "\n".join(f"<li>{html.escape(text)}</li>" for (text,) in rows)
        self.answer(HTTPStatus.OK, PAGE.format(items=items), "text/html")

    def add(self):
        length = int(self.headers.get("Content-Length", 0))
        if not 0 <= length <= LONGEST_FORM:
            raise ValueError(f"a form has at most {LONGEST_FORM} bytes")
        form = parse_qs(self.rfile.read(length).decode())
        text = form.get("text", [""])[0].strip()
        if not text:
            raise ValueError("`text` is empty")
        query("INSERT INTO items (text) VALUES (%s)", text)
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, status, body, kind="text/plain"):
        body = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    # Process 1 of a container has no default action for a signal: without a handler it would not stop at all.
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, signal.default_int_handler)
    try:
        with ThreadingHTTPServer(("", PORT), Todo) as server:
            print(f"listening on port {PORT}")
            server.serve_forever()
    except KeyboardInterrupt:
        print("stopping")


if __name__ == "__main__":
    main()
