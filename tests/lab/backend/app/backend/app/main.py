"""The process of the backend container: HTTP on 8001, and the scheduler."""
import json
import os
import signal
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from backend.app.modules.data_security.runner import start_job_if_idle
from backend.services.data_security.backup_service import log
from backend.services.data_security.store import DataSecurityStore
from backend.services.data_security_scheduler_v2 import Scheduler


class Handler(BaseHTTPRequestHandler):
    def _answer(self, code, body):
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/health":
            self._answer(200, {"status": "ok", "service": "ragflowauth-backend"})
        elif self.path.startswith("/api/"):
            self._answer(401, {"detail": "Not authenticated"})
        else:
            self._answer(404, {"detail": "Not Found"})

    do_POST = do_GET

    def log_message(self, *_):
        pass


def main():
    # as process 1 nothing ends us by default; and workers must not survive a stop
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))

    # the lab's way to have the scheduler's own process start a backup at once
    def start(full):
        def run():
            try:
                start_job_if_idle(reason="手动", full_backup=full)
            except RuntimeError as e:
                log(f"not started: {e}")
        threading.Thread(target=run, daemon=True).start()
    signal.signal(signal.SIGUSR1, lambda *_: start(False))
    signal.signal(signal.SIGUSR2, lambda *_: start(True))

    store = DataSecurityStore()
    store.create_schema()
    kept = sqlite3.connect(store.path, check_same_thread=False)  # so that the -wal file stays, as on the servers
    kept.execute("SELECT count(*) FROM sqlite_master").fetchone()
    Scheduler().start()
    ThreadingHTTPServer(("0.0.0.0", 8001), Handler).serve_forever()


if __name__ == "__main__":
    main()
