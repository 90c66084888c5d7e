//! Everything that the screen is made from.
use super::activity::Entry;
use super::deed::Run;
use super::glyphs::Glyphs;
use super::logs::Logs;
use super::msg::{Answer, RunId};
use super::overlay::Overlay;
use super::remembered::Remembered;
use super::screen::{Place, Screen, Tab};
use super::theme::Theme;
use crate::config::model::{EnvKey, Environment, Role};
use crate::core::derive::progress::Progress;
use crate::core::plan::Action;
use crate::core::plan::script::RunName;
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use crate::core::verdict::Verdict;
use crate::i18n::{Lang, Text};
use tui_input::Input;

/// The state of the console.
#[derive(Clone, Debug)]
pub struct Model {
    /// The language.
    pub lang: Lang,
    /// The colours.
    pub theme: Theme,
    /// What the terminal can draw.
    pub glyphs: Glyphs,
    /// The console takes the mouse; without it, the terminal selects text with it.
    pub mouse: bool,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The scenario, if these are the built-in servers.
    pub demo: Option<String>,
    /// The environments, in the order of the configuration.
    pub servers: Vec<Server>,
    /// Their keys, the one that was used last first.
    pub recent: Vec<EnvKey>,
    /// What is shown.
    pub screen: Screen,
    /// The list of environments: what was typed, and the chosen line.
    pub picker: Picker,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// Said once, until the next key.
    pub notice: Option<Notice>,
    /// This console's own log, newest last; nothing before it was read.
    pub activity: Option<Vec<Entry>>,
    /// The workstation's offset from UTC, in seconds.
    pub zone_s: i32,
    /// The language was chosen in the console, now or earlier.
    pub lang_chosen: bool,
    /// What this workstation began earlier and did not see the end of, oldest first.
    pub unfinished: Vec<Unfinished>,
    /// The number of the last question.
    pub last_run: RunId,
}

/// An action that was begun from this workstation, and whose end no console saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Where.
    pub env: EnvKey,
    /// The run.
    pub run: RunName,
    /// What.
    pub action: Action,
}

/// The list of environments.
#[derive(Clone, Debug, Default)]
pub struct Picker {
    /// What names must contain.
    pub input: Input,
    /// The chosen line of those that are shown.
    pub chosen: usize,
}

/// Something to tell about the last key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An input method sent words where keys are expected.
    ForeignLetters,
    /// A paste was not taken.
    PasteIgnored,
    /// What came of an action.
    Said(Text),
    /// Why something was not done.
    Refused(Text),
}

/// A question under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Its number.
    pub run: RunId,
    /// When it was asked.
    pub since: EpochMs,
}

/// Something that is known, and since when: the moment of the question, not of the answer. A workstation that slept
/// in between must not take yesterday's answer for today's.
#[derive(Clone, Debug)]
pub struct Known<T> {
    /// What.
    pub what: T,
    /// When it was asked, by the workstation's clock.
    pub asked: EpochMs,
}

/// A link that gave no answer.
#[derive(Clone, Debug)]
pub struct Lost {
    /// What is said about it: a verdict whose only check is the link.
    pub verdict: Verdict,
    /// When it was tried last.
    pub asked: EpochMs,
    /// Tries since it worked.
    pub tries: u32,
    /// When it is tried again; nothing where only a person can mend it.
    pub again: Option<EpochMs>,
}

/// The stream that tells of jobs.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Its number, while it is open.
    pub run: Option<RunId>,
    /// What it told; nothing before the first look, which knows the past.
    pub progress: Option<Progress>,
    /// When it last said something, by the workstation's clock; nothing before its first word.
    pub heard: Option<EpochMs>,
    /// When it is opened again after it ended by itself.
    pub again: Option<EpochMs>,
    /// How often it ended since it last said something.
    pub ended: u32,
    /// A job began or ended while a look was under way that may not have seen it: then there is another one.
    pub changed: bool,
    /// Why it ended last.
    pub why: Option<Text>,
}

/// One environment and what is known about it.
#[derive(Clone, Debug)]
pub struct Server {
    /// What is configured.
    pub env: Environment,
    /// Its name in commands.
    pub key: EnvKey,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The address or alias that is dialled, and the port where one is set.
    pub host: String,
    /// The look that is under way. Leaving the environment gives it up.
    pub asking: Option<Asking>,
    /// The last answer.
    pub answer: Option<Known<Box<Answer>>>,
    /// The last look got no answer, or the link was lost since.
    pub lost: Option<Lost>,
    /// The jobs, as they are told.
    pub watch: Watch,
    /// The log that is followed.
    pub logs: Logs,
    /// What is at work there, or has ended and was not seen yet.
    pub run: Option<Run>,
    /// When a run ended here that could not start the backend again.
    pub down: Option<EpochMs>,
    /// When its write mode was opened.
    pub writing: Option<EpochMs>,
    /// Where the operator is in each screen.
    places: [Place; Tab::ALL.len()],
}

