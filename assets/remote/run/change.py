# What a run changes in auth.db, and how it has the backend start a backup. One call is one change, in one transaction: all of it or nothing.
#
# needs   python 3.6 or newer, standard library only; for `start` the backend's own modules, so its container
# given   the database's path, the run's name, the operator, what to do, and with what (JSON):
#             start  {"full": bool, "folder": where packs go, or null}     has the backend start a backup, if nothing is in the way
#             job    {"id": N}                                             says how a job is, and `until` when what packs may be its; changes nothing
#             cancel {"job": JOB}                                          asks its worker to stop
#             close  {"jobs": [JOB], "to": "failed"|"canceled", "lock": LOCK or null, "same_lock": bool, "words": why}
#             clear  {"lock": LOCK, "dead": [JOB], "gone": bool}           deletes a lock; `dead`: jobs that cannot be alive; `gone`: nor can whoever took it
#             put    {"lock": LOCK}                                        puts a lock back, if there is none of its name
#         JOB and LOCK are rows as they were seen: what is named must still be so, to the letter, or nothing is done.
#         A job's status may be a list: any of these
# prints  one line of JSON: {"why": …, "words": …, …, "facts": ["NAME WORDS", …]}; no quote or backslash is in a value
# exits   0 done; nothing was done at 10: a row is not as it was seen; 11: somebody else kept the database for five seconds; 12: the
#         database cannot be used; 13: something is in the way, `why` says what. 14: whether a backup was started is not known
# changes what it was told to, by comparison; never makes a database; `start` leaves a process in the container that is the backup,
#         and its output in /tmp/opsdeck-RUN.log
import json, os, select, signal, sqlite3, sys, threading, time

path, run, operator, verb = sys.argv[1:5]
asked = json.loads(sys.argv[5])

LIVE = "('queued', 'running', 'canceling')"
# a lock is taken a moment before its job is made: one this young may belong to a job that is not there yet
YOUNG_MS = 120000
# within so many seconds the backend must have been loaded; later than that nothing is started
LOAD_S, START_S = 60, 45


class No(Exception):
    def __init__(self, code, why, words=""):
        super().__init__(words)
        self.code, self.why, self.words = code, why, words


def now_ms():
    return int(time.time() * 1000)


def opened():
    # a path that is wrong is an error, and never a new database
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    db = sqlite3.connect("file:%s?mode=rw" % quoted, uri=True, timeout=5, isolation_level=None)
    db.text_factory = lambda b: b.decode("utf-8", "replace")
    return db


def changing(change):
    """One transaction that nobody writes beside; what it did is kept whole or not at all."""
    db = opened()
    try:
        db.execute("BEGIN IMMEDIATE")
        try:
            facts = change(db)
            db.execute("COMMIT")
            return facts
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
    finally:
        db.close()


def columns(db):
    there = [row[1] for row in db.execute("PRAGMA table_info(backup_jobs)")]
    if not there:
        raise No(12, "database", "there is no table backup_jobs")
    return there


def live(db):
    return [row[0] for row in db.execute("SELECT id FROM backup_jobs WHERE status IN %s ORDER BY id" % LIVE)]


def seen(db, job):
    """The condition that this is the very row that was seen, and its values."""
    there, tests, values = columns(db), [], []
    for name in sorted(job):
        value = job[name]
        if isinstance(value, list):
            tests.append("%s IN (%s)" % (name, ", ".join("?" * len(value))))
            values += value
        elif name in there:
            tests.append("%s IS ?" % name)
            values.append(value)
        elif value is not None:
            raise No(10, "changed", "backup_jobs has no %s" % name)
    return " AND ".join(tests), values


def as_it_is(db, number):
    row = db.execute("SELECT status FROM backup_jobs WHERE id = ?", (number,)).fetchone()
    return "#%s %s" % (number, row[0] if row else "is gone")


def update(db, job, values):
    """Changes exactly the row that was seen, in the columns that there are."""
    there = columns(db)
    values = {name: value for name, value in values.items() if name in there}
    where, tests = seen(db, job)
    sets = ", ".join("%s = ?" % name for name in values)
    if db.execute("UPDATE backup_jobs SET %s WHERE %s" % (sets, where), list(values.values()) + tests).rowcount != 1:
        raise No(10, "changed", as_it_is(db, job["id"]))


def the_lock(db, name):
    return db.execute("SELECT name, owner, acquired_at_ms FROM backup_locks WHERE name = ?", (name,)).fetchone()


def delete_lock(db, lock):
    values = (lock["name"], lock["owner"], lock["acquired_at_ms"])
    done = db.execute("DELETE FROM backup_locks WHERE name IS ? AND owner IS ? AND acquired_at_ms IS ?", values)
    return done.rowcount == 1


def lock_changed(db, lock):
    found = the_lock(db, lock["name"])
    raise No(10, "changed", "the lock is %s" % ("owner %s, taken at %s" % (found[1], found[2]) if found else "gone"))


