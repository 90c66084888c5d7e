//! The morning question: is last night's backup on Windows?
use super::facts::kind_word;
use super::fate::{Fate, Late, fate, last_good, spoilt};
use super::jobs::proof;
use super::words::{just_ended, lacking, lacks, message_or_detail, shortened, smaller, state_of};
use super::{Check, Facts};
use crate::core::derive::job::Worker;
use crate::core::derive::night::Slot;
use crate::core::derive::pack;
use crate::core::gap::Gap;
use crate::core::probe::database::{Database, Job, Status};
use crate::core::probe::packs::Pack;
use crate::core::state::State;
use crate::core::units::{Bytes, EpochMs};
use crate::i18n::{Text, counted};
use crate::text;

/// Is last night's backup on Windows?
pub(super) fn night(f: &Facts) -> Check {
    let title = text!("昨夜的备份", "last night's backup");
    let check = |state, summary| Check::new("night", title.clone(), state, summary);
    let fate = fate(f);
    let slot = match (&fate, f.db, &f.slot) {
        (Fate::Unread(gap), ..) => return Check::unknown("night", title, gap),
        (Fate::NothingFires, Ok(db), _) => return nothing_fires(f, db, &check),
        (_, _, Some(slot)) => slot,
        (_, _, None) => {
            let gap = Gap::unreadable("zone of the container or the server", b"");
            return Check::unknown("night", title, &gap);
        }
    };
    let due = f.time(slot.due);
    let kind = kind_word(&slot.kind);
    let plan = Text {
        zh: format!("应在 {due} 开始{}备份", kind.zh),
        en: format!("the {} backup was due at {due}", kind.en),
    };
    let checked = match &fate {
        Fate::Unread(_) | Fate::NoZone | Fate::NothingFires => {
            Check::unknown("night", title.clone(), &Gap::NoAnswer)
        }
        Fate::Odd(job) => check(
            State::Unknown,
            text!(
                "任务 {} 的状态“{}”不认识，无法判断",
                "the state \"{1}\" of job {0} is not known",
                job.id,
                status_word(&job.status)
            ),
        )
        .next(text!(
            "在网页上看这个任务；把检查的 JSON 发给开发者",
            "see the job in the web page; send the JSON of this check to the developers"
        )),
        Fate::Working { job, worker, late } => running(f, job, *worker, *late, &check),
        Fate::Ended(job) => {
            let why = shortened(message_or_detail(job));
            let summary = match &job.status {
                Status::Canceled => {
                    text!("昨夜的备份 {} 被取消了", "last night's backup {} was canceled", job.id)
                }
                _ => text!("昨夜的备份 {} 失败：{why}", "last night's backup {} failed: {why}", job.id),
            };
            let detail = (job.detail.as_str().chars().count() > 120).then(|| Text::same(job.detail.as_str()));
            check(State::Failed, summary)
                .evidence_of(detail)
                .evidence(text!("任务 {} 的最后一步：{}", "the last step of {}: {}", job.id, job.message))
                .next(text!(
                    "处理上面的原因，再手动触发一次备份",
                    "mend the reason above, then start a backup by hand"
                ))
        }
        Fate::Due => check(
            State::Warning,
            text!(
                "刚过 {due}，备份还没有开始（{} 分钟内不算迟）",
                "{due} has just passed and no backup has begun (not late for {} min)",
                f.env.thresholds.start_grace_min
            ),
        )
        .next(text!("几分钟后再检查一次", "check again in a few minutes")),
        Fate::Starting => check(
            State::Warning,
            text!(
                "{due} 的备份没有做，后端刚刚启动，应会自己补跑",
                "the backup of {due} was missed; the backend has just started and should make up for it"
            ),
        )
        .next(text!("两三分钟后再检查一次", "check again in two or three minutes")),
        Fate::Missed => check(
            State::Failed,
            text!(
                "昨夜没有备份：{due} 到点后没有任何任务",
                "no backup last night: nothing was started at {due}"
            ),
        )
        .evidence_of(why_missed(f, slot.due))
        .next(text!(
            "看下面的失败项，处理后手动触发一次备份",
            "see what failed below, mend it, then start a backup by hand"
        )),
        done => completed(f, done, &check),
    };
    let beside = beside(f, slot, &fate).or_else(|| after(f, &fate));
    reckoned(f, long_ago(f, slot.due, checked.evidence(plan).evidence_of(beside)))
}

