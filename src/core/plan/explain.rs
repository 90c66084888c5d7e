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
        && let Some(found) = super::mount_error::failed(events)
    {
        return found;
    }
    match (how, step) {
        (How::Rebooted, _) => {
            (text!("服务器在操作中途重启了", "the server rebooted in the middle of it"), look)
        }
        (How::Killed, _) if super::event::fact(events, "limit").is_some() => {
            (text!("超过了时间限制，被结束了", "it took longer than it may and was ended"), look)
        }
        (How::Killed, _) => (text!("中途被结束了", "it was ended in the middle"), look),
        (_, Some((n, 124 | 137))) => (text!("第 {n} 步超时，没有做成", "step {n} ran out of time"), look),
        (_, Some((n, code))) => {
            (text!("第 {n} 步没有做成（退出码 {code}）", "step {n} did not work (exit code {code})"), look)
        }
        (_, None) => (text!("没有做成", "it did not work"), look),
    }
}
