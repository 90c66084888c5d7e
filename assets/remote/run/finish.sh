# shellcheck shell=sh
# Ends a run that has no processes and no end any more: what was stopped is started, and its journal gets its end. Follows common.sh.
#
# needs   what common.sh needs, and setsid
# given   root run_id
# prints  `finished`, `alive` (it is still at work: nothing was done) or `none`
# exits   0

finish() {
  if [ ! -e "$run/after.sh" ]; then
    echo none
    return 0
  fi
  if ! has_ended && is_alive; then
    echo alive
    return 0
  fi
  # in a session of its own: it ends even when the link does not hold
  setsid sh "$run/after.sh" late </dev/null >/dev/null 2>&1 3>&- &
  tries=0
  until has_ended || [ "$tries" -ge 150 ]; do
    sleep 1
    tries=$((tries + 1))
  done
  echo finished
}

finish
