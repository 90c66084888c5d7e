//! Why something could not be checked. A gap is an answer of its own: it is said, and it is never green.
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::text;
use serde::Serialize;

/// What a probe found, or why it could not be checked.
pub type Known<T> = Result<T, Gap>;

/// Why something could not be checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Gap {
    /// The server's answer ended before this question was answered.
    NoAnswer,
    /// The question's own time was up on the server.
    TimedOut,
    /// The server lacks the tool.
    ToolMissing {
        /// What the shell said.
        said: SafeText,
    },
    /// The login may not ask this.
    Denied {
        /// What the tool said.
        said: SafeText,
    },
    /// The tool failed.
    Failed {
        /// Its exit code.
        code: i32,
        /// What it said.
        said: SafeText,
    },
    /// The answer was longer than what is kept of it.
    CutShort {
        /// Whole length in bytes.
        bytes: u64,
    },
    /// The answer is not in the form that this console knows.
    Unreadable {
        /// What was expected.
        expected: &'static str,
        /// What came, its first line.
        sample: SafeText,
    },
    /// Not asked, because asking makes no sense or is dangerous.
    NotAsked {
        /// The reason.
        because: NotAsked,
    },
}

/// Why a question was not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotAsked {
    /// The share is not mounted.
    NotMounted,
    /// Something else is on the mount point.
    NotOurShare,
    /// The share does not answer, and asking it more would only leave one more stuck process.
    ShareSilent,
    /// The backend container does not run.
    BackendDown,
    /// A night long past was asked about, and nobody kept how it was then.
    PastNight,
}

impl Gap {
    /// The reason in words.
    pub fn text(&self) -> Text {
        match self {
            Gap::NoAnswer => text!("服务器的回答在此之前就中断了", "the server's answer ended before this"),
            Gap::TimedOut => text!("服务器上这一项检查超时", "this check ran out of time on the server"),
            Gap::ToolMissing { said } => {
                text!("服务器上缺少所需命令：{said}", "the server lacks a command: {said}")
            }
            Gap::Denied { said } => {
                text!("登录用户没有权限：{said}", "the login user may not read it: {said}")
            }
            Gap::Failed { said, .. } if said.as_str().contains("Cannot connect to the Docker daemon") => {
                text!("服务器上的 Docker 没有运行", "Docker does not run on the server")
            }
            Gap::Failed { code, said } if said.is_empty() => {
                text!(
                    "命令失败，退出码 {code}，没有说明",
                    "the command failed with exit code {code} and said nothing"
                )
            }
            Gap::Failed { code, said } => {
                text!("命令失败，退出码 {code}：{said}", "the command failed with exit code {code}: {said}")
            }
            Gap::CutShort { bytes } => {
                text!(
                    "回答太长（{bytes} 字节），被截断",
                    "the answer was too long ({bytes} bytes) and was cut"
                )
            }
            Gap::Unreadable { expected, sample } if sample.is_empty() => {
                text!("回答是空的（应为 {expected}）", "the answer is empty (expected: {expected})")
            }
            Gap::Unreadable { expected, sample } => {
                text!(
                    "看不懂的回答（应为 {expected}）：{sample}",
                    "cannot read the answer (expected: {expected}): {sample}"
                )
            }
            Gap::NotAsked { because: NotAsked::NotMounted } => {
                text!("共享没有挂载", "the share is not mounted")
            }
            Gap::NotAsked { because: NotAsked::NotOurShare } => {
                text!("挂载点上不是这个共享", "the mount point holds something else")
            }
            Gap::NotAsked { because: NotAsked::ShareSilent } => {
                text!("共享没有响应", "the share does not answer")
            }
            Gap::NotAsked { because: NotAsked::BackendDown } => {
                text!("后端容器没有运行", "the backend container does not run")
            }
            Gap::NotAsked { because: NotAsked::PastNight } => {
                text!("那一夜当时的情况没有记录", "nobody kept how it was in that night")
            }
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Text {
        match self {
            Gap::ToolMissing { .. } => {
                text!("在服务器上安装缺少的命令", "install the missing command on the server")
            }
            Gap::Denied { .. } => {
                text!("用 root 登录，或给登录用户权限", "log in as root, or give the login user access")
            }
            Gap::NotAsked { because: NotAsked::NotMounted | NotAsked::NotOurShare } => {
                text!("先挂载共享，再检查一次", "mount the share, then check again")
            }
            Gap::NotAsked { because: NotAsked::ShareSilent } => {
                text!("先让共享恢复应答，再检查一次", "make the share answer, then check again")
            }
            Gap::NotAsked { because: NotAsked::BackendDown } => {
                text!("先启动后端，再检查一次", "start the backend, then check again")
            }
            Gap::NotAsked { because: NotAsked::PastNight } => text!(
                "看当时的后端日志和系统日志；下次出问题时当天早上就来看",
                "see the logs of that time; next time, look on the same morning"
            ),
            Gap::Failed { said, .. } if said.as_str().contains("Docker daemon") => {
                text!("先启动 Docker，再检查一次", "start Docker, then check again")
            }
            _ => text!("再检查一次；仍不行就看诊断日志", "check again; if it stays, see the diagnostic log"),
        }
    }

    /// An answer in a form that is not known; the first line of it is kept.
    pub fn unreadable(expected: &'static str, answer: &[u8]) -> Gap {
        let first = answer.split(|b| *b == b'\n').next().unwrap_or_default();
        Gap::Unreadable { expected, sample: SafeText::from_bytes(first.get(..200).unwrap_or(first)) }
    }
}
