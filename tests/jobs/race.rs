//! A thousand clears of a lock against the lab's backend, which takes and releases it all the time.
use crate::support::{Db, asset, has_python, python};
use serde_json::Value;

#[test]
fn no_lock_of_a_living_job_is_ever_cleared() {
    if !has_python() {
        return;
    }
    let db = Db::new("new");
    let out = python()
        .arg(asset("tests/jobs/race.py"))
        .arg(&db.path)
        .arg(asset("assets/remote/run/change.py"))
        .arg("1000")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    println!("{text}");
    let said: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(said["lost"], 0, "{said}");
    assert_eq!(said["clears"], 1000);
    // every way that it can end was met, or nothing was shown
    for (why, least) in [("done", 50), ("live", 50), ("changed", 50), ("young", 1)] {
        assert!(said["came"][why].as_i64().unwrap_or(0) >= least, "{why}: {said}");
    }
    assert!(said["ran"].as_i64().unwrap() > 100, "{said}");
}
