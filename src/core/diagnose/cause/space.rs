//! No room: on the share, on the server's disks, or no inodes.
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::{Certainty, Evidence};
use crate::core::probe::space::Space;
use crate::core::state::State;
use crate::i18n::counted;
use crate::text;

/// The share.
pub(super) static SHARE: Rule = Rule {
    id: "share-full",
    covers: &["room"],
    look: |s| {
        match s.state("room") {
        State::Ok => Ruling::Out(s.said(Probe::Share, "room")),
        State::Unknown => Ruling::Open,
        state => Found::new(state, Certainty::Proved, s.summary("room"))
            .by(s.whole("room"))
            .by(oldest(s))
            .fix(Fix::Call { whom: Whom::Windows, what: text!("在共享所在的盘上腾出空间；删旧包之前先确认是谁的、还要不要", "make room on the disk behind the share; before old packs are deleted, see whose they are and whether they are needed") })
            .ruling(),
    }
    },
    runbook: || Runbook {
        family: Family::Room,
        title: text!("共享空间不够", "no room on the share"),
        what: text!(
            "Windows 共享所在的盘满了或快满了，下一次备份放不下。",
            "The disk behind the share is full or nearly so: the next backup does not fit."
        ),
        shows: text!(
            "「共享空间」告警或失败：剩下的比下一次备份要的少；任务可能写着 No space left on device。",
            "\"room on the share\" warns or fails: less is left than the next backup needs; the job may say No space left on device."
        ),
        how: text!(
            "备份变大、保留的份数太多、两台服务器共用一个盘，或者别的东西占了地方。",
            "Backups grew, too many are kept, two servers share one disk, or something else takes the room."
        ),
        mend: text!(
            "请 Windows 管理员腾出空间，或在两台服务器的网页（数据安全）里把保留份数都调小。有了空间，按 B 补一次。",
            "Ask the Windows administrator for room, or keep fewer packs on both servers (数据安全 in their web pages). Then press B to make up for the backup."
        ),
        acts: &[BACKUP],
        proof: text!(
            "共享的可用空间大于下一次备份要的",
            "the share has more room than the next backup needs"
        ),
        call: &[Whom::Windows, Whom::Backend],
        dont: text!(
            "不要为了腾地方删掉最近的全量包，也不要删别的服务器的包。",
            "Do not delete the last full pack for it, nor packs of the other server."
        ),
    },
};

/// What lies in the pack folder, and what would be the first to go.
fn oldest(s: &Scene) -> Option<Evidence> {
    let folder = s.f.look.packs.as_ref().ok()?;
    let (first, sum, n) = (folder.oldest()?, folder.bytes(), folder.packs.len());
    let many = counted(n, "pack", "packs");
    let (name, size) = (&first.name, first.bytes());
    Some(s.saw(
        Probe::Packs,
        text!(
            "备份包 {n} 个，共 {sum}；最旧的是 {name}（{size}）",
            "{many} there, {sum} in all; the oldest is {name} ({size})"
        ),
    ))
}

/// The server's own disks.
pub(super) static DISK: Rule = Rule {
    id: "disk-full",
    covers: &["disks"],
    look: |s| disk(s, false),
    runbook: || Runbook {
        family: Family::Room,
        title: text!("服务器磁盘满了", "a disk of the server is full"),
        what: text!(
            "服务器的根分区或 Docker 所在的盘满了。数据库要先在本地做一份副本，写不下备份就失败，后端也可能跟着出问题。",
            "The root disk or Docker's is full. The database is copied locally first: without room the backup fails, and the backend may fail with it."
        ),
        shows: text!(
            "「服务器磁盘」告警或失败，写着哪一块、用了多少；任务可能写着 No space left on device。",
            "\"server disks\" warns or fails and says which disk and how full; the job may say No space left on device."
        ),
        how: text!(
            "根分区通常只有 50 GB。日志、旧镜像、旧版本留在本地的包会慢慢占满；共享没挂上时写到挂载点的东西也在这块盘上。",
            "The root disk is often 50 GB. Logs, old images and packs of older versions fill it; so does what is written to the mount point while the share is away."
        ),
        mend: text!(
            "清理日志和不用的旧镜像；本地的旧包（挂载画面的残留、旧备份目录）先确认共享上有同一份，再删。清出地方后按 B 补一次备份。",
            "Clear logs and unused images; delete local packs (leftovers and older folders on the mount screen) only when the share has the same. Then press B to make up for the backup."
        ),
        acts: &[BACKUP],
        proof: text!("「服务器磁盘」变成正常", "the check of the server's disks is OK"),
        call: &[Whom::You, Whom::Server],
        dont: text!(
            "不要 docker system prune --volumes：会删数据卷。不要删 auth.db 旁边的 -wal、-shm 文件。",
            "No docker system prune --volumes: it deletes volumes. Do not delete the -wal and -shm files beside auth.db."
        ),
    },
};

