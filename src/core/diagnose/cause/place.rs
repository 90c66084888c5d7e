//! Looking in the wrong place: another server, or another folder.
use crate::core::derive::pack;
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{Family, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::Certainty;
use crate::core::probe::containers::under;
use crate::core::probe::share::ShareAnswer;
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::core::verdict::Fate;
use crate::text;
use std::net::IpAddr;

/// Another machine answered.
pub(super) static WRONG_SERVER: Rule = Rule {
    id: "wrong-server",
    covers: &["server"],
    look: wrong_server,
    runbook: || Runbook {
        family: Family::Place,
        title: text!("看的不是那台服务器", "this is not the server that was meant"),
        what: text!(
            "连上的机器不是配置里写的那一台，或者上面根本没有 RagflowAuth。在它上面看到的备份情况都不算数。",
            "The machine that answered is not the one in the configuration, or has no RagflowAuth at all. What is seen there says nothing about the backups."
        ),
        shows: text!(
            "总览的「服务器」告警或失败：主机名、地址或 machine-id 不是你认识的那台，或者上面没有 RagflowAuth 的容器。",
            "The check \"server\": host name, address or machine-id are not those you know, or there is no container of RagflowAuth."
        ),
        how: text!(
            "环境选错了（正式和测试弄反）、environments.toml 里地址写错、地址被别的机器占用，或中间有地址转换。",
            "The wrong environment was chosen, the address in environments.toml is wrong, another machine took the address, or addresses are translated on the way."
        ),
        mend: text!(
            "按 F3 换到对的环境；地址写错就改 environments.toml，再用 opsdeck trust 核对一次主机指纹。",
            "Choose the right environment (F3); if the address is wrong, correct environments.toml and verify the host key again (opsdeck trust)."
        ),
        acts: &[],
        proof: text!(
            "再检查一次，主机名和地址都对得上",
            "check again: host name and address are the expected ones"
        ),
        call: &[Whom::You, Whom::Server],
        dont: text!(
            "没弄清楚是哪台机器之前，不要在上面做任何操作。",
            "Do nothing on it before it is clear which machine it is."
        ),
    },
};

fn wrong_server(s: &Scene) -> Ruling {
    let (f, Ok(id)) = (s.f, &s.f.look.identity) else { return Ruling::Open };
    let fix = || Fix::Call {
        whom: Whom::You,
        what: text!(
            "核对选的环境和 environments.toml 里的地址，弄清楚之前什么都不要做",
            "compare the chosen environment and the address in environments.toml; do nothing before that is clear"
        ),
    };
    let before = s.earlier.and_then(|look| look.identity.as_ref().ok()).map(|i| &i.machine_id);
    if let Some(other) = before.filter(|m| !m.is_empty() && !id.machine_id.is_empty() && **m != id.machine_id)
    {
        return Found::new(
            State::Failed,
            Certainty::Proved,
            text!(
                "两次检查答话的不是同一台机器（machine-id {other}，现在 {}）",
                "two looks were answered by two machines (machine-id {other}, now {})",
                id.machine_id
            ),
        )
        .by([s.saw(Probe::Server, text!("主机名 {}", "host name {}", id.hostname))])
        .by(s.saw_before(Probe::Server, text!("machine-id {other}", "machine-id {other}")))
        .fix(fix())
        .ruling();
    }
    let project = &f.env.containers.compose_project;
    let nothing_ours = f.look.containers.as_ref().is_ok_and(|all| {
        let ours = |name: &str| {
            name == f.env.containers.backend || name == f.env.containers.frontend || name.starts_with(project)
        };
        !all.iter().any(|c| ours(c.name.as_str()))
    });
    if nothing_ours && matches!(f.look.compose_file, Ok(false)) {
        return Found::new(
            State::Failed,
            Certainty::Likely,
            text!(
                "{} 上没有 RagflowAuth：没有它的容器，也没有它的文件",
                "there is no RagflowAuth on {}: neither its containers nor its files",
                id.hostname
            ),
        )
        .by([
            s.saw(Probe::Containers, text!("没有容器 {}", "no container {}", f.env.containers.backend)),
            s.saw(Probe::Compose, text!("没有 {}", "no {}", f.env.paths.compose_file)),
        ])
        .would_prove(text!(
            "把主机名、machine-id 和你知道的那台服务器对一对",
            "compare host name and machine-id with what you know of the server"
        ))
        .fix(fix())
        .ruling();
    }
    let dialled = f.env.host.parse::<IpAddr>().ok().filter(|ip| !ip.is_loopback() && f.env.jump.is_none());
    let Some(ip) = dialled.filter(|_| !id.addresses.is_empty()) else { return Ruling::Open };
    if id.addresses.iter().any(|a| a.as_str().parse() == Ok(ip)) {
        return Ruling::Out(
            s.saw(Probe::Server, text!("{} 有地址 {ip}", "{} has the address {ip}", id.hostname)),
        );
    }
    Found::new(State::Warning, Certainty::Possible, s.summary("server"))
        .by(s.evidence("server"))
        .would_prove(text!(
            "中间有地址转换时这是正常的；否则核对主机名",
            "behind address translation this is normal; otherwise compare the host name"
        ))
        .fix(fix())
        .ruling()
}

/// The share is right, and the folder is not.
pub(super) static WRONG_FOLDER: Rule = Rule {
    id: "wrong-folder",
    covers: &["share", "packs"],
    look: wrong_folder,
    runbook: || Runbook {
        family: Family::Place,
        title: text!("看的不是那个目录", "this is not the folder that backups go to"),
        what: text!(
            "共享挂对了，但检查的目录和后端写备份的目录不是同一个，或者共享上没有这个目录。",
            "The share is the right one, but the folder that is looked at is not the one that the backend writes to, or the share has no such folder."
        ),
        shows: text!(
            "「共享应答」或「备份包目录」失败；或者任务写着完成，写到的目录却不是检查的那个目录。",
            "\"share answers\" or \"pack folder\" fails; or the job says completed, and wrote to another folder than the one that is looked at."
        ),
        how: text!(
            "后端设置里的目标路径改过、environments.toml 的 pack_folder 没跟着改，或者有人在 Windows 上改名、移动了目录。",
            "The target path in the backend's settings was changed and pack_folder in environments.toml was not, or somebody renamed or moved the folder on Windows."
        ),
        mend: text!(
            "让两边一致：要么改网页里的目标路径，要么改 environments.toml 的 pack_folder；目录没了就在 Windows 上建回来。",
            "Make both agree: correct the target path in the web page, or pack_folder in environments.toml; if the folder is gone, make it again on Windows."
        ),
        acts: &[],
        proof: text!(
            "再检查一次，昨夜的包在备份目录里",
            "check again: last night's pack is in the pack folder"
        ),
        call: &[Whom::You, Whom::Windows],
        dont: text!(
            "不要把旧目录删掉：里面可能是唯一的备份。",
            "Do not delete the other folder: it may hold the only backup."
        ),
    },
};

fn wrong_folder(s: &Scene) -> Ruling {
    let f = s.f;
    let folder = &f.env.paths.pack_folder;
    if !f.share_is_mounted() {
        return Ruling::Open;
    }
    // how the share is today says nothing of a night that is over
    let today = s.check("share").is_some();
    if let (true, Ok(ShareAnswer::Answers { folder: None, .. })) = (today, &f.look.share) {
        return Found::new(
            State::Failed,
            Certainty::Proved,
            text!(
                "共享上没有备份目录 {folder}",
                "the share has no pack folder {folder}"
            ),
        )
        .by([s.said(Probe::Share, "share"), s.said(Probe::Mounts, "mount")])
        .fix(Fix::Call {
            whom: Whom::Windows,
            what: text!(
                "核对共享的是不是原来那个文件夹；目录被改名或移走就恢复它",
                "see whether the same folder is shared as before; bring the folder back if it was renamed or moved"
            ),
        })
        .proof(text!("{folder} 能列出备份包", "{folder} lists its packs"))
        .ruling();
    }
    if let Fate::Gone(job) = &s.fate {
        let backend = f.backend.ok().flatten();
        // a copy goes where the settings say, whatever folder its pack was made in
        let target = match pack::way(job, backend, f.env) {
            pack::Way::Direct => job.output_dir.clone(),
            _ => f.db.ok().and_then(|db| db.settings.as_ref()?.replica_target.clone()).and_then(|to| {
                let name = pack::base_name(job.output_dir.as_ref()?.as_str());
                Some(SafeText::new(&format!("{}/{name}", to.as_str().trim_end_matches('/'))))
            }),
        };
        let wrote = target.zip(backend).and_then(|(dir, c)| c.host_path(dir.as_str()));
        let elsewhere =
            |path: &String| under(path, &f.env.paths.mount_point).is_some() && under(path, folder).is_none();
        if let Some(path) = wrote.filter(elsewhere) {
            let name = pack::base_name(&path).to_owned();
            return Found::new(
                State::Warning,
                Certainty::Proved,
                text!(
                    "备份 {} 写到了共享的另一个目录 {path}，不在 {folder}",
                    "backup {} was written to another folder of the share, {path}, not to {folder}",
                    job.id
                ),
            )
            .by([
                s.saw(
                    Probe::Database,
                    text!("任务 {} 写的是 {path}", "job {} wrote to {path}", job.id),
                ),
                s.saw(Probe::Packs, text!("{folder} 里没有 {name}", "{folder} has no {name}")),
            ])
            .fix(Fix::Call {
                whom: Whom::You,
                what: text!(
                    "到 {path} 确认备份在；再让网页里的目标路径和 environments.toml 的 pack_folder 一致",
                    "see that the backup is at {path}; then make the web page's target path and pack_folder in environments.toml agree"
                ),
            })
            .tells_the_night(true)
            .ruling();
        }
    }
    match &f.look.share {
        Ok(ShareAnswer::Answers { folder: Some(at), .. }) => Ruling::Out(s.saw(
            Probe::Share,
            text!("{folder} 在，最后变化于 {}", "{folder} is there, last changed at {}", s.time(*at)),
        )),
        _ => Ruling::Open,
    }
}
