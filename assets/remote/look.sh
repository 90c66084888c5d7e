# shellcheck shell=sh
# One read-only look at a server: every question of a snapshot, in one exchange. Follows share.sh.
#
# needs   a POSIX shell with cat, sed, awk, grep, head, tail, tr, wc, cut, date, id, uname, mkdir, mktemp, mkfifo, ln, mv, rm, sleep,
#         find, stat, timeout (coreutils and findutils, or busybox); uses docker, dmesg or journalctl, curl or wget,
#         bash or nc or python3, flock and systemctl where they are there, and says so where they are not
# given   set in front of this text: mark root mount_point pack_folder share_host share_port share_answer_s app_folder
#         credentials_file database database_inside compose_file backend compose_project health_url job_limit legacy_folders
# prints  for each question, in the order in which the answers come:
#             @@MARK begin NAME
#             the answer, as it is; what is 256 KiB long was cut there
#             @@MARK said NAME
#             what went to standard error (at most 2 KiB)
#             @@MARK end NAME CODE          exit code; 124 when the time was up
# exits   0; what went wrong stands in the codes
# changes nothing. With the backend's container down and no Python on the server, its database is read by a container of the
#         same image that is made for this one question and removed. Its scratch files are in a private folder below /run (memory) and go when it ends; the one file that
#         may stay is the process id of a reader that the dead share holds, so that the next look starts no second one.

# --- questions: each prints its answer; none of them may touch the share -------------------------------------------------

