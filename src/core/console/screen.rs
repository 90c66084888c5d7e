//! The screens, and where an operator is in each of them.
use crate::i18n::Text;
use crate::text;

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The list of environments.
    Picker,
    /// One of them.
    Open {
        /// Its place in the list of the configuration.
        server: usize,
        /// What of it.
        tab: Tab,
    },
}

/// The screens of one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tab {
    /// The verdict: one line a check.
    Overview,
    /// What host, container and configuration say about the share.
    Mount,
    /// Backup jobs and the progress of the one that runs.
    Jobs,
    /// What lies on the share.
    Packs,
    /// Logs of containers and of the system.
    Logs,
    /// What this console did.
    Activity,
    /// Why there is no new backup this morning, and what mends it.
    Diagnosis,
}

impl Tab {
    /// All of them, in the order of their digits.
    pub const ALL: [Tab; 7] =
        [Tab::Overview, Tab::Mount, Tab::Jobs, Tab::Packs, Tab::Logs, Tab::Activity, Tab::Diagnosis];

    /// Its name.
    pub fn title(self) -> Text {
        match self {
            Tab::Overview => text!("总览", "Overview"),
            Tab::Mount => text!("挂载", "Mount"),
            Tab::Jobs => text!("任务", "Jobs"),
            Tab::Packs => text!("备份包", "Packs"),
            Tab::Logs => text!("日志", "Logs"),
            Tab::Activity => text!("操作记录", "Activity"),
            Tab::Diagnosis => text!("诊断", "Diagnosis"),
        }
    }

    /// Its place in [`Tab::ALL`].
    pub fn index(self) -> usize {
        Tab::ALL.iter().position(|t| *t == self).unwrap_or(0)
    }

    /// The tab so many places further, around the ends.
    pub fn turned(self, by: i32) -> Tab {
        let count = i32::try_from(Tab::ALL.len()).unwrap_or(1);
        let at = i32::try_from(self.index()).unwrap_or(0).wrapping_add(by).rem_euclid(count);
        let at = usize::try_from(at).unwrap_or(0);
        Tab::ALL.get(at).copied().unwrap_or(Tab::Overview)
    }
}

/// Where an operator is in a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The row that the operator moved to; until then the screen chooses.
    pub chosen: Option<String>,
    /// Pages turned in the lower pane. Wraps around; only the layout knows how many there are.
    pub page: i32,
    /// What rows must say.
    pub filter: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_go_round() {
        for (n, tab) in Tab::ALL.into_iter().enumerate() {
            assert_eq!(tab.index(), n);
            assert_eq!(tab.turned(1).turned(-1), tab);
        }
        assert_eq!(Tab::Diagnosis.turned(1), Tab::Overview);
    }
}
