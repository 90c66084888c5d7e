# shellcheck shell=sh
# Watches the backups of a server: one stream that speaks when something changes, and every quarter of a minute says that it
# is there. Follows share.sh.
#
# needs   a POSIX shell with awk, cat, cmp, date, find, head, ln, mkdir, mkfifo, mktemp, mv, rm, sed, sleep, stat, tail, timeout
#         (coreutils and findutils, or busybox); docker, and says so where it is not
# given   set in front of this text: mark root mount_point pack_folder backend database_inside watch_size; and watch_py, which
#         prints watch_size bytes of Python
# prints  lines that begin with @@MARK and one of
#             beat SECONDS            the server's clock; every 15 s, and first of all
#             backend JSON            the backend's container as docker inspect has it: whether it runs, since when
#             db JSON                 the jobs at work, those that ended last, the locks, the container's clock
#             own LINE, copy LINE     type|bytes|seconds|path of the files of the watched job's pack, and of its copy on
#                                     the share while that is being made; ended by
#             pack JOB FOLDER         whose they are, and the folder above the pack
#             helper [NAME]           the container that packs a volume into it, if one does
#             held PID                the share holds this reader and does not let it go; no other one is started
#             gap WHAT CODE WORDS     what (backend, database, pack, helper) could not be told: 69 the share is not mounted,
#                                     124 it took too long, 66 where the job writes is not known on this host
# exits   never by itself; it ends with those who listen
# changes nothing. Its scratch files are in a private folder below /run (memory) and go when it ends, as does what it started
#         in the container; only the process id of a reader that the dead share holds may stay.

# --- what is asked, each in the background; the answer is in files, its end on fd 3 ----------------------------------------

docker_says() { # WHAT ARGUMENT...
  what=$1
  shift
  timeout -k 1 15 docker "$@" >"$work/$what.out" 2>"$work/$what.err" </dev/null
  echo "$what $?" >&3
}

ask_backend() {
  docker_says backend inspect --format '{"Id":{{json .Id}},"Name":{{json .Name}},"State":{"Status":{{json .State.Status}},"Running":{{json .State.Running}},"OOMKilled":{{json .State.OOMKilled}},"ExitCode":{{json .State.ExitCode}},"StartedAt":{{json .State.StartedAt}},"FinishedAt":{{json .State.FinishedAt}}},"Mounts":{{json .Mounts}}}{{range .Mounts}}
bind={{.Source}}|{{.Destination}}{{end}}' "$backend"
}

ask_helper() { docker_says helper ps --no-trunc --format '{{.Names}}|{{.Mounts}}'; }

# Reads its program from standard input up to a length, so that what follows there tells that somebody listens
boot='import os, sys
size, text = int(sys.argv.pop(1)), b""
while len(text) < size:
    more = os.read(0, size - len(text))
    if not more:
        sys.exit(75)
    text += more
exec(compile(text, "watch", "exec"))'

# the part in the container, for as long as it lives
ask_database() {
  {
    watch_py
    while kill -0 $$ && sleep 8; do echo; done
  } 2>/dev/null | {
    # shellcheck disable=SC2016 # expanded by the inner shell
    sh -c 'echo $$ >"$1/asker"; shift; exec "$@"' sh "$work" \
      docker exec -i "$backend" python -c "$boot" "$watch_size" "$database_inside" 2>"$work/database.err"
    echo "code $?"
  } | {
    said=0
    code=1
    while IFS= read -r line; do
      case $line in
        'db '*)
          said=$((said + 1))
          printf '%s\n' "$line" >"$work/db.$runs.$said"
          echo "db $runs.$said"
          ;;
        'live '* | here) printf '%s\n' "$line" ;;
        'code '*) code=${line#code } ;;
      esac
    done
    echo "database $code"
  } >&3
}

# the pack of a job, by a reader that the share may hold
ask_pack() { # JOB FOLDER, which is as the container names it
  : >"$work/pack.err"
  : >"$work/pack.own"
  : >"$work/pack.copy"
  see_pack "$@" 2>>"$work/pack.err"
  echo "pack $? $1" >&3
}

