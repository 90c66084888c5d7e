//! The pack was there, and is gone.
use crate::core::derive::pack::{self, Owner, Way, way};
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::{Certainty, Evidence};
use crate::core::probe::database::{Job, Status};
use crate::core::probe::packs::PackFolder;
use crate::core::state::State;
use crate::core::verdict::{Fate, expired, not_copied};
use crate::i18n::counted;
use crate::text;

/// Retention of the other server, or a person.
pub(super) static EVICTED: Rule = Rule {
    id: "evicted",
    covers: &["packs"],
    look: evicted,
    runbook: || Runbook {
        family: Family::Pack,
        title: text!("备份包被清理掉了", "the pack was deleted from the share"),
        what: text!(
            "备份做成功了，包也到过 Windows，但现在共享上没有了。",
            "The backup was made and its pack was on Windows; now it is not there any more."
        ),
        shows: text!(
            "「昨夜的备份」或「备份包目录」告警：任务写着完成，共享上没有它的包；目录里有别的服务器更新的包。",
            "\"last night's backup\" or \"pack folder\" warns: the job says completed and the share has no such pack; there are newer ones of another server."
        ),
        how: text!(
            "两台服务器写同一个目录，各自按保留数删最旧的包，不管是谁的。一台保留得少，就会删掉另一台的。也可能是有人手工删的。",
            "Both servers write into one folder, and each deletes the oldest packs there, whoever wrote them. One that keeps few deletes the other's. Or a person did."
        ),
        mend: text!(
            "按 B 马上补一次；再在两台服务器的网页（数据安全）里把保留份数都调大（至少是两台加起来要留的份数），或者请后端负责人让两台用不同的目录。",
            "Press B to make up for it; then raise the retention of both servers in their web pages (数据安全) to at least what both want to keep together, or have each given its own folder."
        ),
        acts: &[BACKUP],
        proof: text!(
            "新包在共享上，另一台备份之后它还在",
            "the new pack is on the share, and still is after the other server's next backup"
        ),
        call: &[Whom::Backend],
        dont: text!(
            "不要只调自己这一台：另一台照样会删。",
            "Do not change only this server: the other one goes on deleting."
        ),
    },
};

/// So many of the newest completed jobs are looked at.
const NEWEST: usize = 3;

