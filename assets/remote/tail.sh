# shellcheck shell=sh
# One log of a server, followed for as long as somebody listens: of a container, of a systemd unit, or the whole journal.
#
# needs   a POSIX shell with sleep and timeout (coreutils or busybox); docker for a container, journalctl (systemd 236 or
#         newer) for the others
# given   set in front of this text: mark root kind name from value since
#             kind    container | unit | journal
#             name    of the container or the unit
#             from    tail | since | after
#             value   for tail, how many lines; for since, a moment; for after, the last line that came: a container's
#                     by its time, inclusive, the journal's by its cursor, exclusive
#             since   for after in a journal: the moment to go on from when the journal no longer has that cursor
#         a moment is as docker writes it (2026-01-31T04:00:00.000000000Z), and @SECONDS for the journal
# prints  the lines as docker logs --timestamps and journalctl -o json print them, both streams of a container; and
#             @@MARK note WORD ...
#         on a line of its own, with an empty line before it: down SAID, missing, removed, stopped TIME CODE: waits for the
#         container; restarted TIME, recreated TIME: it runs again; gap cursor; unreadable DRIVER, denied SAID, no-tool NAME:
#         there is no way to follow it
# exits   0 when there is more to follow: go on after the last line that came. It is the asking side that knows that line,
#         so nothing is guessed here about what a follower that ended had printed
#         3 when there is no way to follow it; anything else is the code of journalctl, which says why on standard error
# changes nothing, and keeps no files. A tool that hangs is given up after 15 s; everything else ends with its process group

nl='
'

note() { printf '\n@@%s note %s\n' "$mark" "$*"; }

# --- containers -----------------------------------------------------------------------------------------------------------

# what the container is: state, id, started, finished, code, driver; and in said what docker says of it
ask() {
  told=$(timeout -k 1 15 docker inspect --format '{{.Id}} {{.State.Running}} {{.State.Restarting}} {{.State.StartedAt}} {{.State.FinishedAt}} {{.State.ExitCode}} {{.HostConfig.LogConfig.Type}}' -- "$name" 2>&1)
  set -- $?
  said=${told##*"$nl"}
  case $1:$told in
    0:*) ;;
    127:*) state=no-tool said=docker && return ;;
    124:* | 137:*) state=down said='no answer within 15 s' && return ;;
    *'No such'*) state=missing && return ;;
    *'ermission denied'*) state=denied && return ;;
    *) state=down && return ;;
  esac
  # shellcheck disable=SC2086 # one word each
  set -- $said
  id=$1 started=$4 finished=$5 code=$6 driver=$7 state=stopped
  # between two tries of its restart policy a container does not run
  if [ "$2 $3" = 'true false' ]; then state=running; fi
}

# waits until the container is there, or, when it was followed before, until there is another run of it
await() {
  shown='' tries=0
  while :; do
    ask
    case $state in
      no-tool | denied)
        note "$state $said"
        exit 3
        ;;
      running) return ;;
      stopped)
        # of a container that keeps falling over, every run is worth following
        if [ "$id $started" != "$followed" ]; then return; fi
        is="stopped $finished $code"
        ;;
      missing) if [ -n "$followed" ]; then is=removed; else is=missing; fi ;;
      *) is="down $said" ;;
    esac
    if [ "$is" != "$shown" ]; then note "$is"; fi
    shown=$is
    # a short stop is seen soon; a long one costs little
    if [ "$tries" -lt 60 ]; then sleep 1; else sleep 5; fi
    tries=$((tries + 1))
  done
}

follow_container() {
  followed=
  while :; do
    await
    # asked before, because in what is followed docker's own words look like the container's
    told=$(timeout -k 1 15 docker logs --tail 0 -- "$name" 2>&1)
    case $?:$told in
      *'does not support reading'*)
        note "unreadable $driver"
        exit 3
        ;;
      124:* | 137:*) ;;
      *) break ;;
    esac
  done
  followed="$id $started"
  if [ "$from" = tail ]; then set -- --tail "$value"; else set -- --since "$value"; fi
  docker logs --timestamps --follow "$@" -- "$name" 2>&1
  await
  case $followed in
    "$id $started") ;;
    "$id "*) note "restarted $started" ;;
    *) note "recreated $started" ;;
  esac
}

# --- the journal ----------------------------------------------------------------------------------------------------------

# whether the journal still has the entry of this cursor; without it, it would go on after the one that is nearest
has_cursor() {
  told=$(timeout -k 1 15 journalctl -q --no-pager -o json --output-fields=PRIORITY -n 1 "--cursor=$value" 2>/dev/null)
  case $told in *"\"$value\""*) return 0 ;; *) return 1 ;; esac
}

follow_journal() {
  if ! command -v journalctl >/dev/null; then
    note no-tool journalctl
    exit 3
  fi
  # --all: without it, what is longer than 4 KiB or not UTF-8 would be null
  set -- -q --no-pager -f -o json --all --output-fields=MESSAGE,SYSLOG_IDENTIFIER,_COMM,_PID,PRIORITY
  if [ "$kind" = unit ]; then set -- "$@" "--unit=$name"; fi
  case $from in
    tail) set -- "$@" -n "$value" ;;
    since) set -- "$@" --no-tail "--since=$value" ;;
    *)
      if has_cursor; then
        set -- "$@" --no-tail "--after-cursor=$value"
      else
        note gap cursor
        set -- "$@" --no-tail "--since=$since"
      fi
      ;;
  esac
  journalctl "$@"
}

# --------------------------------------------------------------------------------------------------------------------------

[ -n "$root" ] || PATH=$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
set -f
if [ "$kind" = container ]; then
  follow_container
else
  follow_journal || exit $?
fi
# whoever goes on at once is not to do so many times a second
sleep 1
