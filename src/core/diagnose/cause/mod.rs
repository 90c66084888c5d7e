//! The causes, a family a file. The order is that in which an operator would look: cheap and certain first.
mod backend;
mod clock;
mod compose;
mod container;
mod credentials;
mod credentials_file;
mod docker;
mod evicted;
mod full_overdue;
mod ghost;
mod incomplete;
mod inside;
mod job;
mod late;
mod lock;
mod mount;
mod operation;
pub(super) mod other;
mod place;
mod reboot;
mod replication;
mod running;
mod schedule;
mod services;
mod share;
mod space;
mod windows;
mod words;

use super::rule::Rule;
use super::types::CauseId;

/// Every cause. Of two that are equally bad and equally sure, the earlier one leads.
pub(super) const RULES: &[&Rule] = &[
    &place::WRONG_SERVER,
    &place::WRONG_FOLDER,
    &operation::AT_WORK,
    &operation::CUT_OFF,
    &running::RUNNING,
    &late::LATE,
    &late::STARTING,
    &windows::OFF,
    &windows::REFUSES,
    &windows::NO_ROUTE,
    &windows::NAME,
    &credentials_file::NO_HELPER,
    &credentials_file::FILE,
    &credentials::PASSWORD,
    &credentials::ACCOUNT,
    &credentials::PERMISSION,
    &credentials::SHARE_NAME,
    &credentials::DIALECT,
    &reboot::LOST_MOUNT,
    &mount::NOT_MOUNTED,
    &mount::WRONG_SHARE,
    &mount::OTHER_ON_POINT,
    &mount::READ_ONLY,
    &share::HUNG,
    &share::ERROR,
    &container::NO_BIND,
    &container::READ_ONLY,
    &container::BLIND,
    &inside::DOCKER,
    &inside::COMPOSE,
    &docker::DOWN,
    &backend::NONE,
    &backend::DOWN,
    &backend::ILL,
    &ghost::GHOST,
    &ghost::CANCELING,
    &running::STUCK,
    &lock::STALE,
    &schedule::DISABLED,
    &schedule::EMPTY,
    &schedule::UNSUPPORTED,
    &schedule::NOT_DAILY,
    &backend::AWAY,
    &space::SHARE,
    &space::DISK,
    &space::INODES,
    &compose::VOLUMES,
    &compose::FILE,
    &replication::NOT_COPIED,
    &replication::INTERRUPTED,
    &incomplete::PACK,
    &incomplete::IMAGES,
    &incomplete::SMALL,
    &evicted::EVICTED,
    &job::FAILED,
    &job::CANCELED,
    &job::NONE,
    &job::UNSEEN,
    &full_overdue::OVERDUE,
    &reboot::FSTAB,
    &clock::SKEW,
    &services::DOWN,
    &other::UNKNOWN,
    &other::ELSE,
];

/// Causes that keep the share from the server, the nearest to a mount first.
const NO_MOUNT: [CauseId; 13] = [
    "windows-off",
    "windows-refuses",
    "no-route",
    "name-unknown",
    "wrong-password",
    "account-locked",
    "no-permission",
    "share-name",
    "smb-version",
    "credentials-file",
    "no-mount-helper",
    "reboot-lost-mount",
    "wrong-server",
];

/// What is wrong with the mount point of the host.
const NOT_THE_SHARE: [CauseId; 4] = ["not-mounted", "wrong-share", "other-on-point", "read-only"];

/// Causes that keep Docker and the backend away.
const NO_BACKEND: [CauseId; 4] = ["docker-down", "backend-down", "no-backend", "backend-ill"];

/// Full disks.
pub(super) const FULL: [CauseId; 3] = ["disk-full", "inodes-full", "share-full"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Text;

    #[test]
    fn every_cause_has_an_id_of_its_own_and_a_whole_runbook_in_both_languages() {
        let mut ids: Vec<CauseId> = RULES.iter().map(|r| r.id).collect();
        for rule in RULES {
            let book = (rule.runbook)();
            let short = [&book.title, &book.proof];
            let long = [&book.what, &book.shows, &book.how, &book.mend, &book.dont];
            for text in short.into_iter().chain(long) {
                assert!(!text.zh.is_empty() && !text.en.is_empty() && text.zh != text.en, "{}", rule.id);
                let chinese = |t: &str| t.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert!(chinese(&text.zh), "{}: {}", rule.id, text.zh);
                // words of the backend's own pages and messages, which are Chinese
                let own = ["数据安全", "已同步", "同步失败", "镜像列表"];
                let plain = own.iter().fold(text.en.clone(), |t, word| t.replace(word, ""));
                assert!(!chinese(&plain), "{}: {}", rule.id, text.en);
                assert!(text.zh.chars().count() <= 130 && text.en.len() <= 330, "{}: too long", rule.id);
            }
            // sentences end; names and what is to be seen stand in other sentences
            assert!(long.iter().all(|t| t.zh.ends_with('。') && t.en.ends_with('.')), "{}", rule.id);
            assert!(short.iter().all(|t| !t.zh.ends_with('。') && !t.en.ends_with('.')), "{}", rule.id);
            assert!(!book.call.is_empty(), "{}", rule.id);
            assert!(book.title.zh.chars().count() <= 24, "{}: a title is short: {}", rule.id, book.title.zh);
        }
        ids.sort_unstable();
        let many = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), many, "an id twice");
    }

    #[test]
    fn what_explains_others_is_in_the_table() {
        for id in NO_MOUNT.iter().chain(&NOT_THE_SHARE).chain(&NO_BACKEND).chain(&FULL) {
            assert!(RULES.iter().any(|r| r.id == *id), "{id}");
        }
    }

    /// What stands in quotes can be found on the screen, word for word.
    #[test]
    fn checks_that_a_runbook_names_are_called_so() {
        let env = crate::config::model::example();
        let look = crate::core::snapshot::Snapshot::read(&env, "", "m", b"", Default::default(), 0);
        let facts = crate::core::verdict::Facts::of(&env, &look);
        let mut titles: Vec<Text> =
            crate::core::verdict::checks(&facts).into_iter().map(|c| c.title).collect();
        titles.push(crate::text!("操作", "actions"));
        let quoted = |text: &str, open: char, close: char| -> Vec<String> {
            let parts = text.split(open).skip(1).filter_map(|t| Some(t.split_once(close)?.0.to_owned()));
            parts.collect()
        };
        let mut seen = 0;
        for rule in RULES {
            let book = (rule.runbook)();
            for text in [&book.shows, &book.mend, &book.proof, &book.dont] {
                for name in quoted(&text.zh, '「', '」') {
                    assert!(titles.iter().any(|t| t.zh == name), "{}: {name}", rule.id);
                    seen += 1;
                }
            }
            // every second part is in quotes
            for name in book.shows.en.split('"').skip(1).step_by(2) {
                assert!(titles.iter().any(|t| t.en == name), "{}: {name}", rule.id);
            }
        }
        assert!(seen > 50, "{seen}");
    }

    #[test]
    fn every_check_of_the_verdict_is_some_causes_business() {
        let covered: Vec<&str> = RULES.iter().flat_map(|r| r.covers).copied().collect();
        for id in covered {
            let env = crate::config::model::example();
            let look = crate::core::snapshot::Snapshot::read(&env, "", "m", b"", Default::default(), 0);
            let facts = crate::core::verdict::Facts::of(&env, &look);
            let known = crate::core::verdict::checks(&facts).iter().any(|c| c.id == id);
            assert!(known, "no such check: {id}");
        }
    }
}