see_pack() {
  on_host "$2" || {
    echo "the container writes to $2, which is no folder of this server" >&2
    return 66
  }
  mounted_type <"$root/proc/self/mountinfo"
  on_share=
  case $folder in "$mount_point"/*) on_share=1 ;; esac
  case $mounted in
    cifs | smb3) ;;
    *) [ -z "$on_share" ] || return 69 ;;
  esac
  if found=$(stuck_reader); then
    # another one's reader is at work: this round is left out
    [ "${found#* }" = timeout ] && return 75
    printf '%s\n' "${found%% *}" >"$work/pack.held"
    return 76
  fi
  forget_the_dead
  printf '%s\n' "${folder%/*}" >"$work/pack.above"
  files own "$root$folder" 2
  set -- $? "$1"
  # the older layout: made elsewhere, then copied
  [ -n "$on_share" ] || [ -z "$mounted" ] || copies "$2"
  return "$1"
}

copies() { # JOB
  reader 8 find "$root$pack_folder/_tmp" -mindepth 1 -maxdepth 1 -name "job_$1_*" >"$work/pack.copies" 2>/dev/null || return 0
  while IFS= read -r each; do
    files copy "$each" 2
  done <"$work/pack.copies"
}

files() { # LIST FOLDER DEPTH
  list=$work/pack.$1
  set -- find "$2" -maxdepth "$3" -exec stat -c '%F|%s|%Y|%n' '{}' +
  reader 8 "$@" >"$list" 2>"$work/files.err"
  code=$?
  # a file that was renamed under the listing: it is made once more
  if [ "$code" = 1 ] && [ -s "$list" ]; then
    reader 8 "$@" >"$list" 2>"$work/files.err"
    code=$?
  fi
  cat "$work/files.err" >&2
  return "$code"
}

# sets `folder` to where a path of the container lies on the host: through the longest bind that holds it
on_host() {
  folder=
  best=
  case $1 in '' | */../* | */..) return 66 ;; esac
  while IFS='|' read -r from to; do
    to=${to%/}
    case $1 in
      "$to"/*)
        if [ -z "$folder" ] || [ "${#to}" -gt "${#best}" ]; then
          best=$to
          folder=${from%/}${1#"$to"}
        fi
        ;;
    esac
  done <"$work/binds"
  [ -n "$folder" ]
}

# --- what is said ----------------------------------------------------------------------------------------------------------

words() { tail -n 1 "$work/$1.err" | head -c 300 | tr '\n' ' '; }

gap() { # WHAT CODE
  printf 'gap %s %s %s\n' "$1" "$2" "$(words "$1")" >"$work/$1.new"
  tell "$1"
}

tell() { # WHAT: what stands in its file, unless it was said last
  if cmp -s "$work/$1.new" "$work/$1.last"; then return; fi
  sed "s/^/@@$mark /" "$work/$1.new"
  mv "$work/$1.new" "$work/$1.last"
}

beat() { printf '@@%s beat %s\n' "$mark" "$(date +%s)"; }

# --- answers ---------------------------------------------------------------------------------------------------------------

backend_answered() { # CODE
  asking_backend=
  running=
  next_backend=$((now + 5))
  if [ "$1" != 0 ]; then
    gap backend "$1"
    return
  fi
  sed -n 's/^{/backend {/p' "$work/backend.out" | head -c 65536 >"$work/backend.new"
  sed -n 's/^bind=//p' "$work/backend.out" >"$work/binds.new"
  mv "$work/binds.new" "$work/binds"
  if grep -q '"Running":true' "$work/backend.new"; then
    running=1
    [ -n "$job" ] || next_backend=$((now + 20))
    [ -n "$job" ] || [ -z "$asking_database" ] || rm -f "$work/busy"
  else
    : >"$work/busy"
  fi
  tell backend
}

database_answered() { # CODE: it has ended
  asking_database=
  next_database=$((now + 3))
  next_backend=0
  : >"$work/busy"
  gap database "$1"
}

helper_answered() { # CODE
  asking_helper=
  if [ "$1" != 0 ]; then
    gap helper "$1"
    return
  fi
  awk -F '|' -v pack="${at##*/}" '
    index($2, pack) && !found { print "helper " $1; found = 1 }
    END { if (!found) print "helper" }' "$work/helper.out" >"$work/helper.new"
  tell helper
}

pack_answered() { # CODE JOB
  asking_pack=
  case $1 in
    0)
      {
        head -n 200 "$work/pack.own" | sed 's/^/own /'
        head -n 200 "$work/pack.copy" | sed 's/^/copy /'
        printf 'pack %s %s\n' "$2" "$(cat "$work/pack.above")"
      } >"$work/pack.new"
      tell pack
      ;;
    75) ;;
    76)
      printf 'held %s\n' "$(cat "$work/pack.held")" >"$work/pack.new"
      tell pack
      ;;
    *) gap pack "$1" ;;
  esac
}

