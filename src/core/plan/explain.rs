//! Why a run did not do what it was for, in plain words.
use super::event::{Event, How, What};
use super::script::RunName;
use super::{Action, Refusal};
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use crate::core::verdict::ago;
use crate::i18n::Text;
use crate::text;

/// Why the server refused before anything was done.
pub(super) fn refused(action: &Action, events: &[Event]) -> Refusal {
    let found = events.iter().rev().find_map(|e| match &e.what {
        What::Refused { why, words } => Some((why.as_str(), words)),
        _ => None,
    });
    let again = text!("再检查一次，重新开始", "check again, and begin anew");
    let own = found.and_then(|(why, words)| match action {
        _ if (why, words.as_str()) == ("live", "unknown") => Some(Refusal::new(
            text!(
                "读不了备份数据库，不知道有没有备份在跑。什么也没做",
                "the database could not be read, so whether a backup runs is not known. Nothing was done"
            ),
            again.clone(),
        )),
        _ if why == "silent" => super::mount_error::refused(why, words),
        Action::Mount { .. } | Action::Unmount { .. } => super::mount_error::refused(why, words),
        _ => super::blocked::refused(action, why, words),
    });
    if let Some(refusal) = own {
        return refusal;
    }
    match found {
        Some(("busy", who)) => busy(who.as_str(), events.last().map(|e| e.at)),
        Some(("docker", _)) => Refusal::new(
            text!(
                "Docker 没有应答，不知道容器怎样。什么也没做",
                "Docker does not answer, so how the containers are is not known. Nothing was done"
            ),
            text!(
                "在服务器上看 systemctl status docker；它恢复后再来一次",
                "see systemctl status docker on the server; try again when it is well"
            ),
        ),
        Some(("machine", _)) => Refusal::new(
            text!(
                "这不是预览时的那台服务器（machine-id 不同）。什么也没做",
                "this is not the server of the preview (another machine-id). Nothing was done"
            ),
            text!("核对地址，再检查一次", "compare the address, then check again"),
        ),
        Some(("container", name)) => Refusal::new(
            text!(
                "容器 {name} 已经不是预览时的那一个。什么也没做",
                "the container {name} is not the one of the preview any more. Nothing was done"
            ),
            again,
        ),
        Some((why, words)) => Refusal::new(
            text!(
                "服务器拒绝了：{why} {words}。什么也没做",
                "the server refused: {why} {words}. Nothing was done"
            ),
            again,
        ),
        None => Refusal::new(
            text!(
                "服务器拒绝了，没有说明。什么也没做",
                "the server refused without a word. Nothing was done"
            ),
            again,
        ),
    }
}

/// Somebody else is at work there: `ACTION|OPERATOR|SECONDS|RUN`, as far as it is known. `now`: by the same clock.
pub fn busy(who: &str, now: Option<EpochMs>) -> Refusal {
    let mut parts = who.trim().split('|').map(SafeText::new);
    let mut part = || parts.next().unwrap_or_default();
    let (id, operator, seconds, run) = (part(), part(), part(), part());
    let action = Action::of_id(id.as_str());
    let title = action.as_ref().map_or_else(|| Text::same(id.as_str()), Action::title);
    let began =
        seconds.as_str().parse::<i64>().ok().filter(|s| *s > 0).map(|s| EpochMs(s.saturating_mul(1000)));
    let since = began.zip(now).map(|(began, now)| ago(now.since(began).max(0)));
    let (zh, en) = match since {
        Some(ago) => (format!("，{}开始的", ago.zh), format!(", begun {}", ago.en)),
        None => (String::new(), String::new()),
    };
    let said = Text {
        zh: format!("{operator} 正在这台服务器上做「{}」{zh}；同一时间只能有一个。什么也没做", title.zh),
        en: format!(
            "{operator} is at work on this server: {}{en}; only one may be. Nothing was done",
            title.en
        ),
    };
    let mut refusal =
        Refusal::new(said, text!("等它结束，或者跟着看它", "wait until it has ended, or follow it"));
    refusal.follow = RunName::parse(run.as_str()).zip(action);
    refusal
}

/// Why a run failed, and what to do.
pub(super) fn failed(action: &Action, how: How, events: &[Event]) -> (Text, Text) {
    let (said, next) = why(action, how, events);
    // whatever it was: the share is not where it was before
    if super::event::fact(events, "detached").is_none() {
        return (said, next);
    }
    let said = Text {
        zh: format!("{}；共享中途没有应答，为了让后端能启动，已把它从挂载点上摘下（懒卸载）", said.zh),
        en: format!(
            "{}; the share died meanwhile, and was detached so that the backend could start",
            said.en
        ),
    };
    let next = match action {
        Action::Mount { .. } | Action::Unmount { .. } => next,
        _ => text!(
            "Windows 恢复后重新挂载共享；在那之前备份做不成",
            "when Windows is back, mount the share again: no backup can be made before that"
        ),
    };
    (said, next)
}

