# shellcheck shell=sh
# What the steps of mounting and unmounting the share use beside those of act.sh. Follows common.sh and seen.sh, goes before act.sh.
#
# needs   what common.sh needs; mount, umount, mount.cifs, docker, awk, cmp, cp, find, ls, readlink, sort, stat; uses findmnt,
#         dmesg or journalctl where they are there
# given   root run_id backend, and what the steps pass: points are the server's own paths, without root
# writes  facts: mounted, mount_error, kernel, probe, pack_folder, backend_sees, fstab, held_by, busy, unmounted,
#         uncovered, umount, held_elsewhere, share, stop, start, secret
# changes what the steps say. What is mounted is read from the kernel's tables; the share itself is only asked with a limit.

# --- before anything is done -----------------------------------------------------------------------------------------------

# what is mounted there is what the plan was made for, or nothing is done
point_is() { # POINT TYPE-SOURCE-ACCESS-ROOT
  now=$(mounted_at "$1")
  [ "$now" = "$2" ] || refuse mounted "${now:-nothing}"
}

# asked again in the middle: the backend is not stopped on a share that has died since then
still_answers() { # POINT
  share_answers "$1" && return 0
  fact share silent
  return 1
}

# --- mounting --------------------------------------------------------------------------------------------------------------

# writes the credentials file under the name it has until it is proved: only for root from its first byte on. The password
# goes from file to file; no program has it as an argument
write_credentials() { # NEW USER DOMAIN
  # shellcheck disable=SC2154 # set by common.sh
  if [ ! -s "$memory/secret" ]; then
    fact secret missing
    return 1
  fi
  mkdir -p "${1%/*}"
  rm -f "$1"
  {
    printf 'username=%s\n' "$2"
    [ -z "$3" ] || printf 'domain=%s\n' "$3"
    printf 'password='
    cat "$memory/secret"
    printf '\n'
  } >"$1"
  rm -f "$memory/secret"
  settled "$1"
}

# the mount has worked with it: from now on it is the credentials file. The old one, or an empty one for none, is kept until the run is
# over: after.sh puts it back where the share could be mounted and not used, and sees to both names if the run is ended at any moment
# from the mount on
keep_credentials() { # NEW FILE
  if [ -e "$2" ]; then ln -f "$2" "$1.was"; else : >"$1.was"; fi
  mv -f "$1" "$2"
  settled "$2" "${2%/*}"
}

# the kernel's lines about CIFS, oldest first
cifs_lines() {
  { timeout -k 1 5 dmesg || timeout -k 1 8 journalctl -k -b -q --no-pager -o short-unix -n 2000; } 2>/dev/null </dev/null |
    grep -i cifs | tail -n 60
}

# one try. What is mounted afterwards decides, not the exit code; where it is not, the number of the error and what the kernel
# said since then are facts
mounting() { # SOURCE POINT COMMAND...
  source=$1 point=$2
  shift 2
  { echo '-' && cifs_lines; } | tail -n 1 >"$run/kernel.before"
  code=0
  # for after.sh, should this be the last that is heard of it: what is mounted after a reboot, fstab has mounted
  this_boot >"$run/trying"
  within 60 "$@" || code=$?
  now=$(mounted_at "$point")
  case $now in
    "cifs $source "* | "smb3 $source "*)
      : >"$run/mounted"
      fact mounted "$now"
      return 0
      ;;
  esac
  rm -f "$run/trying"
  number=$(sed -n 's/^mount error *(*\([0-9][0-9]*\).*/\1/p' "$run/said" | tail -n 1)
  case $code in
    124 | 137) number=timeout ;;
  esac
  printf '%s\n' "${number:-none}" >"$run/mount-error"
  fact mount_error "${number:-none} $(tr '\n' ' ' <"$run/said" | cut -c 1-400)"
  cifs_lines | awk 'NR == FNR { last = $0; next } { line[++n] = $0; if ($0 == last) from = n }
    END { for (i = from + 1; i <= n; i++) print line[i] }' "$run/kernel.before" - | tail -n 8 |
    while IFS= read -r line; do fact kernel "$line"; done
  return 1
}

