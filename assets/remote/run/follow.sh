# shellcheck shell=sh
# Tells what a run writes down, from a line on, until it has ended. Follows common.sh.
#
# needs   what common.sh needs
# given   root run_id; from_line: the first line of the journal that is not known yet, 1 for all of it
# prints  who ACTION|OPERATOR|SECONDS before any line of the journal
#         j LINE        a line of the journal
#         beat SECONDS  every five seconds: the server's clock; it is there
#         none          there is no such run, and nobody is starting one
#         gone          it has no processes and no end: after.sh has to be run
# exits   0 after `end`, `none` or `gone`, and where a start does not come to its end
# changes nothing

follow() {
  plainly
  beats=0
  free=0
  # whoever starts it may still be waiting for its turn, and asks for it every second
  while [ ! -e "$run/journal" ]; do
    if is_held "$state/starting"; then free=0; else free=$((free + 1)); fi
    if [ "$free" -ge 3 ] && [ ! -e "$run/journal" ]; then
      echo none
      return 0
    fi
    # somebody is at it and does not come to an end: not known, and asked again
    [ "$beats" -lt 120 ] || return 0
    if [ $((beats % 5)) = 0 ]; then printf 'beat %s\n' "$(date +%s)"; fi
    beats=$((beats + 1))
    sleep 1
  done
  printf 'who %s\n' "$(cat "$run/who")"
  # shellcheck disable=SC2154 # given
  next=$from_line
  beats=0
  dead=0
  while :; do
    have=$(whole_lines)
    if [ "$have" -ge "$next" ]; then
      sed -n "$next,${have}s/^/j /p" "$run/journal"
      next=$((have + 1))
    fi
    if has_ended; then
      [ "$(whole_lines)" -ge "$next" ] && continue
      return 0
    fi
    if [ $((beats % 5)) = 0 ]; then printf 'beat %s\n' "$(date +%s)"; fi
    # three times in a row: between its last process and its after.sh there is a moment
    if [ $((beats % 3)) = 2 ]; then
      if is_alive; then
        dead=0
      else
        dead=$((dead + 1))
      fi
      if [ "$dead" -ge 3 ] && ! has_ended; then
        echo gone
        return 0
      fi
    fi
    beats=$((beats + 1))
    sleep 1
  done
}

# a line without a line break is one that is still being written
whole_lines() { echo $(($(wc -l <"$run/journal"))); }

follow
