# shellcheck shell=sh
# How mounts and containers are, for a run while it is at work and when it is over. Follows common.sh, goes before act.sh and
# after.sh; never sent alone.
#
# needs   docker, stat, umount
# given   root run_id; share_patience_s: how long a share may take to answer and still be alive
# writes  facts: detached
# changes nothing, but that detach_if_dead takes a dead share off

# what is mounted there: `TYPE SOURCE ACCESS ROOT` of the mount on top, or nothing. From the kernel's table: touches no file system
mounted_at() { # POINT
  point_now=
  while read -r _ _ _ at_root at_point at_options rest; do
    [ "$at_point" = "$1" ] || continue
    rest=${rest#*- }
    at_type=${rest%% *}
    rest=${rest#* }
    point_now="$at_type ${rest%% *} ${at_options%%,*} $at_root"
  done 2>/dev/null <"$root/proc/self/mountinfo"
  printf '%s' "$point_now"
}

# the share answers, asked by a process that nobody waits for. It gets as long as the longest question of a look: one that is slow
# must not be alive for the look, which then refuses a lazy unmount, and dead for the run, which then asks for one
share_answers() { # POINT
  # shellcheck disable=SC2154 # given
  timeout -k 1 "$share_patience_s" stat -f -c %T "$root$1" >/dev/null 2>&1 </dev/null
}

# docker's words for a start that did not work are about what is mounted there, or it was waited for in vain. A port that is taken or an
# image that is gone says nothing of the share
is_of_the_mount() { # POINT CODE FILE
  case $2 in
    124 | 137 | 143) return 0 ;;
  esac
  grep -qiF -e "$1" -e mount -e 'host is down' -e 'no such device' -e 'input/output error' -e 'stale file handle' "$3"
}

# no container starts on a share that has died: it is taken off first, because a backend that is down is worse. Only after a start
# that failed over what is mounted, with its code and docker's words: a share is not taken off for anything else. A code where there
# is no such share
detach_if_dead() { # POINT CODE FILE
  is_of_the_mount "$@" || return 1
  dead=$(mounted_at "$1")
  [ -n "$dead" ] || return 1
  ! share_answers "$1" || return 1
  tell fact detached "$dead"
  timeout -k 5 20 umount -l "$root$1" >/dev/null 2>&1 </dev/null || :
}

# `running ID` or `stopped ID`; nothing and a code where docker does not say, and why in "$run/docker.err"
container_state() { # NAME
  timeout -k 2 20 docker inspect --format '{{if .State.Running}}running{{else}}stopped{{end}} {{.Id}}' "$1" 2>"$run/docker.err" </dev/null
}

# `true|false STARTED RESTARTS HEALTH`: the same words twice are the same life; nothing and a code as above
container_life() { # NAME
  timeout -k 2 20 docker inspect --format '{{.State.Running}} {{.State.StartedAt}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}' "$1" 2>"$run/docker.err" </dev/null
}

# docker knows no such container, which is not the same as no answer
no_such_container() { grep -qi 'no such' "$run/docker.err"; }

# it does something: one that a dead share holds says that it runs and runs nothing
container_works() { # NAME
  timeout -k 2 10 docker exec "$1" true >"$run/works" 2>&1 </dev/null
}
