#!/usr/bin/env python3
"""What the servers have lived through: thirty nights of jobs, and the packs they left, all relative to now.

seed.py template DIR                       the bytes every pack is made of (random, so they do not compress)
seed.py share    --run DIR [options]       lay both servers' packs on the share anew
seed.py sql      --role ROLE [options]     the rows of that server's auth.db, as SQL
seed.py knobs    --role ROLE [options]     the backend's lab knobs
seed.py slot     --role ROLE [options]     when last night's backup was due
seed.py local    --role ROLE --run DIR [options]   packs kept on the server itself, as a tar on stdout

options: --now MS   --fault NAME --on ROLE (what is wrong, and with whom)
"""
import argparse
import gzip
import io
import json
import os
import random
import shutil
import sqlite3
import sys
import tarfile
import time
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "backend", "app"))
sys.dont_write_bytecode = True
from backend.services.data_security import store  # noqa: E402

ZONE = timezone(timedelta(hours=8))  # the backend container's
FOLDER = "/mnt/replica/RagflowAuth"
LOCAL = "/app/data/backups"
NIGHTS = 30
VOLUMES = {"ragflow_compose_esdata01": 3000, "ragflow_compose_minio_data": 2000,
           "ragflow_compose_mysql_data": 1500, "ragflow_compose_redis_data": 400}  # KiB
ROLES = {"prod": dict(hour=4, minute=0, first_id=118, packs=10, seed=57),
         "test": dict(hour=4, minute=30, first_id=41, packs=9, seed=58)}
DONE_DIRECT, DONE_SYNCED = "备份完成（已在共享目录）", "备份完成（已同步）"


def ms(when):
    return int(when.timestamp() * 1000)


