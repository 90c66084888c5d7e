# shellcheck shell=sh
# For the steps of actions on backups: the backend's database, the containers that pack volumes for a backup, and whether a
# worker can still be alive. Follows common.sh and change_py, a function that prints change.py; goes before act.sh.
#
# needs   docker, awk, cmp; python3 on the server only while the backend's container is down, and not even then
# given   root run_id backend; database, database_inside: the path on the server and in the container
# changes what change.py is told to; stops helpers where a step says so

# one change of the database, or one question: the answer is in "$run/answer", what was found out is in the journal. The codes
# are those of change.py; any other says that what became of it is not known
change() { # VERB JSON
  longest=40 code=0
  [ "$1" != start ] || longest=150
  operator=$(cut -d '|' -f 2 "$run/who")
  : >"$run/answer"
  case $(container_state "$backend") in
    running*)
      # shellcheck disable=SC2154 # given
      change_py | timeout -k 5 "$longest" docker exec -i "$backend" python - "$database_inside" "$run_id" "$operator" "$@" >"$run/answer" || code=$?
      ;;
    stopped*) change_py | without_the_backend "$longest" "$run_id" "$operator" "$@" >"$run/answer" || code=$? ;;
    *)
      echo "docker does not say how $backend is"
      return 125
      ;;
  esac
  cat "$run/answer"
  awk -F '"' '{ for (i = 2; i < NF; i++) if ($i == "facts") { for (i += 2; i < NF; i += 2) print $i } }' "$run/answer" |
    while IFS= read -r each; do fact "$each"; done
  return "$code"
}

# the backend's container is down: the server's own Python, else a container of the same image that is made for this alone
without_the_backend() { # SECONDS ARGUMENTS
  longest=$1
  shift
  for python in python3 "$root/usr/libexec/platform-python"; do
    command -v "$python" >/dev/null || continue
    # shellcheck disable=SC2154 # given
    timeout -k 5 "$longest" "$python" - "$database" "$@"
    return $?
  done
  # a bind of a folder that is not there would make it
  [ -f "$database" ] || return 12
  image=$(timeout -k 2 20 docker inspect --format '{{.Image}}' "$backend" </dev/null) || return 125
  timeout -k 5 "$longest" docker run --rm -i --network none --entrypoint python \
    -v "${database%/*}:${database_inside%/*}" "$image" - "$database_inside" "$@"
}

# a word of the last answer
answered() { awk -F '"' -v name="$1" '{ for (i = 2; i < NF; i += 2) if ($i == name) { print $(i + 2); exit } }' "$run/answer"; }

# the first change of a run: what is not done because something is in the way refuses the run
change_first() { # VERB JSON
  code=0
  change "$@" || code=$?
  case $code in
    0) return 0 ;;
    10 | 11 | 12 | 13) refuse "$(answered why)" "$(answered words)" ;;
  esac
  return "$code"
}

# the job's words, until it is over: 0 and its last status in the journal; 1 when the time is up
job_ends() { # NUMBER SECONDS
  end=$(($(ticks) + $2))
  last=
  while :; do
    # one question that fails tells nothing
    if change job "{\"id\":$1}" >/dev/null; then
      now="$(answered status) $(answered message)"
      if [ -n "$(answered until)" ]; then answered until >"$run/until"; fi
      if [ "$now" != "$last" ]; then fact progress "$now"; fi
      last=$now
      case $now in
        queued* | running* | canceling*) ;;
        *)
          # one that does not say when: nothing but what was seen before is its
          [ -s "$run/until" ] || echo 0 >"$run/until"
          fact ended "#$1 $now"
          return 0
          ;;
      esac
    fi
    [ "$(ticks)" -lt "$end" ] || break
    sleep 3
  done
  fact still "#$1 $last"
  return 1
}

# `ID NAME` of each container that packs volumes for a backup: made of the backend's image, started since then, with a volume
# of the project or a folder below the packs'. Once the job has come to its end, only what is its: seen when that was asked for, or
# started before the end. The backend may begin another backup within a minute, and that one has helpers of its own
helpers() { # SINCE PROJECT FOLDER
  timeout -k 2 20 docker inspect --format '{{.Id}} {{.Image}} {{.Config.Image}}' "$backend" >"$run/helpers.own" 2>"$run/helpers.err" </dev/null || return 1
  timeout -k 2 20 docker ps -q --no-trunc >"$run/helpers.ids" 2>"$run/helpers.err" </dev/null || return 1
  [ -s "$run/helpers.ids" ] || return 0
  # shellcheck disable=SC2046 # one id a word
  timeout -k 2 20 docker inspect --format '{{.Id}} {{.Image}} {{.Config.Image}} {{.State.StartedAt}} {{.Name}} {{json .Mounts}}' \
    $(cat "$run/helpers.ids") >"$run/helpers.all" 2>"$run/helpers.err" </dev/null || {
    # some may have ended since; any other failure, and no answer above all, says nothing of who packs
    [ $? = 1 ] && [ -s "$run/helpers.err" ] && ! grep -qv 'No such object' "$run/helpers.err" || return 1
  }
  read -r own_id own_image own_name <"$run/helpers.own"
  : >>"$run/theirs"
  until=
  [ ! -s "$run/until" ] || read -r until <"$run/until"
  awk -v id="$own_id" -v image="$own_image" -v name="$own_name" -v since="$1" -v until="$until" -v volume="\"Name\":\"$2_" -v folder="\"Source\":\"$3/" '
    FILENAME == ARGV[1] { theirs[$1] = 1; next }
    { at = $4; sub(/Z$/, "", at) }
    $1 != id && ($2 == image || $3 == name) && substr(at, 1, 19) >= since && (index($0, volume) || index($0, folder)) &&
      (until == "" || at < until || $1 in theirs) { print $1, substr($5, 2) }' "$run/theirs" "$run/helpers.all"
}

