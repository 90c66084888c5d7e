# shellcheck shell=sh
# Tells in brief what one run is. Follows common.sh.
#
# needs   what common.sh needs, and head
# given   root run_id
# prints  who ACTION|OPERATOR|SECONDS and title N WORDS for each of its steps; or
#         none COUNT OLDEST   there is no such run, but so many others, and this is the name of the oldest
#         hidden              runs are not for this login
# exits   0
# changes nothing

brief() {
  if [ -e "$state" ] && ! (cd "$state" 2>/dev/null); then
    echo hidden
    return 0
  fi
  if [ ! -e "$run/who" ]; then
    # in the order of their names, which begin with the moment
    count=0
    oldest=
    for each in "$runs"/*; do
      [ -e "$each/who" ] || continue
      count=$((count + 1))
      [ -n "$oldest" ] || oldest=${each##*/}
    done
    printf 'none %s %s\n' "$count" "$oldest"
    return 0
  fi
  printf 'who %s\n' "$(head -n 1 "$run/who")"
  sed -n 's/^# \([0-9][0-9]*\)\. /title \1 /p' "$run/body.sh"
}

brief
