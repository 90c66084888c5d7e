# shellcheck shell=bash
# The faults. fault_NAME (- written as _) runs on a server that was just reset, after seed.py laid down the
# past that belongs to it (Plan.f_NAME there); many faults are a past only. `lab faults` prints the `#: ` lines.
list_faults() {
  awk '/^#: / {text = substr($0, 4)}
       /^fault_[a-z_]+\(\)/ {name = $1; gsub(/^fault_|\(\).*$/, "", name); gsub(/_/, "-", name); printf "%-21s %s\n", name, text}' "$HERE/faults.sh"
}

guest() {  # NAME: a script on stdin, run there
  vssh "$1" 'bash -euo pipefail -s'
}
mount_share() { echo "mount -t cifs //10.0.2.2/$1 /mnt/replica -o credentials=/root/.smbcredentials,iocharset=utf8,uid=0,gid=0,file_mode=0660,dir_mode=0770,port=$SMB_PORT"; }

#: the share is not mounted; old packs lie on the local disk below the mount point; last night failed
fault_not_mounted() {
  guest "$1" <<'G'
docker stop -t 3 ragflowauth-backend >/dev/null
umount /mnt/replica
mkdir -p /mnt/replica/RagflowAuth
G
  "$HERE/seed.py" local --run "$RUN" --role "$1" --now "$LAY_NOW" --what leftovers | vssh "$1" 'tar -C /mnt/replica/RagflowAuth -xf -'
  guest "$1" <<<'docker start ragflowauth-backend >/dev/null'
}

#: mounted on the host, but after the container started: the container sees the local disk; last night failed
fault_container_blind() {
  guest "$1" <<'G'
docker stop -t 3 ragflowauth-backend >/dev/null
umount /mnt/replica
mkdir -p /mnt/replica/RagflowAuth
docker start ragflowauth-backend >/dev/null
mount /mnt/replica
G
}

#: another share is on the mount point, for the container too; last night's pack went there
fault_wrong_share() {
  guest "$1" <<G
docker stop -t 3 ragflowauth-backend >/dev/null
umount /mnt/replica
$(mount_share other)
docker start ragflowauth-backend >/dev/null
G
}

#: the file server is frozen: mounts stay, everything that touches them waits (both servers)
fault_share_hung() {
  local pids; pids=$(smb_pids)
  # shellcheck disable=SC2086
  kill -STOP $pids
}

#: the file server is stopped: its port refuses (both servers)
fault_share_down() { share_down; }

#: wrong password in the credentials file, nothing mounted, one refused try in the kernel log; last night failed
fault_wrong_password() {
  guest "$1" <<'G'
docker stop -t 3 ragflowauth-backend >/dev/null
umount /mnt/replica
printf 'username=bkuser\npassword=not the password\n' > /root/.smbcredentials
mount /mnt/replica >/dev/null 2>&1 || true
docker start ragflowauth-backend >/dev/null
G
}

#: last night's job says running, but the container was restarted since; it holds the lock
fault_ghost_job() { guest "$1" <<<'docker restart -t 3 ragflowauth-backend >/dev/null'; }

#: last night's job says canceling for ever: its worker went with a restart; the lock is held
fault_job_canceling_ghost() { guest "$1" <<<'docker restart -t 3 ragflowauth-backend >/dev/null'; }

#: the lock is taken and no job is alive; no backup last night, triggers are refused
fault_stale_lock() { :; }

#: last night's job says running in a container as old as it; nothing changes any more
fault_stuck_job() { :; }

#: a real, slow backup is under way and advances (about ten minutes)
fault_backup_running() {
  knobs "$1" 'k.update(bytes_per_second=12000, step_seconds=2, refresh_seconds=3)'
  vssh "$1" "$(signal_backend USR1)" </dev/null
  guest "$1" <<'G'
for _ in $(seq 60); do
  [ -n "$(docker ps -q --filter volume=ragflow_compose_esdata01 --filter ancestor=ragflowauth-backend:lab)" ] && exit 0
  sleep 0.5
done
echo "the backup did not start" >&2; exit 1
G
}

#: last night's job failed while it packed a volume; a broken pack is left
fault_backup_failed() { :; }

#: the newest full pack has no images.tar although its job completed
fault_images_missing() { :; }

#: last night's pack has an empty volumes folder although its job completed
fault_volumes_empty() { :; }

#: the root disk is filled to 98 percent
fault_disk_full() {
  guest "$1" <<'G'
read -r total free < <(stat -f -c '%b %a' /)
block=$(stat -f -c %S /)
fallocate -l $(( (free - total * 2 / 100) * block )) /var/log/lab-filler
sync
G
}

#: the backend was stopped before last night's slot; no backup last night
fault_backend_down() {
  local slot; slot=$("$HERE/seed.py" slot --role "$1" --now "$LAY_NOW")
  guest "$1" <<G
date -u -s @$((slot / 1000 - 2700)) >/dev/null
docker stop -t 3 ragflowauth-backend >/dev/null
G
  vm_settle "$1"
}

#: the schedule is switched off; no backup last night
fault_schedule_off() { :; }

