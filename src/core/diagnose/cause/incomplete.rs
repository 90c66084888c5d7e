//! A job says completed, and its pack on the share is not whole.
use crate::core::derive::pack::{self, Judged, Missing, Small};
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, BACKUP_FULL, Family, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::{Certainty, Evidence};
use crate::core::plan::Action;
use crate::core::probe::database::{Job, Kind};
use crate::core::probe::packs::Pack;
use crate::core::state::State;
use crate::core::verdict::{Fate, kind_word, lacking, smaller};
use crate::i18n::{Text, counted};
use crate::text;

/// Data is missing.
pub(super) static PACK: Rule = Rule {
    id: "incomplete-pack",
    covers: &["last_full"],
    look: |s| short(s, false),
    runbook: || Runbook {
        family: Family::Pack,
        title: text!("备份包缺数据", "the pack lacks data"),
        what: text!(
            "任务写着完成，包也在 Windows 上，但里面缺 auth.db、缺数据卷，或者 volumes 是空的。这样的包恢复不回来。",
            "The job says completed and the pack is on Windows, but it lacks auth.db or volumes, or its volumes folder is empty. Nothing can be restored from such a pack."
        ),
        shows: text!(
            "「昨夜的备份」失败，或「最近的全量备份」告警，写着缺什么；备份包画面（F7）里这个包标着不完整。",
            "\"last night's backup\" fails, or \"last full backup\" warns, and says what is missing; on the packs screen (F7) the pack is incomplete."
        ),
        how: text!(
            "干活的线程早早退出、打包数据卷的步骤没有跑，或者写到一半断了；后端不检查就写“完成”。",
            "The worker ended early, the step that packs volumes did not run, or writing was cut off; the backend says completed without looking."
        ),
        mend: text!(
            "先看服务器磁盘和共享的空间够不够，再按 B 做一次同类备份，在任务画面（F6）盯住打包数据卷那几步；还是缺，把后端日志发给后端负责人。",
            "See first that disks and share have room; then press B for a backup of the same kind, and watch it pack the volumes on the jobs screen (F6). If they are missing again, send the backend's log to whoever runs it."
        ),
        acts: &[BACKUP],
        proof: text!(
            "新包里 auth.db、全部数据卷（全量还有 images.tar）都在，不是空的",
            "the new pack has auth.db, every volume and, if full, images.tar; none is empty"
        ),
        call: &[Whom::Backend],
        dont: text!(
            "不要因为文件夹在、大小不是零就当作有备份。不要手工往包里补文件。",
            "Do not take it for a backup because a folder is there. Do not put files into a pack by hand."
        ),
    },
};

/// Only the images are missing.
pub(super) static IMAGES: Rule = Rule {
    id: "images-missing",
    covers: &["last_full"],
    look: |s| short(s, true),
    runbook: || Runbook {
        family: Family::Pack,
        title: text!("全量备份缺镜像", "the full backup lacks its images"),
        what: text!(
            "全量包里没有 images.tar，或者是空的。数据都在，能恢复数据；但要换一台新机器恢复，得另外准备镜像。",
            "The full pack has no images.tar, or an empty one. All data is there and can be restored; for a new machine the images must come from elsewhere."
        ),
        shows: text!(
            "「最近的全量备份」告警：缺 images.tar。任务写着完成。",
            "\"last full backup\" warns: images.tar is missing. The job says completed."
        ),
        how: text!(
            "镜像有 5 到 10 GB，空间不够时后端会跳过；取不到镜像列表、docker save 失败也会跳过。任务照样写“完成”。",
            "Images are 5 to 10 GB: without room the backend skips them, also where the list of images cannot be had or docker save fails. The job says completed all the same."
        ),
        mend: text!(
            "先看根分区和共享的空间，再按 B 选全量做一次。还是没有，就在后端日志（F8）里找“镜像列表”“docker save”的报错，发给后端负责人。",
            "See to the room on the root disk and on the share; then press B and choose a full backup. If they are missing again, look for 镜像列表 (list of images) and docker save in the backend's log (F8), and send that to whoever runs it."
        ),
        acts: &[BACKUP_FULL],
        proof: text!(
            "新包里 auth.db、全部数据卷（全量还有 images.tar）都在，不是空的",
            "the new pack has auth.db, every volume and, if full, images.tar; none is empty"
        ),
        call: &[Whom::Backend],
        dont: text!(
            "不要删掉更早那个带镜像的全量包。",
            "Do not delete the older full pack that has its images."
        ),
    },
};