# --- the stream ------------------------------------------------------------------------------------------------------------

# so many times three seconds have passed
tick() {
  now=$((now + $1))
  if [ "$now" -ge "$next_beat" ]; then
    next_beat=$((now + 5))
    beat
  fi
  if [ -z "$asking_backend" ] && [ "$now" -ge "$next_backend" ]; then
    asking_backend=1
    ask_backend >/dev/null 2>&1 </dev/null &
  fi
  if [ -z "$asking_database" ] && [ -n "$running" ] && [ "$now" -ge "$next_database" ]; then
    asking_database=1
    heard=$now
    runs=$((runs + 1))
    ask_database >/dev/null 2>&1 </dev/null &
  elif [ -n "$asking_database" ] && [ $((now - heard)) -gt 12 ]; then
    # neither docker nor the container's side says anything
    heard=$now
    end_asker
    echo 'no sign of it for 36 s' >"$work/database.err"
    gap database 124
  fi
  ask_about_job
}

ask_about_job() {
  [ -n "$job" ] && [ -n "$at" ] || return 0
  if [ -z "$asking_pack" ] && [ -e "$work/binds" ]; then
    asking_pack=$now
    ask_pack "$job" "$at" >/dev/null 2>&1 </dev/null &
    # the last time, for a job that has ended
    if [ -n "$ended" ]; then
      job=
      rm -f "$work/busy"
    fi
  elif [ -n "$asking_pack" ] && [ $((now - asking_pack)) -ge 8 ]; then
    gap pack 124
  fi
  if [ -z "$asking_helper" ] && [ "$now" -ge "$next_helper" ]; then
    asking_helper=1
    next_helper=$((now + 3))
    ask_helper >/dev/null 2>&1 </dev/null &
  fi
}

end_asker() {
  [ -s "$work/asker" ] || return 0
  read -r pid <"$work/asker" || return 0
  rm -f "$work/asker"
  kill "$pid" 2>/dev/null
}

watch() {
  [ -n "$root" ] || PATH=$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
  umask 077
  state=$root/run/opsdeck
  { mkdir -p "$state" && [ -w "$state" ]; } 2>/dev/null || state=
  work=$(mktemp -d "${state:-${TMPDIR:-/tmp}}/watch.XXXXXX") || return 70
  [ -n "$state" ] || state=$work
  ticker=
  # what is still being asked may put one more file there while it goes
  trap '[ -z "$ticker" ] || kill "$ticker" 2>/dev/null; end_asker; rm -rf "$work" 2>/dev/null || { sleep 1; rm -rf "$work"; }' EXIT
  trap 'exit 143' HUP INT TERM PIPE
  mkfifo "$work/done" && exec 3<>"$work/done" || return 70

  now=0 next_beat=5 next_backend=0 next_database=0 next_helper=0 heard=0 runs=0
  running='' job='' at='' ended=''
  asking_backend='' asking_database='' asking_pack='' asking_helper=''
  # a tick at once, then every three seconds at first and while there is work, else every fifteen; ends with us,
  # however we end
  {
    young=5
    echo tick 0
    while kill -0 $$; do
      if [ "$young" -gt 0 ] || [ -e "$work/busy" ]; then
        young=$((young - 1))
        sleep 3 && echo tick 1
      else
        sleep 15 && echo tick 5
      fi
    done
  } >&3 2>/dev/null </dev/null &
  ticker=$!
  beat
  while read -r name code rest <&3; do
    case $name in
      tick) tick "$code" ;;
      backend) backend_answered "$code" ;;
      database) database_answered "$code" ;;
      helper) helper_answered "$code" ;;
      pack) pack_answered "$code" "$rest" ;;
      db)
        heard=$now
        rm -f "$work/database.last"
        sed "s/^/@@$mark /" "$work/db.$code"
        rm -f "$work/db.$code"
        ;;
      live)
        heard=$now
        case $code in
          -)
            ended=$job
            # one that never wrote has nothing to be looked at once more
            [ -n "$at" ] || {
              job=''
              rm -f "$work/busy"
            }
            ;;
          *)
            job=$code at=$rest ended=''
            : >"$work/busy"
            ask_about_job
            ;;
        esac
        ;;
      here) heard=$now ;;
    esac
  done
  return 0
}

watch
