//! What a diagnosis is made of. Everything serialises; the field names are part of the JSON form.
use super::fix::Mend;
use super::probe::Probe;
use super::timeline::Event;
use crate::config::model::{EnvKey, Role};
use crate::core::probe::database::Kind;
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::core::units::{Bytes, EpochMs, JobId};
use crate::i18n::Text;
use serde::Serialize;

/// The id of a cause: `not-mounted`. Stays the same from version to version.
pub type CauseId = &'static str;

/// Why there is no new backup on Windows, as far as one look tells.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnosis {
    /// The environment.
    pub env: EnvKey,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The address or alias that is dialled.
    pub host: String,
    /// The night that was asked about: its date in the container's zone; nothing for last night.
    pub night: Option<String>,
    /// The worst of the findings and of what could not be checked.
    pub state: State,
    /// The leading cause and what it did to the night, in one line.
    pub headline: Text,
    /// The slot that is asked about.
    pub slot: Option<Slot>,
    /// The night's backup on Windows, if a pack of it is there.
    pub backup: Option<Backup>,
    /// What was found: one root cause each, the leading one first. Empty where nothing is wrong.
    pub findings: Vec<Finding>,
    /// Causes that the evidence speaks against.
    pub ruled_out: Vec<RuledOut>,
    /// What could not be checked, what decides first.
    pub unchecked: Vec<Unchecked>,
    /// What happened in the night, by time.
    pub timeline: Vec<Event>,
    /// The zone of all times that people read here, seconds east of UTC: the container's, else the server's.
    pub zone_s: Option<i32>,
    /// When the look was taken, by the workstation's clock.
    pub taken: EpochMs,
    /// When an earlier look was taken that it was compared with.
    pub compared: Option<EpochMs>,
    /// How long it took, in milliseconds: of two looks that were taken for it, both together.
    pub took_ms: u64,
}

/// A slot of the schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// When it was due.
    pub due: EpochMs,
    /// What was due.
    pub kind: Kind,
}

/// A pack of the night on the share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// The job that made it.
    pub job: JobId,
    /// Where the server has it.
    pub path: SafeText,
    /// Where Windows has it, if the configuration says what folder is shared.
    pub windows_path: Option<SafeText>,
    /// All of its files.
    pub bytes: Bytes,
    /// It lacks nothing, and is not much smaller than usual.
    pub whole: bool,
}

/// How sure a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// It would explain what is seen, and so would other things.
    Possible,
    /// Most of what is seen speaks for it.
    Likely,
    /// What is seen can have no other reason.
    Proved,
}

/// One root cause.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Which cause.
    pub cause: CauseId,
    /// Its name.
    pub title: Text,
    /// How bad it is.
    pub state: State,
    /// How sure it is.
    pub certainty: Certainty,
    /// What it is here, in one line: with names, numbers and times.
    pub says: Text,
    /// It is why the night that was asked about has no good backup.
    pub leads: bool,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
    /// What speaks against it.
    pub against: Vec<Evidence>,
    /// Other trouble that comes from it.
    pub explains: Vec<Consequence>,
    /// What would prove it, where it is not proved.
    pub would_prove: Option<Text>,
    /// What to do, step by step; the first one mends it.
    pub mend: Vec<Mend>,
    /// What is to be seen when it is mended.
    pub proof: Text,
    /// Its words say what became of the night.
    #[serde(skip)]
    pub(super) tells: bool,
}

/// Something that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// What was asked.
    pub probe: Probe,
    /// What was seen.
    pub says: Text,
    /// How long ago it was asked, in milliseconds.
    pub age_ms: i64,
}

/// Trouble that comes from a cause.
#[derive(Clone, Debug, Serialize)]
pub struct Consequence {
    /// Which cause it would be, if it stood alone.
    pub cause: CauseId,
    /// How bad it is.
    pub state: State,
    /// How far below the root: 1 is its own consequence.
    pub depth: usize,
    /// What it is, in one line.
    pub says: Text,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
}

/// A cause that the evidence speaks against.
#[derive(Clone, Debug, Serialize)]
pub struct RuledOut {
    /// Which cause.
    pub cause: CauseId,
    /// Its name.
    pub title: Text,
    /// What speaks against it.
    pub because: Evidence,
}

/// Something that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unchecked {
    /// What: the checks that had to stay open for one and the same reason.
    pub what: Text,
    /// Why not.
    pub why: Text,
    /// What to do about it.
    pub hint: Text,
    /// The answer to the question could be another one if it were known.
    pub decides: bool,
}
