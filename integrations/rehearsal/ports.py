"""Ports on the loopback interface."""

import socket

from integrations.errors import MisconfiguredError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port nobody listens on, and that the system gives to nobody else for a minute.

    A connection was closed on it, which the system remembers (TIME_WAIT, RFC 9293 section 3.3.2); a server
    that sets SO_REUSEADDR, as all those here do, may listen on it all the same.
    """
    with socket.create_server((LOOPBACK, 0)) as server:
        port: int = server.getsockname()[1]
        with socket.create_connection((LOOPBACK, port)) as client:
            server.accept()[0].close()
            client.recv(1)
    return port


def claimed_port(port: int | None) -> int:
    """The port asked for, or a free one for None; raises MisconfiguredError where somebody listens there."""
    if port is None:
        return free_port()
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still winding down is free to listen on.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise MisconfiguredError(
                f"port {port} is taken by another program; end that or choose another port"
            ) from error
    return port


def greets(port: int, greeting: bytes) -> bool:
    """Whether a server on the port speaks first and says this."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            return connection.recv(len(greeting)) == greeting
    except OSError:
        return False
