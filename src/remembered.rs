//! What the console remembers, on the disk: `console.toml` in the state folder, for the owner only.
//!
//! It holds comfort, so reading it never stops anything: what is missing or not understood is as it is at first. A file
//! that is no TOML at all is kept aside, under another name, before the next choice would write over it.
use crate::config::model::EnvKey;
use crate::core::console::remembered::Remembered;
use crate::core::console::theme::Theme;
use crate::i18n::Lang;
use crate::logging::file::own_folder;
use rustix::fs::OFlags;
use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Its name in the state folder.
pub const NAME: &str = "console.toml";
/// The name of one that is no TOML.
const ASIDE: &str = "console.toml.bad";
/// Bytes of the largest file that is read.
const LARGEST: u64 = 64 * 1024;
/// Bytes of the longest name of an environment.
const LONGEST_KEY: usize = 200;

const HEADING: &str = "# 控制台记住的选择；删掉本文件，一切恢复默认\n\
                       # What the console remembers; without this file everything is as at first\n";

/// Where it is, in a state folder.
pub fn path(state: &Path) -> PathBuf {
    state.join(NAME)
}

/// What was remembered. Trouble is said in the log.
pub fn load(state: &Path) -> Remembered {
    let path = path(state);
    let text = match text(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Remembered::default(),
        Err(error) if error.kind() == ErrorKind::InvalidData => return aside(state, &error.to_string()),
        Err(error) => {
            tracing::warn!(%error, "what the console remembers cannot be read");
            return Remembered::default();
        }
    };
    match text.parse::<Table>() {
        Ok(table) => understood(&table),
        Err(error) => aside(state, error.message()),
    }
}

fn text(path: &Path) -> Result<String> {
    // a pipe in its place must not stop the console
    let flags = (OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
    let file = OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(Error::other("not a regular file"));
    }
    let mut text = String::new();
    if file.take(LARGEST + 1).read_to_string(&mut text)? > usize::try_from(LARGEST).unwrap_or(usize::MAX) {
        return Err(Error::new(ErrorKind::InvalidData, "too large"));
    }
    Ok(text)
}

/// Keeps a file that is not understood under another name; the console is as at first.
fn aside(state: &Path, why: &str) -> Remembered {
    let kept = std::fs::rename(path(state), state.join(ASIDE)).is_ok();
    tracing::warn!(why, kept, aside = ASIDE, "what the console remembers is not understood");
    Remembered::default()
}

/// Each value by itself: one that is not understood takes no other with it.
fn understood(table: &Table) -> Remembered {
    let mut kept = Remembered::default();
    let text = |name: &str| table.get(name).and_then(Value::as_str);
    let odd = |name: &str| tracing::warn!(name, "remembered, but not understood");
    for key in table.get("recent").and_then(Value::as_array).into_iter().flatten().rev() {
        match key.as_str().filter(|k| k.len() <= LONGEST_KEY && !k.chars().any(char::is_control)) {
            Some(key) => kept.used(&EnvKey(key.to_owned())),
            None => odd("recent"),
        }
    }
    if let Some(theme) = text("theme") {
        kept.theme = Theme::of_key(theme).unwrap_or_else(|| {
            odd("theme");
            Theme::default()
        });
    }
    kept.mouse = table.get("mouse").and_then(Value::as_bool).unwrap_or(kept.mouse);
    kept.lang = match text("lang") {
        Some("zh") => Some(Lang::Zh),
        Some("en") => Some(Lang::En),
        _ => None,
    };
    kept
}

/// Keeps it for the next start: whole or not at all, whatever happens meanwhile.
///
/// # Errors
/// The folder or the file cannot be made, written or kept to the owner.
pub fn save(state: &Path, kept: &Remembered) -> Result<()> {
    own_folder(state)?;
    let recent = kept.recent.iter().map(|key| Value::from(key.0.as_str())).collect();
    let mut table = Table::new();
    table.insert("recent".into(), Value::Array(recent));
    table.insert("theme".into(), kept.theme.key().into());
    table.insert("mouse".into(), kept.mouse.into());
    if let Some(lang) = kept.lang {
        let lang = match lang {
            Lang::Zh => "zh",
            Lang::En => "en",
        };
        table.insert("lang".into(), lang.into());
    }
    // a file of this kind is made for its owner only
    let mut file = tempfile::NamedTempFile::new_in(state)?;
    file.write_all(format!("{HEADING}{table}").as_bytes())?;
    file.as_file().sync_data()?;
    file.persist(path(state)).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{read_to_string, write};
    use std::os::unix::fs::PermissionsExt;

    fn some() -> Remembered {
        let recent = vec![EnvKey("prod".into()), EnvKey("测试\"x".into())];
        Remembered { recent, theme: Theme::HighContrast, mouse: false, lang: Some(Lang::En) }
    }

    #[test]
    fn what_was_saved_is_loaded_and_only_the_owner_can_read_it() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("deep/er");
        assert_eq!(load(&state), Remembered::default());
        save(&state, &Remembered::default()).unwrap();
        save(&state, &some()).unwrap();
        assert_eq!(load(&state), some());
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&state), mode(&path(&state))), (0o700, 0o600));
        let there = std::fs::read_dir(&state).unwrap().count();
        assert_eq!(there, 1, "something is left beside it");
    }

    #[test]
    fn a_file_that_is_not_understood_is_kept_aside_and_stops_nothing() {
        let large = format!("# {}", "x".repeat(LARGEST as usize));
        for bad in [b"theme = ".as_slice(), b"\xff\xfe", large.as_bytes()] {
            let state = tempfile::tempdir().unwrap();
            write(path(state.path()), bad).unwrap();
            assert_eq!(load(state.path()), Remembered::default());
            assert_eq!(std::fs::read(state.path().join(ASIDE)).unwrap(), bad);
            save(state.path(), &some()).unwrap();
            assert_eq!(load(state.path()), some());
        }
        let state = tempfile::tempdir().unwrap();
        std::fs::create_dir(path(state.path())).unwrap();
        assert_eq!(load(state.path()), Remembered::default());
        assert!(save(state.path(), &some()).is_err());
    }

    #[test]
    fn one_value_that_is_not_understood_takes_no_other_with_it() {
        let state = tempfile::tempdir().unwrap();
        let text = "recent = [1, 'prod', \"a\\u001b[2J\", 'test', 'prod']\ntheme = 'pink'\nmouse = 'no'\nlang = 'en'\nnew = 1\n";
        write(path(state.path()), text).unwrap();
        let kept = load(state.path());
        assert_eq!(kept.recent, [EnvKey("prod".into()), EnvKey("test".into())]);
        assert_eq!((kept.theme, kept.mouse, kept.lang), (Theme::Dark, true, Some(Lang::En)));
        assert_eq!(read_to_string(path(state.path())).unwrap(), text, "it was only read");
    }
}
