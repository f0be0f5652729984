"""An HTTP/1.1 server over TLS, for tests. Prints its port, then serves until it is killed.

    tls_server.py CERTIFICATE KEY LOG [--version 1.1] [--plain]

The log gets a line for each connection that was accepted, one for each that begins with the keys of an earlier one, and
one for each request, before it is answered. Targets:
/redirect/STATUS?URL leads there, with hunter2-marker for PASSWORD; /cut sends half a body and ends the connection without close_notify; /cookie sets a
cookie; all others answer with the request's method.
"""
import argparse
import os
import socket
import ssl
import threading
import warnings

parser = argparse.ArgumentParser()
parser.add_argument("certificate")
parser.add_argument("key")
parser.add_argument("log")
parser.add_argument("--version", default="")
parser.add_argument("--plain", action="store_true")
options = parser.parse_args()

log = open(options.log, "w", buffering=1)
lock = threading.Lock()


def note(line):
    with lock:
        log.write(line + "\n")


def make_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    if options.version == "1.1":
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        warnings.simplefilter("ignore")  # Old versions are not to be used, which is what is tested.
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def answer_to(target, method):
    if target.startswith("/redirect/"):
        status, url = target[len("/redirect/"):].split("?", 1)
        url = url.replace("PASSWORD", "hunter2-marker")
        return f"HTTP/1.1 {status} Elsewhere\r\nLocation: {url}\r\nSet-Cookie: s=marker; Path=/\r\nContent-Length: 0\r\n\r\n"
    body = "[" + method + "]"
    cookie = "Set-Cookie: s=marker; Secure; Path=/\r\n" if target == "/cookie" else ""
    return f"HTTP/1.1 200 OK\r\n{cookie}Content-Length: {len(body)}\r\n\r\n{body}"


def serve(connection):
    unread = b""
    while True:
        while b"\r\n\r\n" not in unread:
            more = connection.recv(65536)
            if not more:
                return
            unread += more
        head, unread = unread.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        length = int(fields.get("Content-Length", "0"))
        while len(unread) < length:
            unread += connection.recv(65536)
        body, unread = unread[:length].decode("latin-1"), unread[length:]
        method, target, _ = lines[0].split(" ", 2)
        note("request " + " | ".join(lines) + " | " + body)
        if target == "/cut":
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"data":[{"id":1},')
            os.close(connection.detach())  # No close_notify.
            return
        connection.sendall(answer_to(target, method).encode("latin-1"))


def welcome(connection, context):
    try:
        if options.plain:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            connection.recv(65536)
        else:
            secured = context.wrap_socket(connection, server_side=True)
            if secured.session_reused:
                note("resumed")
            serve(secured)
    except (OSError, ssl.SSLError):
        pass
    finally:
        connection.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
context = make_context()
print(listener.getsockname()[1], flush=True)
while True:
    accepted, _ = listener.accept()
    note("connection")
    threading.Thread(target=welcome, args=(accepted, context), daemon=True).start()
