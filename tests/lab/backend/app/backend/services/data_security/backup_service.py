"""One backup from first step to last: precheck, pack folder, database, volumes, images, retention."""
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from datetime import datetime

from . import knobs
from .store import now_ms

MOUNT = "/mnt/replica"
PROJECT = "ragflow_compose"
IMAGE = os.environ.get("BACKEND_IMAGE", "ragflowauth-backend:lab")
THROTTLE = ("import sys,time\n"
            "r=float(sys.argv[1]);c=max(512,int(r/4))\n"
            "while True:\n"
            "  b=sys.stdin.buffer.read(c)\n"
            "  if not b: break\n"
            "  sys.stdout.buffer.write(b);sys.stdout.buffer.flush();time.sleep(len(b)/r)\n")


class BackupFailed(Exception):
    def __init__(self, message, detail=""):
        super().__init__(message)
        self.detail = detail or message


class Canceled(Exception):
    pass


def log(text):
    print(time.strftime("%Y-%m-%d %H:%M:%S"), "INFO", text, flush=True)


def fstype_of(path, mounts="/proc/mounts"):
    """The type of the last mount whose point is the longest prefix of the path."""
    best, kind = "", "unknown"
    with open(mounts, encoding="utf-8") as f:
        for line in f:
            fields = line.split(" ")
            point = fields[1].replace("\\040", " ")
            if (path == point or path.startswith(point.rstrip("/") + "/")) and len(point) >= len(best):
                best, kind = point, fields[2]
    return kind