impl Server {
    fn new(env: &Environment) -> Server {
        let safe = |text: &str| SafeText::new(text).to_string();
        Server {
            env: env.clone(),
            key: env.key.clone(),
            name: safe(&env.name),
            role: env.role.clone(),
            host: match env.port {
                Some(port) => format!("{}:{port}", safe(&env.host)),
                None => safe(&env.host),
            },
            asking: None,
            answer: None,
            lost: None,
            watch: Watch::default(),
            logs: Logs::default(),
            run: None,
            down: None,
            writing: None,
            places: Default::default(),
        }
    }

    /// Where the operator is in a screen.
    pub fn place(&self, tab: Tab) -> Place {
        self.places.get(tab.index()).cloned().unwrap_or_default()
    }

    /// The same, to be changed.
    pub(super) fn place_mut(&mut self, tab: Tab) -> Option<&mut Place> {
        self.places.get_mut(tab.index())
    }

    /// Whatever was moved, filtered or turned is as at first.
    pub(super) fn forget_places(&mut self) {
        self.places = Default::default();
    }
}

impl Model {
    /// The list of environments, and nothing asked.
    pub fn new(environments: &[Environment], demo: Option<&str>, lang: Lang) -> Model {
        Model {
            lang,
            theme: Theme::default(),
            glyphs: Glyphs::default(),
            mouse: true,
            size: (80, 24),
            demo: demo.map(|d| SafeText::new(d).to_string()),
            servers: environments.iter().map(Server::new).collect(),
            recent: Vec::new(),
            screen: Screen::Picker,
            picker: Picker::default(),
            overlay: None,
            notice: None,
            activity: None,
            zone_s: 0,
            lang_chosen: false,
            unfinished: Vec::new(),
            last_run: RunId(0),
        }
    }

    /// As it was left the last time.
    pub fn with(mut self, remembered: &Remembered) -> Model {
        self.recent = remembered.recent.clone();
        self.theme = remembered.theme;
        self.mouse = remembered.mouse;
        self.lang_chosen = remembered.lang.is_some();
        self
    }

    /// What is kept for the next start.
    pub fn remembered(&self) -> Remembered {
        let lang = Some(self.lang).filter(|_| self.lang_chosen);
        Remembered { recent: self.recent.clone(), theme: self.theme, mouse: self.mouse, lang }
    }

    /// The environment that is open, by its place in the list.
    pub fn open_at(&self) -> Option<usize> {
        match self.screen {
            Screen::Picker => None,
            Screen::Open { server, .. } => Some(server),
        }
    }

    /// The environment that is open.
    pub fn open(&self) -> Option<&Server> {
        self.servers.get(self.open_at()?)
    }

    /// The same, to be changed.
    pub(super) fn open_mut(&mut self) -> Option<&mut Server> {
        let at = self.open_at()?;
        self.servers.get_mut(at)
    }

    /// The screen of the environment that is open.
    pub fn tab(&self) -> Option<Tab> {
        match self.screen {
            Screen::Picker => None,
            Screen::Open { tab, .. } => Some(tab),
        }
    }

    /// The environment beside the open one on a wide overview: the next of the list.
    pub fn beside(&self) -> Option<usize> {
        let Screen::Open { server, tab: Tab::Overview } = self.screen else { return None };
        let next = (server + 1) % self.servers.len().max(1);
        (next != server && self.size.0 >= WIDE).then_some(next)
    }

    /// The environments of the list, in its order: those that were used last first, and only those that were asked for.
    pub fn picked(&self) -> Vec<usize> {
        let wanted = self.picker.input.value().trim().to_lowercase();
        let place = |key: &EnvKey| self.recent.iter().position(|r| r == key).unwrap_or(usize::MAX);
        let says = |s: &Server| {
            let role = s.role.word();
            let all = [s.name.as_str(), s.key.0.as_str(), s.host.as_str(), role.as_str()];
            all.iter().any(|t| t.to_lowercase().contains(&wanted))
        };
        let mut shown: Vec<usize> =
            self.servers.iter().enumerate().filter(|(_, s)| says(s)).map(|(at, _)| at).collect();
        shown.sort_by_key(|at| self.servers.get(*at).map_or(usize::MAX, |s| place(&s.key)));
        shown
    }
}

/// Columns from which two environments stand side by side.
pub const WIDE: u16 = 150;
