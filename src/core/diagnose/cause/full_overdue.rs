//! The weekly full backup is missing or gone, whatever the night was.
use super::NOT_THE_SHARE;
use crate::core::derive::night::Plan;
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP_FULL, Family, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::{CauseId, Certainty};
use crate::core::plan::Action;
use crate::core::probe::database::Kind;
use crate::core::state::State;
use crate::core::verdict::{newest_full_is_lost, not_copied};
use crate::i18n::Text;
use crate::text;

/// The full backup's own schedule never fires.
fn never(s: &Scene) -> bool {
    matches!(&s.f.plan, Some(Plan::On { never, .. }) if never.iter().any(|(kind, ..)| *kind == Kind::Full))
}

/// The last one was completed and not copied.
fn left_behind(s: &Scene) -> bool {
    let last = s.f.db.ok().and_then(|db| db.last_completed.iter().find(|j| j.kind == Kind::Full));
    last.is_some_and(|job| not_copied(s.f, job))
}

/// What may be the matter with the last one that was completed.
const OF_THE_PACK: [CauseId; 3] = ["incomplete-pack", "images-missing", "evicted"];

fn overdue(s: &Scene, state: State) -> Ruling {
    // a newer one that was not made is another trouble than what the last one lacks, and the worse one
    let lost = newest_full_is_lost(s.f);
    if !lost
        && (super::incomplete::of_last_full(s).is_some() || super::incomplete::small_last_full(s).is_some())
    {
        return Ruling::Open;
    }
    // the check speaks of the same pack
    let (of_the_pack, left): (&[CauseId], &[CauseId]) = match lost {
        true => (&[], &[]),
        // made in that very night, and left on the server like what the night is told of
        false if left_behind(s) => (&OF_THE_PACK, &["not-copied"]),
        false => (&OF_THE_PACK, &[]),
    };
    let of_the_night = s.f.slot.as_ref().is_some_and(|slot| slot.kind == Kind::Full);
    let at_work = s.live(|j, w| j.kind == Kind::Full && !w.is_gone()).is_some();
    Found::new(state, Certainty::Proved, s.summary("last_full"))
        .because_of(if never(s) { &["schedule-unsupported"] } else { &[] })
        .by([s.said(Probe::Database, "last_full")])
        .by(s.evidence("last_full"))
        .fix(Fix::Do(Action::Backup { full: true }))
        // or of the same trouble
        .because_of(&["job-failed", "job-canceled", "no-job", "ghost-job"])
        .because_of(if of_the_night { &["unknown"] } else { &[] })
        .because_of(if at_work { &["running", "stuck-job"] } else { &[] })
        .because_of(of_the_pack)
        .because_of(left)
        .because_of(&["backend-down", "docker-down", "schedule-disabled", "schedule-empty"])
        .because_of(&NOT_THE_SHARE)
        .ruling()
}

/// No good full backup.
pub(super) static OVERDUE: Rule = Rule {
    id: "full-overdue",
    covers: &["last_full"],
    look: |s| match s.state("last_full") {
        State::Ok => {
            let said = s.summary("last_full");
            Ruling::Out(s.saw(
                Probe::Packs,
                Text {
                    zh: format!("最近的全量备份：{}", said.zh),
                    en: format!("last full backup: {}", said.en),
                },
            ))
        }
        State::Unknown => Ruling::Open,
        state => overdue(s, state),
    },
    runbook: || Runbook {
        family: Family::Pack,
        title: text!("全量备份缺了", "a full backup is missing"),
        what: text!(
            "按定时该有的全量备份没有完成，或者最近那一份已经不在共享上。增量包没有镜像，不能代替它。",
            "A full backup that was due was not completed, or the last one is not on the share any more. An incremental pack has no images and does not stand in for it."
        ),
        shows: text!(
            "「最近的全量备份」告警或失败，写着最近一份是什么时候的。",
            "\"last full backup\" warns or fails and says of when the last one is."
        ),
        how: text!(
            "那一夜失败了没人补，或者被保留策略清掉。",
            "It failed and nobody made up for it, or retention deleted it."
        ),
        mend: text!(
            "按 B 选全量做一次，最好在没人用的时候：它要存镜像，时间长。",
            "Press B and choose a full one, best when nobody works: it saves the images and takes long."
        ),
        acts: &[BACKUP_FULL],
        proof: text!("「最近的全量备份」变成正常", "the check of the last full backup is OK"),
        call: &[Whom::You, Whom::Backend],
        dont: text!(
            "不要只看增量天天都在就放心。",
            "Do not be at ease because the incremental ones are there."
        ),
    },
};
