//! Will the next backup fire?
use super::facts::kind_word;
use super::{Check, Facts};
use crate::core::derive::night::Plan;
use crate::core::derive::schedule::NeverFires;
use crate::core::gap::Gap;
use crate::core::state::State;
use crate::i18n::Text;
use crate::text;

/// Will the next backup fire?
pub(super) fn schedule(f: &Facts) -> Check {
    let title = text!("定时设置", "schedule");
    let check = |state, summary| Check::new("schedule", title.clone(), state, summary);
    let on = text!("在网页的数据安全里改正定时", "correct the schedule in the web page (data security)");
    let plan = match (f.db, &f.plan) {
        (Err(gap), _) => return Check::unknown("schedule", title, gap),
        (_, Some(plan)) => plan,
        (_, None) => return Check::unknown("schedule", title, &Gap::NoAnswer),
    };
    let (fires, never) = match plan {
        Plan::Off => {
            return check(State::Failed, text!("定时备份已关闭", "scheduled backups are switched off"))
                .next(on);
        }
        Plan::NotSet => {
            return check(State::Failed, text!("数据库里没有定时设置", "the database has no schedule"))
                .next(on);
        }
        Plan::On { fires, never } => (fires, never),
    };
    let reasons: Vec<Text> = never
        .iter()
        .map(|(kind, text, why)| {
            let (kind, why) = (kind_word(kind), never_word(*why));
            Text {
                zh: format!("{}定时“{text}”永远不会触发：{}", kind.zh, why.zh),
                en: format!("the {} schedule \"{text}\" never fires: {}", kind.en, why.en),
            }
        })
        .collect();
    let next: Vec<Text> = fires
        .iter()
        .filter_map(|(kind, cron)| {
            let at = f.time(cron.next(f.now, f.zone_s?)?);
            let kind = kind_word(kind);
            Some(Text { zh: format!("下一次{} {at}", kind.zh), en: format!("next {} {at}", kind.en) })
        })
        .collect();
    if fires.is_empty() {
        let summary = if reasons.is_empty() {
            text!("开关是开的，但没有填定时", "switched on, but no schedule is set")
        } else {
            Text::join(&reasons)
        };
        return check(State::Failed, summary).next(on);
    }
    if !reasons.is_empty() {
        return check(State::Warning, Text::join(&reasons)).evidence_of(next).next(on);
    }
    check(State::Ok, if next.is_empty() { text!("已打开", "switched on") } else { Text::join(&next) })
}

fn never_word(why: NeverFires) -> Text {
    match why {
        NeverFires::Empty => text!("是空的", "it is empty"),
        NeverFires::FieldCount => text!("要有五段", "it must have five fields"),
        NeverFires::Unsupported => text!("每段只能写 * 或一个数字", "each field must be * or one number"),
        NeverFires::OutOfRange => text!("数字超出范围", "a number is out of range"),
        NeverFires::NoSuchDay => text!("没有这样的日子", "there is no such day"),
    }
}
