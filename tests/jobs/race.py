# A thousand lock clears against a backend that takes and releases its lock all the time. Prints one line of JSON: what the clears
# came to, how many backups ran, and `lost`: backups whose lock was gone while they were live. That must be none.
#
# given   the database's path, change.py's path, how many clears
import collections, io, json, os, random, sqlite3, sys, threading, time

path, script, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.environ["AUTH_DB"], os.environ["LAB_KNOBS"] = path, path + ".knobs"
json.dump({"lock_autoclear": True}, open(path + ".knobs", "w"))

HOUR = 3600 * 1000


def query(sql, *values):
    db = sqlite3.connect(path, timeout=60, isolation_level=None)
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


def backend():
    """The lab's own trigger and worker, with backups of a few milliseconds that look after their lock."""
    from backend.app.modules.data_security import runner
    dice, ran, lost = random.Random(57), 0, 0

    class Service:
        def __init__(self, store):
            self.store = store

        def run_incremental_backup_job(self, job_id):
            nonlocal ran, lost
            self.store.update_job(job_id, status="running", started_at_ms=int(time.time() * 1000))
            held = query("SELECT owner FROM backup_locks")
            owner = held[0][0] if held else None
            if dice.random() < 0.7:
                # one that has been at work for an hour: its lock's age does not protect it
                query("UPDATE backup_locks SET acquired_at_ms = acquired_at_ms - ? WHERE owner = ?", HOUR, owner)
            end = time.monotonic() + dice.random() * 0.01
            while True:
                if not held or query("SELECT owner FROM backup_locks") != held:
                    lost += 1
                    break
                if time.monotonic() > end:
                    break
            ran += 1
            self.store.update_job(job_id, status="completed", finished_at_ms=int(time.time() * 1000))

    runner.DataSecurityBackupService, runner.log = Service, lambda text: None
    while os.getppid() == parent:
        try:
            runner.start_job_if_idle(reason="race")
        except RuntimeError:
            pass
        for thread in threading.enumerate():
            if thread.name.startswith("backup-"):
                thread.join()
        time.sleep(dice.random() * 0.02)
        if os.path.exists(path + ".stop"):
            break
    os.write(writer, json.dumps({"ran": ran, "lost": lost}).encode())
    os._exit(0)


def clear(code, lock):
    """One run of change.py, in this process: the very text, its arguments, its answer."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    kept = sys.argv, sys.stdout
    sys.argv = ["-", path, "20261121-1", "who@where", "clear", json.dumps({"lock": lock, "dead": []})]
    sys.stdout = out
    try:
        exec(code, {"__name__": "change"})
    except SystemExit:
        pass
    finally:
        sys.argv, sys.stdout = kept
    out.flush()
    return json.loads(out.buffer.getvalue().decode())["why"]


reader, writer = os.pipe()
parent = os.getpid()
if os.fork() == 0:
    backend()
code = compile(open(script).read(), "change.py", "exec")
dice, came = random.Random(58), collections.Counter()
for n in range(rounds):
    if dice.random() < 0.7:
        # a lock that somebody left behind long ago
        query("INSERT OR IGNORE INTO backup_locks VALUES ('backup', ?, NULL, ?)", "left%d" % n, int(time.time() * 1000) - HOUR)
    while True:
        rows = query("SELECT name, owner, acquired_at_ms FROM backup_locks")
        if rows:
            break
    # a person looks at it for a moment
    time.sleep(dice.random() * 0.004)
    came[clear(code, dict(zip(("name", "owner", "acquired_at_ms"), rows[0])))] += 1
open(path + ".stop", "w").close()
os.close(writer)
said = json.loads(os.read(reader, 4096).decode())
said["clears"] = rounds
said["came"] = dict(came)
print(json.dumps(said))