q_host() {
  read -r hostname <"$root/proc/sys/kernel/hostname"
  read -r machine_id <"$root/etc/machine-id"
  read -r uptime _ <"$root/proc/uptime"
  while IFS='=' read -r key value; do
    [ "$key" = PRETTY_NAME ] && os=${value#\"} && os=${os%\"}
  done <"$root/etc/os-release"
  printf 'hostname=%s\nmachine_id=%s\nuptime_s=%s\nos=%s\n' "${hostname-}" "${machine_id-}" "${uptime-}" "${os-}"
  printf 'kernel=%s\nuid=%s\n' "$(uname -r)" "$(id -u)"
  printf 'addresses=%s\n' "$(ip -o addr show 2>/dev/null | awk '{ sub("/.*", "", $4); printf "%s ", $4 }')"
  # last, so that the clock is read as late as possible
  date '+zone=%z%nepoch_s=%s'
}

q_mounts() { cat "$root/proc/self/mountinfo"; }

q_cifs() { head -c 65536 "$root/proc/fs/cifs/DebugData"; }

# fstab lines for this mount point or of type cifs; a password in the options stays on the server (a comma in it is written
# twice, and it may also stand behind the user's name and a percent sign: mount.cifs(8))
q_fstab() {
  awk -v point="$mount_point" '$1 !~ /^#/ && ($2 == point || $3 == "cifs")' "$root/etc/fstab" |
    sed -e 's/\(pass[a-z0-9]*\)=[^,[:space:]]*\(,,[^,[:space:]]*\)*/\1=***/g' \
      -e 's/\(user[a-z]*=[^,%[:space:]]*\)%[^,[:space:]]*\(,,[^,[:space:]]*\)*/\1%***/g'
}

# the kernel's last lines about cifs; the first line of the answer says where they are from
q_kernel() {
  if timeout -k 1 3 dmesg >"$work/kernel.all"; then
    echo from=dmesg
  elif timeout -k 1 5 journalctl -k -b -q --no-pager -o short-unix -n 2000 >"$work/kernel.all"; then
    echo from=journal
  else
    return 1
  fi
  grep -i cifs "$work/kernel.all" | tail -n 40
  return 0
}

# the credentials file as mount.cifs reads it: who may read it, which keys it has, and what makes it useless; never a value
q_credentials() {
  # where mount(8) looks for it
  helper=absent
  for folder in /sbin /usr/sbin; do
    if [ -e "$root$folder/mount.cifs" ]; then helper=there; fi
  done
  echo "helper=$helper"
  if [ ! -e "$root$credentials_file" ] && [ ! -L "$root$credentials_file" ]; then
    echo file=absent
    return 0
  fi
  stat -c 'file=%F|%a|%u|%s' "$root$credentials_file" || return $?
  head -c 4096 "$root$credentials_file" | awk '
    NR == 1 && index($0, "\357\273\277") == 1 { bom = "yes" }
    index($0, "\r") { cr = "yes" }
    {
      sub(/^[ \t]+/, "")
      at = index($0, "=")
      if (!at) next
      key = tolower(substr($0, 1, at - 1))
      filled = length($0) > at && substr($0, at + 1) != "\r" ? "yes" : "empty"
      if (key ~ /^user/) user = filled
      else if (key ~ /^pass/) pass = filled
      else if (key ~ /^dom/) dom = filled
      else next
      if (key ~ /[ \t]$/) blank = "yes"
    }
    function said(name, value) { print name "=" (value ? value : "no") }
    END { said("username", user); said("password", pass); said("domain", dom); said("cr", cr); said("bom", bom); said("blank", blank) }'
}

# can the server reach the share's port? prints the tool and its exit code; what the tool said goes to standard error
q_port() {
  if command -v bash >/dev/null; then
    echo tool=bash
    # shellcheck disable=SC2016 # expanded by the inner shell
    timeout -k 1 3 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$share_host" "$share_port"
  elif command -v nc >/dev/null; then
    echo tool=nc
    timeout -k 1 3 nc -w 3 "$share_host" "$share_port" </dev/null >/dev/null
  elif command -v python3 >/dev/null; then
    echo tool=python3
    timeout -k 1 3 python3 -c 'import socket, sys
socket.create_connection((sys.argv[1], int(sys.argv[2])), 2.5)' "$share_host" "$share_port"
  else
    return 127
  fi
}

# type|block size|blocks|free|available|inodes|free inodes|path, as statfs(2) says them
space() { timeout -k 1 3 stat -f -c "%T|%S|%b|%f|%a|%c|%d|%n" "$1"; }

q_disks() {
  bad=0
  for path in / "$app_folder"; do space "$root$path" || bad=$?; done
  return "$bad"
}

q_compose() { timeout -k 1 3 stat -c '%s %n' "$root$compose_file"; }

q_docker_root() {
  docker_root=$(ask_docker info --format '{{.DockerRootDir}}') || return $?
  printf 'root=%s\n' "$docker_root"
  space "$root$docker_root"
}

# a daemon that does not answer one question is not asked the next
ask_docker() {
  [ ! -e "$work/docker-silent" ] || return 124
  timeout -k 1 15 docker "$@"
  set -- $?
  case $1 in 124 | 137 | 143) : >"$work/docker-silent" ;; esac
  return "$1"
}

# every container: what a person may know of it. Never its environment or its arguments: they hold passwords
q_containers() {
  ask_docker ps -aq --no-trunc >"$work/ids.asked" || return $?
  mv "$work/ids.asked" "$work/ids"
  [ -s "$work/ids" ] || return 0
  # shellcheck disable=SC2046 # one id a word
  ask_docker inspect --format '{"Id":{{json .Id}},"Name":{{json .Name}},"Image":{{json .Image}},"ImageName":{{json .Config.Image}},"Created":{{json .Created}},"Labels":{"project":{{json (index .Config.Labels "com.docker.compose.project")}}},"State":{"Status":{{json .State.Status}},"Running":{{json .State.Running}},"OOMKilled":{{json .State.OOMKilled}},"ExitCode":{{json .State.ExitCode}},"StartedAt":{{json .State.StartedAt}},"FinishedAt":{{json .State.FinishedAt}},"Health":{"Status":{{with (index .State "Health")}}{{json .Status}}{{else}}null{{end}}}},"RestartCount":{{json .RestartCount}},"RestartPolicy":{{json .HostConfig.RestartPolicy.Name}},"Mounts":{{json .Mounts}},"LogDriver":{{json .HostConfig.LogConfig.Type}},"Tty":{{json .Config.Tty}}}' $(head -n 200 "$work/ids")
  set -- $?
  # a container that went between the two questions is no trouble; a template that fails says so for all, and prints blanks
  [ "$1" = 1 ] && grep -q '^{' "$work/containers.out" && ! grep -qv 'No such object' "$work/containers.err" && return 0
  return "$1"
}

