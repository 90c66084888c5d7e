# What the cases of the kill matrix do on a server before and after one; goes before each of their scripts. bash.
db=/opt/ragflowauth/data/auth.db
# a server has one of the two
sql() {
  if command -v sqlite3 >/dev/null; then sqlite3 -cmd '.timeout 5000' "$db" "$1"
  else python3 -c 'import sqlite3, sys
c = sqlite3.connect(sys.argv[1], timeout=5, isolation_level=None)
for row in c.execute(sys.argv[2]): print("|".join("" if v is None else str(v) for v in row))' "$db" "$1"; fi
}
knobs() { printf '%s\n' "$1" >/opt/ragflowauth/data/lab-knobs.json; }
packing() { docker ps -q --filter ancestor=ragflowauth-backend:lab --filter volume=ragflow_compose_esdata01; }
well() {
  for _ in $(seq 120); do curl -fsS -m 4 http://127.0.0.1:8001/health 2>/dev/null | grep -q '"ok"' && return 0; sleep 0.5; done
  return 1
}
inside() { timeout 20 docker exec ragflowauth-backend grep -q ' /mnt/replica cifs ' /proc/mounts; }
# whatever a case left: no job, no lock, the share as fstab has it, everything running; and no slot that is made up for
healthy() {
  until docker info >/dev/null 2>&1; do sleep 0.5; done
  knobs '{"hold": true}'
  local anew=
  [ -n "$(packing)" ] && docker rm -f $(packing) >/dev/null
  if [ "$(sql "SELECT count(*) FROM backup_jobs WHERE status IN ('queued', 'running', 'canceling')")" != 0 ]; then
    docker kill ragflowauth-backend >/dev/null 2>&1
    sql "UPDATE backup_jobs SET status = 'failed', finished_at_ms = created_at_ms + 1000 WHERE status IN ('queued', 'running', 'canceling')"
  fi
  sql 'DELETE FROM backup_locks'
  if [ ! -e /root/fstab.kept ]; then cp /etc/fstab /root/fstab.kept; fi
  cat /root/fstab.kept >/etc/fstab
  if [ ! -e /root/smb.kept ]; then cp -p /root/.smbcredentials /root/smb.kept; fi
  cp -p /root/smb.kept /root/.smbcredentials
  grep -q ' /mnt/replica cifs ' /proc/mounts || mount /mnt/replica || return 1
  docker start ragflowauth-backend ragflowauth-frontend $(docker ps -aq --filter label=com.docker.compose.project=ragflow_compose) >/dev/null
  well || return 1
  inside || { docker restart -t 3 ragflowauth-backend >/dev/null && well && inside; }
}
# the share off, for the host and for the backend
off() {
  docker stop -t 3 ragflowauth-backend >/dev/null && umount /mnt/replica && docker start ragflowauth-backend >/dev/null && well
}
# a slow backup that has begun to pack
backup() {
  knobs '{"hold": true, "bytes_per_second": 12000, "step_seconds": 2, "refresh_seconds": 3}'
  kill -s USR1 "$(docker inspect -f '{{.State.Pid}}' ragflowauth-backend)"
  for _ in $(seq 120); do [ -n "$(packing)" ] && return 0; sleep 0.5; done
  return 1
}