fn why(action: &Action, how: How, events: &[Event]) -> (Text, Text) {
    let step = events.iter().rev().find_map(|e| match e.what {
        What::Fail { n, code } => Some((n, code)),
        _ => None,
    });
    if let Some(why) = super::blocked::failed(action, events) {
        return why;
    }
    let look = text!("再检查一次，看服务器现在怎样", "check again and see how the server is now");
    if matches!(action, Action::Mount { .. } | Action::Unmount { .. })
        && how == How::Failed
        && let Some(found) = super::mount_error::failed(action, events)
    {
        return found;
    }
    match (how, step) {
        (How::Rebooted, _) => {
            (stays(text!("服务器在操作中途重启了", "the server rebooted in the middle of it"), events), look)
        }
        (How::Killed, _) if super::event::fact(events, "limit").is_some() => (
            stays(text!("超过了时间限制，被结束了", "it took longer than it may and was ended"), events),
            look,
        ),
        (How::Killed, _) => (stays(text!("中途被结束了", "it was ended in the middle"), events), look),
        (_, Some((n, 124 | 137))) => (text!("第 {n} 步超时，没有做成", "step {n} ran out of time"), look),
        (_, Some((n, code))) => {
            (text!("第 {n} 步没有做成（退出码 {code}）", "step {n} did not work (exit code {code})"), look)
        }
        (_, None) => (text!("没有做成", "it did not work"), look),
    }
}

/// Of a run that did not end by itself nothing is taken back: what its steps did by then is still so.
fn stays(why: Text, events: &[Event]) -> Text {
    let step = events.iter().rev().find_map(|e| match e.what {
        What::Step { n } => Some(n),
        _ => None,
    });
    match step {
        None => Text {
            zh: format!("{}，一步也没有做", why.zh),
            en: format!("{}, before its first step", why.en),
        },
        Some(n) => Text {
            zh: format!("{}，做到第 {n} 步；之前做的没有撤回，还在", why.zh),
            en: format!("{}, in step {n}; what was done by then was not taken back", why.en),
        },
    }
}

/// A run that was ended before it began.
pub(super) fn never_began(how: How) -> Refusal {
    let why = match how {
        How::Rebooted => text!("服务器重启了", "the server rebooted"),
        _ => text!("被结束了", "it was ended"),
    };
    Refusal::new(
        Text {
            zh: format!("还没开始就{}。什么也没做", why.zh),
            en: format!("{} before it began. Nothing was done", why.en),
        },
        text!("再检查一次，重新开始", "check again, and begin anew"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::event::event;
    use super::super::told::{Came, Seen, outcome};
    use super::*;

    fn came(lines: &[&str]) -> (Came, Text) {
        let events: Vec<Event> = lines.iter().map(|l| event(format!("1700000000 {l}").as_bytes())).collect();
        let seen = Seen { at: crate::core::units::EpochMs(1_700_000_000_000), proofs: Vec::new() };
        let outcome = outcome(&Action::Mount { new_password: false }, &events, Some(seen));
        (outcome.came(), outcome.said())
    }

    #[test]
    fn a_run_that_was_ended_says_what_stays_and_one_that_never_began_says_so() {
        let (ended, said) = came(&["begin", "step 1", "done 1", "step 2", "end killed"]);
        assert_eq!(ended, Came::Failed);
        assert_eq!(said.zh, "中途被结束了，做到第 2 步；之前做的没有撤回，还在");
        let (ended, said) = came(&["begin", "end killed down"]);
        assert_eq!(
            (ended, said.en.as_str()),
            (Came::Failed, "it was ended in the middle, before its first step")
        );
        let limit = came(&["begin", "step 1", "fact limit", "end killed"]);
        assert!(
            limit.1.zh.starts_with("超过了时间限制") && limit.1.zh.contains("没有撤回"),
            "{}",
            limit.1.zh
        );
        for (end, word) in [
            ("end killed", "it was ended before it began"),
            ("end rebooted", "the server rebooted before it began"),
        ] {
            let (ended, said) = came(&[end]);
            assert_eq!(ended, Came::Refused);
            assert!(said.en.starts_with(word) && said.zh.ends_with("什么也没做"), "{}", said.zh);
        }
    }
}