/// A pack that lacks something.
pub(super) struct Short<'a> {
    job: &'a Job,
    pack: &'a Pack,
    judged: Judged,
    /// It is the night's.
    night: bool,
}

impl Short<'_> {
    fn only_images(&self) -> bool {
        self.judged.missing.iter().all(|m| *m == Missing::Images)
    }
}

/// The night's pack, if it lacks something.
fn of_night<'a>(s: &'a Scene) -> Option<Short<'a>> {
    match &s.fate {
        Fate::Incomplete { job, pack, judged } => {
            Some(Short { job, pack, judged: judged.clone(), night: true })
        }
        _ => None,
    }
}

/// The last full pack, if it lacks something and is not the night's.
pub(super) fn of_last_full<'a>(s: &'a Scene) -> Option<Short<'a>> {
    // a past night is asked about for itself alone
    s.check("last_full")?;
    let (db, Ok(folder)) = (s.f.db.ok()?, &s.f.packs) else { return None };
    let job = db.last_completed.iter().find(|j| j.kind == Kind::Full)?;
    let pack = pack::of_job(job, folder)?;
    let judged = s.f.judge(pack, &job.kind, Some(job));
    let other = of_night(s).is_none_or(|night| night.job.id != job.id) && !s.f.ended_meanwhile(job);
    (other && !judged.missing.is_empty()).then_some(Short { job, pack, judged, night: false })
}

fn short(s: &Scene, images: bool) -> Ruling {
    let all = of_night(s).into_iter().chain(of_last_full(s));
    let Some(Short { job, pack, judged, night }) = all.into_iter().find(|p| p.only_images() == images) else {
        return match &s.fate {
            Fate::There { pack, .. } => Ruling::Out(s.whole_pack(pack)),
            _ => Ruling::Open,
        };
    };
    let kind = kind_word(&job.kind);
    let lacks = lacking(&judged);
    let state = if night && !images { State::Failed } else { State::Warning };
    let full = job.kind == Kind::Full;
    // only a disk that is really full explains it
    let mut because = Vec::new();
    if s.state("disks") == State::Failed {
        because.extend(["disk-full", "inodes-full"]);
    }
    if s.state("room") == State::Failed {
        because.push("share-full");
    }
    Found::new(
        state,
        Certainty::Proved,
        Text {
            zh: format!("{}备份 {} 写着完成，包却不完整，缺：{}", kind.zh, job.id, lacks.zh),
            en: format!("the {} backup {} says completed, and its pack lacks: {}", kind.en, job.id, lacks.en),
        },
    )
    .by([
        s.saw(
            Probe::Database,
            text!("任务 {} 写着完成：{}", "job {} says completed: {}", job.id, job.message),
        ),
        place(s, pack),
    ])
    .fix(Fix::Do(Action::Backup { full }))
    .because_of(&because)
    .tells_the_night(night)
    .ruling()
}

/// The last full pack, if it is too small and is not the night's.
pub(super) fn small_last_full<'a>(s: &'a Scene) -> Option<(&'a Job, &'a Pack, Small)> {
    s.check("last_full")?;
    let (db, Ok(folder)) = (s.f.db.ok()?, &s.f.packs) else { return None };
    let job = db.last_completed.iter().find(|j| j.kind == Kind::Full)?;
    let pack = pack::of_job(job, folder)?;
    let whole = s.f.judge(pack, &job.kind, Some(job)).missing.is_empty();
    let tells = whole && !s.f.ended_meanwhile(job);
    Some((job, pack, s.f.small(job, pack).filter(|_| tells)?))
}

