//! The troubles of the lab, and what a diagnosis has to say of each: the one table that this test and `on_lab.rs` go by.
#![allow(dead_code, unreachable_pub, missing_docs)]

/// A trouble, or two at once, and what it comes to.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The fault with its past, and what is laid on top of it.
    pub faults: &'static [&'static str],
    /// The root causes that must be found, the leading one first, and nothing else.
    pub roots: &'static [&'static str],
    /// How sure the leading one can honestly be.
    pub sure: &'static str,
    /// Causes that may truly be found on the way, when the first one is mended.
    pub then: &'static [&'static str],
    /// A command that nobody answers to here: it is tried first because it is the gentle one.
    pub deaf: Option<&'static str>,
    /// What cannot become clean by mending alone.
    pub left: Option<Left>,
}

/// What stays, why, and what the lab does so that it goes.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    pub cause: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    /// So many more backups, as the next nights make them.
    pub nights: usize,
}

impl Row {
    const fn of(fault: &'static [&'static str], roots: &'static [&'static str], sure: &'static str) -> Row {
        Row { faults: fault, roots, sure, then: &[], deaf: None, left: None }
    }

    const fn then(mut self, causes: &'static [&'static str]) -> Row {
        self.then = causes;
        self
    }

    const fn deaf(mut self, command: &'static str) -> Row {
        self.deaf = Some(command);
        self
    }

    const fn left(mut self, left: Left) -> Row {
        self.left = Some(left);
        self
    }

    pub fn name(&self) -> String {
        self.faults.join(" + ")
    }
}

/// A night that was lost is made up for by a backup, which may be at work when it is looked at.
const MADE_UP_FOR: &[&str] = &["job-failed", "running"];

