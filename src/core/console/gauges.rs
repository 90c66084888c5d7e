//! How full things are: the share, and the server's own disks. And the pictures of the overview: these and the nights.
use super::sheet::{Gauge, Lead};
use super::strip::strip;
use crate::core::gap::{Gap, NotAsked};
use crate::core::probe::share::ShareAnswer;
use crate::core::probe::space::Space;
use crate::core::state::State;
use crate::core::verdict::{Facts, check, fullness};
use crate::i18n::Text;
use crate::text;

/// What the overview shows above its checks: the last nights, and how full things are.
pub fn pictures(f: &Facts) -> Vec<Lead> {
    vec![Lead::Strip(strip(f)), Lead::Gauges(gauges(f))]
}

/// How full the share and the server's disks are, the share first.
pub fn gauges(f: &Facts) -> Vec<Gauge> {
    let mut gauges = vec![share(f)];
    match &f.look.disks {
        Ok(spaces) if !spaces.is_empty() => gauges.extend(disks(f, spaces)),
        Ok(_) => gauges.push(unknown(text!("服务器磁盘", "disks"), &Gap::NoAnswer)),
        Err(gap) => gauges.push(unknown(text!("服务器磁盘", "disks"), gap)),
    }
    if let Err(gap) = &f.look.docker_disk {
        gauges.push(unknown(Text::same("Docker"), gap));
    }
    gauges
}

/// The share's room; never the room of what else is on the mount point.
fn share(f: &Facts) -> Gauge {
    let label = text!("共享", "share");
    let gap = match (f.not_the_share(), &f.look.share) {
        (Some(gap), _) => gap,
        (None, Err(gap)) => gap.clone(),
        (None, Ok(ShareAnswer::Answers { space, .. })) => {
            // the check also knows what the next backup needs
            let state = check(f, "room").map_or(State::Unknown, |c| c.state);
            return of(label, space, state, f);
        }
        (None, Ok(_)) => Gap::NotAsked { because: NotAsked::ShareSilent },
    };
    unknown(label, &gap)
}

/// One gauge a file system, by the first of its names: the app's folder and Docker's data are often on the same one as `/`.
fn disks(f: &Facts, spaces: &[Space]) -> Vec<Gauge> {
    let mut each: Vec<(Text, &Space)> = Vec::new();
    let docker = f.look.docker_disk.as_ref().ok().map(|d| (Text::same("Docker"), d));
    let named = spaces.iter().map(|s| (label(f, s), s)).chain(docker);
    for (label, space) in named {
        if !each.iter().any(|(_, other)| is_same(other, space)) {
            each.push((label, space));
        }
    }
    each.into_iter().map(|(label, s)| of(label, s, fullness(s, &f.env.thresholds), f)).collect()
}

fn label(f: &Facts, space: &Space) -> Text {
    match space.path.as_str() {
        "/" => text!("根目录 /", "root /"),
        path if path == f.env.paths.app_folder => text!("应用目录", "app"),
        path => Text::same(path),
    }
}

/// Two answers of one file system: read within a moment, so that what is free may have moved a little.
fn is_same(one: &Space, other: &Space) -> bool {
    const MOVED: u64 = 64 << 20;
    (&one.fstype, one.total, one.inodes) == (&other.fstype, other.total, other.inodes)
        && one.available.0.abs_diff(other.available.0) <= MOVED
        && one.used_percent() == other.used_percent()
}

fn of(label: Text, space: &Space, state: State, f: &Facts) -> Gauge {
    let free = space.available;
    let mut words = text!("余 {free}", "{free} free");
    // inodes are worth a word when they are what runs out
    let tight = |p: &u8| *p >= f.env.thresholds.disk_warn_percent;
    if let Some(percent) = space.inodes_used_percent().filter(tight) {
        words.zh.push_str(&format!("，inode {percent}%"));
        words.en.push_str(&format!(", inodes {percent} %"));
    }
    Gauge { label, percent: Some(space.used_percent()), state, words }
}

fn unknown(label: Text, gap: &Gap) -> Gauge {
    Gauge { label, percent: None, state: State::Unknown, words: gap.text() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::example;
    use crate::core::snapshot::Snapshot;
    use crate::core::units::EpochMs;

    /// The answers of the look to these questions, and to no others.
    fn gauges_of(answers: &[(&str, &str)]) -> Vec<Gauge> {
        let all: String = answers
            .iter()
            .map(|(name, said)| format!("@@m begin {name}\n{said}\n@@m said {name}\n\n@@m end {name} 0\n"))
            .collect();
        let env = example();
        let look = Snapshot::read(&env, "", "m", all.as_bytes(), EpochMs(0), 0);
        gauges(&Facts::of(&env, &look))
    }

    const ROOT: &str = "ext2/ext3|4096|1000000|500000|500000|1000|900|/\n";
    const MOUNTED: &str = "22 1 254:0 / / rw - ext4 /dev/vda rw\n88 22 0:44 / /mnt/replica rw - cifs //192.0.2.72/backup rw,vers=3.1.1\n";
    const SHARE: &str =
        "smb2|4096|1000|20|20|0|0|/mnt/replica\ntook_ns=1 2\nfolder=directory|5|/mnt/replica/RagflowAuth";

    #[test]
    fn folders_on_one_file_system_are_one_gauge() {
        let app = ROOT.replace("|/\n", "|/opt/ragflowauth\n");
        let docker = format!("root=/var/lib/docker\n{}", ROOT.replace("|/\n", "|/var/lib/docker\n"));
        let all = gauges_of(&[("disks", &format!("{ROOT}{app}")), ("docker_root", &docker)]);
        assert_eq!(all.len(), 2, "{all:?}");
        assert_eq!(all[1].label.zh, "根目录 /");
        assert_eq!((all[1].percent, all[1].state), (Some(50), State::Ok));
        let own = docker.replace("|500000|500000|", "|40000|40000|");
        let all = gauges_of(&[("disks", ROOT), ("docker_root", &own)]);
        assert_eq!((all[2].percent, all[2].state), (Some(96), State::Failed));
    }

    #[test]
    fn what_is_on_the_mount_point_in_the_shares_place_is_not_its_room() {
        let all = gauges_of(&[("mounts", MOUNTED.lines().next().unwrap()), ("share", SHARE)]);
        assert_eq!((all[0].percent, all[0].state), (None, State::Unknown));
        let all = gauges_of(&[("mounts", MOUNTED), ("share", SHARE)]);
        assert_eq!((all[0].percent, all[0].state), (Some(98), State::Failed));
        // neither was asked: the disks and Docker's are not known, and no picture says that they are fine
        assert!(gauges_of(&[]).iter().all(|g| g.percent.is_none() && g.state == State::Unknown));
        assert_eq!(gauges_of(&[]).len(), 3);
    }

    #[test]
    fn inodes_are_said_when_they_run_out() {
        let all = gauges_of(&[("disks", &ROOT.replace("|1000|900|", "|1000|20|"))]);
        assert_eq!((all[1].percent, all[1].state), (Some(50), State::Failed));
        assert_eq!(all[1].words.zh, "余 1.9 GiB，inode 98%");
    }
}
