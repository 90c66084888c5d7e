# The backend's side of a look: its mounts, its clock, its database. Prints one line of JSON. Follows database.py.
#
# needs   python 3.6 or newer, standard library only
# given   the database's path and how many jobs to show
# prints  {"mounts": …, "clock": …, "database": …}; each part is either an answer or {"error": "…"}
# exits   0; ends itself after 15 s
# changes nothing: as database.py says, and the share is not touched.
signal.alarm(15)
limit = int(sys.argv[2])

# a list of what is read, so that a password in another column is not
SETTINGS = ("enabled incremental_schedule full_backup_enabled full_backup_schedule last_run_at_ms "
            "last_incremental_backup_time_ms last_full_backup_time_ms backup_retention_max replica_enabled "
            "replica_target_path replica_subdir_format full_backup_include_images ragflow_stop_services "
            "target_mode target_local_dir").split()


def mounts():
    with open("/proc/self/mountinfo", "rb") as f:
        return {"mountinfo": f.read(262144).decode("utf-8", "replace")}


def everything(db, before):
    newest = "WHERE status = 'completed' AND kind = '%s' ORDER BY id DESC LIMIT 1"
    return {
        "wal": before[2],
        "jobs": rows(db, "backup_jobs", JOB, "ORDER BY id DESC LIMIT %d" % limit),
        "live": rows(db, "backup_jobs", JOB, LIVE),
        "last_completed": {kind: rows(db, "backup_jobs", JOB, newest % kind) for kind in ("incremental", "full")},
        "outputs": outputs(db),
        "locks": rows(db, "backup_locks", LOCK, "LIMIT 20"),
        "settings": rows(db, "data_security_settings", SETTINGS, "LIMIT 1"),
    }


def outputs(db):
    """Whose packs: every job's folder, newest first, so that old packs on the share find their owner."""
    if "output_dir" not in columns(db, "backup_jobs"):
        return None
    found = db.execute("SELECT id, kind, output_dir FROM backup_jobs WHERE output_dir IS NOT NULL AND output_dir != '' "
                       "ORDER BY id DESC LIMIT 400").fetchall()
    return [[row[0], row[1], str(row[2])[:400]] for row in found]


# 256 KiB of an answer are passed on, and the table of mounts is in it too
database = lambda: fitting(read(everything), 180000)
print(json.dumps({"mounts": part(mounts), "clock": part(clock), "database": part(database)}))
