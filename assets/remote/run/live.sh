# shellcheck shell=sh
# Whether a backup lives, asked on the server itself right before something is done that would ruin it. Follows common.sh, goes
# before act.sh.
#
# needs   docker; uses python3 where the container cannot be asked
# given   root run_id backend; IDS: numbers of jobs, parted by blanks, that stand in nobody's way: ghosts, and what the person who
#         confirmed has read. `unknown` among them: that nobody could tell was read, too
# writes  facts: live_jobs, live
# changes nothing

# prints `jobs` and the numbers of the jobs that say they are at work. 127: there is nobody who could read the database: no running
# container, no Python; any other code: who could did not
live_jobs() { # DATABASE-IN-THE-CONTAINER DATABASE
  # a -wal is read through its -shm, and without one the file alone is the truth: no file appears beside it
  query='import os,sqlite3,sys;p=sys.argv[1];how="mode=ro&readonly_shm=1" if os.path.exists(p+"-wal") else "immutable=1";db=sqlite3.connect("file:"+p+"?"+how,uri=True,timeout=5);print("jobs",*[r[0] for r in db.execute("select id from backup_jobs where status in (?,?,?)",("queued","running","canceling"))])'
  code=1
  # shellcheck disable=SC2154 # given
  case $(container_state "$backend") in
    running*)
      read_by docker exec -i "$backend" python -c "$query" "$1" && return 0
      ;;
    stopped*) code=127 ;;
  esac
  for python in python3 "$root/usr/libexec/platform-python"; do
    command -v "$python" >/dev/null 2>&1 || continue
    read_by "$python" -c "$query" "$root$2"
    return
  done
  return "$code"
}

# one that answers anything else has not answered; what it is told is in a file, and nobody waits for a child that a dead share holds
read_by() {
  timeout -k 2 20 "$@" >"$run/jobs" 2>/dev/null </dev/null
  grep '^jobs' "$run/jobs"
}

# the numbers of the jobs that live, one a line, or `unknown`: what could not be read may be a backup
live_job() { # DATABASE-IN-THE-CONTAINER DATABASE IDS
  code=0
  found=$(live_jobs "$1" "$2") || code=$?
  case $code in
    0) ;;
    127)
      # a worker lives in the container, and that one does not run
      fact live_jobs "not read"
      found="jobs"
      ;;
    *) found="jobs unknown" ;;
  esac
  for each in ${found#jobs}; do
    case " $3 " in *" $each "*) ;; *) echo "$each" ;; esac
  done
}

# refuses while a job lives that is not among those
no_other_job_runs() { # DATABASE-IN-THE-CONTAINER DATABASE IDS
  found=$(live_job "$@" | head -n 1)
  [ -z "$found" ] || refuse live "$found"
}

# the same right before the backend is stopped: a backup may have begun since then
no_job_began() { # DATABASE-IN-THE-CONTAINER DATABASE IDS
  found=$(live_job "$@" | head -n 1)
  [ -n "$found" ] || return 0
  fact live "$found"
  return 1
}
