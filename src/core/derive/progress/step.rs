//! What a backup does just now, by what its row says.
use crate::core::probe::database::{Job, Status};
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::text;

/// A step of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Queued: its worker has not begun.
    Waiting,
    /// It has begun.
    Begin,
    /// It looks whether the share is mounted.
    Precheck,
    /// It makes the pack's folder.
    Folder,
    /// It copies the database.
    Database,
    /// It packs a volume.
    Volume(SafeText),
    /// It saves the images.
    Images,
    /// All is written; it copies the pack, if its layout asks for that, and ends.
    Finish,
    /// It was asked to stop.
    Canceling,
    /// Words that this console does not know.
    Unknown(SafeText),
}

/// What takes time in a backup, as the times of a pack's files tell it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// Until the database is copied.
    Database,
    /// One volume.
    Volume(String),
    /// The images.
    Images,
    /// From the last file to the end.
    Finish,
}

impl Step {
    /// By the row's words.
    pub fn of(job: &Job) -> Step {
        match job.status {
            Status::Queued => return Step::Waiting,
            Status::Canceling => return Step::Canceling,
            _ => {}
        }
        let said = job.message.as_str().trim();
        if let Some(volume) = said.strip_prefix("备份 volume:") {
            let name = volume.split('（').next().unwrap_or_default().trim();
            return Step::Volume(SafeText::new(name));
        }
        match said {
            "" | "开始备份" => Step::Begin,
            "Precheck" => Step::Precheck,
            "创建迁移包目录" => Step::Folder,
            _ if said.starts_with("备份数据库") => Step::Database,
            _ if said.contains("镜像") => Step::Images,
            _ if said.starts_with("备份完成") => Step::Finish,
            _ => Step::Unknown(job.message.clone()),
        }
    }

    /// What of a backup it belongs to; nothing if that is not known.
    pub fn part(&self) -> Option<Part> {
        match self {
            Step::Begin | Step::Precheck | Step::Folder | Step::Database => Some(Part::Database),
            Step::Volume(name) => Some(Part::Volume(name.as_str().to_owned())),
            Step::Images => Some(Part::Images),
            Step::Finish => Some(Part::Finish),
            Step::Waiting | Step::Canceling | Step::Unknown(_) => None,
        }
    }

    /// For people.
    pub fn text(&self) -> Text {
        match self {
            Step::Waiting => text!("排队等待", "waiting in the queue"),
            Step::Begin => text!("开始备份", "beginning"),
            Step::Precheck => text!("检查备份目标", "checking the target"),
            Step::Folder => text!("创建备份包目录", "making the pack's folder"),
            Step::Database => text!("备份数据库", "copying the database"),
            Step::Volume(name) => text!("备份数据卷 {name}", "packing volume {name}"),
            Step::Images => text!("备份镜像", "saving the images"),
            Step::Finish => text!("写完了，正在收尾", "all written, finishing"),
            Step::Canceling => text!("正在取消", "canceling"),
            Step::Unknown(said) => Text::same(said.as_str()),
        }
    }
}

impl Part {
    /// The part that a file of a pack belongs to; nothing for files that take no time.
    pub fn of_file(path: &str) -> Option<Part> {
        match path {
            "auth.db" | "auth.db.tmp" => Some(Part::Database),
            "images.tar" => Some(Part::Images),
            _ => {
                let volume = path.strip_prefix("volumes/")?.strip_suffix(".tar.gz")?;
                Some(Part::Volume(volume.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::derive::progress::testing::job;

    #[test]
    fn every_step_of_a_backup_is_known_by_its_words() {
        for (said, step) in [
            ("开始备份", Step::Begin),
            ("Precheck", Step::Precheck),
            ("创建迁移包目录", Step::Folder),
            ("备份数据库", Step::Database),
            (
                "备份 volume: ragflow_compose_a（写入中 3.1 MB）",
                Step::Volume(SafeText::new("ragflow_compose_a")),
            ),
            ("备份 volume: b", Step::Volume(SafeText::new("b"))),
            ("备份镜像（写入中 3 MB）", Step::Images),
            ("镜像列表为空，跳过镜像备份", Step::Images),
            ("备份完成，准备同步", Step::Finish),
        ] {
            assert_eq!(Step::of(&job(1, "running", said)), step, "{said}");
        }
    }

    #[test]
    fn words_that_are_not_known_are_shown_as_they_are_and_belong_to_nothing() {
        let step = Step::of(&job(1, "running", "压缩 42%"));
        assert_eq!((step.text().zh.as_str(), step.part()), ("压缩 42%", None));
        assert_eq!(Step::of(&job(1, "queued", "开始备份")), Step::Waiting);
        assert_eq!(Step::of(&job(1, "canceling", "备份数据库")), Step::Canceling);
    }
}
