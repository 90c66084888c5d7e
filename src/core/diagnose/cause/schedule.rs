//! The schedule does not fire.
use crate::core::derive::night::Plan;
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, Runbook};
use crate::core::diagnose::scene::{LAST_NIGHT_MS, Scene};
use crate::core::diagnose::types::Certainty;
use crate::core::state::State;
use crate::core::verdict::{Fate, last_good};
use crate::i18n::Text;
use crate::text;

fn web(what: Text) -> Fix {
    Fix::Call { whom: Whom::You, what }
}

fn never(s: &Scene, says: Text, certain: Certainty, what: Text) -> Ruling {
    let last = s.last_completed().map(|at| {
        s.saw(
            Probe::Database,
            text!("最近一次完成的备份是 {}", "the last completed backup is of {}", s.time(at)),
        )
    });
    let night = matches!(s.fate, Fate::NothingFires);
    let kept = last_good(s.f, LAST_NIGHT_MS).map(|(job, pack)| {
        let at = job.finished.or(job.created).map(|at| s.time(at)).unwrap_or_default();
        s.saw(
            Probe::Packs,
            text!(
                "最近一份备份 {} 在 Windows 上，完整（{at} 完成）",
                "the last backup, {}, is on Windows and whole (completed at {at})",
                pack.name
            ),
        )
    });
    let lost = kept.is_none();
    let mut found = Found::new(s.state("schedule"), certain, says)
        .by([s.said(Probe::Database, "schedule")])
        .by(last)
        .by(kept.filter(|_| night))
        .fix(web(what))
        .night(night);
    if night && lost {
        found = found.fix(s.backup());
    }
    found.ruling()
}

/// Switched off.
pub(super) static DISABLED: Rule = Rule {
    id: "schedule-disabled",
    covers: &["schedule"],
    look: |s| match &s.f.plan {
        Some(Plan::Off) => never(
            s,
            text!(
                "定时备份被关掉了，到点什么都不会做",
                "scheduled backups are switched off: nothing happens at night"
            ),
            Certainty::Proved,
            text!(
                "在网页“数据安全”里打开定时备份（问清是谁、为什么关的）",
                "switch scheduled backups on in the web page (数据安全); ask who switched them off, and why"
            ),
        ),
        Some(_) => Ruling::Out(s.fine(
            Probe::Database,
            "schedule",
            text!("定时是打开的", "the schedule is switched on"),
        )),
        None => Ruling::Open,
    },
    runbook: || Runbook {
        family: Family::Schedule,
        title: text!("定时备份被关掉了", "scheduled backups are switched off"),
        what: text!(
            "后端设置里的定时开关是关的，后端不会自己做任何备份，也不会报错。",
            "The switch in the backend's settings is off: it makes no backup by itself, and reports no error."
        ),
        shows: text!(
            "「定时设置」失败：定时备份已关闭；好几夜没有新任务，也没有任何报错。",
            "\"schedule\" fails: scheduled backups are switched off; for nights there is no new job and no error."
        ),
        how: text!(
            "维护、测试时临时关掉，忘了打开。",
            "It was switched off for maintenance or a test, and nobody switched it on again."
        ),
        mend: text!(
            "问清是谁、为什么关的，再到网页的数据安全里打开；控制台不替你改设置。然后按 B 补一次。",
            "Ask who switched it off and why, then switch it on in the web page (数据安全); the console does not change settings. Then press B to make up for it."
        ),
        acts: &[BACKUP],
        proof: text!("「定时设置」显示下一次的时间", "the schedule shows when the next one is"),
        call: &[Whom::You, Whom::Backend],
        dont: text!("不要直接改数据库。", "Do not change the database by hand."),
    },
};

/// No schedule at all.
pub(super) static EMPTY: Rule = Rule {
    id: "schedule-empty",
    covers: &["schedule"],
    look: |s| {
        let empty = match &s.f.plan {
            Some(Plan::NotSet) => true,
            Some(Plan::On { fires, never }) => fires.is_empty() && never.is_empty(),
            Some(Plan::Off) | None => return Ruling::Open,
        };
        if !empty {
            return Ruling::Out(s.fine(Probe::Database, "schedule", text!("填了定时", "a schedule is set")));
        }
        // without a row of settings, or without that column, nothing is known of the switch
        let says = match &s.f.plan {
            Some(Plan::NotSet) => text!(
                "没有填定时：后端的设置里没有，它不知道什么时候做",
                "no schedule is set: the backend's settings have none, and it does not know when"
            ),
            _ => text!(
                "没有填定时：开关是开的，但后端不知道什么时候做",
                "no schedule is set: switched on, but the backend does not know when"
            ),
        };
        never(
            s,
            says,
            Certainty::Proved,
            text!("在网页“数据安全”里填上每天的时间", "set a time for every day in the web page (数据安全)"),
        )
    },
    runbook: || Runbook {
        family: Family::Schedule,
        title: text!("没有填定时", "no schedule is set"),
        what: text!(
            "备份开着，但定时是空的（或设置整行都没有），所以从来不会触发。",
            "Backups are on, but the schedule is empty (or there are no settings at all): it never fires."
        ),
        shows: text!("「定时设置」失败：没有填定时。", "\"schedule\" fails: none is set."),
        how: text!(
            "新装或换库之后没有填，或者保存设置时清空了。",
            "It was never set after an installation, or was emptied when settings were saved."
        ),
        mend: text!(
            "在网页的数据安全里填上时间，例如 0 4 * * *（每天 4 点，容器时间）。然后按 B 补一次。",
            "Set it in the web page (数据安全), as 0 4 * * * (04:00 every day, by the container's clock). Then press B to make up for it."
        ),
        acts: &[BACKUP],
        proof: text!("「定时设置」显示下一次的时间", "the schedule shows when the next one is"),
        call: &[Whom::You, Whom::Backend],
        dont: text!(
            "不要只填全量不填增量：那样一周才有一次。",
            "Do not set only the full one: that is one backup a week."
        ),
    },
};

