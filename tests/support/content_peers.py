"""Everybody whom the content example talks to, in one small server: a Git host, a blog, Slack, and a model.

It runs as it stands, in a pod, on Python alone; which of them is meant, the first label of the Host header says. Who
asks without what is expected in `EXPECTED` (peer → Authorization) is turned away. Each request is a line on its output.
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PORT = 8080
COMMITS = [{"sha": "a1", "message": "Pay by invoice"}, {"sha": "b2", "message": "Fix the basket"}]
DRAFT = ("You can now ", "pay by invoice.")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve(None)

    def do_POST(self) -> None:
        self._serve(json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"null"))

    def _serve(self, body: Any) -> None:
        peer = self.headers.get("Host", "").partition(".")[0]
        expected = json.loads(os.environ.get("EXPECTED", "{}")).get(peer)
        authorized = expected is None or self.headers.get("Authorization") == expected
        sent = "Authorization" in self.headers
        line = {"peer": peer, "path": self.path, "sent": sent, "authorized": authorized, "body": body}
        os.write(1, f"{json.dumps(line)}\n".encode())  # whole, whoever else writes one meanwhile
        answers = {"git": self._git, "blog": self._blog, "slack": self._slack, "model": self._model}
        if peer not in answers or not authorized:
            self._answer(401, {"error": "who are you?"})
        else:
            answers[peer](body)

    def _git(self, body: Any) -> None:
        self._answer(200, COMMITS)

    def _blog(self, body: Any) -> None:
        self._answer(201, {"url": "https://blog.example/posts/7"})

    def _slack(self, body: Any) -> None:
        self._answer(200, {"ok": True, "ts": "1763703060.000100", "channel": "C012AB3CD"})

    def _model(self, body: Any) -> None:
        pieces = [{"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]} for piece in DRAFT]
        last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        usage = {"choices": [], "usage": {"prompt_tokens": 31, "completion_tokens": 7, "total_tokens": 38}}
        events = [json.dumps(one) for one in (*pieces, last, usage)] + ["[DONE]"]
        self._send(200, "text/event-stream", "".join(f"data: {one}\n\n" for one in events).encode())

    def _answer(self, code: int, document: Any) -> None:
        self._send(code, "application/json", json.dumps(document).encode())

    def _send(self, code: int, kind: str, content: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *words: Any) -> None:  # noqa: A002 - the name is the library's
        """Its own lines say it all."""


if __name__ == "__main__":
    ThreadingHTTPServer(("", PORT), Handler).serve_forever()
