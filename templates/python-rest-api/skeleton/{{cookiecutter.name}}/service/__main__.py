"""Serves the application; a thread for each request."""

from __future__ import annotations

from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

from service.app import Application

PORT = int("{{ cookiecutter.port }}")


class Server(ThreadingMixIn, WSGIServer):
    """Does not wait for open requests when it is told to stop."""

    daemon_threads = True


if __name__ == "__main__":
    with make_server("", PORT, Application(), server_class=Server) as server:
        server.serve_forever()
