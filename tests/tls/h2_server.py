"""An HTTP/2 server over TLS that misbehaves, for tests. Prints its port, then serves until it is killed.

    h2_server.py CERTIFICATE KEY LOG

The log gets a line for each request before it is answered: its protocol, method and target. The first part of a target
says what happens to the first request of each target, or to all of them if it begins with "always-":

    goaway0   GOAWAY that says that no stream was looked at
    goaway    an answer, and GOAWAY behind it; later streams of the connection are not answered
    refused   RST_STREAM with REFUSED_STREAM
    middle    half an answer, then RST_STREAM
    close     the connection ends without an answer
    hang      nothing more comes on the connection
    pings     200,000 PINGs before the answer

Who does not offer h2 is served by HTTP/1.1, where all of these but the last are the end of the connection.
"""
import socket
import ssl
import sys
import threading

import h2.config
import h2.connection
import h2.events
import h2.exceptions

certificate, key, log_name = sys.argv[1:]
log = open(log_name, "w", buffering=1)
lock = threading.Lock()
seen = set()
PING = b"\x00\x00\x08\x06\x00\x00\x00\x00\x00" + b"penstock"
BODY = b"0123456789"


def note(protocol, method, target):
    """Logs a request, and says what is to happen to it."""
    kind = target.split("?")[0].strip("/")
    with lock:
        log.write(f"{protocol} {method} {target}\n")
        if kind.startswith("always-"):
            return kind[len("always-"):]
        first = target not in seen
        seen.add(target)
    return kind if first else "well"


class h2_connection:
    def __init__(self, connection):
        self.socket = connection
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self.going = False
        self.requests = {}

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def head(self, stream, length):
        self.h2.send_headers(stream, [(":status", "200"), ("content-length", str(length))])

    def well(self, stream):
        self.head(stream, len(BODY))
        self.h2.send_data(stream, BODY, end_stream=True)
        self.flush()

    def answer(self, stream):
        """False when the connection is to end."""
        method, target = self.requests.pop(stream)
        what = note("h2", method, target)
        if self.going:
            return True
        if what == "goaway0":
            self.h2.close_connection(last_stream_id=0)
            self.flush()
            return False
        if what == "goaway":
            self.head(stream, len(BODY))
            self.h2.send_data(stream, BODY, end_stream=True)
            self.h2.close_connection(last_stream_id=stream)
            self.flush()
            self.going = True
            return True
        if what == "refused":
            self.h2.reset_stream(stream, error_code=7)
            self.flush()
            return True
        if what == "middle":
            self.head(stream, len(BODY))
            self.h2.send_data(stream, BODY[:5])
            self.h2.reset_stream(stream, error_code=2)
            self.flush()
            return True
        if what == "close":
            return False
        if what == "hang":
            self.going = True
            return True
        if what == "pings":
            for _ in range(200):
                self.socket.sendall(PING * 1000)
        self.well(stream)
        return True

    def serve(self):
        self.h2.initiate_connection()
        self.flush()
        while True:
            data = self.socket.recv(65536)
            if not data:
                return
            if self.going:
                continue
            for event in self.h2.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    # Bytes or text, by the version of the library.
                    texts = [[t.decode() if isinstance(t, bytes) else t for t in pair] for pair in event.headers]
                    fields = dict(texts)
                    method, target = fields[":method"], fields[":path"]
                    self.requests[event.stream_id] = (method, target)
                elif isinstance(event, h2.events.DataReceived):
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    if not self.answer(event.stream_id):
                        return
            if not self.going:
                self.flush()


def serve_plainly(connection):
    unread = b""
    while True:
        while b"\r\n\r\n" not in unread:
            more = connection.recv(65536)
            if not more:
                return
            unread += more
        head, unread = unread.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        lengths = [int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")]
        while len(unread) < sum(lengths):
            unread += connection.recv(65536)
        unread = unread[sum(lengths):]
        method, target, _ = lines[0].split(" ")
        if note("h1", method, target) not in ("well", "pings"):
            return
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + BODY)


def welcome(connection, context):
    try:
        connection = context.wrap_socket(connection, server_side=True)
        if connection.selected_alpn_protocol() == "h2":
            h2_connection(connection).serve()
        else:
            serve_plainly(connection)
    except (OSError, h2.exceptions.ProtocolError):
        pass
    finally:
        connection.close()


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.set_alpn_protocols(["h2", "http/1.1"])
listener = socket.create_server(("127.0.0.1", 0), backlog=64)
print(listener.getsockname()[1], flush=True)
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=welcome, args=(accepted, context), daemon=True).start()