# the images of these containers, asked after them; 69 when it is not known which containers there are
q_images() {
  [ -e "$work/ids" ] || return 69
  [ ! -s "$work/ids" ] || [ -s "$work/containers.out" ] || return 69
  sed -n 's/.*"Image":"\(sha256:[0-9a-f]*\)".*/\1/p' "$work/containers.out" | sort -u >"$work/image-ids"
  [ -s "$work/image-ids" ] || return 0
  # shellcheck disable=SC2046 # one id a word
  ask_docker image inspect --format '{"Id":{{json .Id}},"Size":{{json .Size}},"RepoTags":{{json .RepoTags}}}' $(head -n 100 "$work/image-ids")
  set -- $?
  [ "$1" = 1 ] && grep -q '^{' "$work/images.out" && ! grep -qv 'No such image' "$work/images.err" && return 0
  return "$1"
}

q_volumes() { ask_docker volume ls --format '{{.Name}}'; }

q_health() {
  # the server itself is asked, and nobody's proxy
  unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY
  if command -v curl >/dev/null; then
    timeout -k 1 5 curl -sS -m 4 -w '\n%{http_code}\n' "$health_url"
  elif command -v wget >/dev/null; then
    timeout -k 1 5 wget -q -T 4 -O - "$health_url" && printf '\n200\n'
  else
    return 127
  fi
}

# the backend's side: its mounts, its clock, the database. The first line says who answered
q_inside() {
  echo via=container
  inside_py | timeout -k 1 20 docker exec -i "$backend" python - "$database_inside" "$job_limit" && return 0
  code=$?
  # a backend that runs and does not answer is asked no other way: its database may be busy, and the trouble is the container
  [ "$(ask_docker inspect --format '{{.State.Running}}' "$backend")" = true ] && return "$code"
  for python in python3 "$root/usr/libexec/platform-python"; do
    command -v "$python" >/dev/null || continue
    echo via=host
    inside_py | timeout -k 1 12 "$python" - "$root$database" "$job_limit"
    return $?
  done
  # a bind of a folder that is not there would make it
  [ -f "$root$database" ] || return "$code"
  if image=$(ask_docker inspect --format '{{.Image}}' "$backend"); then
    echo via=one-off
    inside_py | timeout -k 1 20 docker run --rm -i --network none --entrypoint python \
      -v "$root${database%/*}:${database_inside%/*}:ro" "$image" - "$database_inside" "$job_limit"
    return $?
  fi
  return "$code"
}

# what lies under a mount point that is not mounted, and in the folders of older versions
q_leftovers() {
  if [ -z "$mounted" ]; then
    printf 'kib=%s\n' "$(timeout -k 1 5 du -skx "$root$mount_point" | cut -f 1)"
    timeout -k 1 3 find "$root$mount_point" -xdev -mindepth 1 -maxdepth 2 | head -n 200 | sed "s|^$root|entry=|"
  fi
  for folder in $legacy_folders; do
    [ -d "$root$folder" ] || continue
    timeout -k 1 3 find "$root$folder" -xdev -mindepth 1 -maxdepth 1 -name 'migration_pack_*' | head -n 200 | sed "s|^$root|legacy=|"
  done
  return 0
}

