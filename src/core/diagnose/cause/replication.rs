//! The older layout: made on the server, then copied; and what broken copies leave.
use super::NOT_THE_SHARE;
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::{Certainty, Evidence};
use crate::core::probe::packs::Pack;
use crate::core::state::State;
use crate::core::verdict::Fate;
use crate::i18n::counted;
use crate::text;

/// Completed, and the pack stayed on the server.
pub(super) static NOT_COPIED: Rule = Rule {
    id: "not-copied",
    covers: &[],
    look: |s| {
        let Fate::NotCopied(job) = &s.fate else {
            return match &s.fate {
                Fate::There { pack, .. } => Ruling::Out(s.whole_pack(pack)),
                _ => Ruling::Open,
            };
        };
        let words = if job.detail.is_empty() { &job.message } else { &job.detail };
        let left = interrupted(s);
        let mut found = Found::new(
            State::Warning,
            Certainty::Proved,
            text!(
                "备份 {} 做完了，但没有复制到 Windows：{words}",
                "backup {} was made and not copied to Windows: {words}",
                job.id
            ),
        )
        .by([
            s.saw(
                Probe::Database,
                text!("任务 {} 写着完成：{}", "job {} says completed: {}", job.id, job.message),
            ),
            s.saw(Probe::Packs, text!("共享上没有它的包", "its pack is not on the share")),
        ])
        .by(left.first().map(|p| {
            s.saw(
                Probe::Packs,
                text!("留下了复制到一半的 {}", "a copy broken off half way is left: {}", p.path),
            )
        }))
        .because_of(&["share-hung", "share-error", "share-full"])
        .tells_the_night(true);
        // it says itself that the share was not there: whoever took it away is the reason, if it is still away
        if words.as_str().contains("未挂载") || words.as_str().contains("cifs") {
            found = found.because_of(&NOT_THE_SHARE).because_of(&["container-blind", "container-no-bind"]);
        }
        if let Some(off) = switched_off(s) {
            found = found.by([off]).fix(Fix::Call {
                whom: Whom::You,
                what: text!(
                    "在网页“数据安全”里打开复制，并填上目标路径",
                    "switch copying on in the web page (数据安全), and set its target path"
                ),
            });
        }
        found.fix(s.backup()).ruling()
    },
    runbook: || Runbook {
        family: Family::Pack,
        title: text!("备份做了，没复制到 Windows", "made, and not copied to Windows"),
        what: text!(
            "旧的做法是先在服务器本地做好包，再复制到共享。复制没成功，任务照样写“完成”，包只在服务器上。",
            "In the older way a pack is made on the server first and copied to the share then. The copy failed; the job says completed all the same, and the pack is on the server only."
        ),
        shows: text!(
            "「昨夜的备份」告警：做完了，但没有复制到 Windows；任务写着完成，后面跟着“同步失败”和原因。",
            "\"last night's backup\" warns: made, and not copied to Windows; the job says completed, and 同步失败 (copying failed) with the reason."
        ),
        how: text!(
            "复制那一刻共享没挂、写满、断了，或者复制开关没开。",
            "At that moment the share was not mounted, full or cut off; or copying is switched off."
        ),
        mend: text!(
            "先按原因修好共享（没挂就按 M），再按 B 做一次。本地那份先留着，等新的到了 Windows 再处理。",
            "Mend the share first, by the reason that is given (if it is not mounted, press M); then press B. Keep the local pack until the new one is on Windows."
        ),
        acts: &[BACKUP],
        proof: text!(
            "消息里写着已同步，共享上有完整的包",
            "its message says that it was copied (已同步), and the share has the whole pack"
        ),
        call: &[Whom::Windows],
        dont: text!(
            "不要因为写着完成、进度 100% 就当作有备份。",
            "Do not take completed and 100 % for a backup."
        ),
    },
};

/// The settings say that nothing is copied, or not where to.
fn switched_off(s: &Scene) -> Option<Evidence> {
    let settings = s.f.db.ok()?.settings.as_ref()?;
    let says = match (settings.replica_enabled, &settings.replica_target) {
        (Some(false), _) => text!("设置里复制是关着的", "copying is switched off in the settings"),
        (Some(true), Some(target)) if target.is_empty() => {
            text!("设置里复制的目标路径是空的", "the target path of the copy is empty in the settings")
        }
        _ => return None,
    };
    Some(s.saw(Probe::Database, says))
}

/// A copy that has not changed for this long is not under way any more.
const STILL_MS: i64 = 2 * 3_600_000;

fn interrupted<'a>(s: &Scene<'a>) -> Vec<&'a Pack> {
    let Ok(folder) = &s.f.packs else { return Vec::new() };
    let folder: &'a crate::core::probe::packs::PackFolder = folder;
    folder.interrupted.iter().filter(|p| s.f.now.since(p.changed) > STILL_MS).collect()
}

/// `_tmp/job_…`.
pub(super) static INTERRUPTED: Rule = Rule {
    id: "interrupted-copy",
    covers: &["packs"],
    look: |s| {
        let left = interrupted(s);
        let Some(newest) = left.iter().max_by_key(|p| p.changed) else {
            return match &s.f.packs {
                Ok(_) => Ruling::Out(
                    s.saw(Probe::Packs, text!("没有复制到一半的残留", "no copy is left half way")),
                ),
                Err(_) => Ruling::Open,
            };
        };
        let (n, copies) = (left.len(), counted(left.len(), "copy", "copies"));
        Found::new(
            State::Warning,
            Certainty::Proved,
            text!("共享上有 {n} 个复制到一半的残留", "left on the share, broken off half way: {copies}"),
        )
        .by([s.saw(
            Probe::Packs,
            text!("{}，最后变化于 {}", "{}, last changed at {}", newest.path, s.time(newest.changed)),
        )])
        .fix(Fix::Call {
            whom: Whom::You,
            what: text!(
                "确认两台服务器都没有备份在跑之后，在 Windows 上删掉这些 _tmp 残留",
                "once no backup runs on either server, delete these _tmp leftovers on Windows"
            ),
        })
        .because_of(&["not-copied"])
        .ruling()
    },
    runbook: || Runbook {
        family: Family::Pack,
        title: text!("复制中断的残留", "leftovers of a broken copy"),
        what: text!(
            "共享的 _tmp 里有复制到一半的包。它不是备份，只占地方。",
            "The share's _tmp holds packs that were copied half way. They are no backups, and take room."
        ),
        shows: text!(
            "「备份包目录」告警；备份包画面（F7）列出 _tmp/job_… 这样的残留。",
            "\"pack folder\" warns; the packs screen (F7) lists leftovers named _tmp/job_…."
        ),
        how: text!(
            "复制时先写 _tmp，写完才改名。中途断网、重启、写满，就留在那里。",
            "A copy goes to _tmp and is renamed at its end. A lost network, a restart or a full disk on the way leaves it there."
        ),
        mend: text!(
            "等两台服务器都没有备份在跑（另一台也写这个目录），再在 Windows 上删掉。",
            "When no backup runs on either server (the other one writes there, too), delete them on Windows."
        ),
        acts: &[],
        proof: text!("_tmp 里没有残留", "_tmp is empty"),
        call: &[Whom::You],
        dont: text!(
            "不要把它改名当正式的包用：里面缺东西。",
            "Do not rename one to use it as a pack: it lacks something."
        ),
    },
};
