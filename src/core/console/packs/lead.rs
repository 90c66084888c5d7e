//! What is said above the packs: how many of whom, room for the next ones, and what the servers delete by themselves.
use super::{short_name, whose};
use crate::core::console::inventory::{Item, Whose};
use crate::core::console::sheet::Lead;
use crate::core::gap::Gap;
use crate::core::probe::packs::PackFolder;
use crate::core::state::State;
use crate::core::units::Bytes;
use crate::core::verdict::{Facts, check, kind_word, rooms};
use crate::i18n::{Text, counted};
use crate::text;

/// The packs cannot be seen.
pub(super) fn unseen(f: &Facts, gap: &Gap) -> Vec<Lead> {
    let (why, hint) = (gap.text(), gap.hint());
    let text = Text {
        zh: format!("看不到备份包：{}。{}", why.zh, hint.zh),
        en: format!("the packs cannot be seen: {}. {}", why.en, hint.en),
    };
    let mut lead = vec![Lead::Line { state: Some(State::Unknown), text }];
    // an unmounted mount point still lists old packs: they are local, and people take them for backups
    let local =
        f.look.leftovers.as_ref().map_or(0, |left| {
            left.entries.iter().filter(|e| e.as_str().contains("/migration_pack_")).count()
        });
    if local > 0 {
        let (point, packs) = (&f.env.paths.mount_point, counted(local, "pack", "packs"));
        let text = text!(
            "{point} 下有 {local} 个备份包是服务器磁盘上的残留，不在 Windows 上（见“挂载”）",
            "leftovers on the local disk below {point}, not on Windows: {packs} (see mounts)"
        );
        lead.push(Lead::Line { state: Some(State::Warning), text });
    }
    lead
}

pub(super) fn of(f: &Facts, folder: &PackFolder, items: &[Item], others: &[Facts<'_>]) -> Vec<Lead> {
    let mut lead = vec![counts(f, folder, items), room(f)];
    // what the checks say of last night's pack and of the last full one stands above the rows that they are about
    for id in ["night", "last_full"] {
        let bad = check(f, id).filter(|c| matches!(c.state, State::Warning | State::Failed));
        lead.extend(bad.map(|c| Lead::Line { state: Some(c.state), text: c.summary }));
    }
    lead.extend(retention(f, folder, items, others));
    lead
}

/// How many packs of whom, and what the check of the folder found.
fn counts(f: &Facts, folder: &PackFolder, items: &[Item]) -> Lead {
    let check = check(f, "packs");
    let state = check.as_ref().map_or(State::Unknown, |c| c.state);
    let all = Bytes(items.iter().fold(0, |sum, i| sum.saturating_add(i.pack.bytes().0)));
    let mut owners: Vec<(Text, usize)> = Vec::new();
    for item in items {
        let who = whose(f, &item.whose);
        match owners.iter_mut().find(|(name, _)| *name == who) {
            Some((_, count)) => *count += 1,
            None => owners.push((who, 1)),
        }
    }
    let each = |of: fn(&Text) -> &str| -> Vec<String> {
        owners.iter().map(|(name, count)| format!("{} {count}", of(name))).collect()
    };
    let (zh, en) = (each(|t| &t.zh).join("，"), each(|t| &t.en).join(", "));
    let (many, packs) = (items.len(), counted(items.len(), "pack", "packs"));
    let mut text =
        Text { zh: format!("共 {many} 个备份包，{all}：{zh}"), en: format!("{packs}, {all}: {en}") };
    if items.is_empty() {
        text = text!("备份目录里没有备份包", "there are no packs in the folder");
    }
    if !folder.interrupted.is_empty() {
        let n = folder.interrupted.len();
        let copies = counted(n, "interrupted copy", "interrupted copies");
        text = Text::join([&text, &text!("中断的残留 {n} 个", "{copies}")]);
    }
    if let Some(check) = check.filter(|c| c.state != State::Ok) {
        // an unknown state says why in its answer, another one in what it rests on
        let why =
            if check.state == State::Unknown { Some(check.summary) } else { check.evidence.last().cloned() };
        text = Text::join([Some(text), why].iter().flatten());
    }
    Lead::Line { state: Some(state), text }
}

/// Room for the next backup of each kind.
fn room(f: &Facts) -> Lead {
    let Some(check) = check(f, "room") else {
        return Lead::Line { state: Some(State::Unknown), text: Text::default() };
    };
    let needs: Vec<Text> = rooms(f)
        .into_iter()
        .map(|r| {
            let (kind, need) = (kind_word(&r.kind), r.room.need);
            Text { zh: format!("{} {need}", kind.zh), en: format!("{} {need}", kind.en) }
        })
        .collect();
    let mut text = check.summary;
    if !needs.is_empty() {
        let all = Text::join(&needs);
        let needs = Text {
            zh: format!("下次约需{}", all.zh.replace('；', "，")),
            en: format!("the next takes about: {}", all.en.replace("; ", ", ")),
        };
        text = Text::join([&text, &needs]);
    }
    Lead::Line { state: Some(check.state), text }
}

/// What the servers delete by themselves, and which pack is the next in line.
fn retention(f: &Facts, folder: &PackFolder, items: &[Item], others: &[Facts<'_>]) -> Option<Lead> {
    let servers = std::iter::once(f).chain(others.iter().filter(|o| o.env.key != f.env.key));
    let keeps = servers.filter_map(|s| {
        let keep = s.db.ok()?.settings.as_ref()?.retention?;
        Some(format!("{} {keep}", s.env.name))
    });
    let keeps: Vec<String> = keeps.collect();
    let oldest = folder.oldest()?;
    let owner = items.iter().find(|i| i.pack.path == oldest.path).map_or(Whose::Unknown, |i| i.whose);
    let owner = whose(f, &owner);
    let keeps = match keeps.is_empty() {
        true => text!("保留数量不明", "how many are kept is not known"),
        false => Text {
            zh: format!("最多保留 {}", keeps.join("、")),
            en: format!("at most {} kept", keeps.join(", ")),
        },
    };
    let name = short_name(oldest);
    let text = Text {
        zh: format!("{}；先删最旧的，不分归属：下一个是 {name}（{}）", keeps.zh, owner.zh),
        en: format!("{}; the oldest goes first, whoever made it: {name} ({})", keeps.en, owner.en),
    };
    Some(Lead::Line { state: None, text })
}