def pack_name(when=None):
    when = when or datetime.now()
    return when.strftime("migration_pack_%Y%m%d_%H%M%S_") + "%03d" % (when.microsecond // 1000)


def packs_by_age(folder):
    try:
        names = [n for n in os.listdir(folder) if n.startswith("migration_pack_")]
    except OSError:
        return []
    return sorted((os.stat(os.path.join(folder, n)).st_mtime, n) for n in names)


def apply_retention(folder, keep):
    """Oldest first by mtime, and whose pack it is does not matter."""
    removed = []
    found = packs_by_age(folder)
    for _, name in found[:max(0, len(found) - keep)] if keep > 0 else []:
        shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
        removed.append(name)
    return removed


def docker(*args):
    return subprocess.run(["docker", *args], capture_output=True, text=True, check=False)


class DataSecurityBackupService:
    def __init__(self, store):
        self.store = store

    def run_incremental_backup_job(self, job_id):
        self._run(job_id, full=False)

    def run_full_backup_job(self, job_id):
        self._run(job_id, full=True)

    # -- helpers
    def _say(self, job_id, progress, message, **more):
        self.store.update_job(job_id, progress=progress, message=message, **more)
        log(f"[Backup] job={job_id} {progress}% {message}")

    def _step_end(self, job_id):
        end = time.monotonic() + float(self.knobs["step_seconds"])
        while True:
            self._check(job_id)
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.5))

    def _check(self, job_id):
        if self.store.cancel_requested(job_id):
            raise Canceled()

    def _watch(self, job_id, proc, path, progress, text):
        """Wait for a long command; renew the text now and then; stop it when a cancel was asked for."""
        refresh = max(0.5, float(self.knobs["refresh_seconds"]))
        due = time.monotonic() + refresh
        looks = 0
        while True:
            try:
                return proc.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                pass
            looks += 1
            if looks % 4 == 0:
                try:
                    self._check(job_id)
                except Canceled:
                    proc.terminate()
                    proc.wait()
                    raise
            if time.monotonic() >= due:
                due += refresh
                try:
                    size = os.stat(path).st_size
                except OSError:
                    size = 0
                self._say(job_id, progress, f"{text}（写入中 {size / 1048576:.1f} MB）")

    # -- the run
    def _run(self, job_id, full):
        self.knobs = knobs.get()
        settings = self.store.settings()
        self._say(job_id, 1, "开始备份", status="running", started_at_ms=now_ms())
        try:
            self._steps(job_id, full, settings)
        except Canceled:
            self.store.update_job(job_id, status="canceled", message="备份已取消",
                                  canceled_at_ms=now_ms(), finished_at_ms=now_ms())
            log(f"[Backup] job={job_id} canceled")
        except BackupFailed as e:
            self._failed(job_id, e.detail)
        except Exception as e:  # the row has to say why, whatever it was
            self._failed(job_id, f"{type(e).__name__}: {e}")

    def _failed(self, job_id, detail):
        self.store.update_job(job_id, status="failed", message="备份失败", detail=detail, finished_at_ms=now_ms())
        log(f"[Backup] job={job_id} failed: {detail}")

    def _steps(self, job_id, full, settings):
        replicated = self.knobs["layout"] == "replicated"
        target = settings.get("target_local_dir") or f"{MOUNT}/RagflowAuth"
        if replicated:
            target = "/app/data/backups"
        self._step_end(job_id)

        self._say(job_id, 3, "Precheck")
        if target.startswith(MOUNT):
            kind = fstype_of(MOUNT)
            if kind != "cifs":
                raise BackupFailed("precheck", f"备份目标 {target} 未挂载到Windows共享：{MOUNT} 的文件系统类型为 {kind}，应为 cifs")
        self._step_end(job_id)

        pack = os.path.join(target, pack_name())
        self._say(job_id, 5, "创建迁移包目录")
        os.makedirs(os.path.join(pack, "volumes"))
        self.store.update_job(job_id, output_dir=pack)
        self._step_end(job_id)

        self._database(job_id, pack)
        self._volumes(job_id, pack)
        if full and settings.get("full_backup_include_images", 1):
            self._images(job_id, pack)
        snapshot = {k: v for k, v in settings.items() if k != "id"}
        with open(os.path.join(pack, "backup_settings.json"), "w", encoding="utf-8") as f:
            json.dump(snapshot, f, ensure_ascii=False, indent=2)

        self._say(job_id, 90, "备份完成，准备同步")
        self._step_end(job_id)
        message, detail = "备份完成（已在共享目录）", None
        if replicated:
            message, detail = self._replicate(job_id, pack, settings)
        now = now_ms()
        self.store.set_settings(**{("last_full_backup_time_ms" if full else "last_incremental_backup_time_ms"): now})
        self._say(job_id, 100, message, detail=detail, status="completed", finished_at_ms=now)
        keep = settings.get("backup_retention_max") or 0
        for name in apply_retention(target, keep):
            log(f"[Backup] retention removed {name}")

    def _database(self, job_id, pack):
        self._say(job_id, 10, "备份数据库")
        fd, temp = tempfile.mkstemp(suffix=".db", dir="/tmp")
        os.close(fd)
        try:
            source = sqlite3.connect(self.store.path, timeout=30)
            copy = sqlite3.connect(temp)
            source.backup(copy)
            copy.close()
            source.close()
            self._say(job_id, 20, "备份数据库")
            shutil.copyfile(temp, os.path.join(pack, "auth.db.tmp"))
            os.replace(os.path.join(pack, "auth.db.tmp"), os.path.join(pack, "auth.db"))
        finally:
            os.unlink(temp)
        self._say(job_id, 35, "备份数据库")
        self._step_end(job_id)

    def _host_path(self, path):
        """The helper container is given host paths; the docker daemon knows how ours map to them."""
        try:
            mounts = json.loads(docker("inspect", "-f", "{{json .Mounts}}", os.uname().nodename).stdout)
        except ValueError:
            return path
        best = max((m for m in mounts if path.startswith(m["Destination"].rstrip("/") + "/")),
                   key=lambda m: len(m["Destination"]), default=None)
        return path if best is None else best["Source"] + path[len(best["Destination"]):]

    def _volumes(self, job_id, pack):
        listed = docker("volume", "ls", "--format", "{{.Name}}")
        if listed.returncode != 0:
            raise BackupFailed("docker", "Docker 不可用：" + listed.stderr.strip())
        names = sorted(n for n in listed.stdout.split() if n.startswith(PROJECT + "_"))
        folder = self._host_path(os.path.join(pack, "volumes"))
        rate = float(self.knobs["bytes_per_second"])
        for i, name in enumerate(names):
            progress = 45 + 45 * i // max(1, len(names))
            text = f"备份 volume: {name}"
            self._say(job_id, progress, f"{text}（写入中 0.0 MB）")
            out = f"{name}.tar.gz"
            run = ["docker", "run", "--rm", "-v", f"{name}:/data:ro", "-v", f"{folder}:/backup", IMAGE]
            if name == self.knobs["fail_volume"]:
                run += ["tar", "czf", f"/backup/missing/{out}", "-C", "/data", "."]
            elif rate > 0:
                run += ["bash", "-c", 'set -o pipefail; tar -C /data -czf - . | python -c "$2" "$3" > "/backup/$1"',
                        "tar", out, THROTTLE, str(rate)]
            else:
                run += ["tar", "czf", f"/backup/{out}", "-C", "/data", "."]
            proc = subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            code = self._watch(job_id, proc, os.path.join(pack, "volumes", out), progress, text)
            if code != 0:
                raise BackupFailed("volume", f"备份 volume {name} 失败（退出码 {code}）：{proc.stderr.read().strip()[-400:]}")
            self._step_end(job_id)

    def _images(self, job_id, pack):
        self._say(job_id, 92, "备份镜像")
        listed = docker("ps", "-a", "--filter", f"label=com.docker.compose.project={PROJECT}", "--format", "{{.Image}}")
        images = sorted(set(listed.stdout.split()))
        log(f"镜像列表fallback(docker ps)：共 {len(images)} 个")
        if not images:
            self._say(job_id, 95, "镜像列表为空，跳过镜像备份")
            return
        out = os.path.join(pack, "images.tar")
        proc = subprocess.Popen(["docker", "save", "-o", out, *images],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        code = self._watch(job_id, proc, out, 93, "备份镜像")
        if code == 0:
            self._say(job_id, 95, "备份镜像完成")
        else:  # as on the servers: the job goes on, and its last message will not tell
            self._say(job_id, 95, "镜像备份失败，已跳过")
            log(f"[Backup] docker save: {proc.stderr.read().strip()[-400:]}")
        self._step_end(job_id)

    def _replicate(self, job_id, pack, settings):
        """The older layout: copy to _tmp on the share, then rename. Trouble leaves the job completed."""
        if not settings.get("replica_enabled"):
            return "备份完成（未同步）", None
        target = settings.get("replica_target_path") or ""
        name = os.path.basename(pack)
        log(f"[REPLICATION START] job={job_id} {pack} -> {target}")
        try:
            if not target:
                raise OSError("replica_target_path is empty")
            kind = fstype_of(target)
            if kind != "cifs":
                raise OSError(f"目标路径未挂载到Windows共享（{kind}）")
            temp = os.path.join(target, "_tmp", f"job_{job_id}_{int(time.time())}")
            os.makedirs(temp)
            files = []
            for base, _, names in os.walk(pack):
                for n in sorted(names):
                    rel = os.path.relpath(os.path.join(base, n), pack)
                    os.makedirs(os.path.dirname(os.path.join(temp, rel)), exist_ok=True)
                    shutil.copyfile(os.path.join(pack, rel), os.path.join(temp, rel))
                    files.append({"path": rel, "size": os.path.getsize(os.path.join(pack, rel))})
                    if self.knobs["replication_fails"]:
                        raise OSError(self.knobs["replication_fails"])
            with open(os.path.join(temp, "replication_manifest.json"), "w", encoding="utf-8") as f:
                json.dump({"job_id": job_id, "pack": name, "files": files, "replicated_at_ms": now_ms()}, f)
            with open(os.path.join(temp, "DONE"), "w", encoding="utf-8") as f:
                f.write("ok\n")
            final = os.path.join(target, name)
            if settings.get("replica_subdir_format") == "date":
                final = os.path.join(target, time.strftime("%Y-%m-%d"), name)
                os.makedirs(os.path.dirname(final), exist_ok=True)
            os.rename(temp, final)
        except OSError as e:
            reason = e.strerror or str(e)
            log(f"[REPLICATION FAILED] job={job_id} {e}")
            return f"同步失败：{reason}", f"同步失败：{e}"
        log(f"[REPLICATION SUCCESS] job={job_id} {final}")
        return "备份完成（已同步）", None