/// Room, but no more files.
pub(super) static INODES: Rule = Rule {
    id: "inodes-full",
    covers: &["disks"],
    look: |s| disk(s, true),
    runbook: || Runbook {
        family: Family::Room,
        title: text!("服务器 inode 用完了", "a disk of the server has no inodes left"),
        what: text!(
            "磁盘还有空间，但能建的文件数用完了，照样写不进新文件，报的错也是“没有空间”。",
            "There is room, but no more files can be made; the error says \"no space\" all the same."
        ),
        shows: text!(
            "「服务器磁盘」告警或失败，写着 inode 用了多少；任务可能写着 No space left on device，可是空间还有。",
            "\"server disks\" warns or fails and says how many inodes are used; the job may say No space left on device, and there is room."
        ),
        how: text!(
            "大量小文件：缓存、会话、临时文件、邮件队列。",
            "Very many small files: caches, sessions, temporary files, mail queues."
        ),
        mend: text!(
            "找出小文件最多的目录清理掉，例如 du -x --inodes / | sort -n | tail（共享卡死时先修共享，不然它也会卡住）。然后按 B 补一次备份。",
            "Find the folder with the most small files and clear it: du -x --inodes / | sort -n | tail (with a share that hangs, mend that first, or it hangs, too). Then press B to make up for the backup."
        ),
        acts: &[BACKUP],
        proof: text!("「服务器磁盘」变成正常", "the check of the server's disks is OK"),
        call: &[Whom::You, Whom::Server],
        dont: text!(
            "不要只看还剩多少 GB：空间是够的，看不出来。",
            "Do not look at the gigabytes only: room is not what is short."
        ),
    },
};

fn disk(s: &Scene, inodes: bool) -> Ruling {
    let state = s.state("disks");
    let Ok(disks) = &s.f.look.disks else { return Ruling::Open };
    let warn = s.f.env.thresholds.disk_warn_percent;
    let percent = |d: &Space| match inodes {
        true => d.inodes_used_percent().unwrap_or(0),
        false => d.used_percent(),
    };
    let mut all: Vec<(Probe, &Space)> = disks.iter().map(|d| (Probe::Disks, d)).collect();
    all.extend(s.f.look.docker_disk.iter().map(|d| (Probe::DockerDisk, d)));
    let mut short: Vec<(Probe, &Space)> = all.into_iter().filter(|(_, d)| percent(d) >= warn).collect();
    // one disk under several folders is one trouble
    short.dedup_by_key(|(_, d)| (d.total, d.free, d.inodes_free));
    if short.is_empty() {
        return match state {
            State::Ok => Ruling::Out(s.said(Probe::Disks, "disks")),
            _ => Ruling::Open,
        };
    }
    let full = short.iter().any(|(_, d)| percent(d) >= s.f.env.thresholds.disk_fail_percent);
    let names: Vec<String> = short.iter().map(|(_, d)| format!("{} {}%", d.path, percent(d))).collect();
    let names = names.join("、");
    let says = match (inodes, full) {
        (false, true) => text!("服务器磁盘满了：{names}", "a disk of the server is full: {names}"),
        (false, false) => text!("服务器磁盘快满了：{names}", "a disk of the server is nearly full: {names}"),
        (true, true) => text!("服务器的 inode 用完了：{names}", "no inodes left on the server: {names}"),
        (true, false) => {
            text!("服务器的 inode 快用完了：{names}", "inodes are nearly used up on the server: {names}")
        }
    };
    let lines = short.iter().map(|(probe, d)| {
        s.saw(
            *probe,
            match inodes {
                true => text!(
                    "{}：inode 已用 {}%，剩 {} 个",
                    "{}: {} % of its inodes used, {} left",
                    d.path,
                    percent(d),
                    d.inodes_free
                ),
                false => {
                    text!("{}：已用 {}%，可用 {}", "{}: {} % used, {} free", d.path, percent(d), d.available)
                }
            },
        )
    });
    Found::new(if full { State::Failed } else { State::Warning }, Certainty::Proved, says)
        .by(lines.collect::<Vec<_>>())
        .by(local(s))
        .fix(Fix::Call { whom: Whom::You, what: text!(
            "在服务器上清出空间：日志、不用的旧镜像、本地残留的旧包（先确认共享上有同一份）",
            "make room on the server: logs, unused images, local leftovers of packs (see first that the share has the same)"
        ) })
        .ruling()
}

/// What of it are packs in the wrong place.
fn local(s: &Scene) -> Vec<Evidence> {
    let Ok(left) = &s.f.look.leftovers else { return Vec::new() };
    let mut all = Vec::new();
    if !left.legacy_packs.is_empty() {
        let n = left.legacy_packs.len();
        let packs = counted(n, "pack", "packs");
        all.push(s.saw(
            Probe::Leftovers,
            text!("旧版本在服务器本地留了 {n} 个备份包", "older versions left {packs} on the server itself"),
        ));
    }
    if let Some(size) = left.under_mount_point.filter(|b| b.0 > 0) {
        all.push(s.saw(
            Probe::Leftovers,
            text!("没挂载的挂载点下有 {size}", "{size} lie under the mount point that is not mounted"),
        ));
    }
    all
}
