# shellcheck shell=sh
# How the share is asked: by one reader at a time, detached. The shared part of what runs on a server; never sent alone.
#
# needs   a POSIX shell with cat, timeout; what it runs is `stat` or `find`
# given   mount_point; state: the folder that holds the process id of a reader; work: the caller's own folder
# changes nothing but that one file

# runs a command of which the share may never let go, and leaves its process id where the next one who asks finds it
reader() {
  limit=$1
  shift
  # shellcheck disable=SC2016 # expanded by the inner shell
  timeout -k 1 "$limit" sh -c 'echo $$ >"$1/reader"; echo $$ >"$2/reader"; shift 2; exec "$@"' sh "$state" "$work" "$@"
  set -- $?
  # 124 and 137: the time was up, and the reader may still be there
  case $1 in
    124 | 137) ;;
    *) [ "$(cat "$state/reader" 2>/dev/null)" = "$(cat "$work/reader")" ] && : >"$state/reader" ;; esac
  return "$1"
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
