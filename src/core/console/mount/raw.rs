//! The server's own lines about its mounts, and the rows that no check speaks of: the kernel's log, its account of SMB
//! connections, files that lie in the share's place.
use crate::core::console::sheet::{Detail, Row};
use crate::core::derive::pack;
use crate::core::gap::Gap;
use crate::core::probe::database::Job;
use crate::core::probe::mountinfo::Mount;
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::core::verdict::{Facts, meaning};
use crate::i18n::{Text, counted};
use crate::text;

/// Lines of a kind that are shown at most.
const LINES: usize = 40;

/// The kernel's lines of the mount point, the one on top first, and of every other share.
pub(super) fn host(f: &Facts) -> Vec<Detail> {
    let Ok(table) = &f.look.mounts else { return Vec::new() };
    let is_point = |m: &&Mount| m.point == f.env.paths.mount_point.as_bytes();
    let here = table.mounts.iter().rev().filter(is_point);
    let elsewhere = table.cifs().filter(|m| !is_point(m));
    here.chain(elsewhere).take(LINES).map(|m| Detail::raw(line(m))).collect()
}

/// How the container has the mount point, and the lines of what covers its pack folder.
pub(super) fn container(f: &Facts) -> Vec<Detail> {
    let mut said = Vec::new();
    let folder = f.pack_folder_inside();
    let binds = f.backend.ok().flatten().map(|b| b.mounts.as_slice()).unwrap_or_default();
    let holds = |path: &str, point: &str| crate::core::probe::containers::under(path, point).is_some();
    let bound = binds.iter().filter(|b| holds(&f.env.paths.pack_folder, b.source.as_str()));
    said.extend(bound.map(|b| {
        let (from, to, how) = (&b.source, &b.destination, &b.propagation);
        let means = match how.as_str() {
            "rslave" | "slave" | "rshared" | "shared" => {
                text!("以后在主机上挂载的，容器也看得到", "what the host mounts later is seen inside too")
            }
            _ => text!(
                "以后在主机上挂载的，容器要重启才看得到",
                "what the host mounts later is only seen after a restart"
            ),
        };
        Detail::evidence(Text {
            zh: format!("容器的绑定：{from} → {to}（{how}）：{}", means.zh),
            en: format!("the container's bind: {from} → {to} ({how}): {}", means.en),
        })
    }));
    if let (Some(folder), Ok(table)) = (folder, f.look.container_mounts()) {
        let covers = |m: &&Mount| std::str::from_utf8(&m.point).is_ok_and(|p| p != "/" && holds(&folder, p));
        said.extend(table.mounts.iter().rev().filter(covers).take(LINES).map(|m| Detail::raw(line(m))));
    }
    said
}

/// The lines of fstab, whole.
pub(super) fn fstab(f: &Facts) -> Vec<Detail> {
    let lines = f.look.fstab.as_deref().unwrap_or_default();
    let one = |l: &crate::core::probe::fstab::FstabLine| {
        let options: Vec<&str> = l.options.iter().map(SafeText::as_str).collect();
        let shown = format!("{} {} {} {}", l.source, l.point, l.fstype, options.join(","));
        Detail::raw(Text::same(shown))
    };
    lines.iter().take(LINES).map(one).collect()
}

/// The kernel's last lines about CIFS. They are history: what they say is not judged.
pub(super) fn kernel(f: &Facts) -> Row {
    let title = text!("内核日志", "the kernel's log");
    let log = match &f.look.kernel {
        Ok(log) => log,
        Err(gap) => return unknown("kernel", title, gap),
    };
    let said = |l: &crate::core::probe::kernel::KernelLine| {
        let at = l.at.map(|at| f.time(at)).unwrap_or_default();
        let means = l.means.map(meaning);
        let means = |of: fn(&Text) -> &str| means.as_ref().map(of).map(str::to_owned);
        let zh = means(|t| &t.zh).map(|m| format!("（{m}）")).unwrap_or_default();
        let en = means(|t| &t.en).map(|m| format!(" ({m})")).unwrap_or_default();
        Text { zh: format!("{at} {}{zh}", l.text), en: format!("{at} {}{en}", l.text) }
    };
    let summary = match newest_trouble(f) {
        _ if log.lines.is_empty() => text!("没有关于 CIFS 的行", "no lines about CIFS"),
        Some((ago, why)) => {
            Text { zh: format!("{}有过：{}", ago.zh, why.zh), en: format!("{}: {}", ago.en, why.en) }
        }
        None => {
            let (n, lines) = (log.lines.len(), counted(log.lines.len(), "line", "lines"));
            text!("{n} 行，没有已知的报错", "{lines}, no known trouble")
        }
    };
    let lines = log.lines.iter().rev().take(LINES).map(|l| Detail::raw(said(l)));
    plain("kernel", title, None, summary, lines.collect())
}

/// How long ago the kernel's newest line of a known trouble was, and what it means.
fn newest_trouble(f: &Facts) -> Option<(Text, Text)> {
    let line = f.look.kernel.as_ref().ok()?.lines.iter().rev().find(|l| l.means.is_some())?;
    let ago = line.at.map(|at| f.ago(at));
    Some((ago.unwrap_or_else(|| text!("时间不明", "at an unknown time")), meaning(line.means?)))
}

/// The same for the line on top.
pub(super) fn kernels_reason(f: &Facts) -> Option<Text> {
    let (ago, why) = newest_trouble(f)?;
    Some(Text {
        zh: format!("内核日志（{}）：{}", ago.zh, why.zh),
        en: format!("the kernel, {}: {}", ago.en, why.en),
    })
}