class Plan:
    """One server's past. A fault rewrites it before anything is laid down."""

    def __init__(self, role, now, fault="", on=""):
        self.role, self.now = role, datetime.fromtimestamp(now / 1000, ZONE)
        self.cfg = dict(ROLES[role])
        self.fault = fault if on == role else ""
        self.foreign = fault if on != role else ""
        self.knobs, self.lock, self.old_schema = {}, None, False
        if self.fault == "late":
            slot = self.now - timedelta(minutes=float(os.environ.get("OPSDECK_LAB_LATE_MINUTES", "5")))
            self.cfg.update(hour=slot.hour, minute=slot.minute)
        hour, minute = self.cfg["hour"], self.cfg["minute"]
        self.settings = dict(
            enabled=1, interval_minutes=1440, incremental_schedule=f"{minute} {hour} * * *",
            full_backup_enabled=1, full_backup_schedule=f"{minute} {hour} * * 0",
            replica_enabled=0, replica_target_path=FOLDER, replica_subdir_format="flat",
            target_mode="share", target_local_dir=FOLDER, full_backup_include_images=1,
            ragflow_stop_services=0, backup_retention_max=30,
            ragflow_compose_path="/app/ragflow_compose/docker-compose.yml", ragflow_project_name="ragflow_compose")
        self.slot = self.now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if self.slot > self.now:
            self.slot -= timedelta(days=1)
        self.jobs = []
        for night in range(NIGHTS - 1, -1, -1):
            self._night(night)
        self._number()
        if self.fault:
            change = getattr(self, "f_" + self.fault.replace("-", "_"), None)
            if change:
                change()
        elif self.foreign == "evicted":
            self._evictor()
        self._number()

    # -- the healthy past
    def _night(self, night):
        slot = self.slot - timedelta(days=night)
        dice = random.Random(f"{self.cfg['seed']}-{slot:%Y%m%d}")
        runs = [("incremental", dice.uniform(240, 420))]
        if slot.isoweekday() == 7:
            runs.insert(0, ("full", dice.uniform(900, 1300)))
        delay, gap = dice.uniform(5, 55), 40.0
        need = delay + sum(d for _, d in runs) + gap * (len(runs) - 1)
        room = (self.now - slot).total_seconds() - 2
        scale = min(1.0, max(0.001, room) / need)
        at = slot + timedelta(seconds=delay * scale)
        for kind, lasts in runs:
            end = at + timedelta(seconds=lasts * scale)
            self.jobs.append(self._job(kind, at, end, night))
            at = end + timedelta(seconds=gap * scale)

    def _job(self, kind, start, end, night, **more):
        made = start + min(timedelta(seconds=2), (end - start) / 4)
        pack = f"migration_pack_{made:%Y%m%d_%H%M%S}_{made.microsecond // 1000:03d}"
        job = dict(kind=kind, status="completed", progress=100, message=DONE_DIRECT, detail=None,
                   output_dir=f"{FOLDER}/{pack}", created_at_ms=ms(start), started_at_ms=ms(start) + 12,
                   finished_at_ms=ms(end), cancel_requested_at_ms=None, cancel_reason=None, canceled_at_ms=None,
                   pack=pack, night=night, on_share=True, partial=False, images=kind == "full", volumes=True)
        job.update(more)
        return job

    def _number(self):
        for i, job in enumerate(self.jobs):
            job["id"] = self.cfg["first_id"] + i

    # -- tools of the faults
    def last_night(self):
        return [j for j in self.jobs if j["night"] == 0]

    def forget_last_night(self):
        gone = self.last_night()
        self.jobs = [j for j in self.jobs if j["night"] != 0]
        return gone

    def only_job_of_night(self, **more):
        """Last night began, and this one job is all there is of it."""
        first = self.forget_last_night()[0]
        first.update(on_share=False, images=False, **more)
        self.jobs.append(first)
        return first

    def unfinished(self, **more):
        job = self.only_job_of_night(status="running", progress=67, finished_at_ms=None, partial=True,
                                     message="备份 volume: ragflow_compose_mysql_data（写入中 0.7 MB）")
        job.update(on_share=True, **more)
        self.lock = job["started_at_ms"] - 9
        return job

    # -- the faults
    def _precheck_failed(self):
        self.only_job_of_night(
            status="failed", progress=3, message="备份失败", output_dir=None,
            detail=f"备份目标 {FOLDER} 未挂载到Windows共享：/mnt/replica 的文件系统类型为 ext4，应为 cifs")
        job = self.last_night()[0]
        job["finished_at_ms"] = min(job["started_at_ms"] + 1500, ms(self.now))

    f_not_mounted = f_container_blind = f_wrong_password = _precheck_failed

    f_share_renamed = f_no_permission = f_account_off = f_no_credentials = _precheck_failed

    def _could_not_write(self, why):
        self.only_job_of_night(
            status="failed", progress=12, message="备份失败", output_dir=None,
            detail=f"[Errno {why}: '{FOLDER}/migration_pack_{self.slot:%Y%m%d}_040011_201'")

    def f_read_only(self):
        self._could_not_write("30] Read-only file system")

    def f_share_full(self):
        self._could_not_write("28] No space left on device")

    def f_wrong_share(self):
        for job in self.last_night():
            job["on_share"] = "other"

    def f_ghost_job(self):
        self.unfinished()

    def f_job_canceling_ghost(self):
        job = self.unfinished(status="canceling", message="正在取消", cancel_reason="手动取消")
        job["cancel_requested_at_ms"] = min(job["started_at_ms"] + 180_000, ms(self.now) - 1000)

    def f_stuck_job(self):
        self.unfinished()

    def f_stale_lock(self):
        self.forget_last_night()
        self.lock = min(ms(self.slot) + 21_000, ms(self.now) - 1000)

    def f_backup_failed(self):
        job = self.only_job_of_night(
            status="failed", progress=56, message="备份失败", partial=True,
            detail="备份 volume ragflow_compose_minio_data 失败（退出码 2）：tar: /backup/ragflow_compose_minio_data.tar.gz: "
                   "Cannot write: Input/output error")
        job["on_share"] = True

    def f_images_missing(self):
        job = [j for j in self.jobs if j["kind"] == "full"][-1]
        job["images"] = False
        self.cfg["packs"] = max(self.cfg["packs"], len(self.jobs) - self.jobs.index(job))

    def f_volumes_empty(self):
        for job in self.last_night():
            job["volumes"] = False

    def f_backend_down(self):
        self.forget_last_night()

    def f_schedule_off(self):
        self.forget_last_night()
        self.settings["enabled"] = 0

    def f_docker_down(self):
        self.forget_last_night()

    def f_schedule_empty(self):
        self.forget_last_night()
        self.settings.update(incremental_schedule="", full_backup_schedule="")

    def f_schedule_odd(self):
        self.forget_last_night()
        self.settings.update(incremental_schedule="*/30 4 * * *", full_backup_schedule="*/30 4 * * 0")

    def f_job_canceled(self):
        job = self.only_job_of_night(status="canceled", progress=41, message="备份已取消", cancel_reason="手动取消", partial=True)
        job.update(on_share=True, cancel_requested_at_ms=job["finished_at_ms"] - 4000, canceled_at_ms=job["finished_at_ms"])

    def f_full_overdue(self):
        self.jobs = [j for j in self.jobs if j["kind"] != "full"]

    def f_late(self):
        self.forget_last_night()
        self.knobs["hold"] = True

    def f_replicated_layout(self):
        self.settings.update(replica_enabled=1, target_mode="local", target_local_dir=LOCAL)
        self.knobs["layout"] = "replicated"
        for job in self.jobs:
            job.update(output_dir=f"{LOCAL}/{job['pack']}", message=DONE_SYNCED, replicated=True)

    def f_replication_failed(self):
        self.f_replicated_layout()
        self.knobs["replication_fails"] = "Input/output error"
        for job in self.last_night():
            job.update(message="同步失败：Input/output error", detail="同步失败：[Errno 5] Input/output error", on_share="tmp")

    def f_evicted(self):
        for job in self.jobs:
            job["on_share"] = False

    def _evictor(self):
        """The other server keeps five, and has just made five by hand: whatever was older is gone."""
        self.settings["backup_retention_max"] = 5
        for job in self.jobs:
            job["on_share"] = False
        # after the victim's last pack, wherever in the night now is
        start = max(ms(j) for j in [self.slot] + [self.now - timedelta(minutes=50)])
        for role in ROLES:
            if role != self.role:
                start = max(start, max(j["finished_at_ms"] for j in Plan(role, ms(self.now)).jobs))
        start = max(start, max(j["finished_at_ms"] for j in self.jobs))
        step = max(2.0, (ms(self.now) - 2000 - start) / 5)
        for i in range(5):
            at = datetime.fromtimestamp((start + step * i + step * 0.1) / 1000, ZONE)
            end = datetime.fromtimestamp((start + step * (i + 0.9)) / 1000, ZONE)
            self.jobs.append(self._job("incremental", at, end, -1))
        self.cfg["packs"] = 5

    def f_old_schema(self):
        self.old_schema = True

    # -- what is laid down
    def shared(self):
        return [j for j in self.jobs[-self.cfg["packs"]:] if j["on_share"]]

    def sql(self):
        out = ["BEGIN IMMEDIATE;"]
        for table in ("backup_jobs", "backup_locks", "data_security_settings", "users"):
            out.append(f"DROP TABLE IF EXISTS {table};")
        schema = store.SCHEMA
        job_columns = [c for c in self.jobs[0] if c not in ("pack", "night", "on_share", "partial", "images", "volumes", "replicated")]
        settings = dict(self.settings)
        if self.old_schema:
            for column in ("cancel_requested_at_ms INTEGER", "cancel_reason TEXT", "canceled_at_ms INTEGER"):
                schema = schema.replace(f",\n  {column}", "")
                job_columns.remove(column.split()[0])
            for line in schema.splitlines():
                name = line.strip().split(" ")[0]
                if name in ("target_mode", "target_local_dir", "ragflow_stop_services", "full_backup_include_images",
                            "backup_retention_max"):
                    schema = schema.replace(line + "\n", "")
                    settings.pop(name)
        out.append(schema)
        done = [j for j in self.jobs if j["status"] == "completed"]
        for key, kind in (("last_incremental_backup_time_ms", "incremental"), ("last_full_backup_time_ms", "full")):
            settings[key] = max((j["finished_at_ms"] for j in done if j["kind"] == kind), default=None)
        settings["last_run_at_ms"] = max((j["created_at_ms"] + 4 for j in self.jobs if j["night"] >= 0), default=None)
        settings["updated_at_ms"] = ms(self.now - timedelta(days=41))
        out.append("UPDATE data_security_settings SET " + ", ".join(f"{k} = {lit(v)}" for k, v in settings.items()) + ";")
        for job in self.jobs:
            out.append(f"INSERT INTO backup_jobs ({', '.join(job_columns)}) VALUES ({', '.join(lit(job[c]) for c in job_columns)});")
        if self.lock:
            owner = random.Random(f"{self.lock}").randbytes(16).hex()
            out.append(f"INSERT INTO backup_locks VALUES ('backup', '{owner}', NULL, {self.lock});")
        for i, name in enumerate(("admin", "zhang", "li")):
            out.append(f"INSERT INTO users VALUES ('u{i}', '{name}', '{'user' if i else 'admin'}', {settings['updated_at_ms']});")
        out.append("COMMIT;")
        return "\n".join(out) + "\n"