/// Each fault alone.
pub const ALONE: [Row; 37] = [
    Row::of(&["not-mounted"], &["not-mounted"], "proved").then(MADE_UP_FOR),
    Row::of(&["container-blind"], &["container-blind"], "proved").then(MADE_UP_FOR),
    // that the pack lies on another share cannot be seen any more when that is unmounted
    Row::of(&["wrong-share"], &["wrong-share"], "proved").then(&["not-mounted", "evicted", "running"]).left(
        Left {
            cause: "evicted",
            zh: "那一夜的包在另一个共享上，之后两夜的备份补上",
            en: "the packs of that night are on the other share: the next two nights replace them",
            nights: 2,
        },
    ),
    Row::of(&["share-hung"], &["share-hung"], "proved"),
    // a port that refuses may be a firewall's word as well
    Row::of(&["share-down"], &["windows-refuses"], "likely"),
    Row::of(&["wrong-password"], &["wrong-password"], "proved").then(MADE_UP_FOR),
    Row::of(&["ghost-job"], &["ghost-job"], "proved").then(MADE_UP_FOR),
    Row::of(&["job-canceling-ghost"], &["stuck-canceling"], "proved").then(MADE_UP_FOR),
    Row::of(&["stale-lock"], &["stale-lock"], "likely").then(&["unknown", "running"]),
    // its worker is none: it can be asked to stop, and does not listen
    Row::of(&["stuck-job"], &["stuck-job"], "likely")
        .then(&["stuck-canceling", "job-canceled", "running"])
        .deaf("cancel"),
    Row::of(&["backup-failed"], &["job-failed"], "proved").then(MADE_UP_FOR),
    Row::of(&["images-missing"], &["images-missing"], "proved").then(&["running"]),
    Row::of(&["volumes-empty"], &["incomplete-pack"], "proved").then(&["running"]),
    Row::of(&["disk-full"], &["disk-full"], "proved"),
    Row::of(&["backend-down"], &["backend-down"], "proved").then(&["just-started", "running"]),
    Row::of(&["schedule-off"], &["schedule-disabled"], "proved").then(&["unknown", "running"]),
    Row::of(&["late"], &["just-due"], "proved").then(&["running"]),
    Row::of(&["replication-failed"], &["not-copied"], "proved").then(&[
        "interrupted-copy",
        "full-overdue",
        "running",
    ]),
    Row::of(&["evicted"], &["evicted"], "likely").then(&["full-overdue", "running"]).left(Left {
        cause: "evicted",
        zh: "前两夜的包找不回来，之后两夜的备份补上",
        en: "the packs of two earlier nights are gone for good: the next two nights replace them",
        nights: 2,
    }),
    Row::of(&["clock-skew"], &["clock-skew"], "proved"),
    // a machine that is off looks like that, too
    Row::of(&["port-dropped"], &["windows-off"], "likely"),
    Row::of(&["host-away"], &["no-route"], "likely"),
    Row::of(&["share-renamed"], &["share-name"], "proved").then(MADE_UP_FOR),
    Row::of(&["no-permission"], &["no-permission"], "likely").then(MADE_UP_FOR),
    Row::of(&["account-off"], &["account-locked"], "proved").then(MADE_UP_FOR),
    Row::of(&["no-credentials"], &["credentials-file"], "likely").then(MADE_UP_FOR),
    Row::of(&["read-only"], &["read-only"], "proved").then(&["not-mounted", "job-failed", "running"]),
    Row::of(&["share-full"], &["share-full"], "proved").then(MADE_UP_FOR),
    Row::of(&["docker-down"], &["docker-down"], "likely").then(&["just-started", "running"]),
    Row::of(&["no-backend"], &["no-backend"], "proved").then(&["just-started"]),
    Row::of(&["backend-ill"], &["backend-ill"], "likely").then(&["just-started"]),
    Row::of(&["compose-gone"], &["compose-missing"], "proved"),
    Row::of(&["schedule-empty"], &["schedule-empty"], "proved").then(&["unknown", "running"]),
    Row::of(&["schedule-odd"], &["schedule-unsupported"], "proved").then(&["unknown", "running"]),
    Row::of(&["job-canceled"], &["job-canceled"], "proved").then(MADE_UP_FOR),
    Row::of(&["full-overdue"], &["full-overdue"], "proved").then(&["running"]),
    // somebody may have mounted it since, and taken it off again
    Row::of(&["reboot-lost-mount"], &["reboot-lost-mount"], "likely").then(&["just-started"]),
];

/// The rest of them: nothing is wrong with last night, and something else is.
pub const TOMORROW: [Row; 2] = [
    Row::of(&["fstab-missing"], &["fstab-missing"], "proved"),
    Row::of(&["service-down"], &["services-down"], "proved"),
];

/// What the lab calls a fault and a diagnosis must not.
pub const HARMLESS: [&str; 3] = ["backup-running", "old-schema", "replicated-layout"];

/// Two at once.
pub const PAIRS: [Row; 6] = [
    Row::of(&["ghost-job", "not-mounted"], &["ghost-job", "not-mounted"], "proved")
        .then(&["job-failed", "running"]),
    Row::of(&["disk-full", "share-hung"], &["share-hung", "disk-full"], "proved"),
    Row::of(&["stale-lock", "wrong-password"], &["stale-lock", "wrong-password"], "proved").then(&[
        "just-started",
        "unknown",
        "running",
    ]),
    Row::of(&["schedule-off", "container-blind"], &["schedule-disabled", "container-blind"], "proved")
        .then(&["unknown", "running", "just-started"]),
    Row::of(&["not-mounted", "fstab-missing"], &["not-mounted", "fstab-missing"], "proved").then(MADE_UP_FOR),
    Row::of(&["backend-down", "disk-full"], &["backend-down", "disk-full"], "proved")
        .then(&["just-started", "running"]),
];

/// The root causes of a fault of the lab, the leading one first.
pub fn roots(fault: &str) -> &'static [&'static str] {
    let mut all = ALONE.iter().chain(&TOMORROW);
    all.find(|row| row.faults == [fault]).map_or(&[], |row| row.roots)
}
