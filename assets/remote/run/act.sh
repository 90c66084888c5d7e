# shellcheck shell=sh
# What runs on the server while an action is under way: its steps one after the other, each written down before it begins
# and when it is done. Follows common.sh, seen.sh and the plan's own text (given values and the functions step_1 …).
#
# needs   what common.sh needs; docker, mount and others as the steps say
# given   root run_id; backend, health_url; machine_id: the server that the plan was made for (empty: not known);
#         steps: how many; step_N: what it does; undo_N, if there is one: what takes it back when a later step fails;
#         $1 `claimed`: start.sh has made the claim for it
# writes  the run's journal:
#             begin               the lock is ours; nothing is done before this is on the disk
#             step N, done N      a step begins, which it does not if this cannot be written, and has worked
#             fact NAME WORDS     something that was found out
#             fail N CODE         a step did not work; nothing after it was done
#             undo N CODE         an earlier step was taken back, with this code
#             refused WHY WORDS   before anything was done
#             finished            all steps have worked
# exits   what comes after, and the `end` of the journal, is for after.sh, which runs however this ends

# --- for the steps ---------------------------------------------------------------------------------------------------------

# something that was found out, for the journal
fact() { tell fact "$@"; }

# ends the run before anything was done: the server is not as it was when the plan was made
refuse() {
  insist refused "$@"
  exit 90
}

# what must be in the journal even where the disk has become full meanwhile
insist() {
  tell "$@" && return 0
  rm -f "$run/room"
  whole
  tell "$@"
}

# a command with a limit in seconds; what it prints is in "$run/said" and in the run's output, and nobody waits for a child
# of it that a dead share holds
within() {
  limit=$1
  shift
  ends=
  case "$1 ${2-}" in
    "docker stop" | "docker restart")
      case " $* " in *" $backend "*)
        ends=yes
        grace "$@" >"$run/stopping"
        ;;
      esac
      ;;
  esac
  # a failure must not end the step before its words are told
  said_code=0
  timeout -k 5 "$limit" "$@" >"$run/said" 2>&1 </dev/null || said_code=$?
  set -- "$said_code"
  # how busybox's timeout says that the time was up
  [ "$1" != 143 ] || set -- 124
  # only where docker has done it is nothing of it still to come: one that it could not stop may go down later
  if [ "$ends$1" = yes0 ]; then rm -f "$run/stopping"; fi
  head -c 20000 "$run/said"
  return "$1"
}

# the seconds that `docker stop` gives a container before it is killed. The daemon goes on with a stop whoever waits for it,
# so after.sh has to know of one that nobody waits for any more
grace() {
  while [ $# -gt 1 ]; do
    case $1 in
      -t | --time | --timeout)
        printf '%s\n' "$2"
        return 0
        ;;
    esac
    shift
  done
  echo 10
}

# writes down how the backend is, so that it can be put back whatever happens; before the first step that may stop it.
# With systemd it is put back even after a reboot
remember_backend() {
  # the first answer counts
  [ -s "$run/backend-was" ] && return 0
  container_state "$backend" >"$run/backend-was.new" && [ -s "$run/backend-was.new" ] || return 1
  this_boot >"$run/boot"
  mv "$run/backend-was.new" "$run/backend-was"
  settled "$run/backend-was" "$run"
  fact backend_was "$(cat "$run/backend-was")"
  has_systemd || return 0
  printf '[Unit]\nDescription=opsdeck: the backend as it was before the reboot\nWants=docker.service\nAfter=docker.service network-online.target\nConditionPathExists=%s/after.sh\n[Service]\nType=oneshot\nExecStart=/bin/sh %s/after.sh boot\n' \
    "$run" "$run" >"$boot_unit.new" && chmod 644 "$boot_unit.new" && mv "$boot_unit.new" "$boot_unit" && mkdir -p "${boot_link%/*}" && ln -sf "$boot_unit" "$boot_link" || return 1
  settled "$boot_unit" "${boot_unit%/*}" "${boot_link%/*}"
}

# the container is as the plan knows it, or nothing is done; that docker does not answer says nothing about it
container_is() { # NAME STATE-AND-ID…
  name=$1
  now=$(container_state "$name") || :
  shift
  for each in "$@"; do
    [ "$now" != "$each" ] || return 0
  done
  [ -n "$now" ] || no_such_container || refuse docker "$name"
  refuse container "$name"
}

# the one that the plan was made for: one that was made anew may be another one
same_container() { container_is "$1" "running $2" "stopped $2"; } # NAME ID

