//! What stood in the way of an action on backups, in plain words.
use super::event::Event;
use super::{Action, Refusal, Service};
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::text;

/// Why the server refused, where it is about backups.
pub(super) fn refused(action: &Action, why: &str, words: &SafeText) -> Option<Refusal> {
    let again = || text!("再检查一次，看新的预览", "check again and see the new preview");
    let refusal = |said: Text| Refusal::new(said, again());
    Some(match why {
        "changed" => refusal(text!(
            "数据库里的记录和预览时不一样了：{words}。什么也没做",
            "the rows are not as they were in the preview: {words}. Nothing was done"
        )),
        "busy_database" => Refusal::new(
            text!(
                "数据库被占用，等了 5 秒没等到。什么也没做",
                "the database is kept by somebody else; waited 5 s. Nothing was done"
            ),
            text!("过一会儿再来一次", "try again in a moment"),
        ),
        "database" => Refusal::new(
            text!(
                "数据库用不了：{words}。什么也没做",
                "the database cannot be used: {words}. Nothing was done"
            ),
            text!(
                "核对 environments.toml 里的数据库路径和服务器磁盘",
                "check the database's path in environments.toml, and the server's disk"
            ),
        ),
        "live" if matches!(action, Action::Backup { .. }) => running(words.as_str()),
        // the numbers of live.sh have no sign before them
        "live" if !words.as_str().starts_with('#') => Refusal::new(
            text!(
                "备份任务 #{words} 在预览之后开始了。什么也没做",
                "backup job #{words} began after the preview. Nothing was done"
            ),
            text!(
                "等它结束；确实不要它了，就先取消它",
                "wait until it has ended; cancel it first if it is not wanted"
            ),
        )
        .instead(Action::Cancel { force: false }),
        "live" => refusal(text!(
            "任务 {words} 写着正在进行，这把锁可能是它的。什么也没做",
            "job {words} says that it runs, and the lock may be its. Nothing was done"
        )),
        "locked" => Refusal::new(
            text!(
                "后端的备份锁被占着：{words}。没有开始备份",
                "the backend's lock is taken: {words}. No backup was started"
            ),
            text!("没有活着的任务持有它时，清除这把锁", "clear it if no living job holds it"),
        )
        .instead(Action::ClearLock),
        "backend" => Refusal::new(
            text!("后端没有开始备份：{words}", "the backend did not start a backup: {words}"),
            text!("看后端日志", "see the backend's log"),
        ),
        "blind" => Refusal::new(
            text!(
                "后端容器里看到的不是共享：{words}。没有开始备份",
                "the backend's container does not see the share: {words}. No backup was started"
            ),
            text!("先挂载共享", "mount the share first"),
        )
        .instead(Action::Mount { new_password: false }),
        "not_mounted" => Refusal::new(
            text!(
                "共享已经不在 {words} 上。没有开始备份",
                "the share is not at {words} any more. No backup was started"
            ),
            text!("先挂载共享", "mount the share first"),
        )
        .instead(Action::Mount { new_password: false }),
        "ill" => Refusal::new(
            text!(
                "后端 {words} 没有正常答复 /health。没有开始备份",
                "the backend {words} does not answer /health. No backup was started"
            ),
            text!("看后端日志；没有备份在跑时重启它", "see its log; restart it when no backup runs"),
        )
        .instead(Action::Services { which: Service::Backend, how: super::How::Restart }),
        "young" => Refusal::new(
            text!(
                "这把锁刚取得不到两分钟，可能属于正在建立的任务。什么也没做",
                "the lock is less than two minutes old and may belong to a job that is being made. Nothing was done"
            ),
            text!("两分钟后再检查一次", "check again in two minutes"),
        ),
        "future" => super::lock::ahead(),
        "held" => Refusal::new(
            text!(
                "现在已有一把锁（{words}），没有放回旧的",
                "there is a lock already ({words}); the old one was not put back"
            ),
            again(),
        ),
        "no_cancel" => Refusal::new(
            text!(
                "这个旧版后端不认识取消请求（任务表没有取消列）。什么也没做",
                "this older backend knows no cancel (its jobs have no columns for it). Nothing was done"
            ),
            text!("只能强制终止", "it can only be ended by force"),
        )
        .instead(Action::Cancel { force: true }),
        "alive" => refusal(text!(
            "不能证明干活的线程已经不在：容器 {words} 没有在那之后启动，或里面还在打包（或看不到里面）。什么也没做",
            "the worker is not proved gone: the container {words} did not start after that, or something in it packs (or cannot be seen). Nothing was done"
        )),
        "helpers" => refusal(text!(
            "打包容器还在运行：{words}。什么也没做",
            "packing containers still run: {words}. Nothing was done"
        )),
        _ => return None,
    })
}

/// One is running already.
pub(super) fn running(id: &str) -> Refusal {
    Refusal::new(
        text!("备份 {id} 正在跑，没有另起一个", "backup {id} is running; no other one was started"),
        text!("在「任务」页看它的进度", "watch it on the Jobs page"),
    )
}

/// Why a run on backups did not do what it was for, where more is known than the step's code.
pub(super) fn failed(action: &Action, events: &[Event]) -> Option<(Text, Text)> {
    let fact = |name| super::event::fact(events, name);
    Some(match action {
        Action::Cancel { force: false } if fact("ended").is_some() => (
            text!(
                "任务已经停下（{0}），但它的打包容器没有停下，可能还在写",
                "the job has ended ({0}), but what packs for it has not, and may still write",
                fact("ended")?
            ),
            text!(
                "看下面的打包容器；在服务器上用 docker stop 停掉它",
                "see the packing containers below; end them on the server with docker stop"
            ),
        ),
        Action::Cancel { force: false } => {
            let asked = fact("asked");
            (
                match fact("still") {
                    Some(job) => text!(
                        "已请求取消，但任务到时限还没有停下：{job}。请求仍然有效",
                        "the cancel was asked for, but the job did not stop in time: {job}. The request stands"
                    ),
                    None => text!(
                        "已请求取消，但没有等到任务停下：{0}。请求仍然有效",
                        "the cancel was asked for, but the job was not seen to stop: {0}. The request stands",
                        asked?
                    ),
                },
                text!(
                    "再等一会儿；仍不停就强制终止（会重启后端）",
                    "wait a little; if it still does not stop, end it by force (restarts the backend)"
                ),
            )
        }
        Action::Cancel { force: true } => (
            text!(
                "没有全部做完：任务的记录和锁只在证明线程已不在之后才改",
                "not all of it was done: the job's row and the lock are only touched once the worker is proved gone"
            ),
            text!(
                "看下面的对比；再检查一次后可以重来",
                "see before and after; check again, then it can be repeated"
            ),
        ),
        _ => return None,
    })
}
