"""The HTTP server under the page and the control room: local, threaded, quick, quiet."""

import logging
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import BaseRequestHandler, TCPServer, ThreadingMixIn
from typing import Any

HOST = "127.0.0.1"
MOST_BODY_BYTES = 10 * 1024 * 1024  # API Gateway takes no more

log = logging.getLogger("infra.offline")


class QuickServer(ThreadingMixIn, HTTPServer):
    """Answers each connection in a thread; can be stopped with nothing left open."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], handler: type[BaseRequestHandler] | Any) -> None:
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Without asking a name server who 127.0.0.1 is, as HTTPServer would."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, to close it at the end."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """One connection is done."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as inherited
        """A browser that went away is no news."""
        log.debug("a connection broke")

    def serve(self, name: str) -> None:
        """Serve in a thread of its own."""
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, name=name, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, end what is open, and wait for it."""
        self.shutdown()
        self._thread.join()
        with self._open_lock:
            left = list(self._open)
        for connection in left:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("it had gone already")
        self.server_close()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self.server_port}"


class QuietHandler(BaseHTTPRequestHandler):
    """Keep-alive without Nagle's delay; no line in the terminal for each request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as inherited
        """To the debug log."""
        log.debug(format, *args)

    def body_fault(self) -> tuple[int, str] | None:
        """Why the body of this request can't be read: status and reason; None when it can."""
        if self.headers.get("transfer-encoding"):
            return 411, "send the body with a Content-Length"
        length = self.headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return 400, "Content-Length is not a number"
        if int(length) > self.most_body_bytes:
            return 413, "the body is too large"
        return None

    most_body_bytes = MOST_BODY_BYTES

    def read_body(self) -> bytes:
        """All of it."""
        length = int(self.headers.get("content-length", "0"))
        return self.rfile.read(length) if length else b""