#: the slot was five minutes ago and no job is there yet (the scheduler is held)
fault_late() { :; }

#: not a fault: the older layout, made on the server and copied to the share (DONE, manifest)
fault_replicated_layout() {
  vssh "$1" 'mkdir -p /opt/ragflowauth/data/backups' </dev/null
  "$HERE/seed.py" local --run "$RUN" --role "$1" --now "$LAY_NOW" | vssh "$1" 'tar -C /opt/ragflowauth/data/backups -xf -'
}

#: older layout; last night completed, but the copy broke off and left _tmp/job_* on the share
fault_replication_failed() { fault_replicated_layout "$1"; }

#: the other server keeps five packs and made five new ones: this one's packs are gone from the share
fault_evicted() { :; }

#: the server's clock is ten minutes ahead
fault_clock_skew() { guest "$1" <<<"date -u -s '+10 minutes' >/dev/null"; }

#: an older database: no cancel columns in backup_jobs, newer settings columns missing
fault_old_schema() { :; }

#: mounted and healthy, but /etc/fstab does not know the share: the next reboot loses it
fault_fstab_missing() { guest "$1" <<<"sed -i '/ \/mnt\/replica /d' /etc/fstab"; }

#: a firewall between server and share drops what goes to its port: the mount stays, nothing answers
fault_port_dropped() { guest "$1" <<<"iptables -I OUTPUT -p tcp --dport $SMB_PORT -j DROP"; }

#: the machine with the share is not on the network: its host is unreachable
fault_host_away() {
  guest "$1" <<<"iptables -I OUTPUT -p tcp --dport $SMB_PORT -j REJECT --reject-with icmp-host-unreachable"
}

# The share as it is now is tried once more, and refused; without it the backend is as old as the try.
tried_in_vain() {
  guest "$1" <<'G'
docker stop -t 3 ragflowauth-backend >/dev/null
umount /mnt/replica
G
  "${@:2}"
  guest "$1" <<'G'
if mount /mnt/replica >/dev/null 2>&1; then echo "it could be mounted" >&2; exit 1; fi
docker start ragflowauth-backend >/dev/null
G
}

#: the share has another name on Windows now; nothing is mounted, one refused try in the kernel log; last night failed
fault_share_renamed() { tried_in_vain "$1" share_has '' renamed; }

#: the account may not use the share any more; the same
fault_no_permission() { tried_in_vain "$1" share_has ' valid users = nobody'; }

#: the account is switched off on Windows; the same
fault_account_off() { tried_in_vain "$1" share_account D; }

#: the credentials file is gone and so is the mount; last night failed
fault_no_credentials() { tried_in_vain "$1" vssh "$1" 'rm /root/.smbcredentials'; }

#: the share is mounted for reading alone; last night failed
fault_read_only() {
  guest "$1" <<'G'
docker stop -t 3 ragflowauth-backend >/dev/null
umount /mnt/replica
mount -o ro /mnt/replica
docker start ragflowauth-backend >/dev/null
G
}

#: the disk behind the share is full, by what Windows says of it; last night failed
fault_share_full() {
  printf '#!/bin/sh\necho "40000000 12000 1024"\n' > "$RUN/smb/full.sh"
  chmod +x "$RUN/smb/full.sh"
  share_has " dfree command = $RUN/smb/full.sh"
}

#: Docker was stopped before last night's slot, and with it every container
fault_docker_down() {
  local slot; slot=$("$HERE/seed.py" slot --role "$1" --now "$LAY_NOW")
  guest "$1" <<G
date -u -s @$((slot / 1000 - 2700)) >/dev/null
systemctl stop docker.socket docker.service
G
  vm_settle "$1"
}

#: the backend's container was removed
fault_no_backend() { guest "$1" <<<'docker rm -f ragflowauth-backend >/dev/null'; }

#: the backend's container runs and answers nothing
fault_backend_ill() { vssh "$1" "$(signal_backend STOP)" </dev/null; }

#: a container of RAGFlow's does not run
fault_service_down() { guest "$1" <<<'docker stop -t 3 ragflow_compose-redis-1 >/dev/null'; }

#: RAGFlow's compose file is not in its place
fault_compose_gone() { guest "$1" <<<'cd /opt/ragflowauth/ragflow_compose && mv docker-compose.yml docker-compose.yml.away'; }

#: no schedule is set; no backup last night
fault_schedule_empty() { :; }

#: a schedule that the backend does not understand; no backup last night
fault_schedule_odd() { :; }

#: last night's job was canceled
fault_job_canceled() { :; }

#: no full backup for weeks
fault_full_overdue() { :; }

#: /etc/fstab does not know the share, and the server has lost its power since: the share is gone, the night was well
fault_reboot_lost_mount() {
  guest "$1" <<<"sed -i '/ \/mnt\/replica /d' /etc/fstab; sync"
  lab_crash "$1"
  guest "$1" <<'G'
for _ in $(seq 100); do curl -fsS -m 3 http://127.0.0.1:8001/health >/dev/null 2>&1 && exit 0; sleep 1; done
echo "the backend did not come up" >&2; exit 1
G
}
