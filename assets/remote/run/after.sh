# shellcheck shell=sh
# When a run is over, however it ended: nothing of it stays behind, the backend runs if it ran before (or as the action
# means it), and the journal says what became of it. Follows common.sh, seen.sh and the values of the plan. Doing it twice, or at the
# same time, does no harm: there is one `end`.
#
# needs   what common.sh needs, docker, readlink
# given   root run_id backend credentials_file mount_point share_patience_s; $1: how it is called: nothing by systemd when the unit has ended,
#         `wait SECONDS` at the start of a run without a unit, `boot` after a reboot, `late` by an operator who finds a run without an end
# writes  `fact limit SECONDS` where its time was up, `putback backend started|failed WORDS` where there was something to put back, then
#         `end finished|failed|refused|killed|rebooted`, with ` down` where the backend could not be put back
# exits   0

# what it starts holds none of its locks
freely() { "$@" 4>&- 5>&- 7>&-; }

docker_within() { # SECONDS WORDS…
  docker_limit=$1
  shift
  freely timeout -k 5 "$docker_limit" docker "$@" >/dev/null 2>"$run/after.err" </dev/null
}

# started, if need be without the share that holds it; the limits stay within what systemd gives this
starting_it() { # ID
  code=0
  docker_within 60 start "$1" || code=$?
  [ "$code" != 0 ] || return 0
  # shellcheck disable=SC2154 # given
  freely detach_if_dead "$mount_point" "$code" "$run/after.err" && docker_within 85 start "$1"
}

putting_back() {
  [ -s "$run/backend-was" ] || return 0
  was=$(cat "$run/backend-was")
  meant=${was%% *}
  [ -s "$run/backend-meant" ] && meant=$(cat "$run/backend-meant")
  [ "$meant" = running ] || return 0
  # the same container; one that was made anew since then is somebody else's work
  id=${was#* }
  # a stop that nobody waited for to the end, or that docker gave up, is still to come: docker says `true` until then
  coming=0
  [ -s "$run/stopping" ] && coming=$(($(cat "$run/stopping") + 10))
  # a share may come back and let go of it; after a boot docker may still be on its way
  [ "$how" = boot ] && coming=0
  patience=$((coming + 60))
  [ "$how" = boot ] && patience=300
  since=$(ticks)
  starts=0
  before=
  while :; do
    now=$(freely container_life "$id")
    gone=$(($(ticks) - since))
    case $now in
      "true "*)
        if [ "$gone" -lt "$coming" ]; then
          why="may still be stopped"
        elif ! freely container_works "$id"; then
          before=
          why="says that it runs, and runs nothing: $(head -c 300 "$run/works")"
        # the steps have seen it run, or it is seen twice in the same life: one that dies at once is started over and over
        elif [ "$now" = "$before" ] || { [ "$starts" = 0 ] && grep -q '^[0-9]* finished' "$run/journal"; }; then
          [ "$starts" = 0 ] || tell putback backend started
          return 0
        else
          before=$now
          why="does not stay up"
          sleep 2
        fi
        ;;
      "false "*)
        # it has come
        coming=0
        before=
        # what docker cannot do three times it cannot do
        if [ "$starts" -ge 3 ]; then
          gone=$patience
        else
          starts=$((starts + 1))
          if starting_it "$id"; then
            why="does not stay up"
            continue
          fi
          why=$(cat "$run/after.err")
        fi
        ;;
      *)
        why="docker does not answer"
        if no_such_container; then
          # shellcheck disable=SC2154 # given
          case $(freely container_life "$backend") in "true "*) return 0 ;; esac
          why="its container is gone"
        fi
        ;;
    esac
    if [ "$gone" -ge "$patience" ]; then
      tell putback backend failed "$why"
      return 1
    fi
    sleep 1
  done
}

# the file that the mount that is there was made with stays, or becomes the one that it was meant to be; where there is no such mount,
# and none has proved to be good, the old one comes back. So no kill leaves a share that is mounted with a password that nobody has
the_credentials() {
  # shellcheck disable=SC2154 # given
  file=$root$credentials_file
  new=$file.$run_id
  old=$new.was
  [ -e "$new" ] || [ -e "$old" ] || return 0
  good=
  [ -e "$run/proved" ] && good=yes
  # only this run has mounted there, since its guard found nothing; after a reboot it was fstab, with the old file
  if [ -e "$run/trying" ] && [ "$(cat "$run/trying")" = "$(this_boot)" ]; then
    case $(mounted_at "$mount_point") in "cifs "* | "smb3 "*) good=yes ;; esac
  fi
  if [ -n "$good" ]; then
    # ended before it got its name. Where it cannot get it, the only copy of that password stays
    if [ -e "$new" ]; then mv -f "$new" "$file" || return 0; fi
  elif [ -s "$old" ]; then
    mv -f "$old" "$file"
  elif [ -e "$old" ]; then
    # there was none
    rm -f "$file"
  fi
  rm -f "$new" "$old"
  settled "${file%/*}"
}

# the file that was tried to be written on the share. By a process that nobody waits for longer than its limit: the share may be dead,
# and then the file stays. Of all that is there this name alone is ours
the_probe() {
  [ -s "$run/probing" ] || return 0
  # shellcheck disable=SC2016 # expanded by the inner shell
  setsid timeout -k 1 10 sh -c 'rm -f "$1"; rm -f "$2"' sh "$root$(cat "$run/probing")/.opsdeck-$run_id" "$run/probing" \
    >/dev/null 2>&1 </dev/null 4>&- 5>&- 7>&- &
  tries=0
  while [ -s "$run/probing" ] && [ "$tries" -lt 12 ]; do
    sleep 1
    tries=$((tries + 1))
  done
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
      # whoever connects first after a reboot: docker gets the time that it gets at a boot
      if boots_for_us && [ "$(cat "$run/boot" 2>/dev/null)" != "$(this_boot)" ]; then how=boot; fi
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
  rm -f "$root/etc/fstab.$run_id"
  the_credentials
  down=
  putting_back || down=" down"
  if [ -z "$down" ] && boots_for_us; then rm -f "$boot_link" "$boot_unit"; fi
  the_probe
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
  # given back: another one who waits as well must not take what comes now for the run
  exec 7<&- 5<&-
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
