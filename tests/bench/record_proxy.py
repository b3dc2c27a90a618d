#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Forwards HTTP to a server and keeps the body of every PUT …/records/bulk, and each method
and path in FOLDER/requests.

usage: record_proxy.py SERVER_URL FOLDER   prints its own URL, runs until killed
"""
import http.client
import http.server
import pathlib
import sys
import urllib.parse

server = urllib.parse.urlsplit(sys.argv[1])
folder = pathlib.Path(sys.argv[2])


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each reply waits 40 ms for its body
    count = 0

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "PUT" and self.path.endswith("/records/bulk"):
            (folder / f"body{Proxy.count:04d}.json").write_bytes(body)
            Proxy.count += 1
        with open(folder / "requests", "a", encoding="utf-8") as log:
            log.write(f"{self.command} {self.path}\n")
        upstream = http.client.HTTPConnection(server.hostname, server.port)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        upstream.request(self.command, self.path, body or None, headers)
        answer = upstream.getresponse()
        data = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        upstream.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = forward

    def log_message(self, *args):
        pass


httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
print(f"http://127.0.0.1:{httpd.server_port}", flush=True)
httpd.serve_forever()
