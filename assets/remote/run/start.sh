# shellcheck shell=sh
# Starts a run on a server and leaves it to itself: a transient systemd unit, or a session of its own where there is no
# systemd. Follows common.sh.
#
# needs   what common.sh needs, and setsid; systemd-run where systemd is the first program
# given   root run_id; action, operator: words for people; limit_s: seconds after which the run is ended; body_sh and after_sh, functions
#         that print the scripts; what is on standard input is kept in memory as the file `secret` of the run
# prints  one line: `started HOW`, `already` (this run was started before), `busy ACTION|OPERATOR|SECONDS`, `not-root`,
#         or `failed WORDS`
# exits   0 started or already; 11 busy; 12 not root; 13 failed. Nothing was changed unless it says 0.
# changes makes the run's folder; keeps the last fifty

start() {
  umask 077
  if ! { mkdir -p "$runs" && chmod 700 "$state" "$runs" && [ -w "$runs" ]; } 2>/dev/null; then
    echo not-root
    return 12
  fi
  if [ -e "$run" ]; then
    echo already
    return 0
  fi
  if ! (flock -n 9) 9>>"$state/lock"; then
    printf 'busy %s\n' "$(cat "$state/holder" 2>/dev/null)"
    return 11
  fi
  tidy
  # complete, or not there: a run that is found was meant to begin
  new=$runs/.new-$run_id
  rm -rf "$new"
  # shellcheck disable=SC2154 # given
  if ! { mkdir -p "$new" "$memory" && cat >"$memory/secret" && body_sh >"$new/body.sh" && after_sh >"$new/after.sh" &&
    printf '%s|%s|%s\n' "$action" "$operator" "$(date +%s)" >"$new/who" && : >"$new/journal" && : >"$new/alive"; }; then
    rm -rf "$new" "$memory"
    echo "failed the folder of the run cannot be written"
    return 13
  fi
  [ -s "$memory/secret" ] || rm -f "$memory/secret"
  if has_systemd; then
    : >"$new/is-unit"
    mv "$new" "$run"
    settled "$run/who" "$run/body.sh" "$run/after.sh" "$run" "$runs"
    # shellcheck disable=SC2154 # given
    if systemd-run --quiet --collect --unit="$unit" --description="opsdeck: $action" \
      -p RuntimeMaxSec="$limit_s" -p TimeoutStopSec=20 -p KillMode=control-group \
      -p ExecStopPost="/bin/sh $run/after.sh" /bin/sh "$run/body.sh" >"$run/start.err" 2>&1 </dev/null; then
      echo "started unit"
      return 0
    fi
    # one that is there did begin, whatever was said of it
    if is_alive || [ -s "$run/journal" ]; then
      echo "started unit"
      return 0
    fi
    rm -f "$run/is-unit"
  else
    mv "$new" "$run"
  fi
  # the run holds `alive` from before it begins until its last process is gone; the second one waits for that
  exec 8>>"$run/alive"
  flock -n 8 || {
    echo "failed the run's lock is held"
    return 13
  }
  # another name than ours: whoever looks at the processes shall see what it is
  setsid sh "$run/body.sh" </dev/null >/dev/null 2>&1 3>&- &
  exec 8>&-
  setsid sh "$run/after.sh" wait "$limit_s" </dev/null >/dev/null 2>&1 3>&- &
  echo "started session"
}

# the last fifty are kept; one without an end is never thrown away
tidy() {
  # shellcheck disable=SC2012 # names that this console made: digits, letters, dashes
  ls -1t "$runs" | tail -n +51 | while IFS= read -r each; do
    if grep -q '^[0-9]* end ' "$runs/$each/journal" 2>/dev/null; then rm -rf "${runs:?}/$each"; fi
  done
}

start
