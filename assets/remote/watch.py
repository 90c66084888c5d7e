# The backend's side of a watch: the jobs at work, said again whenever something about them changed. Follows database.py.
#
# needs   python 3.6 or newer, standard library only
# given   the database's path; a byte on standard input now and then, for as long as somebody listens
# prints  db {"clock": …, "database": {"live": …, "newest": …, "locks": …}}   when a row is not as it was said last
#         live ID FOLDER    which job is to be watched, and where it writes; `live -` when none is at work
#         here              every ten seconds, whether there is something to say or not
# exits   0 when standard input ends, or says nothing for 20 s: a killed `docker exec` leaves what it started behind;
#         by a signal when one round takes more than 30 s
# changes nothing: as database.py says, and the share is not touched.
import select

FINISHED = "WHERE status NOT IN ('queued', 'running', 'canceling') ORDER BY id DESC LIMIT 5"
EVERY_S, SAY_S, ALONE_S, LONGEST_S = 2, 10, 20, 30


def say(line):
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except OSError:
        os._exit(0)


def watched(db, before):
    return {
        "live": rows(db, "backup_jobs", JOB, LIVE),
        "newest": rows(db, "backup_jobs", JOB, FINISHED),
        "locks": rows(db, "backup_locks", LOCK, "LIMIT 20"),
    }


def touched():
    """Changes whenever somebody wrote: every change of a row is a write to one of these files."""
    marks = []
    for name in (path, path + "-wal"):
        try:
            s = os.stat(name)
            marks.append((s.st_ino, s.st_size, s.st_mtime_ns))
        except OSError:
            marks.append(None)
    return marks


def at_work(answer):
    """The job to watch: one that runs before one that waits."""
    live = sorted(answer.get("live") or [], key=lambda job: job.get("status") == "queued")
    if not live:
        return "live -"
    folder = live[0].get("output_dir") or ""
    plain = folder.startswith("/") and folder == folder.strip() and folder.isprintable() and len(folder) <= 400
    return "live %s %s" % (live[0].get("id"), folder if plain else "")


def wait():
    """Waits for the next round; false when nobody is there any more."""
    global heard
    due = time.monotonic() + EVERY_S
    while True:
        left = due - time.monotonic()
        if left <= 0:
            return time.monotonic() - heard < ALONE_S
        if select.select([0], [], [], left)[0]:
            if not os.read(0, 4096):
                return False
            heard = time.monotonic()


said, work, marks = None, None, None
heard, read_at, spoke = time.monotonic(), 0, 0
while True:
    signal.alarm(LONGEST_S)
    now, before = time.monotonic(), touched()
    # read all the same now and then: a clock that was set back may give two writes the same time
    if before != marks or now - read_at > LONGEST_S:
        answer = part(lambda: fitting(read(watched), 180000))
        text = json.dumps(answer, sort_keys=True)
        if text != said:
            say("db " + json.dumps({"clock": part(clock), "database": answer}))
        if "error" not in answer and at_work(answer) != work:
            work = at_work(answer)
            say(work)
        said, read_at, marks = text, now, None if "error" in answer else before
    if now - spoke >= SAY_S:
        say("here")
        spoke = now
    if not wait():
        break
