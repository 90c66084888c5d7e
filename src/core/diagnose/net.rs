//! What no rule explained, and what could not be checked: the net under the rules, so that nothing that the verdict calls
//! broken is left out, and nothing that it calls unknown is passed over.
use super::cause::other;
use super::fix::{Fix, Whom};
use super::probe::Probe;
use super::rule::{Found, Rule};
use super::scene::Scene;
use super::tree::Tree;
use super::types::{Certainty, Unchecked};
use crate::core::state::State;
use crate::core::verdict::Fate;
use crate::i18n::Text;
use crate::text;

/// A finding for each check that is broken and that no cause accounts for.
pub(super) fn unexplained(s: &Scene, tree: &Tree) -> Vec<(&'static Rule, Found)> {
    let open = |state: State| matches!(state, State::Failed | State::Warning);
    let checks = s.checks.iter().filter(|c| open(c.state) && !tree.covers(c.id));
    let mut found: Vec<(&'static Rule, Found)> = Vec::new();
    for check in checks {
        let night = check.id == "night";
        let says = match night {
            true => check.summary.clone(),
            false => Text {
                zh: format!("{}：{}", check.title.zh, check.summary.zh),
                en: format!("{}: {}", check.title.en, check.summary.en),
            },
        };
        let rule = if night { &other::UNKNOWN } else { &other::ELSE };
        let mut one =
            Found::new(check.state, Certainty::Possible, says).by(s.whole(check.id)).tells_the_night(night);
        one.would_prove = night.then(|| {
            text!(
                "看后端日志里这个时间前后的报错（没有某一行日志不说明什么）",
                "errors in the backend's log around that time (a line that is absent proves nothing)"
            )
        });
        one = match (night, &check.next) {
            (true, _) => one.fix(s.backup()).fix(Fix::Call {
                whom: Whom::You,
                what: text!(
                    "再查不出来，就收一个诊断包（诊断画面按 b），发给后端负责人",
                    "if that tells no more, make a bundle (b on the diagnosis) for whoever runs the backend"
                ),
            }),
            (false, Some(next)) => one.fix(Fix::Call { whom: Whom::You, what: next.clone() }),
            (false, None) => one,
        };
        found.push((rule, one));
    }
    found
}

/// Checks that the answer to "is the backup there, and if not why" rests on.
const DECIDE: [&str; 9] =
    ["night", "mount", "container_mount", "share", "packs", "backend", "schedule", "live", "lock"];

/// What could not be checked: several checks with one reason are one entry.
pub(super) fn unchecked(s: &Scene) -> Vec<Unchecked> {
    let mut all: Vec<Unchecked> = Vec::new();
    let there = s.state("night") == State::Ok;
    for check in s.checks.iter().filter(|c| c.state == State::Unknown) {
        // a whole pack, and not known whether it is that of the slot: what is missing is the zone
        let zone = Probe::ContainerClock
            .gap(s.f)
            .filter(|_| check.id == "night" && matches!(s.fate, Fate::There { .. }));
        let why = zone.map(|gap| gap.text()).unwrap_or_else(|| Text {
            zh: check.summary.zh.trim_start_matches("无法检查：").to_owned(),
            en: check.summary.en.trim_start_matches("could not be checked: ").to_owned(),
        });
        let hint = check.next.clone().unwrap_or_default();
        push(&mut all, check.title.clone(), why, hint, !there && DECIDE.contains(&check.id));
    }
    // the kernel's log says why a mount failed: only asked about where one may have
    let silent = s.state("mount") != State::Ok || s.state("share") != State::Ok;
    if let Some(gap) = Probe::Kernel.gap(s.f).filter(|_| silent && s.check("mount").is_some()) {
        push(&mut all, Probe::Kernel.word(), gap.text(), gap.hint(), true);
    }
    // whether the credentials file is any good decides how a share that is away is mounted
    let away = !matches!(s.state("mount"), State::Ok | State::Unknown);
    if let Some(gap) = Probe::Credentials.gap(s.f).filter(|_| away) {
        push(&mut all, Probe::Credentials.word(), gap.text(), gap.hint(), false);
    }
    // what decides first
    all.sort_by_key(|u| !u.decides);
    all
}

fn push(all: &mut Vec<Unchecked>, what: Text, why: Text, hint: Text, decides: bool) {
    match all.iter_mut().find(|u| u.why == why && u.hint == hint) {
        Some(same) => {
            same.what.zh.push_str(&format!("、{}", what.zh));
            same.what.en.push_str(&format!(", {}", what.en));
            same.decides |= decides;
        }
        None => all.push(Unchecked { what, why, hint, decides }),
    }
}
