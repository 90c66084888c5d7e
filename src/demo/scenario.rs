//! The scenario files: which there are and what they may say. A file says only what differs from `base.toml`;
//! its `[prod]` and `[test]` tables say what differs on that server alone. An unknown key is an error.
use super::boxed::DemoError;
use super::spec::Spec;
use crate::i18n::Text;
use crate::text;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../assets/demo/", $name, ".toml")))),*]
    };
}

/// Name and text of each file, in the order in which they are listed.
const FILES: &[(&str, &str)] = files![
    "healthy",
    "not-mounted",
    "container-blind",
    "wrong-share",
    "share-hung",
    "wrong-password",
    "ghost-job",
    "stale-lock",
    "stuck-job",
    "backup-running",
    "backup-failed",
    "images-missing",
    "volumes-empty",
    "disk-full",
    "backend-down",
    "schedule-off",
    "late",
    "replication-failed",
    "evicted",
    "fstab-missing",
    "clock-skew",
    "docker-down",
    "old-schema",
];

const BASE: &str = include_str!("../../assets/demo/base.toml");

/// A scenario, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What `--demo=` takes: `not-mounted`.
    pub name: &'static str,
    /// A short title.
    pub title: Text,
    /// One line: what an operator sees.
    pub line: Text,
}

/// Every scenario, `healthy` first.
pub fn names() -> Vec<Named> {
    let read = |(name, _): &(&'static str, &str)| {
        let spec = Spec::read(name, "prod").ok()?;
        Some(Named { name, title: spec.title.into(), line: spec.line.into() })
    };
    FILES.iter().filter_map(read).collect()
}

impl Spec {
    /// What the scenario says of the server `env` (`prod`, `test`).
    pub(super) fn read(name: &str, env: &str) -> Result<Spec, DemoError> {
        let Some((_, file)) = FILES.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = FILES.iter().map(|(n, _)| *n).collect();
            let known = known.join(" ");
            return Err(DemoError(text!(
                "没有名为 {name} 的演示场景。可用：{known}",
                "there is no demo scenario {name}; there are: {known}"
            )));
        };
        Spec::compose(BASE, file, env).map_err(|e| {
            let e = e.to_string();
            DemoError(text!("演示场景 {name} 有误：{e}", "the demo scenario {name} is wrong: {e}"))
        })
    }

    fn compose(base: &str, file: &str, env: &str) -> Result<Spec, toml::de::Error> {
        let mut all: toml::Table = toml::from_str(base)?;
        for text in [base, file] {
            let mut layer: toml::Table = toml::from_str(text)?;
            let sides = ["prod", "test"].map(|side| (side, layer.remove(side)));
            lay_over(&mut all, layer);
            for (side, own) in sides {
                if let (true, Some(toml::Value::Table(own))) = (side == env, own) {
                    lay_over(&mut all, own);
                }
            }
        }
        for side in ["prod", "test"] {
            all.remove(side);
        }
        all.try_into()
    }
}

/// Puts the upper table's values over the lower's, table by table.
fn lay_over(lower: &mut toml::Table, upper: toml::Table) {
    for (key, value) in upper {
        match (lower.get_mut(&key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => lay_over(old, new),
            (_, value) => {
                lower.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `--demo=list` promises.
    const PROMISED: &str = "healthy not-mounted container-blind wrong-share share-hung wrong-password ghost-job \
        stale-lock stuck-job backup-running backup-failed images-missing volumes-empty disk-full backend-down \
        schedule-off late";

    #[test]
    fn every_scenario_reads_for_both_servers_and_speaks_both_languages() {
        let listed = names();
        assert_eq!(listed.len(), FILES.len());
        for (name, file) in FILES {
            for env in ["prod", "test"] {
                Spec::read(name, env).unwrap_or_else(|e| panic!("{name} {env}: {e}"));
            }
            let table: toml::Table = toml::from_str(file).unwrap();
            assert!(table.contains_key("title"), "{name} has its own title");
            assert!(table.contains_key("line"), "{name} has its own line");
        }
        for named in listed {
            for text in [&named.title, &named.line] {
                assert!(!text.zh.is_ascii(), "{}: {:?}", named.name, text);
                assert!(text.en.is_ascii() && text.en.len() > 3, "{}: {:?}", named.name, text);
                assert!(!text.zh.contains('\n') && !text.en.contains('\n'), "{}", named.name);
            }
        }
    }

    #[test]
    fn the_promised_scenarios_are_there_and_every_file_is_listed() {
        let listed: Vec<&str> = names().iter().map(|n| n.name).collect();
        for name in PROMISED.split_whitespace() {
            assert!(listed.contains(&name), "{name}");
        }
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            let name = file.strip_suffix(".toml").unwrap();
            assert!(["base", "logs"].contains(&name) || listed.contains(&name), "{name} is not listed");
        }
    }

    #[test]
    fn a_servers_own_table_lies_over_the_scenario_and_a_mistyped_key_is_refused() {
        let file = |extra: &str| format!("title = {{ zh = \"x\", en = \"x\" }}\n{extra}");
        let read = |extra: &str, env: &str| Spec::compose(BASE, &file(extra), env);
        let text =
            "line = { zh = \"x\", en = \"x\" }\n[disk]\nroot_free_mib = 7\n[test.disk]\nroot_free_mib = 9";
        assert_eq!(read(text, "prod").unwrap().disk.root_free_mib, 7);
        assert_eq!(read(text, "test").unwrap().disk.root_free_mib, 9);
        assert!(read(&text.replace("root_free_mib", "root_free"), "prod").is_err());
        assert!(Spec::read("no-such-thing", "prod").is_err());
    }
}
