//! What is said below the nights: what is assumed of them, and what could not be found out.
use super::{Mark, Night};
use crate::core::derive::night::Plan;
use crate::core::gap::Gap;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::text;

/// Why there are no nights at all.
pub(super) fn unknown(f: &Facts) -> Text {
    match f.db {
        Err(gap) => because(text!("最近各夜：未知，数据库", "last nights: not known; the database"), gap),
        Ok(_) => text!(
            "最近各夜：未知，容器和服务器的时区都不知道",
            "last nights: not known, for neither the container's zone nor the server's is"
        ),
    }
}

/// What the nights rest on. `cut` nights before them are not shown.
pub(super) fn of(f: &Facts, nights: &[Night], cut: usize) -> Text {
    let mut said = Vec::new();
    if let Err(gap) = &f.packs {
        said.push(because(text!("看不到备份包", "the packs cannot be seen"), gap));
    }
    said.push(match &f.plan {
        Some(Plan::On { .. }) => text!("按现在的定时推算", "by today's schedule"),
        _ => text!("现在没有定时，只按任务", "no schedule now: by the jobs alone"),
    });
    if f.look.container_clock().is_err() {
        said.push(text!("按服务器的时区", "in the server's zone"));
    }
    if cut > 0 {
        said.push(text!("更早的任务记录没有读", "older rows were not read"));
    }
    let holes = holes(nights);
    if holes > 0 {
        said.push(text!(
            "{holes} 夜的包不在了，更早的却还在：不像是保留策略删的",
            "{holes} gone though older ones are there: not retention's doing"
        ));
    }
    Text::join(&said)
}

/// Packs that have gone though an older one of the same kind is still there: retention takes the oldest.
fn holes(nights: &[Night]) -> usize {
    let hole = |(at, night): &(usize, &Night)| {
        let mut before = nights.iter().take(*at);
        night.mark == Mark::Gone && before.any(|n| n.bytes.is_some())
    };
    nights.iter().enumerate().filter(hole).count()
}

fn because(what: Text, gap: &Gap) -> Text {
    let why = gap.text();
    Text { zh: format!("{}：{}", what.zh, why.zh), en: format!("{}: {}", what.en, why.en) }
}
