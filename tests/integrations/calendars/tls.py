"""A company's own certificate authority, and its proxy that lets calls out by CONNECT."""

import ipaddress
import selectors
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def authority(folder: Path, *hosts: str) -> tuple[Path, ssl.SSLContext]:
    """The authority's certificate as a PEM file, and a server's context for these hosts signed by it."""
    ca_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A company's authority")])
    ca = _certificate(name, name, ca_key).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
    signed = ca.sign(ca_key, hashes.SHA256())
    leaf = _certificate(name, x509.Name([]), server_key).add_extension(
        x509.SubjectAlternativeName([_name(host) for host in hosts]), critical=True
    )
    trusted, chain = folder / "ca.pem", folder / "server.pem"
    trusted.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain.write_bytes(key + leaf.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return trusted, context


class ConnectProxy:
    """Lets every CONNECT through to one server on this host, whatever name was asked for; or refuses."""

    def __init__(self, port: int, *, refuses: bool) -> None:
        self.url = ""
        self.asked: list[str] = []
        self._target = ("127.0.0.1", port)
        self._refuses = refuses

    def handle(self, client: socket.socket) -> None:
        """Serves one connection."""
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(65536)
        verb, host, _ = head.decode().split(" ", 2)
        self.asked.append(f"{verb} {host}")
        if self._refuses:
            client.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            return
        with socket.create_connection(self._target) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _pipe(client, server)


@contextmanager
def connect_proxy(port: int, *, refuses: bool = False) -> Iterator[ConnectProxy]:
    """A proxy before the server at this port."""
    proxy = ConnectProxy(port, refuses=refuses)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            proxy.handle(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield proxy
        server.shutdown()


def _pipe(one: socket.socket, other: socket.socket) -> None:
    """Passes bytes on both ways until either side ends."""
    with selectors.DefaultSelector() as ready:
        ready.register(one, selectors.EVENT_READ, other)
        ready.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in ready.select():
                read = key.fileobj.recv(65536)  # type: ignore[union-attr]
                if not read:
                    return
                key.data.sendall(read)


def _certificate(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