# waits until a container runs as docker says and as it really is, and goes on for five seconds: one that dies at once and is
# started again is found running most of the time. What kept it from that is a fact
container_runs() { # NAME SECONDS
  end=$(($(ticks) + $2 + 5))
  was=
  while :; do
    now=$(container_life "$1")
    case $now in
      "true "*" starting" | "true "*" unhealthy") why=${now##* } was= ;;
      "true "*)
        if ! container_works "$1"; then
          why="runs nothing" was=
        elif [ "$now" != "$was" ]; then
          was=$now why="does not stay up"
          since=$(ticks)
        elif [ $(($(ticks) - since)) -ge 5 ]; then
          return 0
        fi
        ;;
      "false "*) why=stopped was= ;;
      *) why="docker does not say" was= ;;
    esac
    [ "$(ticks)" -lt "$end" ] || break
    sleep 1
  done
  fact not_running "$1 $why"
  cat "$run/docker.err" "$run/works" 2>/dev/null || :
  return 1
}

# waits until the backend says that it is well; that it says nothing yet is no end
backend_answers() { # SECONDS
  end=$(($(ticks) + $1))
  while :; do
    if command -v curl >/dev/null 2>&1; then
      timeout -k 1 5 curl -sS -f -m 4 "$health_url" >"$run/said" 2>&1 </dev/null || :
    else
      timeout -k 1 5 wget -q -T 4 -O - "$health_url" >"$run/said" 2>&1 </dev/null || :
    fi
    grep -q '"status" *: *"ok"' "$run/said" && return 0
    [ "$(ticks)" -lt "$end" ] || break
    sleep 1
  done
  head -c 500 "$run/said"
  return 1
}

# the backend is meant to be so from now on: putting it back means this
backend_is_meant() { printf '%s\n' "$1" >"$run/backend-meant"; }

# --- the run ---------------------------------------------------------------------------------------------------------------

act() {
  plainly
  # it keeps no folder in use
  cd / || exit 91
  # once and no more: systemd may have been late with a unit that start.sh had given up
  [ "${1-}" = claimed ] || mkdir "$run/claim" 2>/dev/null || exit 91
  # without a unit somebody waits for the end of this; should that one have been killed, here is another
  [ -e "$run/is-unit" ] || trap 'setsid sh "$run/after.sh" wait 60 </dev/null >/dev/null 2>&1 6>&- 8>&- 9>&- &' EXIT
  trap 'exit 143' HUP INT TERM
  exec 9>>"$state/lock"
  tries=0
  # who only looks whether it is free holds it for a moment
  until flock -n 9; do
    tries=$((tries + 1))
    [ "$tries" -lt 4 ] || refuse busy "$(cat "$state/holder" 2>/dev/null)"
    sleep 1
  done
  if last_has_no_end; then refuse busy "$(cat "$state/holder")"; fi
  { printf '%s|%s\n' "$(cat "$run/who")" "$run_id" >"$state/holder.new" && mv -f "$state/holder.new" "$state/holder"; } || refuse disk "$state"
  [ -z "$machine_id" ] || [ "$machine_id" = "$(cat "$root/etc/machine-id" 2>/dev/null)" ] || refuse machine "$(cat "$root/etc/machine-id" 2>/dev/null)"
  tell begin || refuse disk "$run"
  at=0
  # shellcheck disable=SC2154 # given
  while [ "$at" -lt "$steps" ]; do
    at=$((at + 1))
    tell step "$at" || stop 74
    # in a shell of its own: it ends at the first command that fails, and what it sets is gone. The locks of this shell are
    # not for what it starts
    (
      set -e
      "step_$at"
    ) >>"$run/out" 2>&1 </dev/null 6>&- 9>&- &
    # a signal is heard while it waits, and not only when the step is done
    wait $!
    code=$?
    if [ "$code" = 90 ] && grep -q '^[0-9]* refused ' "$run/journal"; then
      take_back
      exit 90
    fi
    [ "$code" = 0 ] || stop "$code"
    insist "done" "$at"
  done
  insist finished
}

# this step did not work: what was done before it is taken back
stop() {
  insist fail "$at" "$1"
  take_back
  exit 1
}

take_back() {
  while [ "$at" -gt 1 ]; do
    at=$((at - 1))
    command -v "undo_$at" >/dev/null 2>&1 || continue
    (
      set -e
      "undo_$at"
    ) >>"$run/out" 2>&1 </dev/null 6>&- 9>&-
    insist undo "$at" $?
  done
}

act "$@"
