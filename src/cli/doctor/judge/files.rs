//! Configuration, sources of secrets, diagnostic log.
use super::super::Check;
use super::super::facts::{ConfigFact, LogFact, SourceFact};
use super::{Look, shown};
use crate::core::state::State;
use crate::core::units::Bytes;
use crate::i18n::{Text, counted};
use crate::text;

pub(super) fn config(fact: &ConfigFact) -> Check {
    let look = Look("config", text!("配置文件", "configuration"));
    let see =
        text!("运行 opsdeck config check，逐条改正", "run opsdeck config check and mend one after the other");
    match fact {
        ConfigFact::Missing(why) => look.bad(
            State::Failed,
            text!("没有 environments.toml", "there is no environments.toml"),
            why.clone(),
        ),
        ConfigFact::Refused(refused) => {
            let path = shown(&refused.path);
            let count = refused.problems.len();
            let first = refused.problems.first().map(|p| p.message.clone()).unwrap_or(text!("", ""));
            let mistakes = counted(count, "mistake", "mistakes");
            let evidence = Text {
                zh: format!("{path} 有 {count} 处错误，第一处：{}", first.zh),
                en: format!("{path} has {mistakes}, the first: {}", first.en),
            };
            look.bad(State::Failed, evidence, see)
        }
        ConfigFact::Accepted { path, environments, notices } => {
            let path = shown(path);
            match notices.first() {
                None => {
                    let counted = counted(*environments, "environment", "environments");
                    look.ok(text!("{path}，{environments} 个环境", "{path}, {counted}"))
                }
                Some(first) => {
                    let evidence = Text {
                        zh: format!("{path}：{}", first.message.zh),
                        en: format!("{path}: {}", first.message.en),
                    };
                    look.bad(State::Warning, evidence, first.hint.clone())
                }
            }
        }
    }
}

pub(super) fn secrets(config: &ConfigFact, sources: &[SourceFact]) -> Check {
    let look = Look("secret", text!("共享密码", "share password"));
    if !matches!(config, ConfigFact::Accepted { .. }) {
        return look.bad(
            State::Unknown,
            text!("配置文件不可用，不知道密码从哪里来", "without a configuration its source is not known"),
            text!("先改好配置文件", "mend the configuration first"),
        );
    }
    if let Some((source, why)) = sources.iter().find_map(|s| Some((s, s.trouble.as_ref()?))) {
        let evidence = Text {
            zh: format!("{} 的密码来源用不了：{}", source.share, source.source.zh),
            en: format!("the source of the password of {} does not work: {}", source.share, source.source.en),
        };
        return look.bad(State::Warning, evidence, why.message.clone());
    }
    let described: Vec<&Text> = sources.iter().map(|s| &s.source).collect();
    if described.is_empty() {
        return look.bad(
            State::Warning,
            text!("没有写密码从哪里来，挂载不了", "no source is named, mounting does not work"),
            text!(
                "在 [share] 加 secret = {{ prompt = true }}",
                "add secret = {{ prompt = true }} to [share]"
            ),
        );
    }
    look.ok(Text::join(described))
}

pub(super) fn log(fact: &LogFact) -> Check {
    let look = Look("log", text!("诊断日志", "diagnostic log"));
    match fact {
        LogFact::Fine(folder, bytes) => {
            let (folder, bytes) = (shown(folder), Bytes(*bytes));
            look.ok(text!("{folder}，{bytes}", "{folder}, {bytes}"))
        }
        LogFact::NoHome => look.bad(
            State::Warning,
            text!("没有主目录，写不了日志", "no home folder, no log"),
            text!("设置 HOME 或 XDG_STATE_HOME", "set HOME or XDG_STATE_HOME"),
        ),
        LogFact::Broken(folder, why) => {
            let folder = shown(folder);
            look.bad(
                State::Warning,
                text!("{folder} 写不了：{why}", "cannot write to {folder}: {why}"),
                text!(
                    "看看磁盘是否满了（df -h），目录是不是自己的（ls -ld {folder}）",
                    "look whether the disk is full (df -h) and the folder yours (ls -ld {folder})"
                ),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::secret::SecretErrorKind;
    use crate::config::{ConfigError, Problem, SecretError};

    fn problem() -> Problem {
        Problem {
            place: None,
            message: text!("文件是空的", "the file is empty"),
            hint: text!("重写", "write it again"),
        }
    }

    fn accepted(notices: Vec<Problem>) -> ConfigFact {
        ConfigFact::Accepted { path: "/e.toml".into(), environments: 2, notices }
    }

    #[test]
    fn a_configuration_is_good_accepted_with_notices_or_refused() {
        assert_eq!(config(&accepted(Vec::new())).state, State::Ok);
        let check = config(&accepted(vec![problem()]));
        assert!(check.state == State::Warning && check.mend.unwrap().zh == "重写");
        let refused = ConfigError { path: "/e.toml".into(), problems: vec![problem(), problem()] };
        let check = config(&ConfigFact::Refused(refused));
        assert_eq!(
            (check.state, check.evidence.zh.as_str()),
            (State::Failed, "/e.toml 有 2 处错误，第一处：文件是空的")
        );
        assert_eq!(config(&ConfigFact::Missing(text!("x", "y"))).state, State::Failed);
    }

    #[test]
    fn a_source_that_does_not_work_is_named_with_its_mend() {
        let fine = SourceFact { share: "//h/n".into(), source: text!("文件", "file"), trouble: None };
        let message = text!("运行 chmod 600 /s", "run chmod 600 /s");
        let trouble = SecretError { kind: SecretErrorKind::Open, message };
        let broken = SourceFact { trouble: Some(trouble), ..fine.clone() };
        let good = accepted(Vec::new());
        assert_eq!(secrets(&good, std::slice::from_ref(&fine)).state, State::Ok);
        assert_eq!(secrets(&good, &[]).state, State::Warning);
        let check = secrets(&good, &[fine.clone(), broken]);
        assert!(check.state == State::Warning && check.mend.unwrap().en.contains("chmod 600 /s"));
        assert_eq!(secrets(&ConfigFact::Missing(text!("x", "y")), &[fine]).state, State::Unknown);
    }

    #[test]
    fn a_log_that_cannot_be_written_is_a_warning() {
        use crate::core::safetext::SafeText;
        assert_eq!(log(&LogFact::Fine("/l".into(), 3)).state, State::Ok);
        assert_eq!(log(&LogFact::NoHome).state, State::Warning);
        assert_eq!(log(&LogFact::Broken("/l".into(), SafeText::new("full"))).state, State::Warning);
    }
}
