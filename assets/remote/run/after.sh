# shellcheck shell=sh
# When a run is over, however it ended: nothing of it stays behind, the backend runs if it ran before (or as the action
# means it), and the journal says what became of it. Follows common.sh and the values of the plan. Doing it twice, or at the
# same time, does no harm: there is one `end`.
#
# needs   what common.sh needs, docker, readlink
# given   root run_id backend health_url credentials_file; $1: how it is called: nothing by systemd when the unit has ended, `wait SECONDS` at the
#         start of a run without a unit, `boot` after a reboot, `late` by an operator who finds a run without an end
# writes  `fact limit SECONDS` where its time was up, `putback backend started|failed WORDS` where there was something to put back, then
#         `end finished|failed|refused|killed|rebooted`, with ` down` where the backend could not be put back
# exits   0

# what it starts holds none of its locks
docker_within() { # SECONDS WORDS…
  docker_limit=$1
  shift
  timeout -k 5 "$docker_limit" docker "$@" 2>"$run/after.err" </dev/null 4>&- 5>&- 7>&-
}

putting_back() {
  [ -s "$run/backend-was" ] || return 0
  was=$(cat "$run/backend-was")
  meant=${was%% *}
  [ -s "$run/backend-meant" ] && meant=$(cat "$run/backend-meant")
  [ "$meant" = running ] || return 0
  # the same container; one that was made anew since then is somebody else's work
  id=${was#* }
  # a stop that nobody waited for to the end is still to come: docker says `true` until then
  coming=0
  [ -s "$run/stopping" ] && coming=$(($(cat "$run/stopping") + 10))
  # after a boot docker may still be on its way
  patience=60
  [ "$how" = boot ] && patience=300
  since=$(ticks)
  while :; do
    now=$(docker_within 20 inspect --format '{{.State.Running}}' "$id")
    gone=$(($(ticks) - since))
    case $now in
      true) [ "$gone" -lt "$coming" ] || return 0 ;;
      false) break ;;
      *)
        grep -q 'No such' "$run/after.err" && return 0
        if [ "$gone" -ge "$patience" ]; then
          tell putback backend failed "docker does not answer"
          return 1
        fi
        ;;
    esac
    sleep 1
  done
  if docker_within 90 start "$id" >/dev/null; then
    tell putback backend started
  else
    tell putback backend failed "$(cat "$run/after.err")"
    return 1
  fi
}

after() {
  plainly
  cd / || return 0
  how=${1-}
  case $how in
    wait)
      wait_for_its_end "$2"
      # who started it as a unit is gone. If that one got no further than this, nobody else ends it
      if [ -e "$run/is-unit" ]; then
        if unit_is_there || ! mkdir "$run/claim" 2>/dev/null; then return 0; fi
      fi
      ;;
    late)
      if is_held "$run/main"; then return 0; fi
      wait_for_its_end 60
      ;;
    # a unit that came too late: a session has taken its place
    "") [ -e "$run/is-unit" ] || return 0 ;;
  esac
  exec 4>>"$run/ending"
  tries=0
  until flock -n 4; do
    has_ended && return 0
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || return 0
    sleep 1
  done
  if has_ended; then
    # of a boot that could not do it: not at every boot from now on
    if boots_for_us; then rm -f "$boot_link" "$boot_unit"; fi
    return 0
  fi
  # it does not begin any more
  mkdir "$run/claim" 2>/dev/null
  rm -f "$run/room"
  whole
  # systemd says why the unit ended
  [ "${SERVICE_RESULT-}" = timeout ] && tell fact limit
  # a server on its way down takes the unit with it: what there is to put back is put back after the boot
  if [ "$how" = "" ] && boots_for_us && ! grep -q '^[0-9]* finished' "$run/journal" &&
    [ "$(timeout -k 1 10 systemctl is-system-running 2>/dev/null)" = stopping ]; then
    return 0
  fi
  rm -rf "$memory"
  # what was being written and did not get its name
  # shellcheck disable=SC2154 # given
  rm -f "$root$credentials_file.$run_id" "$root/etc/fstab.$run_id"
  down=
  putting_back || down=" down"
  if [ -z "$down" ] && boots_for_us; then rm -f "$boot_link" "$boot_unit"; fi
  if grep -q '^[0-9]* finished' "$run/journal"; then
    tell end "finished$down"
  elif grep -q '^[0-9]* refused ' "$run/journal"; then
    tell end "refused$down"
  # a step that its limit ended may have said so first
  elif grep -q '^[0-9]* fail ' "$run/journal" && ! grep -q '^[0-9]* fact limit' "$run/journal"; then
    tell end "failed$down"
  elif [ "$how" = boot ]; then
    tell end "rebooted$down"
  else
    tell end "killed$down"
  fi
  return 0
}

# the unit that starts the backend after a boot is this run's
boots_for_us() { [ "$(sed -n "s|^ExecStart=/bin/sh \(.*\)/after.sh boot\$|\1|p" "$boot_unit" 2>/dev/null)" = "$run" ]; }

# until nothing of the run holds its lock, or it is made to: its time is up, or its shell is dead and left something at work
wait_for_its_end() { # SECONDS
  left=$1
  told_to=
  exec 7<"$run/alive" 5<"$run/main"
  until flock -n 7; do
    sleep 1
    left=$((left - 1))
    if [ -n "$told_to" ]; then
      told_to=$((told_to + 1))
      [ "$told_to" != 10 ] || end_its_processes KILL
      # one that a dead share holds outlives that: nobody is to wait for it
      [ "$told_to" -lt 20 ] || break
    elif [ "$left" -le 0 ]; then
      tell fact limit "$1"
      end_its_processes TERM
      told_to=0
    elif flock -n 5; then
      end_its_processes TERM
      told_to=0
    fi
  done
}

# every process of the run, by what it holds open
end_its_processes() { # SIGNAL
  held=$(cd "$run" && pwd -P)/alive
  for each in /proc/[0-9]*; do
    [ "$(readlink "$each/fd/8" 2>/dev/null)" = "$held" ] || continue
    [ "${each##*/}" = $$ ] || kill "-$1" "${each##*/}" 2>/dev/null
  done
}

after "$@"
