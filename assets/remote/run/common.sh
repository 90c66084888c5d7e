# shellcheck shell=sh
# shellcheck disable=SC2034 # each of the scripts uses some of these names
# Where runs are kept on a server, and how one writes down what it does. The shared part of start.sh, act.sh, after.sh,
# follow.sh, finish.sh; never sent alone.
#
# needs   a POSIX shell with cat, date, flock, grep, head, mkdir, mv, rm, sed, setsid, sleep, tail, timeout, tr, sync, cut,
#         wc (coreutils, util-linux, or busybox)
# given   root run_id
#
# A run is a folder, $runs/$run_id, only for root:
#   who       action|operator|seconds since 1970: written before it begins
#   body.sh   what it does; after.sh: what is done when it is over, however it ended
#   journal   what it did: SECONDS WORD …, one event a line, only ever added to. `end` is the last one, and only after.sh writes it
#   out       what its commands printed
#   room      a few blocks, given back when its end is written: that must not fail because the disk has become full
#   claim     (a folder) it has begun, or never will: a run has one body, whoever starts it and however often
#   alive     held (flock) by whoever starts it and by every process of a run that has no systemd unit
#   main      held by whoever starts it and by its shell alone: when it is free and `alive` is not, the shell is dead and left
#             something at work
#   ending    held by its after.sh while that puts things back
# $state/lock is held by the shell of the run at work, and by nothing that it started: no stuck child keeps the next run out.
# $state/holder says whose it was last, ACTION|OPERATOR|SECONDS|RUN. While that run has no `end`, no other one begins: its
# backend may still be on its way up.
state=$root/var/lib/opsdeck
runs=$state/runs
# shellcheck disable=SC2154 # given
run=$runs/$run_id
# passwords are kept here: in memory, so that no reboot leaves them behind
memory=$root/run/opsdeck/$run_id
unit=opsdeck-$run_id
boot_unit=$root/etc/systemd/system/opsdeck-after-boot.service
boot_link=$root/etc/systemd/system/multi-user.target.wants/opsdeck-after-boot.service

# the same surroundings wherever it is started from
plainly() {
  [ -n "$root" ] || PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  LC_ALL=C LANG=C
  export PATH LC_ALL LANG
  unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY
  umask 077
}

# on the disk before anything else is done: a server may lose its power. Never without a file: a bare sync waits for dead shares
settled() { [ -n "$root" ] || timeout -k 1 10 sync "$@" 2>/dev/null || :; }

# which boot this is; nothing where the kernel does not say
this_boot() { cat "$root/proc/sys/kernel/random/boot_id" 2>/dev/null || :; }

# one event, in one write; whatever is in it stays on its line. Fails when it cannot be written
tell() {
  told=$(printf '%s' "$*" | tr '\n\r\t' '   ' | cut -c 1-2000)
  printf '%s %s\n' "$(date +%s)" "$told" >>"$run/journal" || return 1
  settled "$run/journal"
}

# a line that a full disk cut short stays a line of its own
whole() { [ -z "$(tail -c 1 "$run/journal" 2>/dev/null)" ] || printf '\n' >>"$run/journal"; }

# seconds that only ever go forward, whatever is done to the clock
ticks() {
  if read -r up _ 2>/dev/null </proc/uptime; then
    printf '%s\n' "${up%%.*}"
  else
    date +%s
  fi
}

# with systemd as the first program, a run is a unit of its own
has_systemd() { [ -d "$root/run/systemd/system" ] && command -v systemd-run >/dev/null 2>&1; }

has_ended() { grep -q '^[0-9]* end ' "$run/journal" 2>/dev/null; }

# a free lock is nobody's
is_held() { [ -e "$1" ] && ! (flock -n 7) 7<"$1"; }

# the unit is not gone before its after.sh is done. Where systemd does not say, it is there
unit_is_there() {
  case $(timeout -k 1 10 systemctl is-active "$unit" 2>/dev/null) in
    inactive | failed | unknown) return 1 ;;
  esac
}

# whether somebody is at it: who starts it, its shell, its after.sh. What a dead shell left at work is nobody
is_alive() {
  if [ -e "$run/is-unit" ] && unit_is_there; then return 0; fi
  is_held "$run/main" || is_held "$run/ending"
}

# whether the run that had the lock last is without an end; its name is then in $last
last_has_no_end() {
  last=$(cat "$state/holder" 2>/dev/null)
  last=${last##*|}
  case $last in
    "" | "$run_id" | .* | */*) return 1 ;;
  esac
  [ -e "$runs/$last/journal" ] && ! grep -q '^[0-9]* end ' "$runs/$last/journal"
}
