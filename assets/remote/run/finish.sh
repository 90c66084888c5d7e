# shellcheck shell=sh
# Ends a run that has no processes and no end any more: what was stopped is started, and its journal gets its end. Follows common.sh.
#
# needs   what common.sh needs
# given   root run_id
# prints  `finished`; `alive` (it is still at work: nothing was done); `none`; or `failed` (no end could be written)
# exits   0

finish() {
  plainly
  if [ ! -e "$run/after.sh" ]; then
    echo none
    return 0
  fi
  if has_ended; then
    echo finished
    return 0
  fi
  if is_alive; then
    echo alive
    return 0
  fi
  # in a session of its own: it ends even when the link does not hold
  setsid sh "$run/after.sh" late </dev/null >/dev/null 2>&1 3>&- &
  tries=0
  until has_ended; do
    if [ "$tries" -ge 150 ]; then
      echo failed
      return 0
    fi
    sleep 1
    tries=$((tries + 1))
  done
  echo finished
}

finish
