//! `environments.toml`: where the servers are and what is expected of them. Never a secret.
//!
//! [`locate()`] finds the file, [`load`] reads and checks all of it. What is wrong comes back as a list of
//! [`Problem`]s with line and column; a value that may be a secret is masked before it gets into one.
//! [`SecretSource::fetch`](model::SecretSource::fetch) is the only way from the file's word about a secret to
//! the [`Secret`] itself.
mod check;
pub mod diagnostic;
mod file;
mod keys;
mod locate;
mod mask;
pub mod model;
mod reader;
mod rules;
mod rules_share;
mod schema;
mod schema_share;
mod schema_tables;
pub mod secret;
mod section;
mod source;
mod syntax;
mod unknown;
mod values;

pub use diagnostic::{Place, Problem};
pub use locate::{FILE_NAME, Found, FoundBy, NotFound, Places, VARIABLE, locate};
pub use model::Config;
pub use secret::{Secret, SecretError};

use crate::i18n::Lang;
use std::fmt;
use std::path::{Path, PathBuf};

/// A file that was refused, and everything that is wrong with it.
#[derive(Clone, Debug)]
pub struct ConfigError {
    /// The file.
    pub path: PathBuf,
    /// At least one, in the order of the file.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    /// All problems, each with its place and what to do.
    pub fn render(&self, lang: Lang) -> String {
        diagnostic::render(&self.path, &self.problems, lang)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(Lang::En).trim_end())
    }
}

impl std::error::Error for ConfigError {}

/// A file that was accepted.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it says.
    pub config: Config,
    /// What works today and needs a person soon (告警), in the order of the file.
    pub notices: Vec<Problem>,
}

/// The text of a file with everything hidden that may be a secret: for whoever helps with a file that is refused.
pub fn masked(text: &str) -> String {
    let line = |line: &str| {
        let shown = mask::mask(line);
        format!("{}{}\n", shown.kept, if shown.hidden { mask::MASK } else { "" })
    };
    text.lines().map(line).collect()
}

/// Reads and checks a file. The same as [`read`] for callers that do not show notices.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    read(path).map(|loaded| loaded.config)
}

/// Reads and checks a file, with its notices.
///
/// # Errors
/// Every problem of the file that could be told at once: one that cannot be read or is open to others for
/// writing, bad syntax, unknown or repeated keys, wrong types, values out of range, a secret in plain.
pub fn read(path: &Path) -> Result<Loaded, ConfigError> {
    let refuse = |problems| ConfigError { path: path.to_owned(), problems };
    let (bytes, mut notices) = file::open(path).map_err(refuse)?;
    let home = crate::folders::home();
    let mut loaded = parse(&bytes, path, home.as_deref())?;
    notices.append(&mut loaded.notices);
    loaded.notices = notices;
    Ok(loaded)
}

/// Checks the bytes of a file. `path` names it, and relative paths in it start beside it; `home` is what `~` means.
///
/// # Errors
/// As [`read`], without what concerns the file itself.
pub fn parse(bytes: &[u8], path: &Path, home: Option<&Path>) -> Result<Loaded, ConfigError> {
    let refuse = |problems| ConfigError { path: path.to_owned(), problems };
    let text = file::text(bytes).map_err(|problem| refuse(vec![*problem]))?;
    let source = source::Source::new(text);
    let (table, mut problems, whole) = syntax::parse(&source);
    if !whole {
        return Err(refuse(problems));
    }
    let base = path.parent().unwrap_or(Path::new("."));
    let mut reader = reader::Reader::new(&source, values::Folders { base, home });
    let config = schema::read(&mut reader, &table, path);
    problems.append(&mut reader.problems);
    match config {
        Some(config) if problems.is_empty() => {
            Ok(Loaded { config, notices: diagnostic::in_order(reader.notices) })
        }
        _ => Err(refuse(diagnostic::in_order(problems))),
    }
}