# whether the last try failed over the dialect alone: only then is there a second one. A wrong password is tried once
dialect_refused() {
  case $(cat "$run/mount-error") in
    95 | 112 | 22) : >"$run/older-dialect" ;;
    *) return 1 ;;
  esac
}

# what the second try was told beside the options, for fstab
dialect() { [ ! -e "$run/older-dialect" ] || printf ',vers=3.0'; }

# takes off again what this run mounted, unless it has proved to be good
unmount_again() { # POINT
  [ -e "$run/mounted" ] && [ ! -e "$run/proved" ] || return 0
  within 30 umount "$root$1" || within 20 umount -l "$root$1" || return 1
  [ -z "$(mounted_at "$1")" ]
}

# a file is written, read back and deleted in the pack folder, by a process that nobody waits for
probe_share() { # FOLDER
  code=0
  # for after.sh, should this be the last that is heard of it: where the file lies
  printf '%s\n' "$1" >"$run/probing"
  settled "$run/probing"
  # shellcheck disable=SC2016 # expanded by the inner shell
  within 30 sh -c 'set -e
[ -d "$1" ] || { mkdir -p "$1"; echo made the folder; }
echo "$3" >"$2"
read -r back <"$2"
[ "$back" = "$3" ]
rm "$2"
[ ! -e "$2" ]' sh "$root$1" "$root$1/.opsdeck-$run_id" "$run_id" || code=$?
  if [ "$code" = 0 ]; then
    rm -f "$run/probing"
    ! grep -q 'made the folder' "$run/said" || fact pack_folder made
    fact probe well
    : >"$run/proved"
    return 0
  fi
  fact probe "failed $code $(tr '\n' ' ' <"$run/said" | cut -c 1-400)"
  if timeout -k 1 10 rm -f "$root$1/.opsdeck-$run_id" >/dev/null 2>&1 </dev/null; then rm -f "$run/probing"; fi
  return 1
}

# --- the backend -----------------------------------------------------------------------------------------------------------

# whether the container's own table has the share at the path where it writes
backend_sees() { # SOURCE PATH-IN-THE-CONTAINER
  timeout -k 2 20 docker exec "$backend" cat /proc/mounts >"$run/inside" 2>"$run/said" </dev/null || return 1
  # of the mounts that hold the path the longest counts, and of two the later one
  # shellcheck disable=SC2016 # awk's
  wanted=$1 path=$2 awk '{
      p = $2
      if (p != "/" && ENVIRON["path"] != p && index(ENVIRON["path"], p "/") != 1) next
      if (length(p) >= longest) { longest = length(p); type = $3; source = $1 }
    }
    END { exit !((type == "cifs" || type == "smb3") && source == ENVIRON["wanted"]) }' "$run/inside"
}

# a container that a dead share holds does not end: it is said, and not started over and over
did_not_stop() {
  fact stop "failed $(tr '\n' ' ' <"$run/said" | cut -c 1-300)"
  return 1
}

# starts the backend, whatever has become of the share meanwhile
start_backend() { # POINT
  code=0
  within 60 docker start "$backend" || code=$?
  [ "$code" != 0 ] || return 0
  if detach_if_dead "$1" "$code" "$run/said"; then
    # the daemon may still be waiting in the first one
    within 145 docker start "$backend" && return 0
  fi
  fact start "failed $(tr '\n' ' ' <"$run/said" | cut -c 1-300)"
  return 1
}

# --- fstab -----------------------------------------------------------------------------------------------------------------

