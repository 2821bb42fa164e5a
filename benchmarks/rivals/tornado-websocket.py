"""Tornado's WebSockets, one process. `python3 tornado-websocket.py --port=N broadcast|echo`."""

import sys

import tornado.ioloop
import tornado.web
import tornado.websocket

everybody = set()


class Broadcast(tornado.websocket.WebSocketHandler):
    def open(self):
        self.set_nodelay(True)
        everybody.add(self)

    def on_message(self, message):
        for client in everybody:
            client.write_message(message)

    def on_close(self):
        everybody.discard(self)


class Echo(tornado.websocket.WebSocketHandler):
    def open(self):
        self.set_nodelay(True)

    def on_message(self, message):
        self.write_message(message)


application = tornado.web.Application([("/", Echo if sys.argv[2] == "echo" else Broadcast)])
application.listen(int(sys.argv[1].split("=")[1]), "127.0.0.1")
tornado.ioloop.IOLoop.current().start()