def lit(value):
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, (int, float)) else "'" + str(value).replace("'", "''") + "'"


def touch(path, at_ms):
    os.utime(path, (at_ms / 1000, at_ms / 1000))


def lay_pack(folder, job, plan, template):
    """The files of one job's pack, with the times they would have got."""
    start, end = job["started_at_ms"], job["finished_at_ms"] or job["started_at_ms"] + 150_000
    end = min(end, ms(plan.now))
    at = lambda part: start + (end - start) * part  # noqa: E731
    os.makedirs(f"{folder}/volumes")
    shutil.copyfile(f"{template}/auth-{plan.role}.db", f"{folder}/auth.db")
    touch(f"{folder}/auth.db", at(0.1))
    names = sorted(VOLUMES) if job["volumes"] else []
    for i, name in enumerate(names[:3] if job["partial"] else names):
        file = f"{folder}/volumes/{name}.tar.gz"
        shutil.copyfile(f"{template}/volumes/{name}.tar.gz", file)
        if job["partial"] and i == 2:
            os.truncate(file, 700_000)
        touch(file, at(0.2 + 0.15 * (i + 1)))
    if job["images"]:
        shutil.copyfile(f"{template}/images.tar", f"{folder}/images.tar")
        touch(f"{folder}/images.tar", at(0.95))
    if not job["partial"]:
        with open(f"{folder}/backup_settings.json", "w", encoding="utf-8") as f:
            json.dump(plan.settings, f, ensure_ascii=False, indent=2)
        touch(f"{folder}/backup_settings.json", end)
    touch(f"{folder}/volumes", at(0.8))