# makes this the one line of its mount point, and leaves every other byte as it is. Does nothing where it is so already
fstab_line() { # SOURCE POINT OPTIONS
  tab=$root/etc/fstab
  new=$root/etc/fstab.$run_id
  if [ -L "$tab" ]; then
    echo "$tab is a link"
    return 1
  fi
  if [ ! -e "$tab" ]; then
    : >"$tab" && chmod 644 "$tab" || return 1
  fi
  # whether its last line has an end
  end=
  [ -n "$(tail -c 1 "$tab")" ] || end=1
  # the copy has the owner and the mode
  cp -p "$tab" "$new" || return 1
  # shellcheck disable=SC2016 # awk's
  source=$1 point=$2 options=$3 end=$end awk '
    function put(text) { if (lines++) printf "\n"; printf "%s", text }
    BEGIN { end = ENVIRON["end"]; ours = ENVIRON["source"] " " ENVIRON["point"] " cifs " ENVIRON["options"] " 0 0" }
    {
      at = $2
      if (at != "/") sub(/\/+$/, "", at)
      if ($1 ~ /^#/ || at != ENVIRON["point"]) { put($0); next }
      if (done++) next
      same = $1 == ENVIRON["source"] && $2 == ENVIRON["point"] && $3 == "cifs" && $4 == ENVIRON["options"]
      put(same && !index($0, "\r") ? $0 : ours)
    }
    END {
      if (!done) { put(ours); end = 1 }
      if (lines && end) printf "\n"
    }' "$tab" >"$new" || return 1
  if cmp -s "$tab" "$new"; then
    rm -f "$new"
    fact fstab as_it_was
    return 0
  fi
  # what was wrong with it before is no reason not to write
  if command -v findmnt >/dev/null 2>&1 && ! within 20 findmnt --verify --tab-file "$new" &&
    within 20 findmnt --verify --tab-file "$tab"; then
    rm -f "$new"
    echo "findmnt --verify does not take the new line"
    return 1
  fi
  cp -p "$tab" "$tab.opsdeck-before" || return 1
  settled "$new"
  mv -f "$new" "$tab" || return 1
  settled "$tab" "$root/etc"
  fact fstab written
}

# the share is mounted and seen: a line that could not be written takes none of that back, and the proof shows it
remember_in_fstab() { # SOURCE POINT OPTIONS
  if ! fstab_line "$@" >"$run/fstab.said" 2>&1; then
    rm -f "$root/etc/fstab.$run_id"
    fact fstab "failed $(tr '\n' ' ' <"$run/fstab.said" | cut -c 1-300)"
  fi
}

# --- unmounting ------------------------------------------------------------------------------------------------------------

# the device of what is mounted on top there, and the group of mounts that follow it
device_at() { # POINT
  # shellcheck disable=SC2016 # awk's
  point=$1 awk '$5 == ENVIRON["point"] {
      device = $3; group = "-"
      for (i = 7; i <= NF && $i != "-"; i++) if ($i ~ /^shared:/) group = $i
    }
    END { if (device) print device, group }' "$root/proc/self/mountinfo"
}

# writes down which namespaces of mounts have a device: SPACE own|follows|apart POINT. One that follows loses it with the host
spaces_with() { # DEVICE GROUP
  own=$(readlink "$root/proc/self/ns/mnt") || own=-
  timeout -k 1 20 find "$root"/proc/[0-9]*/ns/mnt -maxdepth 0 -exec ls -ld '{}' + 2>/dev/null </dev/null |
    sed -n 's|.*/proc/\([0-9]*\)/ns/mnt -> \(.*\)$|\2 \1|p' >"$run/spaces"
  awk '!seen[$1]++' "$run/spaces" | while read -r space pid; do
    # shellcheck disable=SC2016 # awk's
    space=$space own=$own device=$1 group=$2 awk '$3 == ENVIRON["device"] {
        how = ENVIRON["space"] == ENVIRON["own"] ? "own" : "apart"
        for (i = 7; i <= NF && $i != "-"; i++)
          if (how == "apart" && ($i ~ /^master:/ || $i == ENVIRON["group"])) how = "follows"
        print ENVIRON["space"], how, $5
      }' "$root/proc/$pid/mountinfo" 2>/dev/null
  done >"$run/points"
}

