//! Where the file is looked for.
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::text;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The name of the file.
pub const FILE_NAME: &str = "environments.toml";
/// The environment variable that names it.
pub const VARIABLE: &str = "OPSDECK_CONFIG";

/// The places, in the order in which they are tried. Given as values, so that the order can be tested.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// `--config`.
    pub option: Option<PathBuf>,
    /// `$OPSDECK_CONFIG`; an empty one counts as absent.
    pub variable: Option<OsString>,
    /// The folder that opsdeck was started in.
    pub cwd: Option<PathBuf>,
    /// Our folder of settings: `~/.config/opsdeck`.
    pub settings: Option<PathBuf>,
}

/// Which of the places it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// `--config`.
    Option,
    /// `$OPSDECK_CONFIG`.
    Variable,
    /// The folder that opsdeck was started in.
    Cwd,
    /// Our folder of settings.
    Settings,
}

impl FoundBy {
    /// For people.
    pub fn text(self) -> Text {
        match self {
            FoundBy::Option => text!("由 --config 指定", "named by --config"),
            FoundBy::Variable => text!("由环境变量 {VARIABLE} 指定", "named by the variable {VARIABLE}"),
            FoundBy::Cwd => text!("当前目录", "the current folder"),
            FoundBy::Settings => text!("个人设置目录", "the folder of your settings"),
        }
    }
}

/// The file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file. One that was named need not exist: it is an error to say so, not to take another.
    pub path: PathBuf,
    /// Why this one.
    pub by: FoundBy,
}

/// No place has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFound {
    /// Where it could have been.
    pub tried: Vec<PathBuf>,
}

impl NotFound {
    /// What happened and what to do.
    pub fn text(&self) -> Text {
        let tried = self.tried.iter().map(|p| SafeText::new(&p.to_string_lossy()).to_string());
        let tried: Vec<String> = tried.collect();
        let zh = tried.join("、");
        let en = tried.join(", ");
        Text {
            zh: format!(
                "找不到 {FILE_NAME}。找过：{zh}。\n办法：复制一份自带的 {FILE_NAME} 到其中一处，或用 --config 文件 指定"
            ),
            en: format!(
                "there is no {FILE_NAME}. Looked at: {en}.\nhint: put a copy of the {FILE_NAME} that comes with opsdeck in one of them, or name one with --config FILE"
            ),
        }
    }
}

/// The first place that holds the file. A place that was named (`--config`, the variable) is final.
///
/// # Errors
/// [`NotFound`] when nothing was named and neither folder has the file.
pub fn locate(places: &Places) -> Result<Found, NotFound> {
    // whole, so that a message still names the file when it is read elsewhere
    let whole = |path: &Path| places.cwd.as_ref().map_or_else(|| path.to_owned(), |cwd| cwd.join(path));
    if let Some(path) = &places.option {
        return Ok(Found { path: whole(path), by: FoundBy::Option });
    }
    if let Some(path) = places.variable.as_ref().filter(|v| !v.is_empty()) {
        return Ok(Found { path: whole(Path::new(path)), by: FoundBy::Variable });
    }
    let cwd = places.cwd.as_ref().map(|folder| (folder, FoundBy::Cwd));
    let settings = places.settings.as_ref().map(|folder| (folder, FoundBy::Settings));
    let mut tried = Vec::new();
    for (folder, by) in cwd.into_iter().chain(settings) {
        let path = folder.join(FILE_NAME);
        if is_there(&path) {
            return Ok(Found { path, by });
        }
        tried.push(path);
    }
    Err(NotFound { tried })
}

/// Whether the name exists, even if what it names cannot be read: that is then said, not passed over.
fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_option_variable_folder_settings() {
        let home = tempfile::tempdir().unwrap();
        let (cwd, settings) = (home.path().join("cwd"), home.path().join("settings"));
        for folder in [&cwd, &settings] {
            std::fs::create_dir(folder).unwrap();
            std::fs::write(folder.join(FILE_NAME), "").unwrap();
        }
        let mut places = Places {
            option: Some("/o.toml".into()),
            variable: Some("/v.toml".into()),
            cwd: Some(cwd.clone()),
            settings: Some(settings.clone()),
        };
        assert_eq!(locate(&places).unwrap().by, FoundBy::Option);
        places.option = None;
        assert_eq!(locate(&places).unwrap().by, FoundBy::Variable);
        places.variable = Some("".into());
        assert_eq!(locate(&places).unwrap().by, FoundBy::Cwd);
        std::fs::remove_file(cwd.join(FILE_NAME)).unwrap();
        assert_eq!(locate(&places).unwrap().by, FoundBy::Settings);
        std::fs::remove_file(settings.join(FILE_NAME)).unwrap();
        let tried = locate(&places).unwrap_err().tried;
        assert_eq!(tried, [cwd.join(FILE_NAME), settings.join(FILE_NAME)]);
    }
}
