"""The page is served as API Gateway would serve it."""

import http.client
import socket

import pytest
from chalice import Chalice, Response

from infra.offline import resources, server
from infra.offline.faults import Crash


def an_app():
    app = Chalice(app_name="small", configure_logs=False)

    @app.route("/")
    def start():
        return Response(b"<p>hello</p>", headers={"Content-Type": "text/html"})

    @app.route("/broken")
    def broken():
        return Response(b"\xff", headers={"Content-Type": "x/unlisted"})

    @app.route("/dies")
    def dies():
        raise Crash

    @app.route("/form", methods=["POST"], content_types=["application/x-www-form-urlencoded"])
    def form():
        headers = {"Set-Cookie": ["a=1", "b=2"], "Location": "/"}
        return Response("", status_code=303, headers=headers)

    app.api.binary_types = ["text/html"]
    return app


@pytest.fixture(scope="module")
def serving():
    running = server.serve(an_app(), resources.load(), 0)
    running.serve("page")
    yield running
    running.stop()


@pytest.fixture
def ask(serving):
    connection = http.client.HTTPConnection("127.0.0.1", serving.server_port, timeout=5)

    def ask(method, path, body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Accept": "text/html", **named})
        answer = connection.getresponse()
        return answer, answer.read()

    yield ask
    connection.close()


def test_a_page_is_answered_and_the_connection_kept(ask):
    for _ in range(3):
        answer, body = ask("GET", "/")
        assert (answer.status, body) == (200, b"<p>hello</p>")


def test_head_has_no_body(ask):
    _, body = ask("HEAD", "/")
    assert body == b""
    assert ask("GET", "/")[0].status == 200


def test_an_unknown_address_is_the_gateways_page_not_json(ask):
    answer, body = ask("GET", "/nowhere")
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert b"Page not found" in body


def test_an_answer_that_lambda_could_not_send_is_a_502_page(ask, caplog):
    answer, body = ask("GET", "/broken")
    assert answer.status == 502
    assert b"Something went wrong" in body


def test_a_function_that_dies_is_a_502_page(ask, caplog):
    assert ask("GET", "/dies")[0].status == 502


def test_several_cookies_are_set(ask):
    answer, _ = ask("POST", "/form", b"x=1", Content_Type="application/x-www-form-urlencoded")
    assert answer.status == 303
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": "many"}, 400),
        ({"Content-Length": str(11 * 1024 * 1024)}, 413),
        ({"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_a_body_that_the_gateway_refuses_does_not_reach_the_function(serving, headers, status):
    with socket.create_connection(("127.0.0.1", serving.server_port), timeout=5) as raw:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        raw.sendall(f"POST /form HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
        assert raw.recv(4096).split()[1] == str(status).encode()


def test_stopping_twice_serving_again_works():
    app = an_app()
    for _ in range(2):
        running = server.serve(app, {"Resources": {}}, 0)
        running.serve("again")
        running.stop()