def cancel(db):
    if "cancel_requested_at_ms" not in columns(db):
        raise No(13, "no_cancel", "backup_jobs has no cancel_requested_at_ms")
    reason = "opsdeck %s %s" % (operator, run)
    update(db, asked["job"], {"status": "canceling", "cancel_requested_at_ms": now_ms(), "cancel_reason": reason, "message": "正在取消"})
    return ["asked #%s" % asked["job"]["id"]]


def close(db):
    facts, to = [], asked["to"]
    if to == "canceled" and "canceled_at_ms" not in columns(db):
        # a backend without the column does not know the word
        to = "failed"
    for job in asked["jobs"]:
        at = now_ms()
        values = {"status": to, "finished_at_ms": at, "message": "备份已取消" if to == "canceled" else "备份失败",
                  "detail": "%s（opsdeck %s %s）" % (asked["words"], operator, run)}
        if to == "canceled":
            values["canceled_at_ms"] = at
        row = db.execute("SELECT status, output_dir FROM backup_jobs WHERE id = ? AND created_at_ms IS ?",
                         (job["id"], job["created_at_ms"])).fetchone()
        if not asked["same_lock"] and row and row[0] not in ("queued", "running", "canceling"):
            # its worker wrote its end before it went
            facts.append("ended #%s %s" % (job["id"], row[0]))
        else:
            update(db, job, values)
            facts.append("closed #%s %s" % (job["id"], to))
        if row and row[1]:
            facts.append("partial %s" % row[1])
    lock = asked["lock"]
    if lock is None:
        return facts
    others = live(db)
    if asked["same_lock"] and others:
        raise No(10, "changed", "#%s is live, too" % others[0])
    if delete_lock(db, lock):
        return facts + ["lock cleared"]
    if asked["same_lock"]:
        lock_changed(db, lock)
    return facts + ["lock " + ("other" if the_lock(db, lock["name"]) else "gone")]


def clear(db):
    lock = asked["lock"]
    found = the_lock(db, lock["name"])
    if found != (lock["name"], lock["owner"], lock["acquired_at_ms"]):
        lock_changed(db, lock)
    dead = []
    for job in asked["dead"]:
        where, values = seen(db, job)
        if not db.execute("SELECT 1 FROM backup_jobs WHERE " + where, values).fetchone():
            raise No(10, "changed", as_it_is(db, job["id"]))
        dead.append(job["id"])
    alive = [number for number in live(db) if number not in dead]
    if alive:
        raise No(13, "live", "#%s" % alive[0])
    age = now_ms() - (lock["acquired_at_ms"] or 0)
    if age < -YOUNG_MS:
        # a clock was wrong: no waiting makes it old
        if not asked.get("gone"):
            raise No(13, "future", "taken at %s" % lock["acquired_at_ms"])
    elif age < YOUNG_MS:
        raise No(13, "young", "taken at %s" % lock["acquired_at_ms"])
    if not delete_lock(db, lock):
        lock_changed(db, lock)
    return ["cleared %s %s %s" % (lock["name"], lock["owner"], lock["acquired_at_ms"])]


def put(db):
    lock = asked["lock"]
    found = the_lock(db, lock["name"])
    if found:
        raise No(13, "held", "owner %s, taken at %s" % found[1:])
    db.execute("INSERT INTO backup_locks (name, owner, acquired_at_ms) VALUES (?, ?, ?)",
               (lock["name"], lock["owner"], lock["acquired_at_ms"]))
    return ["put %s %s %s" % (lock["name"], lock["owner"], lock["acquired_at_ms"])]


def job_now(number):
    db = opened()
    try:
        row = db.execute("SELECT status, progress, message, kind FROM backup_jobs WHERE id = ?", (number,)).fetchone()
    finally:
        db.close()
    return dict(zip(("status", "progress", "message", "kind"), row)) if row else {"status": "none"}


def their_end(number):
    """What packs may be this job's if it was started before this: its end, or the next job. Empty while there is neither."""
    db = opened()
    try:
        ends = ", ".join(name for name in ("finished_at_ms", "canceled_at_ms") if name in columns(db))
        row = db.execute("SELECT %s FROM backup_jobs WHERE id = ? AND status NOT IN %s" % (ends, LIVE), (number,)).fetchone()
        row = (row or ()) + db.execute("SELECT min(created_at_ms) FROM backup_jobs WHERE id > ?", (number,)).fetchone()
    finally:
        db.close()
    at = min((at for at in row if isinstance(at, int)), default=None)
    return "" if at is None else time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at // 1000)) + ".%03d" % (at % 1000)


# --- start: the worker is a thread of the process that asks for it, so that process is left behind, on its own ---------------

def newest(db):
    return db.execute("SELECT coalesce(max(id), 0) FROM backup_jobs").fetchone()[0]


