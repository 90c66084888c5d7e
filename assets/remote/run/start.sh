# shellcheck shell=sh
# Starts a run on a server and leaves it to itself: a transient systemd unit, or a session of its own where there is no
# systemd. Follows common.sh.
#
# needs   what common.sh needs; systemd-run where systemd is the first program (version 236 or newer)
# given   root run_id; action, operator: words for people; limit_s: seconds after which the run is ended; body_sh and after_sh, functions
#         that print the scripts; what is on standard input is kept in memory as the file `secret` of the run
# prints  one line: `started HOW`, `already` (this run was started before), `busy ACTION|OPERATOR|SECONDS|RUN`, `not-root`,
#         or `failed WORDS`
# exits   0 started or already; 11 busy; 12 not root; 13 failed. Nothing was changed unless it says 0.
# changes makes the run's folder; keeps the last fifty; ends a run before it that lost its processes and has no end

start() {
  plainly
  if ! { mkdir -p "$runs" && chmod 700 "$state" "$runs" && [ -w "$runs" ]; } 2>/dev/null; then
    echo not-root
    return 12
  fi
  for each in flock setsid timeout; do
    command -v "$each" >/dev/null 2>&1 || failed "there is no $each on the server" || return
  done
  # one start at a time
  exec 5>>"$state/starting"
  tries=0
  until flock -n 5; do
    tries=$((tries + 1))
    [ "$tries" -lt 25 ] || failed "another start does not come to its end" || return
    sleep 1
  done
  if [ -e "$run" ]; then
    echo already
    return 0
  fi
  if somebody_is_at_work; then
    printf 'busy %s\n' "$who"
    return 11
  fi
  tidy
  # complete, or not there: a run that is found was meant to begin
  new=$runs/.new-$run_id
  trap 'rm -rf "$new"; exit 143' HUP INT TERM
  # shellcheck disable=SC2154 # given
  if ! { mkdir "$new" && body_sh >"$new/body.sh" && after_sh >"$new/after.sh" &&
    printf '%s|%s|%s\n' "$action" "$operator" "$(date +%s)" >"$new/who" && head -c 16384 /dev/zero >"$new/room" &&
    : >"$new/journal" && : >"$new/alive" && : >"$new/main"; } 2>/dev/null; then
    rm -rf "$new"
    failed "the folder of the run cannot be written" || return
  fi
  # whoever finds it finds it alive
  exec 6>>"$new/main" 8>>"$new/alive"
  flock -n 6
  flock -n 8
  if has_systemd; then : >"$new/is-unit"; fi
  mv "$new" "$run"
  trap - HUP INT TERM
  settled "$run/who" "$run/body.sh" "$run/after.sh" "$run" "$runs"
  # first of all somebody who ends it, should we not live to start it; the second thing is to have something to end
  setsid sh "$run/after.sh" wait "$limit_s" </dev/null >/dev/null 2>&1 3>&- 5>&- 6>&- 8>&- &
  if ! { mkdir -p "$memory" && cat >"$memory/secret"; } 2>/dev/null; then
    failed "nothing can be kept in memory" || return
  fi
  [ -s "$memory/secret" ] || rm -f "$memory/secret"
  if [ ! -e "$run/is-unit" ]; then
    as_a_session
  # a stop gets as long as after.sh may need; the second one is for a first one that was killed
  elif timeout -k 2 30 systemd-run --quiet --collect --unit="$unit" --description="opsdeck: $action" \
    -p RuntimeMaxSec="$limit_s" -p TimeoutStopSec=300 -p KillMode=control-group \
    -p ExecStopPost="-/bin/sh $run/after.sh" -p ExecStopPost="-/bin/sh $run/after.sh" \
    /bin/sh "$run/body.sh" >"$run/start.err" 2>&1 </dev/null 3>&- 5>&- 6>&- 8>&-; then
    echo "started unit"
  elif mkdir "$run/claim" 2>/dev/null; then
    # it has not begun and cannot any more, whatever systemd makes of it later
    rm -f "$run/is-unit"
    as_a_session claimed
  else
    echo "started unit"
  fi
}

# its shell and all that it starts hold `alive`; its shell alone holds `main`
as_a_session() {
  setsid sh "$run/body.sh" "$@" </dev/null >/dev/null 2>&1 3>&- 5>&- &
  echo "started session"
}

failed() {
  printf 'failed %s\n' "$1"
  return 13
}

# somebody else's run is at work, or on its way to its end: $who says whose. One that is dead is brought to its end first
somebody_is_at_work() {
  who="?|?|0|"
  dead=
  tries=0
  while [ "$tries" -lt 20 ]; do
    if ! last_has_no_end; then
      if (flock -n 9) 9>>"$state/lock"; then return 1; fi
      # who has only just taken it has not written its name yet; who never does is no run
      [ "$tries" -lt 4 ] || return 0
    elif [ -z "$dead" ]; then
      who=$(cat "$state/holder")
      if (run=$runs/$last unit=opsdeck-$last && is_alive); then return 0; fi
      dead=yes
      setsid sh "$runs/$last/after.sh" late </dev/null >/dev/null 2>&1 3>&- 5>&- &
    fi
    sleep 1
    tries=$((tries + 1))
  done
}

# the last fifty are kept; one without an end is never thrown away. A start that did not get far leaves nothing that counts
tidy() {
  rm -rf "$runs"/.new-*
  # shellcheck disable=SC2012 # names that this console made: digits, letters, dashes
  ls -1t "$runs" | tail -n +51 | while IFS= read -r each; do
    if grep -q '^[0-9]* end ' "$runs/$each/journal" 2>/dev/null; then rm -rf "${runs:?}/$each"; fi
  done
}

start
