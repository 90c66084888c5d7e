//! What is copied or saved: into the clipboard of the terminal, and into a file beside it.
//!
//! The clipboard is the terminal's (OSC 52), also over ssh; nobody answers whether it took the text, and some take none.
//! So whatever is copied also lies in a file: `copied/` in the state folder, where the oldest make room, or `saved/`,
//! where nothing is ever removed. Both are for the owner only.
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::logging::file::own_folder;
use crate::text;
use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use jiff::tz::TimeZone;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Bytes of the longest text for the clipboard: 74994 of base64, which is what the strictest of terminals takes.
pub const LONGEST: usize = 74_994 / 4 * 3;
/// Copies that are kept.
const COPIES: usize = 100;
/// Characters of a name that are kept.
const LONGEST_NAME: usize = 80;
/// Files of one moment and name.
const SAME: u32 = 100;

/// What is between the console and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Nothing.
    Plain,
    /// tmux, here or on the machine that this one was reached from.
    Tmux,
}

impl Way {
    /// What `TMUX` and `TERM` say.
    pub fn from_variables(tmux: Option<&str>, term: Option<&str>) -> Way {
        let named = term.is_some_and(|t| t.starts_with("tmux") || t.starts_with("screen"));
        if named || tmux.is_some_and(|t| !t.is_empty()) { Way::Tmux } else { Way::Plain }
    }
}

/// Whether a text is short enough for the clipboard.
pub fn fits(text: &str) -> bool {
    text.len() <= LONGEST
}

/// What to write to the terminal so that its clipboard holds the text; nothing where it is too long for one.
///
/// tmux takes the plain command where `set-clipboard` is `on`, and hands the wrapped one through where
/// `allow-passthrough` is; it is told both ways.
pub fn sequence(text: &str, way: Way) -> Option<String> {
    if !fits(text) {
        return None;
    }
    let mut plain = String::new();
    CopyToClipboard::to_clipboard_from(text).write_ansi(&mut plain).ok()?;
    Some(match way {
        Way::Plain => plain,
        Way::Tmux => {
            let inner = plain.replace('\u{1b}', "\u{1b}\u{1b}");
            format!("{plain}\u{1b}Ptmux;{inner}\u{1b}\\")
        }
    })
}

/// Which folder a file goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// Beside the clipboard; the oldest make room.
    Copied,
    /// Because the operator asked for it; nothing is removed.
    Saved,
}

impl Folder {
    fn name(self) -> &'static str {
        match self {
            Folder::Copied => "copied",
            Folder::Saved => "saved",
        }
    }
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// Nobody knows where it would be.
    #[error("there is no home folder")]
    NoHome,
    /// The disk or the folder refused.
    #[error("{folder}: {error}")]
    Refused {
        /// Where it would be.
        folder: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

impl NotKept {
    /// What an operator reads.
    pub fn said(&self) -> Text {
        match self {
            NotKept::NoHome => {
                text!("不知道主目录在哪里；设置 HOME", "there is no home folder; set HOME")
            }
            NotKept::Refused { folder, error } => {
                let folder = folder.display();
                let why = match error.kind() {
                    ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                        text!("磁盘满了，先清理", "the disk is full, make room")
                    }
                    ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                        text!("不许写，检查目录的属主和权限", "not allowed, check whose folder it is")
                    }
                    _ => Text::same(error.to_string()),
                };
                Text {
                    zh: format!("写不进 {folder}：{}", why.zh),
                    en: format!("cannot write to {folder}: {}", why.en),
                }
            }
        }
    }
}

/// Keeps a text in a file of its own, whole or not at all, named by the moment and by `name`.
///
/// # Errors
/// There is no folder for it, or it cannot be written.
pub fn keep(
    state: Option<&Path>,
    folder: Folder,
    name: &str,
    text: &str,
    now: EpochMs,
    zone: &TimeZone,
) -> Result<PathBuf, NotKept> {
    let at = state.ok_or(NotKept::NoHome)?.join(folder.name());
    let made = write(&at, &stem(name, now, zone), &plain(text));
    let path = made.map_err(|error| NotKept::Refused { folder: at.clone(), error })?;
    if folder == Folder::Copied {
        make_room(&at);
    }
    Ok(path)
}

fn write(folder: &Path, stem: &str, text: &str) -> std::io::Result<PathBuf> {
    own_folder(folder)?;
    // a file of this kind is made for its owner only
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        file.write_all(b"\n")?;
    }
    file.as_file().sync_data()?;
    for n in 1..=SAME {
        let more = if n == 1 { String::new() } else { format!("-{n}") };
        let path = folder.join(format!("{stem}{more}.txt"));
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => file = error.file,
            Err(error) => return Err(error.error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// `20261120-061500_prod-overview`: sorts by time, and is no path.
fn stem(name: &str, now: EpochMs, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let at = at.to_zoned(zone.clone()).strftime("%Y%m%d-%H%M%S").to_string();
    let letter = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '_' };
    let name: String = name.chars().take(LONGEST_NAME).map(letter).collect();
    format!("{at}_{name}")
}

/// Texts of the screen hold no control characters; should one all the same, a terminal that shows the file obeys none.
fn plain(text: &str) -> String {
    let odd = |c: char| c.is_control() && c != '\n';
    if text.contains(odd) {
        tracing::error!("a text to be kept has control characters");
    }
    text.replace(odd, "·")
}

/// Removes the oldest copies, by the moments in their names.
fn make_room(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    let mut copies: Vec<PathBuf> = entries.filter(|p| p.extension().is_some_and(|e| e == "txt")).collect();
    copies.sort();
    let many = copies.len().saturating_sub(COPIES);
    for old in copies.into_iter().take(many) {
        let _ = std::fs::remove_file(old);
    }
}

/// What came of copying: whether the terminal was told, and the file.
pub fn copied(told: bool, kept: &Result<PathBuf, NotKept>) -> Text {
    match (told, kept) {
        (true, Ok(file)) => {
            let file = short(file);
            text!("已复制，也在 {file}", "copied, also in {file}")
        }
        (false, Ok(file)) => {
            let file = short(file);
            text!("剪贴板放不下，在 {file}", "too long to copy, in {file}")
        }
        (true, Err(why)) => {
            let why = why.said();
            Text {
                zh: format!("已复制，但没有存成文件：{}", why.zh),
                en: format!("copied, but not into a file: {}", why.en),
            }
        }
        (false, Err(why)) => {
            let why = why.said();
            Text { zh: format!("没有复制：{}", why.zh), en: format!("not copied: {}", why.en) }
        }
    }
}

/// A path as a shell takes it, as short as that is possible: the footer has one line.
fn short(file: &Path) -> String {
    let below = crate::folders::home().and_then(|home| file.strip_prefix(home).ok().map(Path::to_owned));
    below.map_or_else(|| file.display().to_string(), |below| format!("~/{}", below.display()))
}

/// What came of saving.
pub fn saved(kept: &Result<PathBuf, NotKept>) -> Text {
    match kept {
        Ok(file) => {
            let file = short(file);
            text!("已存到 {file}", "saved to {file}")
        }
        Err(why) => {
            let why = why.said();
            Text { zh: format!("没有保存：{}", why.zh), en: format!("not saved: {}", why.en) }
        }
    }
}

#[cfg(test)]
#[path = "clipboard_tests.rs"]
mod tests;