# what consoles have done and do here, newest first: name|action|operator|seconds since 1970|state; the state is `at-work`, `gone`
# (no processes, and nothing says how it ended) or `ended HOW`. assets/remote/run says how runs are kept
q_runs() {
  runs=$root/var/lib/opsdeck/runs
  [ -d "$runs" ] || return 0
  # shellcheck disable=SC2012 # names that consoles made: digits, letters, dashes
  ls -1t "$runs" | head -n 50 >"$work/run-names"
  told=0
  while IFS= read -r found; do
    at=$runs/$found
    [ -s "$at/who" ] || continue
    how=$(sed -n 's/^[0-9]* end \(.*\)/ended \1/p' "$at/journal" | tail -n 1)
    [ -n "$how" ] || how=$(under_way "$found" "$at")
    # of those that ended, the last ten
    case $how in ended*) told=$((told + 1)) ;; esac
    [ "$told" -le 10 ] || continue
    printf '%s|%s|%s\n' "$found" "$(head -n 1 "$at/who" | head -c 500)" "$how"
  done <"$work/run-names"
}

under_way() { # NAME FOLDER: whether a run without an end has processes
  if [ -e "$2/is-unit" ]; then
    case $(timeout -k 1 3 systemctl is-active "opsdeck-$1" 2>/dev/null) in
      inactive | failed | unknown) echo gone ;;
      *) echo at-work ;;
    esac
  elif [ -e "$2/alive" ] && ! (flock -n 7) 7<"$2/alive"; then
    echo at-work
  else
    echo gone
  fi
}

# --- the share: one reader at a time, detached, its answers in files -----------------------------------------------------

# a share that a backup is writing to may be slower than its limit: once, where its port answers and it holds nobody, it gets
# more time. Sets answer_s
more_time() {
  [ "$answer_s" -lt 10 ] && q_port >/dev/null 2>&1 && ! (stuck_reader >/dev/null) && answer_s=10
}

ask_share() {
  answer_s=$share_answer_s
  if [ "$mounted" != cifs ] && [ "$mounted" != smb3 ]; then
    finish share 69 # not mounted: what is there is no share
    finish packs 69
    return
  fi
  # shellcheck disable=SC2034 # for await_turn
  tries=0
  while :; do
    began=$(date +%s%N)
    reader "$answer_s" stat -f -c "%T|%S|%b|%f|%a|%c|%d|%n" "$root$mount_point" >"$work/share.out" 2>"$work/share.err"
    code=$?
    # another console's look may be reading
    { [ "$code" = 75 ] && await_turn; } || break
  done
  if [ "$code" = 75 ]; then
    found=$(stuck_reader) && printf 'stuck_pid=%s\n' "${found%% *}" >"$work/share.out"
    finish share 75
    finish packs 75
    return
  fi
  case $code in
    124 | 137)
      if more_time; then
        patient_reader "$answer_s" stat -f -c "%T|%S|%b|%f|%a|%c|%d|%n" "$root$mount_point" >"$work/share.out" 2>"$work/share.err"
        code=$?
        # who waited for a turn in vain has seen no more than before
        [ "$code" != 75 ] || code=124
      fi
      ;;
  esac
  printf 'took_ns=%s %s\n' "$began" "$(date +%s%N)" >>"$work/share.out"
  if [ "$code" != 0 ]; then
    finish share "$code"
    finish packs 75
    return
  fi
  patient_reader "$answer_s" stat -c 'folder=%F|%Y|%n' "$root$pack_folder" >>"$work/share.out" 2>>"$work/share.err"
  code=$?
  case $code in
    124 | 137)
      if more_time; then
        patient_reader "$answer_s" stat -c 'folder=%F|%Y|%n' "$root$pack_folder" >>"$work/share.out" 2>>"$work/share.err"
        code=$?
      fi
      ;;
  esac
  finish share "$code"
  if [ "$code" != 0 ]; then
    finish packs "$code"
    return
  fi
  list_packs
  code=$?
  # a file that was renamed or removed under the listing: it is made once more
  if [ "$code" = 1 ] && grep -q 'No such file' "$work/packs.err" && ! grep -qv 'No such file' "$work/packs.err"; then
    list_packs
    code=$?
  fi
  finish packs "$code"
}