/// Where a good one tells: what is the matter with a newer one, which somebody may take for the backup.
fn after(f: &Facts, fate: &Fate) -> Option<Text> {
    let (job, fate) = spoilt(f, fate)?;
    let what = match &fate {
        Fate::Incomplete { judged, .. } => {
            let lacking = lacking(judged);
            Text { zh: format!("缺：{}", lacking.zh), en: format!("it lacks: {}", lacking.en) }
        }
        Fate::Shrunk { small, .. } => smaller(small),
        Fate::NotCopied(_) => text!("没有复制到 Windows", "it was not copied to Windows"),
        _ => text!("它的包不在共享上", "its pack is not on the share"),
    };
    let id = job.id;
    Some(Text {
        zh: format!("之后的备份 {id} 也写着完成，但它不好：{}", what.zh),
        en: format!("the later backup {id} says completed too, and is not well: {}", what.en),
    })
}

/// Where an earlier slot of the day tells: what the newest one came to.
fn beside(f: &Facts, told: &Slot, fate: &Fate) -> Option<Text> {
    if matches!(fate, Fate::There { .. }) {
        return None;
    }
    let (job, pack) = last_good(f, f.now.since(told.due).max(0))?;
    let (kind, at) =
        (kind_word(&job.kind), job.finished.or(job.created).map(|at| f.time(at)).unwrap_or_default());
    Some(Text {
        zh: format!("之后的{}备份 {} 在 Windows 上，完整（{at} 完成，{}）", kind.zh, job.id, pack.name),
        en: format!(
            "the {} backup {} after it is on Windows and whole (completed at {at}, {})",
            kind.en, job.id, pack.name
        ),
    })
}

/// No slot at all.
fn nothing_fires(f: &Facts, db: &Database, check: &dyn Fn(State, Text) -> Check) -> Check {
    if let Some((job, pack)) = last_good(f, LAST_NIGHT_MS) {
        let at = job.finished.or(job.created).map(|at| f.time(at)).unwrap_or_default();
        return check(
            State::Failed,
            text!(
                "没有任何定时会触发；最近一份备份在 Windows 上（{}，{at} 完成）",
                "no schedule fires; the last backup is on Windows ({}, completed at {at})",
                pack.name
            ),
        )
        .next(text!(
            "在网页的数据安全里打开定时备份",
            "switch the schedule on in the web page (data security)"
        ));
    }
    let last = db.last_completed.iter().max_by_key(|j| j.finished.or(j.created));
    let last = last.and_then(|j| Some((j.id, j.finished.or(j.created)?)));
    let said = last.map(|(id, at)| {
        text!("最近一次完成的是 {id}，{}", "the last one to complete was {id}, {}", f.time(at))
    });
    check(
        State::Failed,
        text!("没有任何定时会触发，昨夜没有该跑的备份", "no schedule fires: no backup was due last night"),
    )
    .evidence_of(said)
    .next(text!("在网页的数据安全里打开定时备份", "switch the schedule on in the web page (data security)"))
}

fn status_word(status: &Status) -> &str {
    match status {
        Status::Other(word) => word.as_str(),
        _ => "?",
    }
}

/// A slot is last night's if it is no older than this.
const LAST_NIGHT_MS: i64 = 36 * 3_600_000;

/// Nothing was due last night: a good pack of an older slot is not last night's.
fn long_ago(f: &Facts, due: EpochMs, mut check: Check) -> Check {
    let age_ms = f.now.since(due);
    if check.state == State::Ok && age_ms > LAST_NIGHT_MS {
        let days = age_ms / 86_400_000;
        let counted = counted(days, "day", "days");
        check.evidence.insert(0, check.summary);
        check.state = State::Warning;
        check.summary = text!(
            "昨夜没有安排备份，最近一次应做的在 {days} 天前",
            "no backup was due last night; the newest that was due is {counted} old"
        );
        check.next = Some(text!(
            "在网页的数据安全里安排每天的备份",
            "schedule a daily backup in the web page (data security)"
        ));
    }
    check
}

/// The schedule is meant in the container's zone. Reckoned in another one, nothing about last night is proved.
fn reckoned(f: &Facts, mut check: Check) -> Check {
    if let Err(gap) = f.look.container_clock() {
        if check.state == State::Ok {
            check.state = State::Unknown;
            check.next = Some(gap.hint());
        }
        check.evidence.push(match f.look.database().ok().and_then(pack::named_zone) {
            Some(_) => text!(
                "容器的时区不知道，按它给备份包起名的时区推算",
                "the container's zone is not known; reckoned in the one in which it named its packs"
            ),
            None => text!(
                "容器的时区不知道，按服务器的时区推算",
                "the container's zone is not known; reckoned in the server's"
            ),
        });
    }
    check
}

