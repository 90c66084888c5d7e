# shellcheck shell=sh
# How the share is asked: by one reader at a time, detached. The shared part of what runs on a server; never sent alone.
#
# needs   a POSIX shell with cat, ln, mv, rm, sleep, timeout; what it runs is `stat` or `find`
# given   mount_point; state: the folder that holds the process id of a reader; work: the caller's own folder
# changes nothing but that one file

# runs a command of which the share may never let go, and leaves its process id where the next one who asks finds it. The file
# is there at once and whole, because it is linked: of those who come at the same moment one has its turn, the others get 75
reader() {
  limit=$1
  shift
  # shellcheck disable=SC2016 # expanded by the inner shell
  timeout -k 1 "$limit" sh -c '
    echo $$ >"$2/reader.$$"
    ln "$2/reader.$$" "$1/reader" 2>/dev/null || { rm -f "$2/reader.$$"; exit 75; }
    mv "$2/reader.$$" "$2/reading"
    shift 2
    exec "$@"' sh "$state" "$work" "$@"
  set -- $?
  # how busybox's timeout says that the time was up
  [ "$1" != 143 ] || set -- 124
  # 124 and 137: the time was up, and the reader may still be there
  case $1 in
    75 | 124 | 137) ;;
    *) [ "$(cat "$state/reader" 2>/dev/null)" != "$(cat "$work/reading")" ] || rm -f "$state/reader" ;;
  esac
  return "$1"
}

# forgets one who was killed at its turn. Seen twice: who has just taken its turn is for a moment no reader yet
forget_the_dead() {
  dead=$(cat "$state/reader" 2>/dev/null) || return 0
  (stuck_reader >/dev/null) && return 0
  [ -z "$dead" ] || sleep 1
  [ "$(cat "$state/reader" 2>/dev/null)" = "$dead" ] || return 0
  (stuck_reader >/dev/null) && return 0
  mv "$state/reader" "$work/dead" 2>/dev/null || return 0
  # somebody was quicker, and this is its turn: it is given back
  [ "$(cat "$work/dead")" = "$dead" ] || ln "$work/dead" "$state/reader" 2>/dev/null
}

# after a 75: waits a little for the one whose turn it is; not for ever, and not for one that the share holds. Counts in `tries`
await_turn() {
  most=10
  if found=$(stuck_reader); then
    if [ "${found#* }" = timeout ]; then most=60; fi
  else
    forget_the_dead
  fi
  [ "$tries" -lt "$most" ] || return 1
  tries=$((tries + 1))
  sleep 0.3
}

# a reader that waits for its turn
patient_reader() {
  tries=0
  while :; do
    reader "$@"
    turn=$?
    { [ "$turn" = 75 ] && await_turn; } || return "$turn"
  done
}

# the process id of a reader of somebody else that is still there, and what watches over it
stuck_reader() {
  [ -s "$state/reader" ] || return 1
  read -r pid <"$state/reader" || return 1
  case $pid in '' | *[!0-9]*) return 1 ;; esac
  read -r _ comm _ parent _ <"/proc/$pid/stat" || return 1
  case $comm in '(stat)' | '(find)') ;; *) return 1 ;; esac
  # while its timeout watches over it, it is only at work
  read -r by <"/proc/$parent/comm" || by=
  echo "$pid $by"
} 2>/dev/null

# sets `mounted` to the type of what is mounted at the mount point; the last entry of a point is the one on top
mounted_type() {
  mounted=
  while read -r _ _ _ _ point rest; do
    if [ "$point" = "$mount_point" ]; then
      type=${rest#* - }
      # shellcheck disable=SC2034 # for the caller
      mounted=${type%% *}
    fi
  done
}
