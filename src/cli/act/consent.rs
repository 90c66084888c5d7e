//! Whether a plan may be carried out: by words of the command line, or by a person at a terminal.
use crate::cli::args::ActArgs;
use crate::config::model::Role;
use crate::core::plan::{Plan, Refusal};
use crate::core::safetext::SafeText;
use crate::i18n::{Lang, Text};
use crate::text;
use rustix::termios::{QueueSelector, tcflush};
use std::io::{BufRead, Write};

/// What there is to say to a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Consent {
    /// Do it.
    Given,
    /// A person has to type something.
    Ask(Question),
    /// No.
    Refused(Refusal),
}

/// What a person has to type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// `y`.
    Yes,
    /// The environment's name or key.
    Name {
        /// `prod`.
        key: String,
        /// 正式.
        name: String,
    },
}

/// What the command line says to it. `terminal`: a person can see the plan and answer.
pub fn of(plan: &Plan, args: &ActArgs, terminal: bool) -> Consent {
    let key = plan.env.0.as_str();
    let nothing = text!("什么也没做", "nothing was done");
    let refuse = |said: Text, next: Text| {
        let said =
            Text { zh: format!("{}，{}", said.zh, nothing.zh), en: format!("{}; {}", said.en, nothing.en) };
        Consent::Refused(Refusal::new(said, next))
    };
    let with_confirm = match plan.role {
        Role::Prod => format!("--yes --confirm {key}"),
        _ => "--yes".to_owned(),
    };
    if let Some(given) = args.confirm.as_deref().filter(|given| *given != key) {
        let given = SafeText::new(given);
        return refuse(
            text!(
                "--confirm {given} 不是这个环境：它的 key 是 {key}",
                "--confirm {given} is not this environment: its key is {key}"
            ),
            text!(
                "确认是不是选错了环境，再来一次",
                "see whether this is the environment that is meant, then try again"
            ),
        );
    }
    match (args.yes, terminal) {
        (true, _) if plan.role == Role::Prod && args.confirm.is_none() => refuse(
            text!("这是正式环境，光有 --yes 不够", "this is prod: --yes alone does not do"),
            text!("加上 --confirm {key}", "add --confirm {key}"),
        ),
        (true, _) => Consent::Given,
        (false, true) if plan.asks_for_the_name() => {
            Consent::Ask(Question::Name { key: key.to_owned(), name: plan.name.clone() })
        }
        (false, true) => Consent::Ask(Question::Yes),
        (false, false) => refuse(
            text!("没有人可以确认（不是终端）", "nobody can confirm it (this is no terminal)"),
            text!(
                "先用 --dry-run 看计划，再加上 {with_confirm}",
                "read the plan with --dry-run, then add {with_confirm}"
            ),
        ),
    }
}

impl Question {
    /// The question.
    pub fn text(&self) -> Text {
        match self {
            Question::Yes => {
                text!("做吗？输入 y 再回车（直接回车不做）：", "Do it? Type y and Enter (Enter alone: no): ")
            }
            Question::Name { key, name } => {
                let name = SafeText::new(name);
                text!(
                    "要做的话，请输入环境名 {key}（{name}），直接回车不做：",
                    "To do it, type the environment's name {key} ({name}); Enter alone: no: "
                )
            }
        }
    }

    /// Whether this is a yes.
    pub fn is_yes(&self, typed: &str) -> bool {
        let typed = typed.trim();
        match self {
            Question::Yes => ["y", "yes", "是"].iter().any(|yes| typed.eq_ignore_ascii_case(yes)),
            Question::Name { key, name } => !typed.is_empty() && (typed == key || typed == name),
        }
    }

    /// Asks it on the terminal that standard input and output are. What was typed before the question is no answer.
    ///
    /// # Errors
    /// When the terminal cannot be read or written.
    pub(super) fn ask(&self, lang: Lang) -> std::io::Result<bool> {
        let (stdin, mut stdout) = (std::io::stdin(), std::io::stdout());
        let _ = tcflush(&stdin, QueueSelector::IFlush);
        write!(stdout, "{}", self.text().get(lang))?;
        stdout.flush()?;
        let mut line = String::new();
        let read = stdin.lock().read_line(&mut line)?;
        if read == 0 {
            writeln!(stdout)?;
        }
        Ok(self.is_yes(&line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::act::samples;
    use crate::core::plan::Risk;

    fn args(yes: bool, confirm: Option<&str>) -> ActArgs {
        ActArgs { yes, confirm: confirm.map(ToOwned::to_owned), ..ActArgs::default() }
    }

    fn refusal(consent: Consent) -> String {
        let Consent::Refused(refusal) = consent else { panic!("{consent:?}") };
        format!("{} {}", refusal.said.en, refusal.next.en)
    }

    #[test]
    fn prod_needs_its_key_and_a_wrong_key_is_never_taken() {
        let prod = samples::plan(Role::Prod, Risk::Light);
        let test = samples::plan(Role::Test, Risk::Heavy);
        for terminal in [false, true] {
            assert!(refusal(of(&prod, &args(true, None), terminal)).contains("--confirm prod"));
            assert_eq!(of(&prod, &args(true, Some("prod")), terminal), Consent::Given);
            assert_eq!(of(&test, &args(true, None), terminal), Consent::Given);
            for (plan, yes) in [(&prod, true), (&prod, false), (&test, true), (&test, false)] {
                assert!(
                    refusal(of(plan, &args(yes, Some("tset")), terminal)).contains("--confirm tset is not")
                );
            }
        }
    }

    #[test]
    fn without_a_terminal_the_flag_is_named() {
        let (prod, test) = (samples::plan(Role::Prod, Risk::Light), samples::plan(Role::Test, Risk::Light));
        assert!(refusal(of(&test, &args(false, None), false)).ends_with("then add --yes"));
        assert!(refusal(of(&prod, &args(false, None), false)).ends_with("then add --yes --confirm prod"));
    }

    #[test]
    fn what_is_typed_depends_on_the_harm() {
        let asked = |role, risk| match of(&samples::plan(role, risk), &args(false, None), true) {
            Consent::Ask(question) => question,
            other => panic!("{other:?}"),
        };
        let name = |key: &str| Question::Name { key: key.into(), name: "正式".into() };
        assert_eq!(asked(Role::Test, Risk::Light), Question::Yes);
        assert_eq!(asked(Role::Prod, Risk::Light), name("prod"));
        assert!(matches!(asked(Role::Test, Risk::Heavy), Question::Name { .. }));
        for no in ["", "\n", "n", "yess", "prod"] {
            assert!(!Question::Yes.is_yes(no), "{no:?}");
        }
        for no in ["", "\n", "y", "Prod", "prod x"] {
            assert!(!name("prod").is_yes(no), "{no:?}");
        }
        assert!(Question::Yes.is_yes("y\n") && Question::Yes.is_yes("是"));
        assert!(name("prod").is_yes("prod\n") && name("prod").is_yes(" 正式 "));
    }
}
