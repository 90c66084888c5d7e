//! 备份包: every pack on the share, newest first: whose, of which kind, how large against the others, whole or not.
//!
//! Both servers write into one folder and a pack's name does not say whose it is. Only rows of jobs do: this server's,
//! and those of other servers that were asked too.
pub(super) mod detail;
mod lead;

use super::inventory::{Item, Whose, inventory};
use super::sheet::{Column, Detail, Row, Sheet};
use crate::core::derive::job::Worker;
use crate::core::derive::pack::{Judged, Missing};
use crate::core::probe::database::Kind;
use crate::core::probe::packs::{Pack, PackFolder};
use crate::core::state::State;
use crate::core::units::Bytes;
use crate::core::verdict::Facts;
use crate::i18n::{Text, counted};
use crate::text;

/// Other files that are shown by name at most.
const OTHERS: usize = 50;
/// A copy that has not changed for this long is not under way any more.
const STILL_MS: i64 = 2 * 3_600_000;

/// The screen. `others` are the looks at other servers that were asked: their rows name their packs.
pub fn packs(f: &Facts, others: &[Facts<'_>]) -> Sheet {
    let columns = vec![
        Column::fit(text!("备份包", "pack"), 24),
        Column::fit(text!("归属", "owner"), 8),
        Column::fit(text!("种类", "kind"), 8),
        Column::number(text!("大小", "size"), 10),
        Column::number(text!("比平时", "diff"), 6),
        Column::rest(text!("完整性", "whole")),
    ];
    let folder = match &f.packs {
        Ok(folder) => *folder,
        Err(gap) => {
            let why = gap.text();
            let empty = Text {
                zh: format!("看不到共享上的备份包：{}", why.zh),
                en: format!("the packs on the share cannot be seen: {}", why.en),
            };
            return Sheet { lead: lead::unseen(f, gap), columns, rows: Vec::new(), empty: Some(empty) };
        }
    };
    let items = inventory(f, folder, others);
    let mut rows: Vec<Row> = items.iter().map(|i| row(f, i, others)).collect();
    rows.extend(folder.interrupted.iter().map(|p| interrupted(f, p)));
    rows.extend(other_files(folder));
    let empty = text!("备份目录是空的", "the pack folder is empty");
    Sheet { lead: lead::of(f, folder, &items, others), columns, rows, empty: Some(empty) }
}

/// Whose a pack is, in a word.
fn whose(f: &Facts, whose: &Whose) -> Text {
    match whose {
        Whose::Ours(_) => Text::same(f.env.name.as_str()),
        Whose::Theirs(name, _) => Text::same(*name),
        Whose::Disputed => text!("有争议", "disputed"),
        Whose::Nobodys => text!("其他来源", "not ours"),
        Whose::Unknown => text!("不明", "unknown"),
    }
}

/// Its name without what all names begin with, and without thousandths of a second.
fn short_name(pack: &Pack) -> &str {
    let path = pack.path.as_str();
    let stamp = path.strip_prefix("migration_pack_").and_then(|rest| rest.get(..15));
    stamp.unwrap_or(path)
}

fn short_kind(kind: &Kind) -> Text {
    match kind {
        Kind::Incremental => text!("增量", "incr"),
        Kind::Full => text!("全量", "full"),
        Kind::Other(word) => Text::same(word.as_str()),
    }
}

/// Its size against the usual one: `-35%`.
fn against(item: &Item) -> Option<String> {
    // half a pack is no smaller one
    if item.writing.is_some() {
        return None;
    }
    let (bytes, usual) = (i128::from(item.pack.bytes().0), i128::from(item.usual?.0));
    let percent = (bytes - usual) * 100 / usual.max(1);
    Some(format!("{:+}%", percent.clamp(-100, 999)))
}

fn row(f: &Facts, item: &Item, others: &[Facts<'_>]) -> Row {
    let pack = item.pack;
    let kind = item.kind.as_ref().map_or_else(|| Text::same("-"), short_kind);
    Row {
        id: pack.path.as_str().to_owned(),
        state: item.state(f.env.thresholds.shrink_percent),
        old: false,
        inner: false,
        cells: vec![
            Text::same(short_name(pack)),
            whose(f, &item.whose),
            kind,
            Text::same(pack.bytes().to_string()),
            Text::same(against(item).unwrap_or_else(|| "-".into())),
            whole(f, item),
        ],
        detail: detail::of(f, item, others),
    }
}

/// Whether it is whole, and if not, what it lacks.
fn whole(f: &Facts, item: &Item) -> Text {
    let Some(judged) = &item.judged else {
        let bare = item.pack.file("auth.db").is_none_or(|b| b == Bytes(0));
        return match bare {
            true => text!("没有 auth.db；种类不明", "no auth.db; kind unknown"),
            false => text!("种类不明，没有核对", "kind unknown, not checked"),
        };
    };
    match item.writing {
        Some(Worker::Still { minutes, .. }) => {
            return text!("没写完，{minutes} 分钟没动静", "unfinished, still for {minutes} min");
        }
        Some(_) => return text!("正在写", "being written"),
        None => {}
    }
    match item.state(f.env.thresholds.shrink_percent) {
        _ if !judged.missing.is_empty() => short(judged),
        Some(State::Ok) => text!("完整", "whole"),
        Some(State::Warning) if item.is_small(f.env.thresholds.shrink_percent) => {
            text!("齐，但明显偏小", "all there, but small")
        }
        Some(State::Warning) => text!("齐，但任务没有完成", "all there, but its job did not end well"),
        _ => text!("不知道该有哪些卷", "its volumes are not known"),
    }
}

/// What it lacks, in few words; all of them are in the detail.
fn short(judged: &Judged) -> Text {
    let volumes = judged.missing.iter().filter(|m| matches!(m, Missing::Volume { .. })).count();
    let word = |m: &Missing| match m {
        Missing::Database => Some(Text::same("auth.db")),
        Missing::AllVolumes => Some(text!("全部数据卷", "every volume")),
        Missing::Volume { .. } => None,
        Missing::Images => Some(Text::same("images.tar")),
        Missing::Seal => Some(text!("DONE 或清单", "DONE or manifest")),
        Missing::Finish => Some(text!("收尾", "its end")),
    };
    let mut words: Vec<Text> = judged.missing.iter().filter_map(word).collect();
    if volumes > 0 {
        let counted = counted(volumes, "volume", "volumes");
        words.push(text!("{volumes} 个数据卷", "{counted}"));
    }
    let all = Text::join(&words);
    Text {
        zh: format!("缺 {}", all.zh.replace('；', "、")),
        en: format!("lacks {}", all.en.replace("; ", ", ")),
    }
}

/// A copy that was never finished.
fn interrupted(f: &Facts, pack: &Pack) -> Row {
    let under_way = f.now.since(pack.changed) <= STILL_MS;
    let (state, said) = match under_way {
        true => (None, text!("可能正在复制", "perhaps being copied")),
        false => (Some(State::Warning), text!("中断的复制留下的", "left by an interrupted copy")),
    };
    let ago = f.ago(pack.changed);
    let title = Text {
        zh: format!("{}：{}，最后变化于 {}（{}）", pack.path, said.zh, f.time(pack.changed), ago.zh),
        en: format!("{}: {}, last changed at {} ({})", pack.path, said.en, f.time(pack.changed), ago.en),
    };
    let mut all = vec![Detail::title(title)];
    if !under_way {
        all.push(Detail::next(text!(
            "确认两台服务器都没有备份在跑之后，可在 Windows 上删除",
            "once no backup runs on either server, it may be deleted on Windows"
        )));
    }
    all.extend(detail::files(pack));
    let dash = || Text::same("-");
    let cells = vec![
        Text::same(pack.path.as_str()),
        dash(),
        text!("残留", "leftover"),
        Text::same(pack.bytes().to_string()),
        dash(),
        said,
    ];
    Row { id: pack.path.as_str().to_owned(), state, old: false, inner: false, cells, detail: all }
}

/// What else lies in the folder, by name.
fn other_files(folder: &PackFolder) -> Vec<Row> {
    let dash = || Text::same("-");
    let row = |id: &str, name: Text, said: Text| {
        let title =
            Text { zh: format!("{}：{}", name.zh, said.zh), en: format!("{}: {}", name.en, said.en) };
        let cells = vec![name, dash(), text!("其他", "other"), dash(), dash(), said];
        Row {
            id: format!("other:{id}"),
            state: None,
            old: false,
            inner: false,
            cells,
            detail: vec![Detail::title(title)],
        }
    };
    let named = folder.others.iter().take(OTHERS);
    let mut rows: Vec<Row> =
        named.map(|o| row(o.as_str(), Text::same(o.as_str()), text!("不是备份包", "not a pack"))).collect();
    let more = folder.others.len().saturating_sub(OTHERS);
    if more > 0 {
        let name = text!("还有 {more} 个", "{more} more");
        rows.push(row("more", name, text!("也不是备份包", "no packs either")));
    }
    rows
}

#[cfg(test)]
mod tests;
