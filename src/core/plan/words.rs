//! What a run wrote down, in words.
use super::Service;
use crate::i18n::Text;
use crate::text;

/// What was found out: a word for what it is about, and the rest as it stands.
pub fn fact(name: &str, words: &str) -> Text {
    let about = match name {
        "backend_was" if words.starts_with("running") => {
            return text!("记下：后端原来在运行", "noted: the backend was running");
        }
        "backend_was" => return text!("记下：后端原来停着", "noted: the backend was stopped"),
        "job" => text!("备份任务", "backup job"),
        "joined" => text!("别处刚启动的任务，没有另起", "started elsewhere just now, no other was started"),
        "kind" if words == "full" => return text!("种类：全量", "kind: full"),
        "kind" if words == "incremental" => return text!("种类：增量", "kind: incremental"),
        "status" if words == "queued" => return text!("状态：排队", "state: queued"),
        "status" if words == "running" => return text!("状态：正在跑", "state: at work"),
        "asked" => text!("已请求取消", "asked to stop"),
        "helper" => text!("停下打包容器", "stopping the packing container"),
        "partial" => text!("写了一半的包留在", "the half-written pack stays at"),
        "progress" => text!("进度", "progress"),
        "ended" => text!("任务结束", "the job has ended"),
        "closed" => text!("任务已关闭", "the job is closed"),
        "still" => text!("任务还没有停", "the job has not stopped"),
        "cleared" => text!("锁已删除", "the lock is deleted"),
        "put" => text!("锁已放回", "the lock is put back"),
        "lock" if words == "cleared" => return text!("备份锁已删除", "the backup lock is deleted"),
        "lock" if words == "gone" => return text!("备份锁已经不在了", "the backup lock was gone already"),
        "lock" => {
            return text!(
                "备份锁已是别人的，没有动它",
                "the backup lock is somebody else's by now, left alone"
            );
        }
        "mounted" => text!("挂载点现在是", "mounted there now"),
        "unmounted" => text!("卸下的是", "taken off"),
        "uncovered" => text!("下面露出来的是", "what is under it"),
        "detached" => text!("脱离的是", "detached"),
        "mount_error" => text!("mount 报错", "mount says"),
        "umount" => text!("umount 报错", "umount says"),
        "kernel" => text!("内核说", "the kernel says"),
        "probe" => text!("试读试写共享", "reading and writing on the share"),
        "busy" => text!("占用它的", "who uses it"),
        "fstab" => match words {
            "written" => return text!("fstab 已写好", "fstab is written"),
            "as_it_was" => return text!("fstab 本来就对", "fstab is right already"),
            _ => text!("fstab", "fstab"),
        },
        "backend_sees" if words == "at_once" => {
            return text!(
                "后端容器直接就看到了共享，没有重启",
                "the backend's container sees the share at once; it was not restarted"
            );
        }
        "backend_sees" => {
            return text!(
                "后端容器重启后看到了共享",
                "after a restart the backend's container sees the share"
            );
        }
        "pack_folder" => {
            return text!("共享上没有备份目录，已建立", "the share had no pack folder: it is made");
        }
        "held_by" | "held_elsewhere" if words.is_empty() || words == "nobody" => {
            return text!("没有谁还在用它", "nobody else uses it");
        }
        "held_by" => text!("正在用它的", "who uses it"),
        "held_elsewhere" => text!("还挂着它的", "who still has it"),
        "live_jobs" => {
            return text!(
                "动手前没能再问一次数据库有没有备份在跑",
                "whether a backup has begun meanwhile could not be asked"
            );
        }
        "live" => text!("这时开始了备份任务", "a backup job began meanwhile"),
        "share" => return text!("共享没有应答", "the share does not answer"),
        "secret" => return text!("密码没有送到", "the password did not arrive"),
        "stop" => text!("后端停不下来", "the backend does not stop"),
        "start" => text!("后端启动不了", "the backend does not start"),
        "limit" => text!("到了时间上限", "its time is up"),
        other => text!("得知 {other}", "found out {other}"),
    };
    Text { zh: format!("{}：{words}", about.zh), en: format!("{}: {words}", about.en) }
}

/// Something that was stopped was started again, or could not be.
pub fn put_back(what: &str, well: bool, words: &str) -> Text {
    let what = match what {
        "backend" => Service::Backend.word(),
        other => Text::same(other),
    };
    match well {
        true => Text { zh: format!("已恢复：{}", what.zh), en: format!("started again: {}", what.en) },
        false => Text {
            zh: format!("没能恢复：{}（{words}）", what.zh),
            en: format!("could not be started again: {} ({words})", what.en),
        },
    }
}
