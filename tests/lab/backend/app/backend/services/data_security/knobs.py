"""What the lab may turn on a running server. A missing or broken file means the defaults."""
import json
import os

PATH = os.environ.get("LAB_KNOBS", "/app/data/lab-knobs.json")
DEFAULTS = {
    "hold": False,             # the scheduler looks at nothing while this is set
    "bytes_per_second": 0,     # how fast a volume is packed; 0 is as fast as it goes
    "step_seconds": 0.0,       # pause after every step
    "refresh_seconds": 15.0,   # how often the text "written X MB" is renewed
    "layout": "direct",        # or "replicated", the older way
    "lock_autoclear": False,   # newer servers drop a lock that has no queued or running job
    "replication_fails": "",   # text of the error that the copy to the share meets
    "fail_volume": "",         # name of a volume whose packing fails
}


def get():
    values = dict(DEFAULTS)
    try:
        with open(PATH, encoding="utf-8") as f:
            values.update(json.load(f))
    except (OSError, ValueError):
        pass
    return values