def write_share(args):
    run, template = args.run, f"{args.run}/template"
    for role in ROLES:
        con = sqlite3.connect(":memory:")
        con.executescript(Plan(role, args.now).sql())
        path = f"{template}/auth-{role}.db"
        if os.path.exists(path):
            os.unlink(path)
        copy = sqlite3.connect(path)
        con.backup(copy)
        copy.close()
    for name in ("share", "other"):
        os.makedirs(f"{run}/{name}", exist_ok=True)
        for entry in os.listdir(f"{run}/{name}"):
            path = f"{run}/{name}/{entry}"
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
        os.makedirs(f"{run}/{name}/RagflowAuth")
    os.makedirs(f"{run}/other/财务")
    with open(f"{run}/other/财务/说明.txt", "w", encoding="utf-8") as f:
        f.write("另一个共享\n")
    for role in ROLES:
        plan = Plan(role, args.now, args.fault, args.on)
        for job in plan.shared():
            base = f"{run}/{'other' if job['on_share'] == 'other' else 'share'}/RagflowAuth"
            end = job["finished_at_ms"] or min(job["started_at_ms"] + 150_000, args.now)
            if job["on_share"] == "tmp":  # the copy broke off after the database and one volume
                folder = f"{base}/_tmp/job_{job['id']}_{end // 1000}"
                lay_pack(folder, dict(job, partial=True), plan, template)
                for name in sorted(VOLUMES)[1:3]:
                    os.unlink(f"{folder}/volumes/{name}.tar.gz")
                # the copy broke off then, not now; and two hours without a change are what makes it a leftover,
                # whatever the time of the day
                old = min(end, args.now - 3 * 3_600_000)
                for where, _, files in os.walk(folder):
                    for name in files:
                        touch(f"{where}/{name}", old)
                    touch(where, old)
                end = old
            else:
                folder = f"{base}/{job['pack']}"
                lay_pack(folder, job, plan, template)
            if job.get("replicated") and job["on_share"] is True:
                files = []
                for top, _, names in os.walk(folder):
                    for n in sorted(names):
                        path = os.path.join(top, n)
                        files.append({"path": os.path.relpath(path, folder), "size": os.path.getsize(path)})
                with open(f"{folder}/replication_manifest.json", "w", encoding="utf-8") as f:
                    json.dump({"job_id": job["id"], "pack": job["pack"], "files": files, "replicated_at_ms": end}, f)
                with open(f"{folder}/DONE", "w", encoding="utf-8") as f:
                    f.write("ok\n")
            touch(folder, end)
    for base in (f"{run}/share", f"{run}/other"):
        for top, folders, names in os.walk(base):
            for n in folders + names:
                os.chmod(os.path.join(top, n), 0o755 if n in folders else 0o644)


