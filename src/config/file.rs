//! Opens the file: what it is, who may write to it, whether it is text.
use super::diagnostic::{Place, Problem};
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::text;
use rustix::fs::OFlags;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// A larger file is not one of ours.
const MAX_BYTES: u64 = 1024 * 1024;

fn whole(message: Text, hint: Text) -> Problem {
    Problem { place: None, message, hint }
}

/// The bytes of the file and what about it needs a person soon.
///
/// What is judged is the file that was opened, not its name, so that nothing can change in between. The file
/// names servers and commands to run: one that others may write to is refused.
pub(super) fn open(path: &Path) -> Result<(Vec<u8>, Vec<Problem>), Vec<Problem>> {
    let refuse = |problem| vec![problem];
    // a pipe without a writer would block
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::CLOEXEC).bits()).unwrap_or_default();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(|e| refuse(cannot_open(&e)))?;
    let meta = file.metadata().map_err(|e| refuse(cannot_open(&e)))?;
    if meta.is_dir() {
        return Err(refuse(whole(
            text!("这是一个目录，不是文件", "this is a folder, not a file"),
            text!("写到文件为止：…/environments.toml", "name the file in it: …/environments.toml"),
        )));
    }
    if !meta.is_file() {
        return Err(refuse(whole(
            text!("这不是普通文件", "this is not a regular file"),
            text!("把内容存成普通文件再指定它", "save the content as a regular file and name that"),
        )));
    }
    let (refused, notices) = judge(meta.mode(), meta.uid(), rustix::process::geteuid().as_raw(), path);
    if !refused.is_empty() {
        return Err(refused);
    }
    let bytes = read(file).map_err(|e| refuse(cannot_open(&e)))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(refuse(whole(
            text!(
                "文件大于 1 MiB，不像是 environments.toml",
                "the file is larger than 1 MiB, which no environments.toml is"
            ),
            text!("检查 --config 指的是不是这个文件", "check that --config names the right file"),
        )));
    }
    Ok((bytes, notices))
}

fn read(file: File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn cannot_open(error: &std::io::Error) -> Problem {
    match error.kind() {
        ErrorKind::NotFound => whole(
            text!("没有这个文件", "there is no such file"),
            text!(
                "检查路径；opsdeck config path 列出找过的地方",
                "check the path; opsdeck config path lists where it looks"
            ),
        ),
        ErrorKind::PermissionDenied => whole(
            text!("没有权限读这个文件", "no permission to read this file"),
            text!(
                "用 ls -l 看看属主和权限，再 chmod 或换用户",
                "look at owner and mode with ls -l, then chmod, or be another user"
            ),
        ),
        _ => {
            let detail = SafeText::new(&error.to_string());
            whole(
                text!("读不了这个文件：{detail}", "cannot read this file: {detail}"),
                text!("检查路径和磁盘", "check the path and the disk"),
            )
        }
    }
}

/// What mode and owner mean for a file that decides which servers are changed. Refusals, then notices.
fn judge(mode: u32, owner: u32, me: u32, path: &Path) -> (Vec<Problem>, Vec<Problem>) {
    let path = SafeText::new(&path.to_string_lossy());
    let mut refused = Vec::new();
    let mut notices = Vec::new();
    if owner != me && owner != 0 {
        refused.push(whole(
            text!(
                "文件属于别的用户（uid {owner}），他能改你要操作的服务器",
                "the file belongs to another user (uid {owner}), who could change which servers you work on"
            ),
            text!(
                "先看过内容，再 chown 给自己，或复制一份：cp {path} ~/.config/opsdeck/",
                "read it, then chown it to yourself, or copy it: cp {path} ~/.config/opsdeck/"
            ),
        ));
    }
    if mode & 0o002 != 0 {
        refused.push(whole(
            text!("任何人都能改这个文件（权限 {:04o}）", "anybody can write to this file (mode {:04o})", mode & 0o7777),
            text!("运行 chmod go-w {path}；在 WSL 的 Windows 盘上 chmod 无效，先复制到 ~/.config/opsdeck/", "run chmod go-w {path}; on a Windows drive under WSL that has no effect: copy it to ~/.config/opsdeck/ first"),
        ));
    } else if mode & 0o020 != 0 {
        notices.push(whole(
            text!(
                "同组用户能改这个文件（权限 {:04o}）",
                "the group can write to this file (mode {:04o})",
                mode & 0o7777
            ),
            text!("运行 chmod g-w {path}", "run chmod g-w {path}"),
        ));
    }
    (refused, notices)
}

/// The bytes as text.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Box<Problem>> {
    let unicode_16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) || unicode_16 {
        return Err(Box::new(whole(
            text!(
                "文件开头有看不见的字节序标记（BOM）",
                "the file starts with an invisible byte-order mark (BOM)"
            ),
            text!(
                "在编辑器里另存为「UTF-8」（不是 UTF-8 BOM，也不是 Unicode）",
                "save it as \"UTF-8\" (not \"UTF-8 with BOM\", not \"Unicode\")"
            ),
        )));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| Box::new(not_utf8(bytes, error.valid_up_to())))?;
    if text.trim().is_empty() {
        return Err(Box::new(whole(
            text!("文件是空的", "the file is empty"),
            text!(
                "从自带的 environments.toml 复制一份再改",
                "start from a copy of the environments.toml that comes with opsdeck"
            ),
        )));
    }
    Ok(text)
}

/// Says where the first bad byte is. The line is not shown: it cannot be told what is on it.
fn not_utf8(bytes: &[u8], at: usize) -> Problem {
    let before = bytes.get(..at).unwrap_or_default();
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
    let column = String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count() + 1;
    Problem {
        place: Some(Place {
            line: before.iter().filter(|b| **b == b'\n').count() + 1,
            column,
            source_line: super::mask::MASK.to_owned(),
            mark: 0..1,
        }),
        message: text!("文件不是 UTF-8 编码（多半是 GBK）", "the file is not UTF-8 (most likely GBK)"),
        hint: text!(
            "转换：iconv -f GBK -t UTF-8 旧文件 > 新文件，或在编辑器里另存为 UTF-8",
            "convert it: iconv -f GBK -t UTF-8 old > new, or save it as UTF-8 in the editor"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_write_decides() {
        let verdict = |mode, owner, me| {
            let (refused, notices) = judge(mode, owner, me, Path::new("e.toml"));
            (refused.len(), notices.len())
        };
        assert_eq!(verdict(0o100644, 1000, 1000), (0, 0));
        assert_eq!(verdict(0o100644, 0, 1000), (0, 0));
        assert_eq!(verdict(0o100664, 1000, 1000), (0, 1));
        assert_eq!(verdict(0o100666, 1000, 1000), (1, 0));
        assert_eq!(verdict(0o100644, 1001, 1000), (1, 0));
        assert_eq!(verdict(0o100644, 1000, 0), (1, 0));
    }

    #[test]
    fn the_first_bad_byte_is_found_by_line_and_character() {
        let problem = text(
            "schema = 1\nname = \"正\u{0}"
                .as_bytes()
                .iter()
                .copied()
                .chain([0xd5, 0xfd])
                .collect::<Vec<u8>>()
                .as_slice(),
        )
        .unwrap_err();
        let at = problem.place.unwrap();
        assert_eq!((at.line, at.column), (2, 11));
    }
}
