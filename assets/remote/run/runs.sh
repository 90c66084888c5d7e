# shellcheck shell=sh
# Tells which runs a server knows of, the newest first. Follows common.sh.
#
# needs   what common.sh needs, and ls
# given   root run_id (empty)
# prints  run ID STATE ACTION|OPERATOR|SECONDS   STATE: alive, gone (it has neither processes nor an end) or ended
#         title ID N WORDS                       what step N does; only of runs without an end
#         hidden                                 there are runs, and they are not for this login
# exits   0
# changes nothing

runs() {
  if [ -e "$state" ] && ! (cd "$state" 2>/dev/null); then
    echo hidden
    return 0
  fi
  # names that this console made: digits, letters, dashes
  # shellcheck disable=SC2012
  ls -1t "$runs" 2>/dev/null | while IFS= read -r run_id; do
    run=$runs/$run_id
    # for is_alive
    # shellcheck disable=SC2034
    unit=opsdeck-$run_id
    [ -e "$run/who" ] || continue
    how=ended
    if ! has_ended; then
      how=gone
      if is_alive </dev/null; then how=alive; fi
    fi
    printf 'run %s %s %s\n' "$run_id" "$how" "$(head -n 1 "$run/who")"
    [ "$how" = ended ] || sed -n "s/^# \\([0-9][0-9]*\\)\\. /title $run_id \\1 /p" "$run/body.sh"
  done
  return 0
}

runs