/// What was in the way of a slot that nothing was started at.
fn why_missed(f: &Facts, due: EpochMs) -> Vec<Text> {
    let mut found = Vec::new();
    if let Ok(Some(backend)) = f.backend {
        if let Some(started) = backend.started.filter(|s| s.since(due) > 0) {
            found.push(text!(
                "后端在 {} 才启动，到点时它不在",
                "the backend only started at {}: it was away at the time",
                f.time(started)
            ));
        }
        if !backend.running {
            found.push(text!("后端没有运行", "the backend does not run"));
        }
    }
    let tried = f.db.ok().and_then(|db| db.settings.as_ref()?.last_run).filter(|at| at.since(due) >= 0);
    if let Some(at) = tried {
        found.push(text!(
            "后端的定时在 {} 触发过，却没有任务：启动被拒绝，它可能不会再试",
            "the backend's schedule fired at {}, and there is no job: the start was refused, and it may not try again",
            f.time(at)
        ));
    }
    for (job, _) in f.live.iter().filter(|(_, w)| w.is_gone()) {
        found.push(text!("任务 {} 已经死了却还占着位置", "job {} is dead and still in the way", job.id));
    }
    found
}

/// A job that says "completed": only its pack on the share makes it true.
fn completed(f: &Facts, fate: &Fate, check: &dyn Fn(State, Text) -> Check) -> Check {
    let said = |job: &Job| text!("任务 {} 记录为完成：{}", "job {} says completed: {}", job.id, job.message);
    match fate {
        Fate::Unseen { job, gap } => {
            let why = gap.text();
            let summary = Text {
                zh: format!("任务 {} 说完成了，但看不到共享上的包：{}", job.id, why.zh),
                en: format!(
                    "job {} says completed, but its pack on the share cannot be seen: {}",
                    job.id, why.en
                ),
            };
            check(State::Unknown, summary)
                .evidence(said(job))
                .next(text!("先恢复共享，再检查一次", "bring the share back, then check again"))
        }
        Fate::NotCopied(job) => check(
            State::Warning,
            text!(
                "备份 {} 做完了，但没有复制到 Windows：{}",
                "backup {} was made but not copied to Windows: {}",
                job.id,
                message_or_detail(job)
            ),
        )
        .evidence(said(job))
        .next(text!("恢复共享后再触发一次备份", "bring the share back, then start a backup again")),
        Fate::Gone(job) => {
            let name = job.output_dir.as_ref().map(|d| pack::base_name(d.as_str())).unwrap_or_default();
            check(
                State::Warning,
                text!(
                    "备份 {} 做完了，但共享上没有它的包 {name}",
                    "backup {} was made, but its pack {name} is not on the share",
                    job.id
                ),
            )
            .evidence(said(job))
            .next(text!(
                "看是否被保留策略或人删除；再触发一次备份",
                "see whether retention or a person deleted it; start a backup again"
            ))
        }
        Fate::JustEnded(job) => check(State::Warning, just_ended(job))
            .evidence(said(job))
            .next(text!("再检查一次", "check again")),
        Fate::Expired(job) => check(
            State::Unknown,
            text!(
                "备份 {} 做完了；它的包按保留数清理掉了，现在看不到是否完整",
                "backup {} was made; its pack made room for newer ones by retention, so whether it was whole cannot be seen now",
                job.id
            ),
        )
        .evidence(said(job)),
        Fate::Incomplete { job, pack, judged } => check(state_of(judged), lacks(job, judged))
            .evidence(said(job))
            .evidence(place(f, pack))
            .next(text!(
                "再触发一次同类备份，并看它缺的这一步",
                "start a backup of the same kind again, and watch the step that it lacks"
            )),
        Fate::Unproved { job, pack } => check(
            State::Unknown,
            text!(
                "备份 {} 的包在共享上，但不知道它该有哪些数据卷，无法确认完整",
                "the pack of {} is on the share, but which volumes it must hold is not known",
                job.id
            ),
        )
        .evidence(said(job))
        .evidence(place(f, pack))
        .next(text!("先让 Docker 应答，再检查一次", "make Docker answer, then check again")),
        Fate::Shrunk { job, pack, small } => {
            let what = smaller(small);
            check(
                State::Warning,
                Text {
                    zh: format!("备份 {} 在共享上，但{}", job.id, what.zh),
                    en: format!("backup {} is on the share, but {}", job.id, what.en),
                },
            )
            .evidence(said(job))
            .evidence(place(f, pack))
            .next(text!(
                "看数据是否真的少了；不确定就再触发一次",
                "see whether the data really shrank; if in doubt start a backup again"
            ))
        }
        Fate::There { job, pack } => {
            let at = job.finished.or(job.created).map(|at| f.time(at)).unwrap_or_default();
            let size = pack.bytes();
            check(
                State::Ok,
                text!(
                    "昨夜的备份已在 Windows 上：{}，{size}，{at} 完成",
                    "last night's backup is on Windows: {}, {size}, completed at {at}",
                    pack.name
                ),
            )
            .evidence(said(job))
            .evidence(place(f, pack))
            .evidence(all_there(f, pack))
            .evidence_of((f.earlier(&job.kind, pack).len() < 3).then(|| {
                text!(
                    "以前的包不到 3 个，大小没有可比的",
                    "there are fewer than three earlier packs: its size could not be compared"
                )
            }))
        }
        // every other fate has its own words
        _ => Check::unknown("night", text!("昨夜的备份", "last night's backup"), &Gap::NoAnswer),
    }
}

