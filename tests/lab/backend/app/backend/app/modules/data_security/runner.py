"""Starting a backup. The worker is an ordinary thread of whichever process called."""
import threading

from backend.services.data_security import knobs
from backend.services.data_security.backup_service import DataSecurityBackupService, log
from backend.services.data_security.store import DataSecurityStore

_guard = threading.Lock()


def start_job_if_idle(*, reason="", full_backup=False):
    store = DataSecurityStore()
    with _guard:
        active = store.active_job_id()
        if active is not None:
            return active
        owner = store.acquire_backup_lock()
        if owner is None and knobs.get()["lock_autoclear"]:
            store.release_backup_lock()
            owner = store.acquire_backup_lock()
        if owner is None:
            raise RuntimeError("backup lock is held by another process")
        kind = "full" if full_backup else "incremental"
        try:
            job = store.create_job_v2(kind=kind, status="queued", message=f"等待执行（{reason}）" if reason else "等待执行")
        except Exception:
            store.release_backup_lock()
            raise
    log(f"Started {kind} backup job #{job.id} ({reason})")
    threading.Thread(target=_work, args=(job.id, full_backup), name=f"backup-{job.id}", daemon=False).start()
    return job.id


def _work(job_id, full_backup):
    store = DataSecurityStore()
    service = DataSecurityBackupService(store)
    try:
        (service.run_full_backup_job if full_backup else service.run_incremental_backup_job)(job_id)
    finally:
        store.release_backup_lock()