# what packs now is the job's that is asked to end: there is no other
remember_helpers() { # SINCE PROJECT FOLDER
  helpers "$@" >"$run/helpers" || return 1
  cat "$run/helpers" >>"$run/theirs"
}

# waits until no helper runs: they end with their work, or with their client
no_helpers() { # SINCE PROJECT FOLDER SECONDS
  end=$(($(ticks) + $4))
  while :; do
    helpers "$1" "$2" "$3" >"$run/helpers" || return 1
    [ -s "$run/helpers" ] || return 0
    [ "$(ticks)" -lt "$end" ] || break
    sleep 1
  done
  cat "$run/helpers"
  return 2
}

# stops them: killing a backup's worker leaves them behind, and they go on writing
stop_helpers() { # SINCE PROJECT FOLDER
  helpers "$1" "$2" "$3" >"$run/helpers" || return 1
  while read -r id name; do
    fact helper "$name"
    within 30 docker stop -t 5 "$id" || grep -q 'No such container' "$run/said" || return 1
  done <"$run/helpers"
  no_helpers "$1" "$2" "$3" 15
}

# since when the backend runs, right before it is restarted
remember_start() {
  since_when >"$run/started.before" && [ -s "$run/started.before" ]
}

since_when() { timeout -k 2 20 docker inspect --format '{{.State.Running}} {{.State.StartedAt}}' "$backend" 2>"$run/docker.err" </dev/null; }

# a worker is a thread of a process in the backend's container: one that began before the container's start is gone
worker_is_gone() { # BEGAN
  since_when >"$run/started" || return 1
  read -r is_running at <"$run/started"
  [ "$is_running" = true ] || return 0
  [ -n "$at" ] || return 1
  if [ -e "$run/started.before" ]; then
    # this run has restarted it since it was seen at work, whatever the clocks say; what packs for it was started before that
    ! cmp -s "$run/started" "$run/started.before" || return 2
    [ -s "$run/until" ] || printf '%s\n' "${at%Z}" >"$run/until"
    return 0
  fi
  awk -v at="$at" -v began="$1" 'BEGIN { exit !(substr(at, 1, 19) > began) }' || return 2
  # a clock may have been wrong; so, where docker can tell: nobody in it is packing
  # that docker has no such list proves nothing against it; that it does not answer proves nothing at all
  timeout -k 2 20 docker top "$backend" -eo pid,args >"$run/processes" 2>/dev/null </dev/null || {
    case $? in 124 | 137 | 143) return 1 ;; esac
    return 0
  }
  ! grep -q 'docker \(run\|save\) ' "$run/processes" || return 2
}

# refuses the run unless every worker that began until then is gone, with its helpers
only_ghosts() { # BEGAN SINCE PROJECT FOLDER
  code=0
  worker_is_gone "$1" || code=$?
  [ "$code" != 2 ] || refuse alive "$backend"
  [ "$code" = 0 ] || return 1
  no_helpers "$2" "$3" "$4" 0 || code=$?
  [ "$code" != 2 ] || refuse helpers "$(awk '{ printf "%s%s", between, $2; between = " " }' "$run/helpers")"
  return "$code"
}

# refuses the run while anything can be seen of a backup: for a lock whose holder is not proved gone. In the container that is a client of
# docker that packs, or the process that was left to carry a backup that was asked for from here
nobody_packs() { # SINCE PROJECT FOLDER
  since_when >"$run/started" || return 1
  read -r is_running _ <"$run/started"
  if [ "$is_running" = true ]; then
    code=0
    timeout -k 2 20 docker top "$backend" -eo pid,args >"$run/processes" 2>/dev/null </dev/null || code=$?
    case $code in 124 | 137 | 143) return 1 ;; esac
    # nothing else speaks for it here: without a list it is not cleared
    if [ "$code" != 0 ] || grep -q -e 'docker \(run\|save\) ' -e ' start {"f' "$run/processes"; then refuse alive "$backend"; fi
  fi
  code=0
  no_helpers "$1" "$2" "$3" 0 || code=$?
  [ "$code" != 2 ] || refuse helpers "$(awk '{ printf "%s%s", between, $2; between = " " }' "$run/helpers")"
  return "$code"
}