/// What a whole pack has.
fn all_there(f: &Facts, pack: &Pack) -> Text {
    let n = f.volumes.as_ref().map_or(0, Vec::len);
    let volumes = counted(n, "volume", "volumes");
    let images = if pack.file("images.tar").is_some_and(|b| b > Bytes(0)) { "、images.tar" } else { "" };
    text!("auth.db、全部 {n} 个数据卷{images}都在", "auth.db and all {volumes}{images} are there")
}

/// Where a pack lies, and how much of it.
fn place(f: &Facts, pack: &Pack) -> Text {
    let (folder, path, size, n) = (&f.env.paths.pack_folder, &pack.path, pack.bytes(), pack.files.len());
    let files = counted(n, "file", "files");
    text!("{folder}/{path}，{size}，{n} 个文件", "{folder}/{path}, {size}, {files}")
}

/// A job that says it is at work.
fn running(
    f: &Facts,
    job: &Job,
    worker: Option<&Worker>,
    late: Option<Late>,
    check: &dyn Fn(State, Text) -> Check,
) -> Check {
    let step = text!(
        "{}（{} 开始）",
        "{} (began at {})",
        job.message,
        job.began().map(|at| f.time(at)).unwrap_or_default()
    );
    match worker {
        Some(w) if w.is_gone() => check(
            State::Failed,
            text!(
                "昨夜的备份 {} 已经中断，记录却还写着进行中",
                "last night's backup {} has died, though its row says that it runs",
                job.id
            ),
        )
        .evidence(proof(f, job, w))
        .next(text!(
            "先处理“进行中的任务”里的幽灵任务，再触发备份",
            "deal with the ghost named under live jobs, then start a backup"
        )),
        Some(w @ Worker::Still { minutes, .. }) => check(
            State::Warning,
            text!(
                "昨夜的备份 {} 还没完成，已 {minutes} 分钟没有动静",
                "last night's backup {} is not done, and nothing has moved for {minutes} min",
                job.id
            ),
        )
        .evidence(proof(f, job, w))
        .next(text!(
            "几分钟后再看一次；仍无动静就取消它，再触发备份",
            "look again in a few minutes; if it still does not move, cancel it and start a backup"
        )),
        w => {
            let summary = match late {
                Some(Late::Runs) => text!(
                    "昨夜的备份 {} 还在进行，比平时晚了：{}",
                    "last night's backup {} still runs, later than it should: {}",
                    job.id,
                    job.message
                ),
                Some(Late::Began) => text!(
                    "昨夜的备份 {} 开始得晚，正在进行：{}",
                    "last night's backup {} began late and is running: {}",
                    job.id,
                    job.message
                ),
                None => text!("备份 {} 正在进行：{}", "backup {} is running: {}", job.id, job.message),
            };
            check(State::Warning, summary)
                .evidence_of(w.map(|w| proof(f, job, w)))
                .next(text!("等它完成后再检查一次", "check again when it is done"))
        }
    }
    .evidence(step)
}
