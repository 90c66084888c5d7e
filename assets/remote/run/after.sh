# shellcheck shell=sh
# When a run is over, however it ended: nothing of it stays behind, the backend runs if it ran before (or as the action
# means it), and the journal says what became of it. Follows common.sh and the values of the plan. Doing it twice does no harm.
#
# needs   what common.sh needs, docker
# given   root run_id backend health_url credentials_file; $1: how it is called: nothing by systemd when the unit has ended, `wait SECONDS` at the
#         start of a run without a unit, `boot` after a reboot, `late` by an operator who finds a run without an end
# writes  `putback backend started|failed WORDS` where there was something to put back, then
#         `end finished|failed|refused|killed|rebooted`
# exits   0

putting_back() {
  [ -s "$run/backend-was" ] || return 0
  was=$(cat "$run/backend-was")
  meant=${was%% *}
  [ -s "$run/backend-meant" ] && meant=$(cat "$run/backend-meant")
  [ "$meant" = running ] || return 0
  # the same container; one that was made anew since then is somebody else's work
  id=${was#* }
  tries=0
  # after a boot docker may still be on its way
  while :; do
    now=$(timeout -k 2 20 docker inspect --format '{{.State.Running}}' "$id" 2>"$run/after.err" </dev/null)
    case $now in
      true) return 0 ;;
      false) break ;;
    esac
    grep -q 'No such' "$run/after.err" && return 0
    tries=$((tries + 1))
    if [ "$tries" -gt 30 ]; then
      tell putback backend failed "docker does not answer"
      return 1
    fi
    sleep 2
  done
  if timeout -k 5 90 docker start "$id" >"$run/after.err" 2>&1 </dev/null; then
    tell putback backend started
  else
    tell putback backend failed "$(cat "$run/after.err")"
    return 1
  fi
}

after() {
  [ -n "$root" ] || PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export PATH
  LC_ALL=C LANG=C
  export LC_ALL LANG
  umask 077
  how=${1-}
  if [ "$how" = wait ]; then
    # until nothing of the run holds its lock; then, or when its time is up, it is over
    left=$2
    exec 7<"$run/alive"
    until flock -n 7; do
      sleep 1
      left=$((left - 1))
      if [ "$left" = 0 ]; then
        tell fact limit "$2"
        end_its_processes TERM
      elif [ "$left" -lt -15 ]; then
        end_its_processes KILL
        break
      fi
    done
  fi
  has_ended && return 0
  # systemd says why the unit ended
  [ "${SERVICE_RESULT-}" = timeout ] && tell fact limit
  # a server on its way down takes the unit with it: what there is to put back is put back after the boot
  if [ "$how" = "" ] && [ -L "$boot_link" ] && ! grep -q '^[0-9]* finished' "$run/journal" &&
    [ "$(timeout -k 1 10 systemctl is-system-running 2>/dev/null)" = stopping ]; then
    return 0
  fi
  rm -rf "$memory"
  # what was being written and did not get its name
  # shellcheck disable=SC2154 # given
  rm -f "$root$credentials_file.$run_id" "$root/etc/fstab.$run_id"
  down=
  putting_back || down=" down"
  if [ -z "$down" ] && [ "$(sed -n "s|^ExecStart=/bin/sh \(.*\)/after.sh boot\$|\1|p" "$boot_unit" 2>/dev/null)" = "$run" ]; then
    rm -f "$boot_link" "$boot_unit"
  fi
  if grep -q '^[0-9]* finished' "$run/journal"; then
    tell end "finished$down"
  elif grep -q '^[0-9]* refused ' "$run/journal"; then
    tell end "refused$down"
  elif grep -q '^[0-9]* fail ' "$run/journal"; then
    tell end "failed$down"
  elif [ "$how" = boot ]; then
    tell end "rebooted$down"
  else
    tell end "killed$down"
  fi
  return 0
}

# every process of the run's session
end_its_processes() {
  for each in /proc/[0-9]*; do
    [ "$(readlink "$each/fd/8" 2>/dev/null)" = "$run/alive" ] || continue
    [ "${each##*/}" = $$ ] || kill "-$1" "${each##*/}" 2>/dev/null
  done
}

after "$@"
