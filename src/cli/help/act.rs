//! What help says of the commands that change a server.
use crate::i18n::Text;
use crate::text;

/// What such a command is for; nothing of another.
pub(super) fn about(path: &str) -> Option<Text> {
    Some(match path {
        "opsdeck mount" => text!(
            "把 Windows 共享挂载到服务器，并让后端容器看得到",
            "Mount the Windows share on the server, and let the backend's container see it"
        ),
        "opsdeck unmount" => text!("把 Windows 共享从服务器卸载", "Take the Windows share off the server"),
        "opsdeck backup" => text!("让后端现在就备份一次", "Have the backend start a backup now"),
        "opsdeck cancel" => text!("取消正在跑的备份", "Cancel the running backup"),
        "opsdeck unlock" => text!(
            "清除过期的备份锁，或放回清除过的那一行",
            "Clear the stale backup lock, or put a cleared row back"
        ),
        "opsdeck close-ghost" => text!(
            "关闭幽灵任务：写着进行中，其实已经死了",
            "Close the ghost job: it says that it runs, and is dead"
        ),
        "opsdeck services" => {
            text!(
                "重启、停止、启动后端、前端或 RAGFlow",
                "Restart, stop or start backend, frontend or RAGFlow"
            )
        }
        "opsdeck attach" => text!(
            "接着看服务器上的一次操作，直到结束",
            "Follow an action that is at work on the server, to its end"
        ),
        "opsdeck journal" => text!(
            "操作记录：谁在什么时候对哪台服务器做了什么，结果怎样",
            "The journal: who did what to which server when, and what became of it"
        ),
        _ => return None,
    })
}

/// What such an argument is for; nothing of another.
pub(super) fn argument(id: &str) -> Option<Text> {
    Some(match id {
        "server" => text!(
            "环境的 key；只配置了一个环境时可以不写",
            "Key of the environment; may be left out where only one is configured"
        ),
        "dry_run" => text!(
            "只显示计划（目标、步骤里的每条命令、怎么证明、怎么撤销），什么也不做",
            "Only show the plan (target, every command of its steps, proof, undo); do nothing"
        ),
        "yes" => text!(
            "不再询问，直接做；正式环境还要 --confirm",
            "Do it without a question; prod also needs --confirm"
        ),
        "confirm" => {
            text!("再写一遍环境的 key，写错就拒绝", "The environment's key once more; a wrong one is refused")
        }
        "form" => text!(
            "输出格式：text、json（一行一个对象）；--dry-run 时还有 sh（整个脚本，能单独运行）（默认 text）",
            "Form of the output: text, json (one object a line); with --dry-run also sh (the whole script, which runs by itself) (default text)"
        ),
        "lines" => text!(
            "输出格式：text、json（一行一个对象）（默认 text）",
            "Form of the output: text, json (one object a line) (default text)"
        ),
        "new_password" => text!(
            "先写一份新的凭据文件，哪怕已经有了",
            "Write a new credentials file first, even where there is one"
        ),
        "lazy" => {
            text!("共享没有应答时强行卸载（懒卸载）", "Detach a share that does not answer (lazy unmount)")
        }
        "full" => text!("全量：含镜像", "A full one: with the images"),
        "watch" => {
            text!("一直看到备份结束，显示进度", "Stay until the backup has ended, and show its progress")
        }
        "force" => text!("不等它自己停，强制终止", "Do not wait for it to stop by itself"),
        "put_back" => text!(
            "放回这次操作（见 opsdeck journal）清除的那一行",
            "Put back the row that this run (see opsdeck journal) cleared"
        ),
        "how" => text!("restart 重启，stop 停止，start 启动", "restart, stop or start"),
        "which" => text!(
            "backend 后端，frontend 前端，ragflow 整套",
            "backend, frontend or ragflow (the whole stack)"
        ),
        "run" => text!(
            "哪一次操作（不写：正在做的那次，否则记录里最后一次没看到结尾的）",
            "Which run (default: the one at work, else the last unfinished one of the journal)"
        ),
        "md" => text!("输出 Markdown 交接记录", "Markdown, as a handover for the next shift"),
        "days" => text!(
            "看最近几天（默认 7，--md 时 1）；没看到结尾的总会显示",
            "How many days back (default 7, with --md 1); what is unfinished is always shown"
        ),
        _ => return None,
    })
}

/// How the commands that change a server end.
pub(super) fn exits() -> Text {
    text!(
        "退出码：0 做完并看到了结果（或本来就不用做；要看的用 [!] 说），1 拒绝（什么也没改），2 失败（停过的是否都恢复了会写明；\n\
         后端停着时用 !! 说，JSON 里 backend_is_down 为 true），3 未知或还在进行（用 opsdeck attach 接着看），\n\
         4 命令本身没能执行（参数、配置）。",
        "Exit codes: 0 done and proved (or nothing to do; [!] marks what is to be read), 1 refused (nothing was changed), 2 failed\n\
         (whether what was stopped runs again is said; a backend that is down is marked !!, in JSON backend_is_down is true),\n\
         3 unknown or still at work (follow it with opsdeck attach), 4 the command itself could not work (arguments,\n\
         configuration)."
    )
}