fn evicted(s: &Scene) -> Ruling {
    let (Ok(db), Ok(folder)) = (s.f.db, &s.f.packs) else { return Ruling::Open };
    let folder: &PackFolder = folder;
    let was_on_share = |j: &&Job| j.output_dir.is_some() && !not_copied(s.f, j);
    let done = db.jobs.iter().filter(|j| j.status == Status::Completed).filter(was_on_share).take(NEWEST);
    let done: Vec<&Job> = done.collect();
    let is_gone = |j: &&Job| pack::of_job(j, folder).is_none() && !expired(s.f, j) && !s.f.ended_meanwhile(j);
    let gone: Vec<&Job> = done.iter().copied().filter(is_gone).collect();
    let night = match &s.fate {
        Fate::Gone(job) => Some(*job),
        _ => None,
    };
    let Some(job) = night.or(gone.first().copied()) else {
        return match &s.fate {
            _ if done.is_empty() => Ruling::Open,
            Fate::Expired(job) => Ruling::Out(s.saw(
                Probe::Packs,
                text!(
                    "{} 之后的包比保留数多，它的包是照常清理的",
                    "there are more packs after {} than are kept: its own went as it was meant to",
                    job.id
                ),
            )),
            _ => Ruling::Out(s.saw(
                Probe::Packs,
                text!("最近几次备份的包都在", "the packs of the newest backups are there"),
            )),
        };
    };
    if let Fate::Gone(job) = &s.fate
        && way(job, s.f.backend.ok().flatten(), s.f.env) == Way::Direct
    {
        // a job that wrote to another folder is another cause
        let path = job
            .output_dir
            .as_ref()
            .zip(s.f.backend.ok().flatten())
            .and_then(|(d, c)| c.host_path(d.as_str()));
        let inside =
            |p: &String| crate::core::probe::containers::under(p, &s.f.env.paths.pack_folder).is_some();
        if path.is_some_and(|p| !inside(&p)) {
            return Ruling::Open;
        }
    }
    let since = job.finished.or(job.created);
    let others = folder.packs.iter().filter(|p| pack::owner(p, db) == Owner::NotOurs);
    let newer = others.filter(|p| since.is_some_and(|at| p.changed > at)).count();
    let name = job.output_dir.as_ref().map(|d| pack::base_name(d.as_str()).to_owned()).unwrap_or_default();
    let names: Vec<String> = gone.iter().map(|j| j.id.to_string()).collect();
    let mut against: Vec<Evidence> = Vec::new();
    let mut evidence: Vec<Evidence> = vec![
        s.saw(
            Probe::Database,
            text!("任务 {} 写着完成：{}", "job {} says completed: {}", job.id, job.message),
        ),
        s.saw(Probe::Packs, text!("共享上没有 {name}", "the share has no {name}")),
    ];
    if gone.len() > 1 {
        evidence.push(s.saw(
            Probe::Packs,
            text!(
                "最近的任务 {} 的包都不在了",
                "the packs of the recent jobs {} are all gone",
                names.join(", ")
            ),
        ));
    }
    if newer > 0 {
        let packs = counted(newer, "pack", "packs");
        evidence.push(s.saw(
            Probe::Packs,
            text!(
                "在它之后，别的服务器往同一个目录写了 {newer} 个包",
                "since then another server has written {packs} into the same folder"
            ),
        ));
    }
    // a server that keeps more than there are has not deleted it itself
    let kept = db.settings.as_ref().and_then(|s| s.retention);
    let there = i64::try_from(folder.packs.len()).unwrap_or(i64::MAX);
    let own = kept.is_some_and(|n| (1..=there).contains(&n));
    if let Some(n) = kept.filter(|n| *n > 0) {
        let says = match own {
            true => text!(
                "本服务器自己只保留 {n} 份，目录里现在有 {there} 份",
                "this server itself keeps {n}, and there are {there}"
            ),
            false => text!(
                "本服务器保留 {n} 份，目录里只有 {there} 份：不是它自己删的",
                "this server keeps {n}, and there are only {there}: it did not delete it itself"
            ),
        };
        let says = s.saw(Probe::Database, says);
        match own {
            true => against.push(says),
            false => evidence.push(says),
        }
    }
    let likely = newer > 0 || own;
    if newer == 0 {
        against.push(s.saw(
            Probe::Packs,
            text!("在它之后，目录里没有别的服务器的新包", "no pack of another server is newer than it"),
        ));
    }
    // it was made, and is not on Windows
    let mut found = Found::new(
        State::Warning,
        if likely { Certainty::Likely } else { Certainty::Possible },
        match night {
            // it may never have been there: while another share was on the point, or another folder
            Some(_) if !likely => text!(
                "备份 {} 做完了，但它的包不在 Windows 上：被人删了，或者当时写到了别处",
                "backup {} was made, and its pack is not on Windows: somebody deleted it, or it was written elsewhere then",
                job.id
            ),
            Some(_) => text!(
                "备份 {} 做完了，但它的包已经不在 Windows 上，被清理掉了",
                "backup {} was made, and its pack has been deleted from Windows",
                job.id
            ),
            None if !likely => text!(
                "最近的备份 {} 的包不在 Windows 上：被人删了，或者当时写到了别处",
                "the packs of the recent backups {} are not on Windows: somebody deleted them, or they were written elsewhere then",
                names.join(", ")
            ),
            None => text!(
                "最近的备份 {} 的包已不在 Windows 上，被清理掉了",
                "the packs of the recent backups {} have been deleted from Windows",
                names.join(", ")
            ),
        },
    )
    .by(evidence)
    .against(against)
    .because_of(&["wrong-folder"])
    .would_prove(text!(
        "看另一台服务器的保留数，和它那次备份完成的时间",
        "the retention of the other server, and when its backup was done"
    ))
    .tells_the_night(night.is_some());
    if night.is_some() {
        found = found.fix(s.backup());
    }
    found
        .fix(Fix::Call {
            whom: Whom::Backend,
            what: text!(
                "调大两台服务器的备份保留数，或让两台用不同的目录",
                "raise the retention of both servers, or give each its own folder"
            ),
        })
        .ruling()
}
