"""Once a minute: has a slot of the cron text passed that nobody has run yet?"""
import threading
import time
from datetime import datetime, timedelta

from backend.app.modules.data_security.runner import start_job_if_idle
from backend.services.data_security import knobs
from backend.services.data_security.backup_service import log
from backend.services.data_security.store import DataSecurityStore, now_ms

TICK_SECONDS = 60
LOOK_BACK_DAYS = 7


def parse(text):
    """Five fields, each `*` or one number (Sunday is 0). Anything else: None, and nothing is said."""
    fields = (text or "").split()
    limits = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
    if len(fields) != 5:
        return None
    out = []
    for field, (low, high) in zip(fields, limits):
        if field == "*":
            out.append(None)
        elif field.isascii() and field.isdigit() and low <= int(field) <= high:
            out.append(int(field))
        else:
            return None
    return out


def newest_slot_ms(text, now=None):
    """The newest minute not after `now`, in the container's zone, that the text names."""
    fields = parse(text)
    if fields is None:
        return None
    minute, hour, day, month, weekday = fields
    now = (now or datetime.now()).replace(second=0, microsecond=0)
    for back in range(LOOK_BACK_DAYS + 1):
        date = now - timedelta(days=back)
        if (day not in (None, date.day) or month not in (None, date.month)
                or weekday not in (None, date.isoweekday() % 7)):
            continue
        for h in range(date.hour if back == 0 else 23, -1, -1) if hour is None else (hour,):
            for m in range(59, -1, -1) if minute is None else (minute,):
                slot = date.replace(hour=h, minute=m)
                if slot <= now:
                    return int(slot.timestamp() * 1000)
    return None


def due(settings, kind):
    full = kind == "full"
    if full and not settings.get("full_backup_enabled"):
        return False
    slot = newest_slot_ms(settings.get("full_backup_schedule" if full else "incremental_schedule"))
    last = settings.get("last_full_backup_time_ms" if full else "last_incremental_backup_time_ms") or 0
    # a slot that was tried and failed is not tried again
    return slot is not None and slot > last and slot > (settings.get("last_run_at_ms") or 0)


class Scheduler(threading.Thread):
    def __init__(self):
        super().__init__(name="backup-scheduler", daemon=True)
        self.store = DataSecurityStore()
        self.follow = False  # an incremental that waits for the full one of the same night

    def run(self):
        log("Backup scheduler V2 started")
        while True:
            time.sleep(TICK_SECONDS)
            try:
                self.look()
            except Exception as e:  # a scheduler that dies is a fault of its own
                log(f"Backup scheduler error: {e}")

    def look(self):
        if knobs.get()["hold"]:
            return
        settings = self.store.settings()
        if not settings.get("enabled"):
            return
        self.store.sweep_old_jobs()
        if self.store.active_job_id() is not None:
            return
        full, incremental = due(settings, "full"), due(settings, "incremental") or self.follow
        if full or incremental:
            kind = "full" if full else "incremental"
            log(f"Running {kind} backup")
            start_job_if_idle(reason="定时", full_backup=full)
            self.store.set_settings(last_run_at_ms=now_ms())
            self.follow = full and incremental
