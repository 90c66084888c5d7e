# How auth.db is read: the shared part of what runs in the backend's container; never sent alone.
#
# needs   python 3.6 or newer, standard library only; `path`, the database's path
# changes nothing: no file is made beside the database (its folder is the same before and after), and nothing is locked
#         for longer than one read.
import json, os, signal, sqlite3, sys, time

path = sys.argv[1]

JOB = ("id kind status progress message detail output_dir created_at_ms started_at_ms finished_at_ms "
       "cancel_requested_at_ms cancel_reason canceled_at_ms").split()
LOCK = "name owner job_id acquired_at_ms".split()
LIVE = "WHERE status IN ('queued', 'running', 'canceling') ORDER BY id LIMIT 20"


def part(question):
    try:
        return question()
    except Exception as e:
        return {"error": "%s: %s" % (type(e).__name__, e)}


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


def read(question):
    """What the question says of the database in one read; asked again when somebody wrote meanwhile."""
    error = None
    for _ in range(4):
        before = stamp()
        try:
            db = opened()
            try:
                db.execute("BEGIN")
                answer = question(db, before)
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


# of what is only read by people, more or less may be sent
WORDS = ("message", "detail", "cancel_reason")


def shortened(value, longest):
    if isinstance(value, dict):
        short = {}
        for name, v in value.items():
            cut = name in WORDS and isinstance(v, str) and len(v) > longest
            short[name] = v[:longest] + "…" if cut else shortened(v, longest)
        return short
    return [shortened(v, longest) for v in value] if isinstance(value, list) else value


def fitting(answer, most):
    """The answer with its words as long as they may be: what is longer than `most` as JSON would be cut in mid-answer."""
    for longest in (1000, 250, 60):
        short = shortened(answer, longest)
        if len(json.dumps(short)) <= most:
            break
    return short
