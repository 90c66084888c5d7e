//! What is told while an action is carried out, in lines for people.
use crate::core::derive::schedule;
use crate::core::plan::Action;
use crate::core::plan::event::{Event, How, What};
use crate::core::plan::told::Told;
use crate::core::plan::words;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, by the server's clock; nothing for what this console did.
    pub at: Option<EpochMs>,
    /// What.
    pub text: Text,
}

/// The lines of one thing that is told. `titles`: what the steps do, as far as it is known.
pub fn lines(told: &Told, titles: &[Text]) -> Vec<Line> {
    let one = |text: Text| vec![Line { at: None, text }];
    match told {
        Told::Checking => {
            one(text!("动手之前再看一次服务器", "the server is looked at once more before anything is done"))
        }
        Told::Begun { run } => one(text!(
            "已在服务器上开始（{run}）；从现在起断线也会做完",
            "begun on the server ({run}); from now on it goes on whatever becomes of the link"
        )),
        Told::Events(events) => {
            events.iter().map(|e| Line { at: Some(e.at), text: event(e, titles) }).collect()
        }
        Told::Lost { said, again_ms } => {
            let seconds = again_ms.div_ceil(1000);
            one(Text {
                zh: format!("连接断了（{}）；服务器上照常进行，{seconds} 秒后重连", said.zh),
                en: format!(
                    "the link is lost ({}); it goes on on the server, next try in {seconds} s",
                    said.en
                ),
            })
        }
        Told::Back => one(text!("连接恢复了，接着看", "the link is there again")),
        Told::Proving => {
            one(text!("服务器上结束了，看一眼结果", "it has ended on the server; looking at what it did"))
        }
        Told::Ended(_) => Vec::new(),
    }
}

/// `第 2/3 步：重启`.
pub fn step(n: usize, titles: &[Text]) -> Text {
    let of = if titles.is_empty() { String::new() } else { format!("/{}", titles.len()) };
    match n.checked_sub(1).and_then(|at| titles.get(at)) {
        Some(title) => {
            Text { zh: format!("第 {n}{of} 步：{}", title.zh), en: format!("step {n}{of}: {}", title.en) }
        }
        None => text!("第 {n}{of} 步", "step {n}{of}"),
    }
}

fn event(event: &Event, titles: &[Text]) -> Text {
    match &event.what {
        What::Begin => text!("服务器的操作锁拿到了", "the server's operator lock is ours"),
        What::Step { n } => step(*n, titles),
        What::Done { n } => text!("第 {n} 步做完", "step {n} is done"),
        What::Fact { name, words: rest } => words::fact(name.as_str(), rest.as_str()),
        What::Fail { n, code } => {
            text!("第 {n} 步没有做成（退出码 {code}）", "step {n} did not work (exit code {code})")
        }
        What::Undo { n, code: 0 } => text!("撤回第 {n} 步：好了", "step {n} is taken back"),
        What::Undo { n, code } => {
            text!(
                "撤回第 {n} 步：没有成功（退出码 {code}）",
                "step {n} could not be taken back (exit code {code})"
            )
        }
        What::Refused { why, words } => {
            text!("服务器拒绝了：{why} {words}", "the server refused: {why} {words}")
        }
        What::Finished => text!("每一步都做完了", "every step has worked"),
        What::PutBack { what, well, words: rest } => words::put_back(what.as_str(), *well, rest.as_str()),
        What::End { how, down } => ended(*how, *down),
        What::Other { line } => Text::same(line.as_str()),
    }
}

fn ended(how: How, down: bool) -> Text {
    let text = match how {
        How::Finished => text!("结束：做完了", "end: finished"),
        How::Refused => text!("结束：拒绝，什么也没做", "end: refused, nothing was done"),
        How::Failed => text!("结束：没有做成", "end: it did not work"),
        How::Killed => text!("结束：中途被结束", "end: it was ended in the middle"),
        How::Rebooted => text!("结束：服务器中途重启了", "end: the server rebooted in the middle"),
    };
    match down {
        false => text,
        true => Text {
            zh: format!("{}；有停过的东西没能恢复", text.zh),
            en: format!("{}; something that was stopped could not be started again", text.en),
        },
    }
}

/// `06:00:12`, in a zone.
pub fn clock(at: EpochMs, zone_s: i32) -> String {
    schedule::local(at, zone_s).map_or_else(|| "??:??:??".into(), |t| t.strftime("%H:%M:%S").to_string())
}

/// The command line of an action.
pub fn command(action: &Action, env: &str) -> String {
    action.command(env)
}
