"""auth.db: jobs, the lock, the settings row. Every call opens its own connection."""
import os
import secrets
import sqlite3
import time
from contextlib import contextmanager
from types import SimpleNamespace

DB = os.environ.get("AUTH_DB", "/app/data/auth.db")
LOCK_TTL_MS = 24 * 3600 * 1000

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
  user_id TEXT PRIMARY KEY, username TEXT NOT NULL, role TEXT NOT NULL, created_at_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS backup_jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL DEFAULT 'incremental',
  status TEXT NOT NULL,
  progress INTEGER NOT NULL DEFAULT 0,
  message TEXT,
  detail TEXT,
  output_dir TEXT,
  created_at_ms INTEGER NOT NULL,
  started_at_ms INTEGER,
  finished_at_ms INTEGER,
  cancel_requested_at_ms INTEGER,
  cancel_reason TEXT,
  canceled_at_ms INTEGER);
CREATE TABLE IF NOT EXISTS backup_locks (
  name TEXT PRIMARY KEY, owner TEXT NOT NULL, job_id INTEGER, acquired_at_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS data_security_settings (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  enabled INTEGER NOT NULL DEFAULT 0,
  interval_minutes INTEGER NOT NULL DEFAULT 1440,
  incremental_schedule TEXT,
  full_backup_enabled INTEGER NOT NULL DEFAULT 0,
  full_backup_schedule TEXT,
  last_run_at_ms INTEGER,
  last_incremental_backup_time_ms INTEGER,
  last_full_backup_time_ms INTEGER,
  replica_enabled INTEGER NOT NULL DEFAULT 0,
  replica_target_path TEXT,
  replica_subdir_format TEXT NOT NULL DEFAULT 'flat',
  target_mode TEXT NOT NULL DEFAULT 'local',
  target_local_dir TEXT NOT NULL DEFAULT '/mnt/replica/RagflowAuth',
  ragflow_compose_path TEXT,
  ragflow_project_name TEXT,
  ragflow_stop_services INTEGER NOT NULL DEFAULT 0,
  auth_db_path TEXT NOT NULL DEFAULT 'data/auth.db',
  full_backup_include_images INTEGER NOT NULL DEFAULT 1,
  backup_retention_max INTEGER NOT NULL DEFAULT 30,
  updated_at_ms INTEGER NOT NULL DEFAULT 0);
INSERT OR IGNORE INTO data_security_settings (id) VALUES (1);
"""


def now_ms():
    return int(time.time() * 1000)


class DataSecurityStore:
    def __init__(self, path=DB):
        self.path = path

    @contextmanager
    def _db(self):
        con = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        con.row_factory = sqlite3.Row
        try:
            yield con
        finally:
            con.close()

    def create_schema(self):
        with self._db() as con:
            con.execute("PRAGMA journal_mode=WAL")
            if not con.execute("SELECT 1 FROM sqlite_master WHERE name='backup_jobs'").fetchone():
                con.executescript(SCHEMA)

    # settings
    def settings(self):
        with self._db() as con:
            row = con.execute("SELECT * FROM data_security_settings WHERE id = 1").fetchone()
        return dict(row) if row else {}

    def set_settings(self, **fields):
        with self._db() as con:
            have = {r[1] for r in con.execute("PRAGMA table_info(data_security_settings)")}
            for name, value in fields.items():
                if name in have:
                    con.execute(f"UPDATE data_security_settings SET {name} = ? WHERE id = 1", (value,))

    # the lock
    def acquire_backup_lock(self, name="backup"):
        owner = secrets.token_hex(16)
        with self._db() as con:
            con.execute("BEGIN IMMEDIATE")
            con.execute("DELETE FROM backup_locks WHERE name = ? AND acquired_at_ms < ?",
                        (name, now_ms() - LOCK_TTL_MS))
            got = con.execute("INSERT OR IGNORE INTO backup_locks (name, owner, job_id, acquired_at_ms) "
                              "VALUES (?, ?, NULL, ?)", (name, owner, now_ms())).rowcount
            con.execute("COMMIT")
        return owner if got else None

    def release_backup_lock(self, name="backup"):
        with self._db() as con:
            con.execute("DELETE FROM backup_locks WHERE name = ?", (name,))

    # jobs
    def _columns(self, con):
        return {r[1] for r in con.execute("PRAGMA table_info(backup_jobs)")}

    def create_job_v2(self, kind="incremental", status="queued", message=""):
        with self._db() as con:
            cur = con.execute("INSERT INTO backup_jobs (kind, status, progress, message, created_at_ms) "
                              "VALUES (?, ?, 0, ?, ?)", (kind, status, message, now_ms()))
            return self.get_job(cur.lastrowid)

    def get_job(self, job_id):
        with self._db() as con:
            row = con.execute("SELECT * FROM backup_jobs WHERE id = ?", (job_id,)).fetchone()
        return SimpleNamespace(**dict(row)) if row else None

    def list_jobs(self, limit=30):
        with self._db() as con:
            rows = con.execute("SELECT * FROM backup_jobs ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
        return [SimpleNamespace(**dict(r)) for r in rows]

    def active_job_id(self):
        with self._db() as con:
            row = con.execute("SELECT id FROM backup_jobs WHERE status IN ('queued', 'running') "
                              "ORDER BY id DESC LIMIT 1").fetchone()
        return row[0] if row else None

    def update_job(self, job_id, **fields):
        with self._db() as con:
            have = self._columns(con)
            fields = {k: v for k, v in fields.items() if k in have}
            sets = ", ".join(f"{k} = ?" for k in fields)
            con.execute(f"UPDATE backup_jobs SET {sets} WHERE id = ?", (*fields.values(), job_id))

    def request_cancel_job(self, job_id, reason=""):
        with self._db() as con:
            if "cancel_requested_at_ms" not in self._columns(con):
                return False
            return con.execute(
                "UPDATE backup_jobs SET status = 'canceling', cancel_requested_at_ms = ?, cancel_reason = ?, "
                "message = '正在取消' WHERE id = ? AND status IN ('queued', 'running')",
                (now_ms(), reason, job_id)).rowcount == 1

    def cancel_requested(self, job_id):
        job = self.get_job(job_id)
        return bool(job and (job.status == "canceling" or getattr(job, "cancel_requested_at_ms", None)))

    def sweep_old_jobs(self):
        """Rows that have been queued or running for a day are given up; canceling ones are not."""
        with self._db() as con:
            return con.execute(
                "UPDATE backup_jobs SET status = 'failed', message = '备份失败', detail = '任务超过 24 小时未结束', "
                "finished_at_ms = ? WHERE status IN ('queued', 'running') "
                "AND COALESCE(started_at_ms, created_at_ms) < ?",
                (now_ms(), now_ms() - LOCK_TTL_MS)).rowcount
