//! All that there is to say about one pack: the judgement, the job that made it, its files.
use super::{against, whole, whose};
use crate::core::console::inventory::{Item, Whose};
use crate::core::console::sheet::Detail;
use crate::core::derive::pack::Layout;
use crate::core::probe::database::{Job, Status};
use crate::core::probe::packs::Pack;
use crate::core::verdict::{Facts, lacking};
use crate::i18n::{Text, counted};
use crate::text;

/// Files that are listed at most.
const FILES: usize = 100;

pub(super) fn of(f: &Facts, item: &Item, others: &[Facts<'_>]) -> Vec<Detail> {
    let (pack, said) = (item.pack, whole(f, item));
    let title =
        Text { zh: format!("{}：{}", pack.name, said.zh), en: format!("{}: {}", pack.name, said.en) };
    let mut all =
        vec![Detail::title(title), Detail::evidence(place(f, pack)), Detail::evidence(owner(f, item))];
    if let Some(job) = item.job {
        all.push(Detail::evidence(job_line(f, job)));
    }
    if let (Some(usual), Some(against)) = (item.usual, against(item)) {
        all.push(Detail::evidence(text!(
            "大小 {}，同一来源的同类完整包中位数 {usual}，相差 {against}",
            "{} against the median {usual} of the other whole packs of its kind and owner: {against}",
            pack.bytes()
        )));
    }
    if let Some(judged) = &item.judged {
        let made_by = match &item.whose {
            Whose::Theirs(name, _) => others.iter().find(|o| o.env.name == *name).unwrap_or(f),
            _ => f,
        };
        all.push(Detail::evidence(judgement(made_by, judged.layout)));
        if item.writing.is_none() && !judged.missing.is_empty() {
            let lacks = lacking(judged);
            let said = Text { zh: format!("缺：{}", lacks.zh), en: format!("it lacks: {}", lacks.en) };
            all.push(Detail::evidence(said));
            all.push(Detail::next(text!(
                "不要用它恢复；在它所属的服务器上再触发一次同类备份",
                "do not restore from it; start a backup of its kind on its server again"
            )));
        }
    }
    all.extend(files(pack));
    all
}

fn place(f: &Facts, pack: &Pack) -> Text {
    let (folder, path, size) = (&f.env.paths.pack_folder, &pack.path, pack.bytes());
    let (many, at, ago) = (pack.files.len(), f.time(pack.changed), f.ago(pack.changed));
    let files = counted(many, "file", "files");
    Text {
        zh: format!("{folder}/{path}，{size}，{many} 个文件，最后变化于 {at}（{}）", ago.zh),
        en: format!("{folder}/{path}, {size}, {files}, last changed at {at} ({})", ago.en),
    }
}

fn owner(f: &Facts, item: &Item) -> Text {
    let name = whose(f, &item.whose);
    match &item.whose {
        Whose::Ours(job) | Whose::Theirs(_, job) => text!(
            "属于“{}”：那里的任务 {job} 写的就是这个目录",
            "of {}: job {job} there wrote this folder",
            name.zh
        ),
        Whose::Disputed => text!(
            "不止一台服务器的任务记录写着这个目录：说不清是谁的",
            "jobs of more than one server name this folder: whose it is cannot be told"
        ),
        Whose::Nobodys => text!(
            "“{}”的任务记录里没有这个目录：别的服务器的，或比记录更早",
            "no job of {} names this folder: another server's, or older than the rows",
            f.env.name
        ),
        Whose::Unknown => text!(
            "读不到任务记录，不知道是谁的",
            "the rows of jobs could not be read: whose it is is not known"
        ),
    }
}

fn job_line(f: &Facts, job: &Job) -> Text {
    let time = |at: Option<_>| at.map_or_else(|| "?".to_owned(), |at| f.time(at));
    let status = match &job.status {
        Status::Completed => text!("记录为完成", "says completed"),
        Status::Failed => text!("失败了", "failed"),
        Status::Canceled => text!("被取消了", "was canceled"),
        Status::Queued | Status::Running | Status::Canceling => text!("写着进行中", "says that it runs"),
        Status::Other(word) => text!("状态“{word}”不认识", "has the unknown state \"{word}\""),
    };
    let (id, from, to, message) = (job.id, time(job.began()), time(job.finished), &job.message);
    Text {
        zh: format!("任务 {id} {}：{from} 开始，{to} 结束；{message}", status.zh),
        en: format!("job {id} {}: {from} to {to}; {message}", status.en),
    }
}

/// What it was measured against.
fn judgement(f: &Facts, layout: Layout) -> Text {
    let how = match layout {
        Layout::Direct => text!("直接写在共享上", "written on the share itself"),
        Layout::Replicated => {
            text!("先做好再复制，要有 DONE 和清单", "copied, so it needs DONE and its manifest")
        }
    };
    match f.volumes.as_ref().map(Vec::len) {
        Some(many) => Text {
            zh: format!(
                "核对：auth.db、{many} 个数据卷，全量还要 images.tar；{}。只看文件在不在、是不是空的",
                how.zh
            ),
            en: format!(
                "checked: auth.db, {}, for a full one images.tar; {}. Only that files are there and not empty",
                counted(many, "volume", "volumes"),
                how.en
            ),
        },
        None => Text {
            zh: format!("不知道该有哪些数据卷；{}", how.zh),
            en: format!("which volumes it must hold is not known; {}", how.en),
        },
    }
}

/// Its files with their sizes.
pub(in crate::core::console) fn files(pack: &Pack) -> Vec<Detail> {
    let line = |(path, file): (&crate::core::safetext::SafeText, &crate::core::probe::packs::PackFile)| {
        Detail::raw(Text::same(format!("{:>10}  {path}", file.bytes.to_string())))
    };
    let mut all: Vec<Detail> = pack.files.iter().take(FILES).map(line).collect();
    let more = pack.files.len().saturating_sub(FILES);
    if more > 0 {
        let files = counted(more, "more file", "more files");
        all.push(Detail::raw(text!("还有 {more} 个文件", "{files}")));
    }
    all
}
