//! The box of an action as lines, so that what is drawn and what is copied say the same.
use super::super::age::ago;
use super::super::freshness::spinner;
use super::super::menu;
use super::super::model::{Model, Server};
use super::super::overlay::Overlay;
use super::run::{Run, StepState};
use super::{Deed, Stage, Typing, ended, is_typed, preview, write};
use crate::core::plan::prove::Proof;
use crate::core::plan::told::Outcome;
use crate::core::plan::{Action, Made, Plan};
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::text;
use tui_input::Input;

/// A line of the box.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// Nothing.
    Blank,
    /// What the lines below are about.
    Title(Text),
    /// Words.
    Plain(Text),
    /// Words that are less important, or old.
    Faint(Text),
    /// Words that must not be missed.
    Warn(Text),
    /// One of several.
    Item(Text),
    /// What something came to.
    Sign(State, Text),
    /// What to do.
    Next(Text),
    /// One part of several: what it is about, and below each other what is said.
    Part(Text, Text),
    /// Commands, as they are.
    Code(String),
    /// Something to choose, by its digit or with Enter.
    Pick {
        /// Its digit.
        n: usize,
        /// Enter takes this one.
        chosen: bool,
        /// What it is.
        what: Text,
        /// Why it cannot be done, by the last look; nothing where it can, or where that is not known.
        why: Option<Text>,
    },
    /// A step of a run.
    Step(StepState, Text),
    /// Before and after.
    Proof(Proof),
}

/// What is typed.
#[derive(Clone, Debug)]
pub struct Field {
    /// What for.
    pub label: Text,
    /// What is seen of it, and where the cursor is.
    pub input: Input,
}

/// The box.
#[derive(Clone, Debug, Default)]
pub struct DeedPage {
    /// What the box is.
    pub title: Text,
    /// What it is about; stands beside the environment's name.
    pub head: Text,
    /// What it says, a page at a time.
    pub lines: Vec<Line>,
    /// What it says at its end, always seen.
    pub foot: Vec<Line>,
    /// What is typed, below that.
    pub field: Option<Field>,
}

/// The box that is open.
pub fn page(model: &Model, now: EpochMs) -> Option<DeedPage> {
    let Some(Overlay::Deed(deed)) = &model.overlay else { return None };
    let server = model.open()?;
    Some(match &deed.stage {
        Stage::Choosing => choosing(deed, server, now),
        Stage::Asking { since, action, .. } => asking(server, action, *since, now),
        Stage::Unreachable { action, why } => DeedPage {
            title: text!("没有连上", "not connected"),
            head: action.title(),
            lines: vec![
                Line::Sign(State::Unknown, why.said.clone()),
                Line::Plain(text!("什么也没做。", "Nothing was done.")),
                Line::Next(why.hint.clone()),
            ],
            foot: vec![Line::Faint(text!("Enter 再看一次   Esc 返回", "Enter looks again   Esc goes back"))],
            field: None,
        },
        Stage::Made { action, made, asked, .. } => {
            let page = match made.as_ref() {
                Ok(Made::Plan(plan)) if deed.commands => commands(plan),
                Ok(Made::Plan(plan)) => previewed(deed, plan, server, *asked, now),
                Ok(Made::Nothing { said, evidence }) => {
                    let mut lines = vec![Line::Sign(State::Ok, said.clone())];
                    lines.extend(evidence.iter().cloned().map(Line::Item));
                    lines.push(Line::Faint(seen_at(*asked, now)));
                    DeedPage {
                        title: text!("不用做", "nothing to do"),
                        lines,
                        foot: vec![Line::Faint(text!("Esc 返回", "Esc goes back"))],
                        ..DeedPage::default()
                    }
                }
                Err(refusal) => {
                    let mut lines = preview::refusal(refusal);
                    lines.push(Line::Faint(seen_at(*asked, now)));
                    DeedPage {
                        title: text!("现在不能做", "not possible now"),
                        lines,
                        foot: match refusal.follow {
                            Some(_) => vec![follow()],
                            None => picks(deed.picks(), deed.pick),
                        },
                        ..DeedPage::default()
                    }
                }
            };
            DeedPage { head: action.title(), ..page }
        }
        Stage::Running => running(server.run.as_ref()?, deed, now),
    })
}

