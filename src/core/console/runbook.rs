//! The runbook over a screen: the list of causes, found by typing, and the page of one. Its words are those of
//! [`runbooks`], as README.md has them; the page is made in [`explain`](super::explain).
use super::model::Model;
use super::overlay::Overlay;
use crate::config::model::EnvKey;
use crate::core::diagnose::{CauseId, Runbook, runbooks};
use crate::i18n::Lang;
use tui_input::Input;

/// The runbook, open at its list or at a page.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// What was typed: only causes that say it are listed.
    pub input: Input,
    /// The chosen line of the list.
    pub chosen: usize,
    /// The page that is open.
    pub open: Option<CauseId>,
    /// Pages turned in it. Wraps around; only the view knows how many there are.
    pub page: i32,
    /// What is below the list, one step back.
    pub below: Below,
}

/// What Esc comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Below {
    /// The screen.
    #[default]
    Screen,
    /// Help.
    Help,
    /// The screen again: the page was opened by itself, and there is no list.
    NoList,
}

impl Book {
    /// The page of one cause, without the list.
    pub fn of(cause: CauseId) -> Book {
        Book { open: Some(cause), below: Below::NoList, ..Book::default() }
    }

    /// The causes that are listed: one whose very id was typed is the first.
    pub fn listed(&self) -> Vec<(CauseId, Runbook)> {
        let wanted = self.input.value();
        let mut all: Vec<_> = runbooks().into_iter().filter(|(id, book)| book.says(id, wanted)).collect();
        all.sort_by_key(|(id, _)| *id != wanted.trim());
        all
    }

    /// Opens the chosen page.
    pub(super) fn enter(&mut self) {
        if self.open.is_none() {
            self.open = self.listed().get(self.chosen).map(|(id, _)| *id);
            self.page = 0;
        }
    }

    /// One step back; nothing where it is closed.
    pub(super) fn back(mut self) -> Option<Overlay> {
        match (self.open.take(), self.below) {
            (Some(_), Below::Screen | Below::Help) => Some(Overlay::Runbook(self)),
            (None, Below::Help) => Some(Overlay::Help { page: 0 }),
            _ => None,
        }
    }
}

/// The environment that commands are for: the open one, else a word in its place.
pub fn env(model: &Model) -> EnvKey {
    model.open().map_or_else(|| no_env(model.lang), |s| s.key.clone())
}

/// Stands for an environment where none is meant.
pub fn no_env(lang: Lang) -> EnvKey {
    EnvKey(if lang == Lang::Zh { "环境" } else { "ENV" }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_narrowed_by_words_of_either_language_by_ids_and_by_families() {
        let listed = |typed: &str| {
            let book = Book { input: Input::new(typed.into()), ..Book::default() };
            book.listed().into_iter().map(|(id, _)| id).collect::<Vec<_>>()
        };
        assert_eq!(listed("").len(), runbooks().len());
        assert_eq!(listed(" Ghost-Job ").first(), Some(&"ghost-job"));
        assert_eq!(listed("unknown").first(), Some(&"unknown"), "not what merely contains it");
        assert!(listed("幽灵").contains(&"ghost-job") && listed("409").contains(&"stale-lock"));
        assert!(listed("Windows 那一端").iter().all(|id| listed("the windows side").contains(id)));
        assert_eq!(listed("qqqq"), Vec::<CauseId>::new());
    }

    #[test]
    fn esc_is_one_step_back() {
        let mut book = Book { below: Below::Help, chosen: 3, ..Book::default() };
        book.enter();
        let open = book.open;
        assert!(open.is_some());
        let Some(Overlay::Runbook(book)) = book.back() else { panic!("no list") };
        assert_eq!((book.open, book.chosen), (None, 3));
        assert!(matches!(book.back(), Some(Overlay::Help { page: 0 })));
        assert!(Book::default().back().is_none() && Book::of("ghost-job").back().is_none());
    }
}
