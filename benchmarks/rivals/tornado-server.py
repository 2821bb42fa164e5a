"""Tornado, which Gale is named after: one process, its own templates and static files. `python3 tornado-server.py --port=N`."""

import json
import os
import sys

import tornado.ioloop
import tornado.web

content = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "content")

with open(os.path.join(content, "rows.json"), encoding="utf-8") as file:
    rows = json.load(file)


class Hello(tornado.web.RequestHandler):
    def get(self):
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.write("Hello, world!")


class Orders(tornado.web.RequestHandler):
    def post(self):
        try:
            order = json.loads(self.request.body)
        except ValueError:
            raise tornado.web.HTTPError(400)
        if not is_order(order):
            raise tornado.web.HTTPError(400)
        total = sum(line["quantity"] * line["cents"] for line in order["lines"])
        self.write({"accepted": True, "total": total, "order": order})


class Rows(tornado.web.RequestHandler):
    def get(self):
        self.render("rows.html", title="Fifty rows", rows=rows)


def is_order(value):
    return (
        isinstance(value, dict)
        and is_text(value.get("id"), 64)
        and isinstance(value.get("customer"), dict)
        and is_text(value["customer"].get("name"), 100)
        and is_text(value["customer"].get("email"), 200)
        and "@" in value["customer"]["email"]
        and is_text(value["customer"].get("city"), 100)
        and isinstance(value.get("express"), bool)
        and isinstance(value.get("lines"), list)
        and 1 <= len(value["lines"]) <= 100
        and all(is_line(line) for line in value["lines"])
    )


def is_line(value):
    return (
        isinstance(value, dict)
        and is_text(value.get("sku"), 40)
        and is_text(value.get("title"), 100)
        and is_count(value.get("quantity"), 1, 1000)
        and is_count(value.get("cents"), 0, 100_000_000)
    )


def is_text(value, max_length):
    return isinstance(value, str) and 0 < len(value) <= max_length


def is_count(value, least, most):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


application = tornado.web.Application(
    [
        ("/", Hello),
        ("/orders", Orders),
        ("/rows", Rows),
        ("/files/(.*)", tornado.web.StaticFileHandler, {"path": content}),
    ],
    template_path=content,
)
application.listen(int(sys.argv[1].split("=")[1]), "127.0.0.1")
tornado.ioloop.IOLoop.current().start()
