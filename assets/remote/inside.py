# The backend's side of a look: its mounts, its clock, its database. Prints one line of JSON.
#
# needs   python 3.6 or newer, standard library only
# given   the database's path and how many jobs to show
# prints  {"mounts": …, "clock": …, "database": …}; each part is either an answer or {"error": "…"}
# exits   0; ends itself after 15 s
# changes nothing: no file is made beside the database (its folder is the same before and after), nothing is locked
#         for longer than one read, and the share is not touched.
import json, os, signal, sqlite3, sys, time

signal.alarm(15)
path, limit = sys.argv[1], int(sys.argv[2])

JOB = ("id kind status progress message detail output_dir created_at_ms started_at_ms finished_at_ms "
       "cancel_requested_at_ms cancel_reason canceled_at_ms").split()
# a list of what is read, so that a password in another column is not
SETTINGS = ("enabled incremental_schedule full_backup_enabled full_backup_schedule last_run_at_ms "
            "last_incremental_backup_time_ms last_full_backup_time_ms backup_retention_max replica_enabled "
            "replica_target_path replica_subdir_format full_backup_include_images ragflow_stop_services "
            "target_mode target_local_dir").split()


def part(question):
    try:
        return question()
    except Exception as e:
        return {"error": "%s: %s" % (type(e).__name__, e)}


def mounts():
    with open("/proc/self/mountinfo", "rb") as f:
        return {"mountinfo": f.read(262144).decode("utf-8", "replace")}


def clock():
    return {"epoch_ms": int(time.time() * 1000), "zone": time.strftime("%z"), "tz": os.environ.get("TZ", "")}


def opened():
    """Opens the database so that no file beside it is made.

    A WAL database has its newest rows in the -wal file, and a plain read-only open would make a missing -shm. So: with
    a -wal, read through the -shm that belongs to it; without one nobody writes, and the file alone is the whole truth.
    """
    live = os.path.exists(path + "-wal")
    how = "mode=ro&readonly_shm=1" if live else "immutable=1"
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    db = sqlite3.connect("file:%s?%s" % (quoted, how), uri=True, timeout=5)
    # one read transaction, so that jobs and lock belong together
    db.isolation_level = None
    db.text_factory = lambda b: b.decode("utf-8", "replace")
    return db


def columns(db, table):
    return [row[1] for row in db.execute("PRAGMA table_info(%s)" % table)]


def rows(db, table, wanted, rest):
    there = [c for c in wanted if c in columns(db, table)]
    if not there:
        return None
    found = db.execute("SELECT %s FROM %s %s" % (", ".join(there), table, rest)).fetchall()
    cut = [[v[:1000] if isinstance(v, str) else (None if isinstance(v, bytes) else v) for v in row] for row in found]
    return [dict(zip(there, row)) for row in cut]


def stamp():
    s = os.stat(path)
    return (s.st_size, s.st_mtime_ns, os.path.exists(path + "-wal"))


def database():
    error = None
    for _ in range(4):
        before = stamp()
        try:
            db = opened()
            try:
                db.execute("BEGIN")
                answer = {
                    "wal": before[2],
                    "jobs": rows(db, "backup_jobs", JOB, "ORDER BY id DESC LIMIT %d" % limit),
                    "live": rows(db, "backup_jobs", JOB, "WHERE status IN ('queued', 'running', 'canceling') ORDER BY id LIMIT 20"),
                    "last_completed": {
                        kind: rows(db, "backup_jobs", JOB, "WHERE status = 'completed' AND kind = '%s' ORDER BY id DESC LIMIT 1" % kind)
                        for kind in ("incremental", "full")
                    },
                    "outputs": outputs(db),
                    "locks": rows(db, "backup_locks", "name owner job_id acquired_at_ms".split(), "LIMIT 20"),
                    "settings": rows(db, "data_security_settings", SETTINGS, "LIMIT 1"),
                }
            finally:
                db.close()
            # read without a lock: only true if nobody wrote meanwhile
            if before[2] or stamp() == before:
                return answer
            error = "the database changed while it was read"
        except sqlite3.Error as e:
            error = "%s: %s" % (type(e).__name__, e)
        time.sleep(0.2)
    return {"error": error}


def outputs(db):
    """Whose packs: every job's folder, newest first, so that old packs on the share find their owner."""
    if "output_dir" not in columns(db, "backup_jobs"):
        return None
    found = db.execute("SELECT id, kind, output_dir FROM backup_jobs WHERE output_dir IS NOT NULL AND output_dir != '' "
                       "ORDER BY id DESC LIMIT 400").fetchall()
    return [[row[0], row[1], str(row[2])[:400]] for row in found]


print(json.dumps({"mounts": part(mounts), "clock": part(clock), "database": part(database)}))