def way_is_clear():
    """The newest job's number, if a backup may be started."""
    folder = asked.get("folder")
    if folder:
        kind = mounted(folder)
        if kind not in ("cifs", "smb3"):
            raise No(13, "blind", "%s is on %s" % (folder, kind))
    db = opened()
    try:
        busy = live(db)
        if busy:
            raise No(13, "live", "#%s" % busy[-1])
        lock = the_lock(db, "backup")
        if lock:
            raise No(13, "locked", "owner %s, taken at %s" % lock[1:])
        return newest(db)
    finally:
        db.close()


def mounted(folder):
    best, kind = "", "nothing"
    with open("/proc/self/mounts", encoding="utf-8", errors="replace") as f:
        for line in f:
            point, fstype = line.split(" ")[1:3]
            point = point.replace("\\040", " ")
            if (folder + "/").startswith(point.rstrip("/") + "/") and len(point) >= len(best):
                best, kind = point, fstype
    return kind


def start():
    before = way_is_clear()
    try:
        log = os.open("/tmp/opsdeck-%s.log" % run, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise No(14, "unknown", "this run has asked for a backup before")
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDONLY)
        for old, new in ((null, 0), (log, 1), (log, 2)):
            os.dup2(old, new)
        os.close(reader)
        asks_the_backend(writer)
        # and stays for as long as the worker's thread
        sys.exit(0)
    os.close(writer)
    said = b""
    until = time.monotonic() + LOAD_S + START_S
    while time.monotonic() < until and select.select([reader], [], [], max(0, until - time.monotonic()))[0]:
        more = os.read(reader, 4096)
        said += more
        if not more or said.endswith(b"\n"):
            break
    return who_was_it(json.loads(said.decode()) if said.endswith(b"\n") else {}, before)


def asks_the_backend(writer):
    said = {}
    until = time.monotonic() + LOAD_S
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        # where the backend's own process has its modules
        sys.path[:0] = [os.readlink("/proc/1/cwd") if os.access("/proc/1/cwd", os.R_OK) else "/app", "/app"]
        from backend.app.modules.data_security.runner import start_job_if_idle
        if time.monotonic() > until:
            raise No(13, "late")
        threads = set(threading.enumerate())
        job = start_job_if_idle(reason="opsdeck " + run, full_backup=bool(asked["full"]))
        said = {"job": int(job), "ours": any(not t.daemon for t in set(threading.enumerate()) - threads)}
    except BaseException as e:
        said = {"error": type(e).__name__, "words": str(e)}
        print("%s: %s" % (type(e).__name__, e), flush=True)
    try:
        os.write(writer, (json.dumps(said) + "\n").encode())
        os.close(writer)
    except OSError:
        # nobody waits any more: the row says it
        pass


def who_was_it(said, before):
    """Which job came of it; one that was started by somebody else in the same moment is joined."""
    number, words = said.get("job"), "%s %s" % (said.get("error", ""), said.get("words", ""))
    if number is None:
        db = opened()
        try:
            # whatever was answered, or not: a row is a row
            row = db.execute("SELECT max(id) FROM backup_jobs WHERE id > ? AND message LIKE ?", (before, "%" + run + "%")).fetchone()
            number = row[0]
            if number is None and "error" not in said:
                raise No(14, "unknown", "the backend did not answer in %d s; newest job #%s" % (LOAD_S + START_S, newest(db)))
        finally:
            db.close()
        if number is None:
            raise No(13, "locked" if said["error"] == "RuntimeError" else "backend", words)
    job = job_now(number)
    if job["status"] == "none":
        raise No(14, "unknown", "the backend names #%s, and there is no such row" % number)
    over = job["status"] not in ("queued", "running", "canceling")
    ours = number > before and (said.get("ours", True) or run in str(job["message"]) or over)
    return [("job %s" if ours else "joined %s") % number, "kind %s" % job["kind"], "status %s" % job["status"]]


def plain(value):
    if isinstance(value, str):
        return "".join(c if c >= " " and c not in '"\\\x7f' else " " for c in value)[:400]
    return [plain(v) for v in value] if isinstance(value, list) else value


def said(code, **answer):
    answer = {name: plain(value) for name, value in answer.items()}
    sys.stdout.buffer.write((json.dumps(answer, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
    sys.stdout.flush()
    return code


def main():
    try:
        if verb == "job":
            return said(0, why="done", words="", until=their_end(asked["id"]), **job_now(asked["id"]))
        if verb == "start":
            return said(0, why="done", words="", facts=start())
        change = {"cancel": cancel, "close": close, "clear": clear, "put": put}[verb]
        return said(0, why="done", words="", facts=changing(change))
    except No as no:
        return said(no.code, why=no.why, words=no.words, facts=[])
    except (sqlite3.Error, OSError) as e:
        busy = "locked" in str(e) or "busy" in str(e)
        return said(11 if busy else 12, why="busy_database" if busy else "database", words="%s: %s" % (type(e).__name__, e), facts=[])


sys.exit(main())
