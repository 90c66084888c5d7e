//! The morning question, and everything that keeps the next backup from running.
use super::facts::kind_word;
use super::{Check, Facts};
use crate::core::derive::job::{self, Worker};
use crate::core::derive::night::{self, Outcome, Plan};
use crate::core::derive::pack::{self, Judged, Missing};
use crate::core::derive::schedule::NeverFires;
use crate::core::gap::Gap;
use crate::core::probe::database::{Job, Kind, Status};
use crate::core::probe::packs::Pack;
use crate::core::state::State;
use crate::core::units::Bytes;
use crate::i18n::Text;
use crate::text;

/// Is last night's backup on Windows?
pub(super) fn night(f: &Facts) -> Check {
    let title = text!("昨夜的备份", "last night's backup");
    let check = |state, summary| Check::new("night", title.clone(), state, summary);
    let db = match f.db {
        Ok(db) => db,
        Err(gap) => return Check::unknown("night", title, gap),
    };
    let Some(slot) = &f.slot else {
        if f.zone_s.is_none() {
            return Check::unknown(
                "night",
                title,
                &Gap::unreadable("zone of the container or the server", b""),
            );
        }
        let last = db.last_completed.iter().max_by_key(|j| j.finished.or(j.created));
        let last = last.and_then(|j| Some((j.id, j.finished.or(j.created)?)));
        let said = last.map(|(id, at)| {
            text!(
                "最近一次完成的是 {id}，{}",
                "the last one to complete was {id}, {}",
                f.time(at)
            )
        });
        return check(
            State::Failed,
            text!(
                "没有任何定时会触发，昨夜没有该跑的备份",
                "no schedule fires: no backup was due last night"
            ),
        )
        .evidence_of(said)
        .next(text!(
            "在网页的数据安全里打开定时备份",
            "switch the schedule on in the web page (data security)"
        ));
    };
    let due = f.time(slot.due);
    let kind = kind_word(&slot.kind);
    let plan = Text {
        zh: format!("应在 {due} 开始{}备份", kind.zh),
        en: format!("the {} backup was due at {due}", kind.en),
    };
    let checked = match night::outcome(slot, db, f.now, &f.env.thresholds) {
        Outcome::Completed(job) => completed(f, job, &check),
        Outcome::Live(job) => running(f, job, &check),
        Outcome::Ended(job) => {
            let why = if job.detail.is_empty() {
                &job.message
            } else {
                &job.detail
            };
            let summary = match job.status {
                Status::Canceled => text!(
                    "昨夜的备份 {} 被取消了",
                    "last night's backup {} was canceled",
                    job.id
                ),
                _ => text!(
                    "昨夜的备份 {} 失败：{why}",
                    "last night's backup {} failed: {why}",
                    job.id
                ),
            };
            check(State::Failed, summary)
                .evidence(text!(
                    "任务 {} 的最后一步：{}",
                    "the last step of {}: {}",
                    job.id,
                    job.message
                ))
                .next(text!(
                    "处理上面的原因，再手动触发一次备份",
                    "mend the reason above, then start a backup by hand"
                ))
        }
        Outcome::Due => check(
            State::Warning,
            text!(
                "刚过 {due}，备份还没有开始（{} 分钟内不算迟）",
                "{due} has just passed and no backup has begun (not late for {} min)",
                f.env.thresholds.start_grace_min
            ),
        )
        .next(text!("几分钟后再检查一次", "check again in a few minutes")),
        Outcome::Missed => check(
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
    };
    checked.evidence(plan)
}

/// What was in the way of a slot that nothing was started at.
fn why_missed(f: &Facts, due: crate::core::units::EpochMs) -> Vec<Text> {
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
    for (job, worker) in f.live.iter().filter(|(_, w)| w.is_gone()) {
        let _gone: &Worker = worker;
        found.push(text!(
            "任务 {} 已经死了却还占着位置",
            "job {} is dead and still in the way",
            job.id
        ));
    }
    found
}

/// A job that says "completed": only its pack on the share makes it true.
fn completed(f: &Facts, job: &Job, check: &dyn Fn(State, Text) -> Check) -> Check {
    let said = text!(
        "任务 {} 记录为完成：{}",
        "job {} says completed: {}",
        job.id,
        job.message
    );
    let folder = match &f.packs {
        Ok(folder) => *folder,
        Err(gap) => {
            let why = gap.text();
            let summary = Text {
                zh: format!("任务 {} 说完成了，但看不到共享上的包：{}", job.id, why.zh),
                en: format!(
                    "job {} says completed, but its pack on the share cannot be seen: {}",
                    job.id, why.en
                ),
            };
            return check(State::Unknown, summary).evidence(said).next(text!(
                "先恢复共享，再检查一次",
                "bring the share back, then check again"
            ));
        }
    };
    let Some(pack) = pack::of_job(job, folder) else {
        let name = job
            .output_dir
            .as_ref()
            .map(|d| pack::base_name(d.as_str()).to_owned())
            .unwrap_or_default();
        let message = job.message.as_str();
        let not_copied = message.contains("同步失败")
            || message.contains("未同步")
            || pack::wrote_on_share(job, f.backend.ok().flatten(), f.env) == Some(false);
        return match not_copied {
            true => check(
                State::Warning,
                text!(
                    "备份 {} 做完了，但没有复制到 Windows：{}",
                    "backup {} was made but not copied to Windows: {}",
                    job.id,
                    message_or_detail(job)
                ),
            )
            .evidence(said)
            .next(text!(
                "恢复共享后再触发一次备份；服务器本地还有这个包",
                "bring the share back and start a backup again; the server still has the pack"
            )),
            false => check(
                State::Failed,
                text!(
                    "备份 {} 做完了，但共享上没有它的包 {name}",
                    "backup {} was made, but its pack {name} is not on the share",
                    job.id
                ),
            )
            .evidence(said)
            .next(text!(
                "看是否被保留策略或人删除；再触发一次备份",
                "see whether retention or a person deleted it; start a backup again"
            )),
        };
    };
    let size = pack.bytes();
    let place = text!(
        "{}/{}，{size}，{} 个文件",
        "{}/{}, {size}, {} files",
        f.env.paths.pack_folder,
        pack.path,
        pack.files.len()
    );
    let judged = pack::judge(pack, &job.kind, f.with_images(), f.volumes.as_deref());
    if !judged.missing.is_empty() {
        return check(state_of(&judged), lacks(job, &judged))
            .evidence(said)
            .evidence(place)
            .next(text!(
                "再触发一次同类备份，并看它缺的这一步",
                "start a backup of the same kind again, and watch the step that it lacks"
            ));
    }
    if judged.unproved {
        return check(
            State::Unknown,
            text!(
                "备份 {} 的包在共享上，但不知道它该有哪些数据卷，无法确认完整",
                "the pack of {} is on the share, but which volumes it must hold is not known",
                job.id
            ),
        )
        .evidence(said)
        .evidence(place)
        .next(text!(
            "先让 Docker 应答，再检查一次",
            "make Docker answer, then check again"
        ));
    }
    if let Some(usual) = shrunk(f, job, pack) {
        return check(
            State::Warning,
            text!(
                "备份 {} 在共享上，但只有 {size}，平时约 {usual}",
                "backup {} is on the share, but it has only {size}; usual is about {usual}",
                job.id
            ),
        )
        .evidence(said)
        .evidence(place)
        .next(text!(
            "看数据是否真的少了；不确定就再触发一次",
            "see whether the data really shrank; if in doubt start a backup again"
        ));
    }
    let at = job
        .finished
        .or(job.created)
        .map(|at| f.time(at))
        .unwrap_or_default();
    check(
        State::Ok,
        text!(
            "昨夜的备份已在 Windows 上：{}，{size}，{at} 完成",
            "last night's backup is on Windows: {}, {size}, completed at {at}",
            pack.name
        ),
    )
    .evidence(said)
    .evidence(place)
    .evidence(text!(
        "auth.db、全部 {} 个数据卷{}都在",
        "auth.db and all {} volumes{} are there",
        f.volumes.as_ref().map_or(0, Vec::len),
        if job.kind == Kind::Full {
            "、images.tar"
        } else {
            ""
        }
    ))
}

fn message_or_detail(job: &Job) -> &str {
    if job.detail.is_empty() {
        job.message.as_str()
    } else {
        job.detail.as_str()
    }
}

/// A pack without images can still bring the data back; one without data cannot.
fn state_of(judged: &Judged) -> State {
    if judged.missing.iter().all(|m| *m == Missing::Images) {
        State::Warning
    } else {
        State::Failed
    }
}

fn lacks(job: &Job, judged: &Judged) -> Text {
    let word = |m: &Missing| match m {
        Missing::Database => text!("auth.db", "auth.db"),
        Missing::AllVolumes => text!("全部数据卷（volumes 是空的）", "every volume (volumes is empty)"),
        Missing::Volume { volume } => text!("数据卷 {volume}", "volume {volume}"),
        Missing::Images => text!("images.tar", "images.tar"),
        Missing::Seal => text!(
            "DONE 或清单（复制没有做完）",
            "DONE or its manifest (the copy was not finished)"
        ),
        Missing::Finish => text!(
            "收尾（留有 auth.db.tmp，中途断了）",
            "its end (auth.db.tmp is left: it was interrupted)"
        ),
    };
    let words: Vec<Text> = judged.missing.iter().map(word).collect();
    let all = Text::join(&words);
    Text {
        zh: format!("备份 {} 记录为完成，但包不完整，缺：{}", job.id, all.zh),
        en: format!(
            "backup {} says completed, but its pack is incomplete; it lacks: {}",
            job.id, all.en
        ),
    }
}

/// The usual size, if this pack is far below it.
fn shrunk(f: &Facts, job: &Job, pack: &Pack) -> Option<Bytes> {
    let usual = pack::median(f.earlier_sizes(&job.kind, pack))?;
    let floor = u128::from(usual.0) * u128::from(f.env.thresholds.shrink_percent) / 100;
    (u128::from(pack.bytes().0) < floor).then_some(usual)
}

/// A job that says it is at work.
fn running(f: &Facts, job: &Job, check: &dyn Fn(State, Text) -> Check) -> Check {
    let step = text!(
        "{}（{} 开始）",
        "{} (began at {})",
        job.message,
        job.began().map(|at| f.time(at)).unwrap_or_default()
    );
    let worker = f.live.iter().find(|(j, _)| j.id == job.id).map(|(_, w)| w);
    match worker {
        Some(w) if w.is_gone() => check(
            State::Failed,
            text!(
                "昨夜的备份 {} 已经中断，记录却还写着进行中",
                "last night's backup {} has died, though its row says that it runs",
                job.id
            ),
        )
        .evidence(proof(f, job, w)),
        Some(w @ Worker::Still { minutes, .. }) => check(
            State::Warning,
            text!(
                "昨夜的备份 {} 还没完成，已 {minutes} 分钟没有动静",
                "last night's backup {} is not done, and nothing has moved for {minutes} min",
                job.id
            ),
        )
        .evidence(proof(f, job, w)),
        w => {
            let late = f
                .slot
                .as_ref()
                .is_some_and(|s| f.now.since(s.due) > i64::from(f.env.thresholds.finish_grace_min) * 60_000);
            let summary = if late {
                text!(
                    "昨夜的备份 {} 还在进行，比平时晚了：{}",
                    "last night's backup {} still runs, later than it should: {}",
                    job.id,
                    job.message
                )
            } else {
                text!(
                    "备份 {} 正在进行：{}",
                    "backup {} is running: {}",
                    job.id,
                    job.message
                )
            };
            check(State::Warning, summary)
                .evidence_of(w.map(|w| proof(f, job, w)))
                .next(text!("等它完成后再检查一次", "check again when it is done"))
        }
    }
    .evidence(step)
}

/// What a judgement of a worker rests on.
fn proof(f: &Facts, job: &Job, worker: &Worker) -> Text {
    match worker {
        Worker::GoneByRestart {
            began,
            container_started,
        } => text!(
            "{} 开始于 {}，而后端容器在 {} 重启过，干活的线程已不在",
            "{} began at {}, and the backend's container was restarted at {}: its worker is gone",
            job.id,
            f.time(*began),
            f.time(*container_started)
        ),
        Worker::GoneWithContainer { ended } => text!(
            "后端容器已停（{}），干活的线程已不在",
            "the backend's container has stopped ({}): the worker is gone",
            ended.map(|e| f.time(e)).unwrap_or_else(|| "?".into())
        ),
        Worker::Growing { changed } => {
            let ago = f.ago(*changed);
            Text {
                zh: format!("它的包{}还在变化", ago.zh),
                en: format!("its pack changed {}", ago.en),
            }
        }
        Worker::Still { since, .. } => text!(
            "最后的动静在 {}",
            "the last sign of life was at {}",
            f.time(*since)
        ),
        Worker::CannotTell => text!("刚开始，还看不出动静", "too early to see it move"),
    }
}

/// Will the next backup fire?
pub(super) fn schedule(f: &Facts) -> Check {
    let title = text!("定时设置", "schedule");
    let check = |state, summary| Check::new("schedule", title.clone(), state, summary);
    let on = text!(
        "在网页的数据安全里改正定时",
        "correct the schedule in the web page (data security)"
    );
    let plan = match (f.db, &f.plan) {
        (Err(gap), _) => return Check::unknown("schedule", title, gap),
        (_, Some(plan)) => plan,
        (_, None) => return Check::unknown("schedule", title, &Gap::NoAnswer),
    };
    let (fires, never) = match plan {
        Plan::Off => {
            return check(
                State::Failed,
                text!("定时备份已关闭", "scheduled backups are switched off"),
            )
            .next(on);
        }
        Plan::NotSet => {
            return check(
                State::Failed,
                text!("数据库里没有定时设置", "the database has no schedule"),
            )
            .next(on);
        }
        Plan::On { fires, never } => (fires, never),
    };
    let reasons: Vec<Text> = never
        .iter()
        .map(|(kind, text, why)| {
            let (kind, why) = (kind_word(kind), never_word(*why));
            Text {
                zh: format!("{}定时“{text}”永远不会触发：{}", kind.zh, why.zh),
                en: format!("the {} schedule \"{text}\" never fires: {}", kind.en, why.en),
            }
        })
        .collect();
    let next: Vec<Text> = fires
        .iter()
        .filter_map(|(kind, cron)| {
            let at = f.time(cron.next(f.now, f.zone_s?)?);
            let kind = kind_word(kind);
            Some(Text {
                zh: format!("下一次{} {at}", kind.zh),
                en: format!("next {} {at}", kind.en),
            })
        })
        .collect();
    if fires.is_empty() {
        let summary = if reasons.is_empty() {
            text!("开关是开的，但没有填定时", "switched on, but no schedule is set")
        } else {
            Text::join(&reasons)
        };
        return check(State::Failed, summary).next(on);
    }
    if !reasons.is_empty() {
        return check(State::Warning, Text::join(&reasons))
            .evidence_of(next)
            .next(on);
    }
    check(
        State::Ok,
        if next.is_empty() {
            text!("已打开", "switched on")
        } else {
            Text::join(&next)
        },
    )
}

fn never_word(why: NeverFires) -> Text {
    match why {
        NeverFires::Empty => text!("是空的", "it is empty"),
        NeverFires::FieldCount => text!("要有五段", "it must have five fields"),
        NeverFires::Unsupported => text!("每段只能写 * 或一个数字", "each field must be * or one number"),
        NeverFires::OutOfRange => text!("数字超出范围", "a number is out of range"),
    }
}

/// Jobs that say they are at work.
pub(super) fn live(f: &Facts) -> Check {
    let title = text!("进行中的任务", "live jobs");
    if let Err(gap) = f.db {
        return Check::unknown("live", title, gap);
    }
    if f.live.is_empty() {
        return Check::new(
            "live",
            title,
            State::Ok,
            text!("没有进行中的任务", "no job is at work"),
        );
    }
    let judge = |w: &Worker| match w {
        w if w.is_gone() => State::Failed,
        Worker::Still { .. } => State::Warning,
        _ => State::Ok,
    };
    let worst = f.live.iter().max_by_key(|(_, w)| judge(w).exit_code());
    let Some((job, worker)) = worst else {
        return Check::unknown("live", title, &Gap::NoAnswer);
    };
    let state = judge(worker);
    let summary = match state {
        State::Failed => text!(
            "任务 {} 是幽灵：写着进行中，其实已经死了，会挡住后面的备份",
            "job {} is a ghost: its row says that it runs, but it is dead, and it blocks every backup",
            job.id
        ),
        State::Warning if job.status == Status::Canceling => {
            text!("任务 {} 卡在取消中", "job {} is stuck while canceling", job.id)
        }
        State::Warning => text!("任务 {} 可能卡住了", "job {} may be stuck", job.id),
        _ => text!(
            "任务 {} 正在进行：{}",
            "job {} is running: {}",
            job.id,
            job.message
        ),
    };
    let check =
        Check::new("live", title, state, summary).evidence_of(f.live.iter().map(|(j, w)| proof(f, j, w)));
    match state {
        State::Failed => check.next(text!(
            "先把这一行标为失败，再触发备份",
            "close that row, then start a backup"
        )),
        State::Warning => check.next(text!(
            "几分钟后再看一次；仍无动静就取消它",
            "look again in a few minutes; cancel it if it still does not move"
        )),
        _ => check,
    }
}

/// A lock takes effect within moments of its job; until then it may belong to one that is just being made.
const FRESH_LOCK_MS: i64 = 120_000;

/// Does a lock block the next backup?
pub(super) fn lock(f: &Facts) -> Check {
    let title = text!("备份锁", "backup lock");
    let db = match f.db {
        Ok(db) => db,
        Err(gap) => return Check::unknown("lock", title, gap),
    };
    let Some(first) = db.locks.first() else {
        return Check::new("lock", title, State::Ok, text!("没有锁", "no lock"));
    };
    let held = first.acquired.map(|at| f.time(at)).unwrap_or_else(|| "?".into());
    let workers: Vec<Worker> = f.live.iter().map(|(_, w)| w.clone()).collect();
    let evidence = text!(
        "锁 {}，持有者 {}，取得于 {held}",
        "lock {}, owner {}, taken at {held}",
        first.name,
        first.owner
    );
    if job::stale_locks(db, &workers).is_empty() {
        return Check::new(
            "lock",
            title,
            State::Ok,
            text!("锁由进行中的任务持有", "held by the job that runs"),
        )
        .evidence(evidence);
    }
    let fresh = first
        .acquired
        .is_some_and(|at| (0..FRESH_LOCK_MS).contains(&f.now.since(at)));
    if fresh && f.live.is_empty() {
        return Check::new(
            "lock",
            title,
            State::Warning,
            text!("锁刚刚取得，还没有任务", "just taken, no job yet"),
        )
        .evidence(evidence)
        .next(text!("一两分钟后再检查一次", "check again in a minute or two"));
    }
    Check::new(
        "lock",
        title,
        State::Failed,
        text!(
            "锁没有主人：没有活着的任务持有它，触发备份会被拒绝",
            "nobody holds this lock: no living job does, and backups are refused"
        ),
    )
    .evidence(evidence)
    .evidence(text!(
        "后端自己要到 {} 小时后才清除它",
        "the backend itself only drops it after {} h",
        f.env.thresholds.lock_ttl_h
    ))
    .next(text!(
        "清除这把锁，再触发备份",
        "clear the lock, then start a backup"
    ))
}

/// Is the last full backup whole, images included?
pub(super) fn last_full(f: &Facts) -> Check {
    let title = text!("最近的全量备份", "last full backup");
    let check = |state, summary| Check::new("last_full", title.clone(), state, summary);
    let db = match f.db {
        Ok(db) => db,
        Err(gap) => return Check::unknown("last_full", title, gap),
    };
    let planned =
        matches!(&f.plan, Some(Plan::On { fires, .. }) if fires.iter().any(|(k, _)| *k == Kind::Full));
    let Some(job) = db.last_completed.iter().find(|j| j.kind == Kind::Full) else {
        return match planned {
            true => check(
                State::Warning,
                text!("还没有一次全量备份完成过", "no full backup has ever completed"),
            )
            .next(text!("触发一次全量备份", "start a full backup")),
            false => check(
                State::Ok,
                text!("没有安排全量备份", "no full backup is scheduled"),
            ),
        };
    };
    let at = job
        .finished
        .or(job.created)
        .map(|at| f.time(at))
        .unwrap_or_default();
    let folder = match &f.packs {
        Ok(folder) => *folder,
        Err(gap) => return Check::unknown("last_full", title, gap),
    };
    let Some(pack) = pack::of_job(job, folder) else {
        return check(
            State::Warning,
            text!(
                "最近的全量备份 {}（{at}）已不在共享上",
                "the last full backup {} ({at}) is not on the share any more",
                job.id
            ),
        )
        .next(text!(
            "触发一次全量备份；并检查保留数量",
            "start a full backup; and check the retention"
        ));
    };
    let judged = pack::judge(pack, &job.kind, f.with_images(), f.volumes.as_deref());
    let place = text!("{}，{}", "{}, {}", pack.path, pack.bytes());
    if !judged.missing.is_empty() {
        // an older pack that is incomplete is for the week, not for this morning
        return check(State::Warning, lacks(job, &judged))
            .evidence(place)
            .next(text!(
                "看磁盘空间，再触发一次全量备份",
                "see the disk space, then start a full backup"
            ));
    }
    if judged.unproved {
        return Check::unknown(
            "last_full",
            title,
            f.look.volumes.as_ref().err().unwrap_or(&Gap::NoAnswer),
        )
        .evidence(place);
    }
    check(State::Ok, text!("{at}，完整", "{at}, complete")).evidence(place)
}
