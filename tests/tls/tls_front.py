"""TLS in front of a server that speaks none, for tests. Prints its port, then relays until it is killed.

    tls_front.py CERTIFICATE KEY LOG PORT

The log gets "handshake VERSION" for each that is done, before a byte is passed on.
"""
import select
import socket
import ssl
import sys
import threading

certificate, key, log_name, port = sys.argv[1:]
log = open(log_name, "w", buffering=1)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)


def relay(secured, behind):
    while True:
        ready = [secured] if secured.pending() else select.select([secured, behind], [], [])[0]
        for end in ready:
            some = end.recv(65536)
            if not some:
                return
            (behind if end is secured else secured).sendall(some)


def welcome(connection):
    try:
        with context.wrap_socket(connection, server_side=True) as secured:
            log.write("handshake " + secured.version() + "\n")
            with socket.create_connection(("127.0.0.1", int(port))) as behind:
                relay(secured, behind)
    except OSError:
        connection.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=welcome, args=(listener.accept()[0],), daemon=True).start()