/// Which of several? By the last look, what cannot be done now says why.
fn choosing(deed: &Deed, server: &Server, now: EpochMs) -> DeedPage {
    let pick = |(at, action): (usize, &Action)| Line::Pick {
        n: at + 1,
        chosen: at == deed.pick,
        what: action.title(),
        why: menu::why_not(server, std::slice::from_ref(action), now).err(),
    };
    let title = menu::CHANGES.get(deed.line).map(|c| (c.title)()).unwrap_or_default();
    let mut lines: Vec<Line> = deed.choices.iter().enumerate().map(pick).collect();
    lines.push(Line::Blank);
    lines.push(Line::Faint(text!(
        "选了之后先看一眼服务器，给出预览；确认之前什么也不做。",
        "Then the server is looked at and a preview is shown; nothing is done before you confirm."
    )));
    DeedPage {
        title: text!("选哪一种", "which one"),
        head: title,
        lines,
        foot: vec![Line::Faint(text!(
            "数字或 Enter 选中   Esc 返回",
            "a digit or Enter chooses   Esc goes back"
        ))],
        field: None,
    }
}

/// What the last look said is shown meanwhile, as old; it cannot be confirmed.
fn asking(server: &Server, action: &Action, since: EpochMs, now: EpochMs) -> DeedPage {
    let waited = now.since(since).max(0);
    let (spin, s) = (spinner(waited), waited / 1000);
    let mut lines = vec![Line::Warn(text!(
        "{spin} 正在看服务器现在的样子，已 {s} 秒；只读，不改任何东西",
        "{spin} looking at the server as it is now, {s} s; this only reads"
    ))];
    if let Some(answer) = &server.answer {
        let made = crate::core::plan::make(action, &Facts::of(&server.env, &answer.what.look), "");
        let age = ago(now.since(answer.asked));
        lines.push(Line::Blank);
        lines.push(Line::Faint(Text {
            zh: format!("按 {}的检查（旧的，不能确认）：", age.zh),
            en: format!("by what was found {} (old, cannot be confirmed):", age.en),
        }));
        lines.extend(preview::faint(made));
    }
    DeedPage {
        title: text!("预览", "preview"),
        head: action.title(),
        lines,
        foot: vec![Line::Faint(text!("Esc 不等了，返回", "Esc stops waiting and goes back"))],
        field: None,
    }
}

fn seen_at(asked: EpochMs, now: EpochMs) -> Text {
    let age = ago(now.since(asked));
    Text { zh: format!("看于 {}。", age.zh), en: format!("Looked at {}.", age.en) }
}

fn previewed(deed: &Deed, plan: &Plan, server: &Server, asked: EpochMs, now: EpochMs) -> DeedPage {
    let mut lines = preview::plan(plan);
    let age = ago(now.since(asked));
    lines.push(Line::Faint(Text {
        zh: format!("看于 {}；动手之前会再看一次，有变化就不动手。", age.zh),
        en: format!(
            "Looked at {}; it is looked at again before anything is done, and a change stops it.",
            age.en
        ),
    }));
    let secret = server.env.share.secret.as_ref();
    if let Some(source) = secret.filter(|s| plan.needs_password && !is_typed(Some(s))) {
        let from = source.describe();
        lines.push(Line::Plain(Text {
            zh: format!("密码到动手时从{}取。", from.zh),
            en: format!("The password is taken from {} when it is done.", from.en),
        }));
    }
    let typing = deed.typing(secret);
    let mut foot = Vec::new();
    let with_letters = if typing.is_none() { "v" } else { "F3" };
    if let Action::Mount { new_password: false } = plan.action {
        let key = if typing.is_none() { "p" } else { "F2" };
        foot.push(Line::Faint(text!(
            "{with_letters} 看命令   {key} 换成新密码（重写凭据文件）",
            "{with_letters} shows the commands   {key} with a new password (rewrites the credentials file)"
        )));
    } else {
        foot.push(Line::Faint(text!("{with_letters} 看命令", "{with_letters} shows the commands")));
    }
    let mode = match write::left_ms(server, now) {
        Some(_) => Text::default(),
        None => text!("，并打开写模式 10 分钟", ", and opens the write mode for 10 minutes"),
    };
    let field = match typing {
        None => {
            foot.push(Line::Warn(Text {
                zh: format!("Enter 执行{}。Esc 取消，什么也不做。", mode.zh),
                en: format!("Enter does it{}. Esc cancels: nothing is done.", mode.en),
            }));
            None
        }
        Some(Typing::Password) => {
            foot.push(Line::Warn(text!(
                "先输入共享的密码，再按 Enter（不显示，不保存在这台工作机上）。Esc 取消。",
                "First the share's password, then Enter (not shown, not kept on this workstation). Esc cancels."
            )));
            let input = Input::new("*".repeat(deed.password.chars()));
            Some(Field { label: text!("密码：", "password: "), input })
        }
        Some(Typing::Name) => {
            let (key, name) = (&plan.env, &plan.name);
            let names =
                if key.0 == *name { Text::same(name) } else { text!("{name} 或 {key}", "{name} or {key}") };
            foot.push(Line::Warn(Text {
                zh: format!("确认：打出 {}，再按 Enter，就执行{}。", names.zh, mode.zh),
                en: format!("To confirm, type {} and press Enter: does it{}.", names.en, mode.en),
            }));
            foot.push(Line::Faint(text!(
                "默认是取消：空着、打错、按 Esc，都什么也不做。",
                "The default is to cancel: empty, mistyped or Esc, and nothing is done."
            )));
            Some(Field { label: text!("环境名：", "name: "), input: deed.name.clone() })
        }
    };
    DeedPage {
        title: text!("预览：还没有做任何事", "preview: nothing was done yet"),
        lines,
        foot,
        field,
        ..DeedPage::default()
    }
}