# packs, their files, and what interrupted runs left; no other folder is entered
list_packs() {
  patient_reader 15 find "$root$pack_folder" -mindepth 1 -maxdepth 6 -type d \
    ! -name 'migration_pack_*' ! -name '[0-9]*' ! -name _tmp ! -name 'job_*' ! -name volumes \
    -prune -exec stat -c '%F|%s|%Y|%n' '{}' + -o -exec stat -c '%F|%s|%Y|%n' '{}' + >"$work/packs.out" 2>"$work/packs.err"
}

# --- asking all at once, answering as it comes ----------------------------------------------------------------------------

finish() { # NAME CODE: the answer of a question is complete
  # how busybox's timeout says that the time was up
  [ "$2" != 143 ] || set -- "$1" 124
  echo "$1 $2" >&3
}

lane() { # NAME...: asks these questions one after the other, beside the other lanes; nothing of it holds our output
  for each in "$@"; do
    "q_$each" >"$work/$each.out" 2>"$work/$each.err" </dev/null
    finish "$each" $?
  done
}

tell() { # NAME CODE: prints an answer
  printf '@@%s begin %s\n' "$mark" "$1"
  if [ -s "$work/$1.out" ]; then head -c 262144 "$work/$1.out"; fi
  printf '\n@@%s said %s\n' "$mark" "$1"
  if [ -s "$work/$1.err" ]; then head -c 2048 "$work/$1.err"; fi
  printf '\n@@%s end %s %s\n' "$mark" "$1" "$2"
}

look() {
  [ -n "$root" ] || PATH=$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
  umask 077
  state=$root/run/opsdeck
  { mkdir -p "$state" && [ -w "$state" ]; } 2>/dev/null || state=
  work=$(mktemp -d "${state:-${TMPDIR:-/tmp}}/look.XXXXXX") || return 70
  [ -n "$state" ] || state=$work
  ticker=
  # what is still being asked may put one more file there while it goes
  trap '[ -z "$ticker" ] || kill "$ticker" 2>/dev/null; rm -rf "$work" 2>/dev/null || { sleep 1; rm -rf "$work"; }' EXIT
  trap 'exit 143' HUP INT TERM PIPE
  mkfifo "$work/done" && exec 3<>"$work/done" || return 70

  # first of all, and from the kernel's memory: is the share mounted?
  mounted_type <"$root/proc/self/mountinfo"

  # Four lanes, not one for each question: a small server would spend its time on switching. Every command has its own
  # limit; the seconds here are when an answer is given up, whatever holds it
  waiting='mounts:5 host:8 cifs:9 share:40 packs:62 fstab:10 credentials:12 disks:18 compose:22 leftovers:35 kernel:42 health:46 port:50
    containers:32 runs:55 docker_root:48 images:56 volumes:60 inside:60'
  lane inside >/dev/null 2>&1 </dev/null &
  lane containers docker_root images volumes >/dev/null 2>&1 </dev/null &
  ask_share >/dev/null 2>&1 </dev/null &
  lane mounts host cifs fstab credentials disks compose leftovers kernel health port runs >/dev/null 2>&1 </dev/null &

  # a tick a second, for the time limits; ends with us, however we end
  { while kill -0 $$ && sleep 1; do echo tick; done; } >&3 2>/dev/null </dev/null &
  ticker=$!
  seconds=0
  while [ -n "$waiting" ]; do
    read -r name code <&3 || break
    [ "$name" = tick ] && seconds=$((seconds + 1))
    still=
    for each in $waiting; do
      if [ "${each%:*}" = "$name" ]; then
        tell "$name" "$code"
      elif [ "$seconds" -ge "${each#*:}" ]; then
        tell "${each%:*}" 124
      else
        still="$still $each"
      fi
    done
    waiting=$still
  done
  return 0
}

look