fn shrunk(s: &Scene, job: &Job, pack: &Pack, small: &Small) -> Found {
    let (what, kind) = (smaller(small), kind_word(&job.kind));
    // what else of the pack is as large as ever
    let rest = small
        .file
        .as_ref()
        .map(|_| s.saw(Probe::Packs, text!("包里其他文件不小", "the other files of the pack are not small")));
    Found::new(
        State::Warning,
        Certainty::Likely,
        Text {
            zh: format!("{}备份 {} 比平时小很多：{}", kind.zh, job.id, what.zh),
            en: format!("the {} backup {} is much smaller than usual: {}", kind.en, job.id, what.en),
        },
    )
    .by([
        place(s, pack),
        s.saw(
            Probe::Packs,
            text!("和以前的包比，中间大小是 {}", "the middle size of earlier ones is {}", small.usual),
        ),
    ])
    .against(rest)
    .would_prove(text!(
        "看 RAGFlow 里的数据是不是真的少了；没少，这个包就是坏的",
        "see whether there is less data in RAGFlow; if not, the pack is no good"
    ))
    .fix(Fix::Do(Action::Backup { full: job.kind == Kind::Full }))
    .because_of(&["disk-full", "inodes-full", "share-full"])
}

fn place(s: &Scene, pack: &Pack) -> Evidence {
    let (path, size, n) = (&pack.path, pack.bytes(), pack.files.len());
    let files = counted(n, "file", "files");
    s.saw(Probe::Packs, text!("{path}：{size}，{n} 个文件", "{path}: {size}, {files}"))
}

/// Whole, and far too small.
pub(super) static SMALL: Rule = Rule {
    id: "small-pack",
    covers: &["last_full"],
    look: |s| match &s.fate {
        Fate::Shrunk { job, pack, small } => shrunk(s, job, pack, small).tells_the_night(true).ruling(),
        _ => match (small_last_full(s), &s.fate) {
            (Some((job, pack, small)), _) => shrunk(s, job, pack, &small).ruling(),
            (None, Fate::There { pack, .. }) => Ruling::Out(s.whole_pack(pack)),
            _ => Ruling::Open,
        },
    },
    runbook: || Runbook {
        family: Family::Pack,
        title: text!("备份包小得不正常", "the pack is much smaller than usual"),
        what: text!(
            "包里该有的文件都有，但整个包、或者其中一个文件比平时小得多（被截断、被清空的样子）；或者少了以前都有的一个数据卷。",
            "Every file is there, but the whole pack or one of its files is far smaller than usual, as if it were cut off or emptied; or a volume that all earlier packs have is not in it."
        ),
        shows: text!(
            "「昨夜的备份」告警，写着这次多大、平时多大。",
            "\"last night's backup\" warns, with the size of this one and the usual one."
        ),
        how: text!(
            "某个数据卷没读全、数据被清过，或者指到了一个空的数据卷。",
            "A volume was not read to its end, data was deleted, or another, empty volume is used."
        ),
        mend: text!(
            "在备份包画面（F7）和前几天的包逐个文件比大小：是哪个变小了。问用的人数据是不是真的少了；不确定就按 B 再做一次。",
            "Compare its files with those of earlier packs on the packs screen (F7): which one shrank? Ask the users whether there is less data; if in doubt, press B."
        ),
        acts: &[BACKUP],
        proof: text!("新包和平时差不多大", "a new pack is of the usual size"),
        call: &[Whom::Backend],
        dont: text!("没弄清之前不要删前几天的包。", "Do not delete earlier packs before it is clear."),
    },
};