/// The kernel's own account of its SMB connections.
pub(super) fn smb(f: &Facts) -> Row {
    let title = text!("内核的 SMB 连接", "SMB connections");
    match &f.look.cifs_debug {
        Ok(lines) => {
            let filled = lines.iter().filter(|l| !l.as_str().trim().is_empty());
            let raw = filled.map(|l| Detail::raw(Text::same(l.as_str()))).take(LINES);
            let (n, counted) = (lines.len(), counted(lines.len(), "line", "lines"));
            plain("smb", title, None, text!("DebugData，{n} 行", "DebugData, {counted}"), raw.collect())
        }
        // without a mount the module is not loaded, and then there is no such file
        Err(Gap::Failed { said, .. }) if said.as_str().contains("No such file") => {
            plain("smb", title, None, text!("没有（模块未加载）", "none (no module)"), Vec::new())
        }
        Err(gap) => unknown("smb", title, gap),
    }
}

/// Files of the local disk in the share's place: they look like backups and are none.
pub(super) fn leftovers(f: &Facts) -> Row {
    let title = text!("服务器上的残留", "local leftovers");
    let left = match (&f.look.leftovers, &f.mounted) {
        (Err(gap), _) => return unknown("leftovers", title, gap),
        (Ok(_), Err(gap)) => return unknown("leftovers", title, gap),
        (Ok(left), Ok(_)) => left,
    };
    let entries = left.entries.iter().map(|e| Detail::raw(Text::same(e.as_str()))).take(LINES).collect();
    if left.entries.is_empty() {
        let said = match f.share_is_mounted() {
            true => {
                text!(
                    "挂载着，看不到挂载点下面的服务器目录",
                    "mounted: the local folder below is out of sight"
                )
            }
            false => text!("挂载点下没有留在服务器上的文件", "no local files under the mount point"),
        };
        return plain("leftovers", title, None, said, entries);
    }
    let packs = left.entries.iter().filter(|e| e.as_str().contains("/migration_pack_")).count();
    let size = left.under_mount_point.map(|b| format!(" {b}")).unwrap_or_default();
    let counted = counted(packs, "pack", "packs");
    let said = text!(
        "挂载点下有服务器上的残留{size}（其中备份包 {packs} 个），它们不在 Windows 上",
        "local leftovers under the mount point:{size} ({counted}); they are not on Windows"
    );
    plain("leftovers", title, Some(State::Warning), said, entries)
}

/// Packs in the folders of older versions.
pub(super) fn legacy(f: &Facts) -> Row {
    let title = text!("旧备份目录", "older folders");
    let left = match &f.look.leftovers {
        Ok(left) => left,
        Err(gap) => return unknown("legacy", title, gap),
    };
    let folders = f.env.paths.legacy_pack_folders.join("  ");
    let known = |job: &&Job| {
        let name = job.output_dir.as_ref().map(|d| pack::base_name(d.as_str()));
        name.is_some_and(|n| left.legacy_packs.iter().any(|p| pack::base_name(p.as_str()) == n))
    };
    let jobs = f.db.map(|db| db.jobs.as_slice()).unwrap_or_default();
    let newest = jobs.iter().find(known).map(|job| job.id);
    let packs = counted(left.legacy_packs.len(), "pack", "packs");
    let said = match left.legacy_packs.len() {
        many if newest.is_some() => {
            let id = newest.map(|id| id.to_string()).unwrap_or_default();
            text!(
                "{many} 个备份包在服务器上，不在 Windows 上，最近的是任务 {id} 写的：共享上没有同一份之前不要删",
                "{packs} on this server and not on Windows, the newest by job {id}: do not delete it before the share has it"
            )
        }
        0 => text!("没有旧备份包（{folders}）", "no old packs ({folders})"),
        many => text!(
            "{many} 个旧版本留下的备份包，在服务器上，不在 Windows 上",
            "{packs} of older versions, on this server and not on Windows"
        ),
    };
    let raw = left.legacy_packs.iter().map(|p| Detail::raw(Text::same(p.as_str()))).take(LINES);
    plain("legacy", title, None, said, raw.collect())
}

fn plain(id: &str, title: Text, state: Option<State>, said: Text, raw: Vec<Detail>) -> Row {
    let whole = Text { zh: format!("{}：{}", title.zh, said.zh), en: format!("{}: {}", title.en, said.en) };
    let detail = std::iter::once(Detail::title(whole)).chain(raw).collect();
    Row { id: id.to_owned(), state, old: false, inner: false, cells: vec![title, said], detail }
}

fn unknown(id: &str, title: Text, gap: &Gap) -> Row {
    let why = gap.text();
    let said =
        Text { zh: format!("无法检查：{}", why.zh), en: format!("could not be checked: {}", why.en) };
    let mut row = plain(id, title, Some(State::Unknown), said, Vec::new());
    row.detail.push(Detail::next(gap.hint()));
    row
}

/// A mount in the words of mount(8), with all of its options.
fn line(mount: &Mount) -> Text {
    let options = mount.options.iter().chain(&mount.super_options);
    let mut once: Vec<&str> = Vec::new();
    for option in options.map(SafeText::as_str) {
        if !once.contains(&option) {
            once.push(option);
        }
    }
    let root = match mount.root.as_str() {
        "/" => String::new(),
        root => format!("[{root}]"),
    };
    let options = once.join(",");
    Text::same(format!("{}{root} on {} type {} ({options})", mount.source, mount.shown_point, mount.fstype))
}