fn commands(plan: &Plan) -> DeedPage {
    let text = crate::core::plan::script::steps(plan);
    DeedPage {
        title: text!("服务器上要跑的命令", "what runs on the server"),
        lines: text.lines().map(|l| Line::Code(l.to_owned())).collect(),
        foot: vec![Line::Faint(text!(
            "只看：在预览里才能确认。v 或 Esc 回到预览",
            "To read only: it is confirmed in the preview. v or Esc goes back to it"
        ))],
        ..DeedPage::default()
    }
}

fn follow() -> Line {
    Line::Faint(text!("Enter 接着跟踪   Esc 返回", "Enter follows it   Esc goes back"))
}

/// What can be done instead, and the way back.
pub(super) fn picks(actions: &[Action], chosen: usize) -> Vec<Line> {
    if actions.is_empty() {
        return vec![Line::Faint(text!("Esc 返回", "Esc goes back"))];
    }
    let mut lines =
        vec![Line::Title(text!("现在可以做的（先给预览）：", "What can be done (a preview comes first):"))];
    lines.extend(actions.iter().enumerate().map(|(at, action)| Line::Pick {
        n: at + 1,
        chosen: at == chosen,
        what: action.title(),
        why: None,
    }));
    lines.push(Line::Faint(match actions.get(chosen) {
        Some(_) => text!("数字或 Enter 选中   Esc 返回", "a digit or Enter chooses   Esc goes back"),
        // Enter closes the box
        None => text!("数字选中   Enter、Esc 返回", "a digit chooses   Enter and Esc go back"),
    }));
    lines
}

fn running(run: &Run, deed: &Deed, now: EpochMs) -> DeedPage {
    let lines = ended::lines(run, now);
    let (title, foot) = match run.outcome() {
        None => (
            text!("操作进行中", "at work"),
            vec![
                Line::Plain(text!(
                    "服务器上自己会做完，断线、关窗口都不影响。",
                    "It goes on by itself on the server, whatever becomes of the link or this window."
                )),
                Line::Faint(text!(
                    "Esc 放到一边（它接着做）；Enter 或操作键再打开",
                    "Esc puts this aside (it goes on); Enter or the action's key brings it back"
                )),
            ],
        ),
        Some(outcome) if run.to_follow().is_some() => (ended::title(outcome), vec![follow()]),
        Some(outcome @ Outcome::Done { .. }) => (ended::title(outcome), picks(&run.picks(), usize::MAX)),
        Some(outcome) => (ended::title(outcome), picks(&run.picks(), deed.pick)),
    };
    DeedPage { title, head: run.action.title(), lines, foot, field: None }
}
