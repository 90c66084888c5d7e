//! What is said between the lines of a log that is followed: why nothing comes, that the container runs again, that
//! lines may be missing. `assets/remote/tail.sh` prints most of them; the rest follows from the lines themselves.
use super::{Incoming, Nanos, line};
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::text;

/// What comes in while a log is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A line of the log.
    Line(Incoming),
    /// A word about it.
    Note(Note),
}

/// A word about a log that is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Nothing can come now; what follows comes by itself once it can.
    Waiting {
        /// For what.
        why: Wait,
    },
    /// The container was started again.
    Restarted {
        /// When, by the server's clock.
        at: Option<Nanos>,
    },
    /// Another container has the name now; what the old one wrote last went with it.
    Recreated {
        /// When the new one was started, by the server's clock.
        at: Option<Nanos>,
    },
    /// Lines may be missing here.
    Gap {
        /// Why.
        why: Hole,
    },
    /// The container's log driver keeps nothing that could be read. The end.
    NotReadable {
        /// Name of the driver: `none`.
        driver: SafeText,
    },
    /// The login may not ask docker. The end.
    Denied {
        /// What docker said.
        said: SafeText,
    },
    /// The server has no such program. The end.
    ToolMissing {
        /// `docker`, `journalctl`.
        tool: SafeText,
    },
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The docker daemon does not answer.
    Docker {
        /// What the docker client said.
        said: SafeText,
    },
    /// There is no container of that name.
    Missing,
    /// The container was removed.
    Removed,
    /// The container does not run.
    Stopped {
        /// Since when, by the server's clock.
        at: Option<Nanos>,
        /// Its exit code.
        code: Option<i64>,
    },
}

/// Why lines may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hole {
    /// The journal no longer has the entry after which it was to go on.
    Cursor,
    /// The container's log no longer has the line after which it was to go on.
    Rotated,
}

impl Note {
    /// Reads what `tail.sh` prints after its mark: `stopped 2026-01-31T04:00:00Z 137`. Nothing if it is no such word.
    pub fn parse(words: &[u8]) -> Option<Note> {
        let words = SafeText::from_bytes(words);
        let (word, rest) = words.as_str().split_once(' ').unwrap_or((words.as_str(), ""));
        let said = || SafeText::new(rest.trim());
        let waiting = |why: Wait| Some(Note::Waiting { why });
        match word {
            "down" => waiting(Wait::Docker { said: said() }),
            "missing" => waiting(Wait::Missing),
            "removed" => waiting(Wait::Removed),
            "stopped" => {
                let (at, code) = rest.split_once(' ').unwrap_or((rest, ""));
                waiting(Wait::Stopped { at: moment(at), code: code.trim().parse().ok() })
            }
            "restarted" => Some(Note::Restarted { at: moment(rest) }),
            "recreated" => Some(Note::Recreated { at: moment(rest) }),
            "gap" => Some(Note::Gap { why: Hole::Cursor }),
            "unreadable" => Some(Note::NotReadable { driver: said() }),
            "denied" => Some(Note::Denied { said: said() }),
            "no-tool" => Some(Note::ToolMissing { tool: said() }),
            _ => None,
        }
    }

    /// When it happened, by the server's clock, where that is known.
    pub fn at(&self) -> Option<Nanos> {
        match self {
            Note::Restarted { at } | Note::Recreated { at } => *at,
            Note::Waiting { why: Wait::Stopped { at, .. } } => *at,
            _ => None,
        }
    }

    /// Whether nothing comes until something changes on the server.
    pub fn waits(&self) -> bool {
        matches!(self, Note::Waiting { .. })
    }