def write_local(args):
    """Packs that the older layout keeps on the server, and the old leftovers under an empty mount point."""
    template = f"{args.run}/template"
    plan = Plan(args.role, args.now, args.fault, args.on)
    if args.what == "leftovers":
        jobs = plan.jobs[:2]
    else:
        jobs = plan.jobs[-2:]
    temp = f"{args.run}/local-{args.role}"
    shutil.rmtree(temp, ignore_errors=True)
    os.makedirs(temp)
    for job in jobs:
        lay_pack(f"{temp}/{job['pack']}", dict(job, partial=False), plan, template)
        touch(f"{temp}/{job['pack']}", job["finished_at_ms"])
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(os.listdir(temp)):
            tar.add(f"{temp}/{name}", name, filter=as_root)
    shutil.rmtree(temp)


def as_root(info):
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info


def write_template(folder):
    os.makedirs(f"{folder}/volumes", exist_ok=True)
    dice = random.Random(20)
    for name, kib in VOLUMES.items():
        with gzip.GzipFile(f"{folder}/volumes/{name}.tar.gz", "wb", compresslevel=1, mtime=0) as zipped, \
                tarfile.open(fileobj=zipped, mode="w|", format=tarfile.GNU_FORMAT) as tar:
            for part in range(4):
                info = tarfile.TarInfo(f"data/part-{part}.bin")
                info.size, info.mtime = kib * 256, 1_700_000_000
                tar.addfile(info, io.BytesIO(dice.randbytes(info.size)))
    with tarfile.open(f"{folder}/images.tar", "w", format=tarfile.GNU_FORMAT) as tar:
        for name, data in (("layer.tar", dice.randbytes(2_000_000)),
                           ("manifest.json", b'[{"Config":"c.json","RepoTags":["mysql:8.0.39"],"Layers":["layer.tar"]}]')):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_700_000_000
            tar.addfile(info, io.BytesIO(data))


def main():
    if sys.argv[1:2] == ["template"]:
        return write_template(sys.argv[2])
    p = argparse.ArgumentParser()
    p.add_argument("do", choices=["share", "sql", "knobs", "local", "slot"])
    p.add_argument("--role", choices=list(ROLES), default="prod")
    p.add_argument("--now", type=int, default=int(time.time() * 1000))
    p.add_argument("--fault", default="")
    p.add_argument("--on", default="")
    p.add_argument("--run", default=os.path.join(HERE, ".run"))
    p.add_argument("--what", default="packs")
    p.add_argument("--held", default="", help="the server whose scheduler stays held for now")
    args = p.parse_args()
    if args.do == "share":
        write_share(args)
    elif args.do == "local":
        write_local(args)
    else:
        plan = Plan(args.role, args.now, args.fault, args.on)
        if args.do == "slot":
            print(ms(plan.slot))
        elif args.do == "sql":
            sys.stdout.write(plan.sql())
        else:
            print(json.dumps({**plan.knobs, **({"hold": True} if args.held == args.role else {})}))


if __name__ == "__main__":
    main()
