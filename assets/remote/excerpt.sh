# shellcheck shell=sh
# Excerpts of a server's logs and the version of its Docker, for whoever helps from elsewhere: in one exchange, each part
# bounded in lines, bytes and time.
#
# needs   a POSIX shell with awk, cat, head, mktemp, rm, tail, timeout (coreutils or busybox); docker and journalctl (systemd
#         236 or newer) where they are there, and says so where they are not
# given   set in front of this text: mark root backend frontend lines bytes since
#             backend, frontend   names of containers
#             lines, bytes        the most of each part, counted from its end
#             since               a moment as docker writes it (2026-01-31T04:00:00Z)
# prints  for each of docker_version, backend, backend_notable, frontend, docker, system:
#             @@MARK begin NAME
#             the part: lines as docker logs --timestamps and journalctl -o json print them; the first one may be cut
#             @@MARK said NAME
#             what went to standard error (at most 2 KiB)
#             @@MARK end NAME CODE          exit code; 124 when the time was up, and then there is what came till then
#         backend_notable: what the backend said since that moment about backups, errors and warnings
# exits   0; 70 when there is no room for two small scratch files
# changes nothing. Its scratch files are in a private folder and go when it ends

part() { # NAME COMMAND...
  name=$1
  shift
  printf '@@%s begin %s\n' "$mark" "$name"
  : >"$work/said" && : >"$work/code"
  {
    "$@" 2>"$work/said"
    echo $? >"$work/code"
  } </dev/null | tail -c "$bytes"
  printf '\n@@%s said %s\n' "$mark" "$name"
  head -c 2048 "$work/said"
  printf '\n@@%s end %s %s\n' "$mark" "$name" "$(cat "$work/code")"
}

# a daemon that does not answer one question is not asked the next
ask_docker() { # SECONDS WORD...
  [ ! -e "$work/silent" ] || return 124
  limit=$1
  shift
  timeout -k 1 "$limit" docker "$@"
  set -- $?
  case $1 in 124 | 137) : >"$work/silent" ;; esac
  return "$1"
}

version() { ask_docker 10 version --format '{{.Server.Version}}'; }

# a container's two streams are one log
said_by() { ask_docker 20 logs --timestamps --tail "$lines" -- "$1" 2>&1; }

notable() {
  {
    ask_docker 25 logs --timestamps --since "$since" -- "$backend" 2>&1
    echo $? >"$work/inner"
  } | LC_ALL=C awk '/[Bb]ackup|备份|ERROR|WARN|CRITICAL|Traceback|Error|Cannot connect|ermission denied/' | tail -n "$lines"
  return "$(cat "$work/inner")"
}

# --all: without it, what is longer than 4 KiB or not UTF-8 would be null
journal() {
  timeout -k 1 15 journalctl -q --no-pager -o json --all --output-fields=MESSAGE,SYSLOG_IDENTIFIER,_COMM,_PID,PRIORITY \
    -n "$lines" "$@"
}

[ -n "$root" ] || PATH=$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
umask 077
work=$(mktemp -d "${TMPDIR:-/tmp}/opsdeck.XXXXXX") || exit 70
trap 'rm -rf "$work"' EXIT
trap 'exit 143' HUP INT TERM PIPE
part docker_version version
part backend said_by "$backend"
part backend_notable notable
part frontend said_by "$frontend"
part docker journal --unit=docker.service
part system journal
