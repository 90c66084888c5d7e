# shellcheck shell=sh
# Where runs are kept on a server, and how one writes down what it does. The shared part of start.sh, act.sh, after.sh,
# follow.sh; never sent alone.
#
# needs   a POSIX shell with cat, date, flock, grep, mkdir, mv, rm, sed, sleep, tail, timeout, tr, sync, cut (coreutils, util-linux, or busybox)
# given   root run_id
#
# A run is a folder, $runs/$run_id, only for root:
#   who       action|operator|seconds since 1970: written before it begins
#   body.sh   what it does; after.sh: what is done when it is over, however it ended
#   journal   what it did: SECONDS WORD …, one event a line, only ever added to. `end` is the last one, and only after.sh writes it
#   out       what its commands printed
#   alive     held (flock) by a run that has no systemd unit, for as long as it lives
# $state/lock is held (flock) by every process of a run that is at work: two consoles cannot act at once.
state=$root/var/lib/opsdeck
runs=$state/runs
# shellcheck disable=SC2154 # given
run=$runs/$run_id
# passwords are kept here: in memory, so that no reboot leaves them behind
memory=$root/run/opsdeck/$run_id
unit=opsdeck-$run_id
boot_unit=$root/etc/systemd/system/opsdeck-after-boot.service
boot_link=$root/etc/systemd/system/multi-user.target.wants/opsdeck-after-boot.service

# on the disk before anything else is done: a server may lose its power. Never without a file: a bare sync waits for dead shares
settled() { [ -n "$root" ] || timeout -k 1 10 sync "$@" 2>/dev/null || :; }

# one event, in one write; whatever is in it stays on its line
tell() {
  told=$(printf '%s' "$*" | tr '\n\r\t' '   ' | cut -c 1-2000)
  printf '%s %s\n' "$(date +%s)" "$told" >>"$run/journal"
  settled "$run/journal"
}

# with systemd as the first program, a run is a unit of its own
has_systemd() { [ -d "$root/run/systemd/system" ] && command -v systemd-run >/dev/null 2>&1; }

has_ended() { grep -q '^[0-9]* end ' "$run/journal" 2>/dev/null; }

# whether its processes are there; the unit is not gone before its after.sh is done
is_alive() {
  if has_systemd && [ -e "$run/is-unit" ]; then
    case $(timeout -k 1 10 systemctl is-active "$unit" 2>/dev/null) in
      active | activating | deactivating | reloading) return 0 ;;
      inactive | failed | unknown) return 1 ;;
      # systemd did not say
      *) return 0 ;;
    esac
  fi
  [ -e "$run/alive" ] || return 1
  # a free lock is nobody's
  ! (flock -n 7) 7<"$run/alive"
}