/// A text that the backend does not understand.
pub(super) static UNSUPPORTED: Rule = Rule {
    id: "schedule-unsupported",
    covers: &["schedule"],
    look: |s| {
        let Some(Plan::On { never: texts, .. }) = &s.f.plan else { return Ruling::Open };
        if texts.is_empty() {
            return Ruling::Out(s.fine(
                Probe::Database,
                "schedule",
                text!("定时的写法后端都认得", "the backend understands every schedule"),
            ));
        }
        never(
            s,
            Text {
                zh: format!("定时写法后端不认，永远不会触发：{}", s.summary("schedule").zh),
                en: format!("the backend does not understand the schedule: {}", s.summary("schedule").en),
            },
            Certainty::Proved,
            text!(
                "在网页“数据安全”里改成每段只有 * 或一个数字，例如 0 4 * * *",
                "use only * or one number in each field, as 0 4 * * *, in the web page (数据安全)"
            ),
        )
    },
    runbook: || Runbook {
        family: Family::Schedule,
        title: text!("定时写法后端不认", "a schedule that the backend does not understand"),
        what: text!(
            "定时里用了 */5、1-5、逗号或英文星期这样的写法。后端每段只认 * 或一个数字，别的写法它一声不吭，从来不触发。",
            "The schedule uses steps, ranges, lists or names (*/5, 1-5, 1,3, mon). The backend knows only * or one number a field; anything else never fires, silently."
        ),
        shows: text!(
            "「定时设置」失败：后端不认识这种写法；网页上不报错。",
            "\"schedule\" fails: the backend does not understand it; the web page shows no error."
        ),
        how: text!("照着一般的 cron 写法填的。", "It was written as for any other cron."),
        mend: text!(
            "在网页的数据安全里改成五段（分 时 日 月 周），每段 * 或一个数字，例如 0 4 * * *。然后按 B 补一次。",
            "Write five fields in the web page (数据安全): minute, hour, day, month, weekday, each * or one number, as 0 4 * * *. Then press B to make up for it."
        ),
        acts: &[BACKUP],
        proof: text!("「定时设置」显示下一次的时间", "the schedule shows when the next one is"),
        call: &[Whom::You, Whom::Backend],
        dont: text!(
            "不要因为网页没报错就当它生效了：看「定时设置」里下一次的时间。",
            "Do not trust it because the web page shows no error: look for the time of the next one."
        ),
    },
};

/// It fires, but not every night.
pub(super) static NOT_DAILY: Rule = Rule {
    id: "nothing-due",
    covers: &[],
    look: |s| {
        let Some(slot) = &s.f.slot else { return Ruling::Open };
        if s.f.now.since(slot.due) <= LAST_NIGHT_MS {
            return Ruling::Out(s.saw(
                Probe::Database,
                text!("昨夜安排了备份（{}）", "a backup was due last night ({})", s.time(slot.due)),
            ));
        }
        if s.state("night") != State::Warning || !matches!(s.fate, Fate::There { .. }) {
            return Ruling::Open;
        }
        Found::new(State::Warning, Certainty::Proved, s.summary("night"))
            .by(s.evidence("night"))
            .fix(web(text!(
                "确认是不是有意的；不是就在网页“数据安全”里安排每天的备份",
                "see whether that is meant; if not, schedule one for every day in the web page (数据安全)"
            )))
            .night(true)
            .ruling()
    },
    runbook: || Runbook {
        family: Family::Schedule,
        title: text!("昨夜没有安排备份", "nothing was due last night"),
        what: text!(
            "定时不是每天的，昨夜本来就没有备份要做。最近一次是好的，只是旧了。",
            "The schedule is not daily: nothing was due last night. The last backup is good, and old."
        ),
        shows: text!(
            "「昨夜的备份」告警：昨夜没有安排备份，最近一次应做的在几天前。",
            "\"last night's backup\" warns: none was due; the newest that was due is days old."
        ),
        how: text!(
            "增量定时填了星期或日期，或者只留下了全量。",
            "A weekday or date was set for the incremental one, or only the full one is left."
        ),
        mend: text!(
            "确认是不是有意的；不是，就在网页的数据安全里改成每天。要今天就有一份，按 B。",
            "See whether it is meant; if not, make it daily in the web page (数据安全). For a backup of today press B."
        ),
        acts: &[BACKUP],
        proof: text!("「定时设置」显示下一次就在今夜", "the next one is due tonight"),
        call: &[Whom::You, Whom::Backend],
        dont: text!("不要把上周的包当作昨夜的。", "Do not take last week's pack for last night's."),
    },
};
