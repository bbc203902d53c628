"""The phone and a network that means it no good."""

from __future__ import annotations

import datetime as dt
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from doorworld import private_key

from nyckelfri.phone import client as clients
from nyckelfri.phone.client import Address, Client, ServerError, UnreachableError
from phoneserver import SmallServer
from phoneworld import Phone

EMPTY: dict[str, object] = {"batches": [], "openings": []}


@pytest.mark.parametrize(
    "url",
    [
        "http://kommun.example",
        "http://10.0.0.1:8000",
        "http://127.0.0.1.example",
        "ftp://127.0.0.1",
        "kommun.example",
        "https://",
        "https://anna:hemligt@kommun.example",
        "https://kommun.example/?token=1",
        "https://kommun.example:99999",
    ],
)
def test_only_https_and_loopback_are_servers(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Address.read(url)


@pytest.mark.parametrize(
    ("url", "secure", "port"),
    [
        ("https://kommun.example", True, 443),
        ("https://kommun.example:8443/nyckelfri/", True, 8443),
        ("http://127.0.0.1:8000", False, 8000),
        ("http://[::1]:8000", False, 8000),
        ("http://localhost", False, 80),
    ],
)
def test_good_addresses_are_read(url: str, secure: bool, port: int) -> None:
    address = Address.read(url)
    assert (address.secure, address.port) == (secure, port)
    assert not address.path.endswith("/")


def body(handler: BaseHTTPRequestHandler, status: int, data: bytes, **headers: str) -> bool:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
    return True


def test_a_captive_portal_is_not_the_server(phone: Phone, server: SmallServer) -> None:
    deep = b"[" * 100_000
    for page in (b"<html>Welcome to the cafe</html>", b"[]", b'"ok"', b"\xff\xfe", deep):
        server.spoil = lambda _name, handler, page=page: body(handler, 200, page)  # type: ignore[misc]
        with pytest.raises(ServerError, match="not a Nyckelfri server"):
            phone.sync()
    assert phone.store.enrolled


def test_a_redirect_is_not_followed_so_that_the_token_goes_nowhere_else(
    phone: Phone, server: SmallServer
) -> None:
    server.spoil = lambda _name, handler: body(
        handler, 307, b"{}", Location=f"{server.url}/api/phone/v1/elsewhere"
    )
    with pytest.raises(ServerError):
        phone.sync()
    assert [name for name, _ in server.calls] == ["enrol", "sync"]


def test_a_403_of_somebody_else_does_not_wipe_the_phone(phone: Phone, server: SmallServer) -> None:
    for page in (b"{}", b'{"code": "not_permitted", "message": "no"}', b"<html>blocked</html>"):
        server.spoil = lambda _name, handler, page=page: body(handler, 403, page)  # type: ignore[misc]
        with pytest.raises(ServerError):
            phone.sync()
    assert phone.store.enrolled


def test_an_answer_that_drips_has_an_end(phone: Phone, server: SmallServer) -> None:
    def drip(_name: str, handler: BaseHTTPRequestHandler) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(20):
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                break
            time.sleep(0.05)
        handler.close_connection = True
        return True

    server.spoil = drip
    begin = time.monotonic()
    with pytest.raises(UnreachableError):
        phone.client.call("sync", EMPTY, timeout=0.3)
    assert 0.25 < time.monotonic() - begin < 0.9


def test_an_answer_without_end_is_cut_off(
    phone: Phone, server: SmallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MAX_ANSWER", 100_000)
    server.spoil = lambda _name, handler: body(handler, 200, b" " * 200_000)
    with pytest.raises(ServerError, match="too long"):
        phone.client.call("sync", EMPTY)


def test_no_proxy_of_the_environment_is_asked(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    phone.sync()


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key."""
    key = private_key(5)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_server_whose_certificate_nobody_vouches_for_hears_no_token(tmp_path: Path) -> None:
    heard: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.headers["Authorization"])
            body(self, 200, b"{}")

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(HTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass

    http = Quiet(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    http.socket = context.wrap_socket(http.socket, server_side=True)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        address = Address.read(f"https://127.0.0.1:{http.server_port}")
        with pytest.raises(UnreachableError, match="SSLCertVerificationError"):
            Client(address, "token").call("sync", {}, timeout=5)
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
    assert heard == []


def test_a_client_shows_no_token() -> None:
    shown = repr(Client(Address.read("https://kommun.example"), "device-token", "session-token"))
    assert "token" not in shown.replace("token=", "")
