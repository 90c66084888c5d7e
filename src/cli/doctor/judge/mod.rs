//! What the facts mean, and how to mend them. Pure.
mod files;
mod keys;
mod ssh;
mod terminal;

use super::Check;
use super::facts::Facts;
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::i18n::Text;
use std::path::Path;

/// Every check, in the order in which they are shown.
pub fn all(facts: &Facts) -> Vec<Check> {
    vec![
        ssh::program(&facts.ssh, &facts.missing),
        keys::agent(&facts.agent, &facts.keys),
        keys::keys(&facts.keys, &facts.agent),
        ssh::files(&facts.ssh_files),
        terminal::encoding(facts.locale.as_ref()),
        terminal::screen(facts.term.as_deref(), facts.size),
        terminal::width(facts.width),
        terminal::clock(facts.now, &facts.offset, facts.synchronised),
        files::config(&facts.config),
        files::secrets(&facts.config, &facts.secrets),
        files::log(&facts.log),
    ]
}

/// A check in the making.
pub(super) struct Look(pub(super) &'static str, pub(super) Text);

impl Look {
    pub(super) fn ok(self, evidence: Text) -> Check {
        self.is(State::Ok, evidence, None)
    }

    pub(super) fn bad(self, state: State, evidence: Text, mend: Text) -> Check {
        self.is(state, evidence, Some(mend))
    }

    pub(super) fn is(self, state: State, evidence: Text, mend: Option<Text>) -> Check {
        let Look(id, title) = self;
        Check { id, title, state, evidence, mend }
    }
}

pub(super) fn shown(path: &Path) -> SafeText {
    SafeText::new(&path.to_string_lossy())
}