    /// In words. The moment is not in them: see [`Note::at`].
    pub fn text(&self) -> Text {
        match self {
            Note::Waiting { why } => why.text(),
            Note::Restarted { .. } => {
                text!("容器已重新启动，继续跟踪", "the container was started again; following on")
            }
            Note::Recreated { .. } => text!(
                "容器已重新创建，继续跟踪新容器；旧容器最后的几行可能缺失",
                "the container was made anew; following the new one. The old one's last lines may be missing"
            ),
            Note::Gap { why: Hole::Cursor } => text!(
                "系统日志已清理掉上次看到的位置，此处可能缺少若干行",
                "the journal no longer has the last line that was seen: lines may be missing here"
            ),
            Note::Gap { why: Hole::Rotated } => text!(
                "容器日志已轮转或容器已重建，上次看到的那一行已不在，此处可能缺少若干行",
                "the container's log was rotated or the container made anew, and the last line that was seen is gone: lines may be missing here"
            ),
            Note::NotReadable { driver } => text!(
                "容器的日志驱动是 {driver}，不保存日志，无法查看。办法：改用 json-file 或 journald 驱动并重建容器",
                "the container's log driver is {driver}: it keeps nothing that could be read. Mend: make the container anew with the driver json-file or journald"
            ),
            Note::Denied { said } => text!(
                "登录用户没有权限使用 Docker：{said}。办法：用 root 登录，或把用户加入 docker 组",
                "the login user may not use Docker: {said}. Mend: log in as root, or add the user to the group docker"
            ),
            Note::ToolMissing { tool } => text!(
                "服务器上没有命令 {tool}，无法查看这个日志",
                "the server has no command {tool}: this log cannot be read"
            ),
        }
    }
}

impl Wait {
    fn text(&self) -> Text {
        match self {
            Wait::Docker { said } => text!(
                "服务器上的 Docker 没有应答，恢复后自动继续：{said}",
                "Docker does not answer on the server; it goes on by itself when it does: {said}"
            ),
            Wait::Missing => text!(
                "没有这个名字的容器，出现后自动开始",
                "there is no container of this name; it begins by itself when there is"
            ),
            Wait::Removed => text!(
                "容器已被删除，重新创建后自动继续",
                "the container was removed; it goes on by itself when there is a new one"
            ),
            Wait::Stopped { code: Some(code), .. } => text!(
                "容器已停止（退出码 {code}），再次启动后自动继续",
                "the container has stopped (exit code {code}); it goes on by itself when it is started again"
            ),
            Wait::Stopped { code: None, .. } => text!(
                "容器没有运行，启动后自动继续",
                "the container does not run; it goes on by itself when it is started"
            ),
        }
    }
}

/// A moment as docker writes it; the year 1 means none.
fn moment(text: &str) -> Option<Nanos> {
    line::nanos(text.trim()).filter(|at| at.0 > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(words: &str) -> Note {
        Note::parse(words.as_bytes()).unwrap()
    }

    #[test]
    fn every_word_of_the_script_is_known_here_and_said_in_both_languages() {
        let script = include_str!("../../../assets/remote/tail.sh");
        let header: String =
            script.lines().take_while(|l| l.starts_with('#')).map(|l| l.trim_start_matches('#')).collect();
        for words in [
            "down Cannot connect",
            "missing",
            "removed",
            "stopped 2026-01-31T04:00:00.5Z 137",
            "restarted 2026-01-31T04:00:00Z",
            "recreated 2026-01-31T04:00:00Z",
            "gap cursor",
            "unreadable none",
            "denied permission",
            "no-tool docker",
        ] {
            let text = parse(words).text();
            assert!(!text.zh.is_ascii() && text.en.is_ascii() && text.zh != text.en, "{text:?}");
            assert!(header.contains(words.split(' ').next().unwrap()), "{words}");
        }
        assert_eq!(Note::parse(b"other"), None);
    }

    #[test]
    fn moments_and_codes_are_read_and_none_is_none() {
        let at = Some(Nanos(1_769_832_000_500_000_000));
        let stopped = |at, code| Note::Waiting { why: Wait::Stopped { at, code } };
        assert_eq!(parse("stopped 2026-01-31T04:00:00.5Z 137"), stopped(at, Some(137)));
        assert_eq!(parse("stopped 0001-01-01T00:00:00Z 0"), stopped(None, Some(0)));
        assert_eq!(parse("stopped"), stopped(None, None));
        assert_eq!(parse("restarted 2026-01-31T04:00:00.5Z").at(), at);
        assert!(parse("stopped").waits() && !parse("restarted").waits());
    }

    #[test]
    fn what_docker_says_in_a_note_is_made_safe() {
        let note = parse("down \u{1b}[31mno\u{202e}");
        assert_eq!(note, Note::Waiting { why: Wait::Docker { said: SafeText::new("no<U+202E>") } });
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_note_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Note::parse(&bytes);
        }
    }
}
