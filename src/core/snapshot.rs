//! The answers of one look at a server, each either known or with the reason why not.
use crate::config::model::{EnvKey, Environment};
use crate::core::gap::{Gap, Known};
use crate::core::probe::containers::{self, Container, Image};
use crate::core::probe::credentials::{self, Credentials};
use crate::core::probe::database::Database;
use crate::core::probe::fstab::{self, FstabLine};
use crate::core::probe::health::{self, Health};
use crate::core::probe::identity::{self, Identity};
use crate::core::probe::inside::{self, Clock, Inside};
use crate::core::probe::kernel::{self, KernelLog};
use crate::core::probe::leftovers::{self, Leftovers};
use crate::core::probe::mountinfo::{self, MountTable};
use crate::core::probe::packs::{self, PackFolder};
use crate::core::probe::port::{self, Port};
use crate::core::probe::runs::{self, Run};
use crate::core::probe::share::{self, ShareAnswer};
use crate::core::probe::space::{self, Space};
use crate::core::safetext::SafeText;
use crate::core::segments::Segments;
use crate::core::units::EpochMs;
use serde::Serialize;

/// The longest that a whole look may take, in seconds: every question has its own, shorter limit on the server.
pub const LONGEST_S: u64 = 75;

/// How many questions one look asks.
pub const QUESTIONS: usize = 19;

/// One look at one server.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshot {
    /// The environment that was asked.
    pub env: EnvKey,
    /// When the answer came, by the workstation's clock: the age of everything here counts from it.
    pub taken: EpochMs,
    /// From the question to the answer, in milliseconds.
    pub took_ms: u64,
    /// Questions that were answered to their end, of [`QUESTIONS`].
    pub answered: usize,
    /// Who answered.
    pub identity: Known<Identity>,
    /// What the server has mounted.
    pub mounts: Known<MountTable>,
    /// The kernel's own account of its SMB connections, as it is.
    pub cifs_debug: Known<Vec<SafeText>>,
    /// fstab lines of the mount point or of type cifs.
    pub fstab: Known<Vec<FstabLine>>,
    /// What a mount needs on the server: its program and the credentials file.
    pub credentials: Known<Credentials>,
    /// The kernel's last lines about CIFS.
    pub kernel: Known<KernelLog>,
    /// The share's port, from the server.
    pub port: Known<Port>,
    /// Whether the share answers.
    pub share: Known<ShareAnswer>,
    /// What lies in the pack folder.
    pub packs: Known<PackFolder>,
    /// Local files where the share should be.
    pub leftovers: Known<Leftovers>,
    /// Room on `/` and on the app's folder.
    pub disks: Known<Vec<Space>>,
    /// Room where Docker keeps its data.
    pub docker_disk: Known<Space>,
    /// All containers.
    pub containers: Known<Vec<Container>>,
    /// The images of all containers.
    pub images: Known<Vec<Image>>,
    /// All volumes.
    pub volumes: Known<Vec<SafeText>>,
    /// RAGFlow's compose file is there.
    pub compose_file: Known<bool>,
    /// The backend's `/health`.
    pub health: Known<Health>,
    /// What consoles have done and do on the server, newest first.
    pub runs: Known<Vec<Run>>,
    /// The backend's side: its mounts, clock, database.
    pub inside: Known<Inside>,
}

impl Snapshot {
    /// Reads the answer of a look. Total: whatever came, each question has its answer or its gap.
    ///
    /// `root` is the folder that stands for `/` on that host; `taken` is the workstation's time at the end of the answer.
    pub fn read(
        env: &Environment,
        root: &str,
        mark: &str,
        answer: &[u8],
        taken: EpochMs,
        took_ms: u64,
    ) -> Snapshot {
        let s = Segments::read(mark, answer);
        let identity = s.answer("host").and_then(identity::parse);
        let booted = identity
            .as_ref()
            .ok()
            .and_then(|i| Some(i.clock.plus_ms(-1000 * i64::try_from(i.uptime_s?).ok()?)));
        let pack_folder = format!("{root}{}", env.paths.pack_folder);
        Snapshot {
            env: env.key.clone(),
            taken,
            took_ms,
            answered: s.complete(),
            mounts: s.answer("mounts").and_then(mountinfo::parse),
            cifs_debug: s.answer("cifs").map(SafeText::lines),
            fstab: s.answer("fstab").map(fstab::parse),
            credentials: s.answer("credentials").and_then(credentials::parse),
            kernel: s.answer("kernel").and_then(|a| kernel::parse(a, booted)),
            port: s.get("port").and_then(port::parse),
            share: s.get("share").and_then(|a| share::parse(a, root)),
            packs: s.get("packs").and_then(|a| match a.code {
                // the look's own codes: it was not asked, and the share's answer says why
                Some(69) => Err(Gap::NotAsked { because: crate::core::gap::NotAsked::NotMounted }),
                Some(75) => Err(Gap::NotAsked { because: crate::core::gap::NotAsked::ShareSilent }),
                _ => packs::parse(a.answer()?, &pack_folder),
            }),
            leftovers: s.answer("leftovers").and_then(leftovers::parse),
            disks: s.answer("disks").and_then(|a| space::parse(a, root)),
            docker_disk: s.answer("docker_root").and_then(|a| {
                let line = a.split(|b| *b == b'\n').find(|l| l.contains(&b'|'));
                space::line(line.ok_or_else(|| Gap::unreadable("stat -f", a))?, root)
            }),
            containers: s.answer("containers").and_then(containers::containers),
            // the look's own code: which containers there are is not known, and so neither are their images
            images: match s.get("images") {
                Ok(a) if a.code == Some(69) => Err(s.answer("containers").err().unwrap_or_else(|| a.gap())),
                _ => s.answer("images").and_then(containers::images),
            },
            volumes: s.answer("volumes").map(SafeText::lines),
            compose_file: s.get("compose").and_then(|a| match a.answer() {
                Ok(_) => Ok(true),
                Err(Gap::Failed { said, .. }) if said.as_str().contains("No such file") => Ok(false),
                Err(gap) => Err(gap),
            }),
            health: s.get("health").and_then(health::parse),
            runs: s.answer("runs").map(runs::parse),
            inside: s.get("inside").and_then(inside::parse),
            identity,
        }
    }

    /// The database, if it could be read.
    pub fn database(&self) -> Result<&Database, &Gap> {
        self.inside.as_ref().and_then(|i| i.database.as_ref())
    }

    /// What the backend's container sees as mounted.
    pub fn container_mounts(&self) -> Result<&MountTable, &Gap> {
        self.inside.as_ref().and_then(|i| i.mounts.as_ref())
    }

    /// The backend's clock.
    pub fn container_clock(&self) -> Result<&Clock, &Gap> {
        self.inside.as_ref().and_then(|i| i.clock.as_ref())
    }

    /// A container by its full name; nothing if Docker answered and there is none.
    pub fn container(&self, name: &str) -> Result<Option<&Container>, &Gap> {
        self.containers.as_ref().map(|all| all.iter().find(|c| c.name.as_str() == name))
    }

    /// The server's time, by its own clock; the workstation's where that is not known.
    pub fn now(&self) -> EpochMs {
        self.identity.as_ref().map_or(self.taken, |i| i.clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_look_asks_as_many_questions_as_are_counted() {
        let script = include_str!("../../assets/remote/look.sh");
        let functions = script.lines().filter(|l| l.starts_with("q_")).count();
        // the share and its packs are asked by one reader
        assert_eq!(functions + 2, QUESTIONS);
    }
}