# a process in words: its container, or its number and name
whose() { # PID
  id=$(sed -n 's/.*\([0-9a-f]\{64\}\).*/\1/p' "$root/proc/$1/cgroup" 2>/dev/null | head -n 1)
  if [ -n "$id" ]; then
    name=$(timeout -k 2 20 docker inspect --format '{{.Name}}' "$id" 2>/dev/null </dev/null) || name=
    name=${name#/}
    echo "container ${name:-$(printf '%.12s' "$id")}"
  else
    echo "process $1 $(head -c 40 "$root/proc/$1/comm" 2>/dev/null)"
  fi
}

# who has other namespaces with the device: those apart keep it whatever the host does
spaces_of() { # apart|all
  # shellcheck disable=SC2016 # awk's
  which=$1 awk 'FILENAME == ARGV[1] { if ($2 == "apart" || ($2 == "follows" && ENVIRON["which"] == "all")) has[$1] = 1; next }
    $1 in has && !seen[$1]++ { print $2 }' "$run/points" "$run/spaces" | while read -r pid; do whose "$pid"; done
}

# who uses what is mounted there: one a line. Reads the kernel's tables and never the share
holders() { # POINT
  at=$(device_at "$1")
  [ -n "$at" ] || return 0
  spaces_with "${at% *}" "${at#* }"
  {
    # folders and files that processes have open
    timeout -k 1 30 find "$root"/proc/[0-9]*/cwd "$root"/proc/[0-9]*/root "$root"/proc/[0-9]*/exe "$root"/proc/[0-9]*/fd \
      -maxdepth 1 -type l -exec ls -ld '{}' + 2>/dev/null </dev/null |
      sed -n 's|.*/proc/\([0-9]*\)/[^ ]* -> \(.*\)$|\1 \2|p' >"$run/links"
    # shellcheck disable=SC2016 # awk's
    awk 'FILENAME == ARGV[1] { space[$2] = $1; next }
      FILENAME == ARGV[2] { if ($2 != "apart") { points[++n] = $3; of[n] = $1 } next }
      {
        pid = $1; target = substr($0, length(pid) + 2)
        for (i = 1; i <= n; i++)
          if (of[i] == space[pid] && (target == points[i] || index(target, points[i] "/") == 1)) print pid
      }' "$run/spaces" "$run/points" "$run/links"
    # files that they have mapped
    hex=$(echo "${at% *}" | awk -F: '{ printf "%02x:%02x", $1, $2 }')
    timeout -k 1 10 grep -l " $hex " "$root"/proc/[0-9]*/maps 2>/dev/null </dev/null | sed 's|.*/proc/\([0-9]*\)/maps|\1|'
  } | sort -un | head -n 20 | while read -r pid; do whose "$pid"; done >"$run/holders"
  spaces_of apart >>"$run/holders"
  sort -u "$run/holders"
}

# the same in one line, without the container that is stopped anyway
others_that_hold() { # POINT [CONTAINER]
  holders "$1" | grep -vxF "container ${2:--}" | tr '\n' ',' | sed 's/,$//; s/,/, /g'
}

# nobody but the backend uses it, or nothing is done
nobody_else_holds() { # POINT CONTAINER
  found=$(others_that_hold "$@")
  [ -z "$found" ] || refuse holders "$found"
}

# how many mounts lie on each other there
layers_at() { # POINT
  # shellcheck disable=SC2016 # awk's
  point=$1 awk '$5 == ENVIRON["point"] { n++ } END { print n + 0 }' "$root/proc/self/mountinfo"
}

# takes off what is on the point, each layer of it. What is mounted afterwards decides, here and in every container
unmounting() { # POINT COMMAND...
  point=$1
  shift
  was=$(mounted_at "$point")
  at=$(device_at "$point")
  while [ -n "$was" ] && [ "$(mounted_at "$point")" = "$was" ]; do
    before=$(layers_at "$point")
    code=0
    within 30 "$@" || code=$?
    [ "$(layers_at "$point")" -ge "$before" ] || continue
    case "$code $(cat "$run/said")" in
      124* | 137*) fact umount timeout ;;
      *busy*) fact busy "$(others_that_hold "$point")" ;;
      *) fact umount "failed $code $(tr '\n' ' ' <"$run/said" | cut -c 1-300)" ;;
    esac
    return 1
  done
  fact unmounted "$was"
  now=$(mounted_at "$point")
  [ -z "$now" ] || fact uncovered "$now"
  if [ -n "$at" ]; then
    spaces_with "${at% *}" "${at#* }"
    held=$(spaces_of all | sort -u | tr '\n' ',' | sed 's/,$//; s/,/, /g')
    fact held_elsewhere "${held:-nobody}"
    printf '%s' "$held" >"$run/held"
  fi
}

# off the host is not off the server: a container may keep it
nobody_keeps_it() { [ ! -s "$run/held" ]; }
