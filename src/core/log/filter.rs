//! Which lines are shown: those of a subject, those with a pattern, those without one. What the console itself says
//! between the lines is always shown: a gap must not vanish because it does not match.
use super::buffer::{Kind, Line};
use super::level::Level;
use super::pattern::Pattern;
use crate::i18n::Text;
use crate::text;
use regex::Regex;
use std::sync::LazyLock;

/// A filter that nobody has to type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The backup: its scheduler, its steps, its packs.
    Backup,
    /// The share and its mount.
    Mount,
    /// The copy of packs to the share.
    Sync,
    /// What went wrong.
    Errors,
}

/// Which lines are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Only those of a subject.
    pub subject: Option<Subject>,
    /// Only those with this.
    pub with: Option<Pattern>,
    /// Only those without this.
    pub without: Option<Pattern>,
}

// what the backend writes, and what the kernel, systemd and docker write about the same
const BACKUP: &str = "(?i)备份|迁移包|镜像|backup|migration_pack|precheck|auth\\.db|images\\.tar|docker save|\\bvolumes?\\b|retention|scheduler";
const MOUNT: &str = "(?i)挂载|cifs|\\b(u|un)?mount|/mnt/replica|/replica\\b|smb3?\\b|\\.smbc|/proc/mounts";
const SYNC: &str = "(?i)replication|replica_|\\breplicat|同步|_tmp/job_|replication_manifest";
const ERRORS: &str = "(?i)traceback|exception|\\bfail(ed|ure)?\\b|\\b(fatal|panic|denied|refused|timed out)\\b|no space left|[a-z]error\\b|\\berror\\b|失败|错误|异常|超时|未挂载";

impl Subject {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Subject; 4] = [Subject::Backup, Subject::Mount, Subject::Sync, Subject::Errors];

    /// Its name.
    pub fn name(self) -> Text {
        match self {
            Subject::Backup => text!("备份", "backup"),
            Subject::Mount => text!("挂载", "mount"),
            Subject::Sync => text!("同步", "sync"),
            Subject::Errors => text!("错误", "errors"),
        }
    }

    /// What is looked for in the text; nothing only if the pattern above is wrong, which a test sees.
    fn regex(self) -> Option<&'static Regex> {
        static ALL: LazyLock<[Option<Regex>; 4]> =
            LazyLock::new(|| [BACKUP, MOUNT, SYNC, ERRORS].map(|p| Regex::new(p).ok()));
        let [backup, mount, sync, errors] = &*ALL;
        match self {
            Subject::Backup => backup.as_ref(),
            Subject::Mount => mount.as_ref(),
            Subject::Sync => sync.as_ref(),
            Subject::Errors => errors.as_ref(),
        }
    }

    fn is_in(self, text: &str, level: Option<Level>) -> bool {
        let by_level = self == Subject::Errors && level >= Some(Level::Warning);
        by_level || self.regex().is_none_or(|r| r.is_match(text))
    }
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_none(&self) -> bool {
        *self == Filter::default()
    }

    /// Whether a line is shown.
    pub fn lets(&self, line: &Line<'_>) -> bool {
        let Kind::Log { text, level } = line.kind else { return true };
        self.subject.is_none_or(|s| s.is_in(text, level))
            && self.with.as_ref().is_none_or(|p| p.is_in(text))
            && self.without.as_ref().is_none_or(|p| !p.is_in(text))
    }

    /// How much longer it takes than looking for one word, roughly.
    pub(super) fn price(&self) -> usize {
        let typed = [&self.with, &self.without].into_iter().flatten().map(Pattern::price);
        typed.sum::<usize>() + usize::from(self.subject.is_some()) * 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::log::remark::Remark;

    fn lets(filter: &Filter, text: &str) -> bool {
        let kind = Kind::Log { text, level: crate::core::log::level::of(text) };
        filter.lets(&Line { number: 0, at: None, kind })
    }

    fn subjects(text: &str) -> Vec<Subject> {
        let of = |s: &Subject| lets(&Filter { subject: Some(*s), ..Filter::default() }, text);
        Subject::ALL.into_iter().filter(of).collect()
    }

    #[test]
    fn the_subjects_know_what_the_servers_write() {
        use Subject::{Backup, Errors, Mount, Sync};
        for (text, expected) in [
            ("Backup scheduler V2 started", [Backup].as_slice()),
            ("Started full backup job #422", &[Backup]),
            ("备份 volume: ragflow_compose_esdata01（写入中 512 MB）", &[Backup]),
            ("创建迁移包目录", &[Backup]),
            ("预检失败：/mnt/replica 未挂载", &[Mount, Errors]),
            ("CIFS: VFS: \\\\192.0.2.72 has not responded in 180 seconds", &[Mount]),
            ("mount error(13): Permission denied", &[Mount, Errors]),
            ("systemd[1]: mnt-replica.mount: Mount process exited", &[Mount]),
            ("umount: /mnt/replica: target is busy", &[Mount]),
            ("[REPLICATION START] job", &[Sync]),
            ("[REPLICATION FAILED] no room", &[Sync, Errors]),
            ("备份完成，准备同步", &[Backup, Sync]),
            ("同步失败：目标不可写", &[Sync, Errors]),
            ("ValueError: x", &[Errors]),
            ("INFO:     10.0.0.1:5 - \"GET /health HTTP/1.1\" 503 x", &[Errors]),
            ("INFO:     10.0.0.1:5 - \"GET /health HTTP/1.1\" 200 OK", &[]),
            ("amount of documents: 3", &[]),
        ] {
            assert_eq!(subjects(text), expected, "{text}");
        }
        for subject in Subject::ALL {
            assert!(subject.regex().is_some());
        }
    }

    #[test]
    fn filters_hold_together_and_hide_no_remark() {
        let pattern = |p: &str| Some(Pattern::regex(p).unwrap());
        let filter =
            Filter { subject: Some(Subject::Backup), with: pattern("#4\\d+"), without: pattern("debug") };
        assert!(lets(&filter, "Started full backup job #422"));
        assert!(!lets(&filter, "Started full backup job #522"));
        assert!(!lets(&filter, "DEBUG: Started full backup job #422"));
        assert!(!lets(&filter, "#422"));
        assert!(Filter::default().is_none() && lets(&Filter::default(), ""));
        let remark = Line { number: 0, at: None, kind: Kind::Remark(&Remark::GoesOn) };
        assert!(filter.lets(&remark));
    }
}
