//! Everything that the screen is made from.
use super::msg::{Answer, RunId};
use crate::config::model::{EnvKey, Environment, Role};
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use crate::core::verdict::Verdict;
use crate::i18n::Lang;

/// The state of the console.
#[derive(Clone, Debug)]
pub struct Model {
    /// The language.
    pub lang: Lang,
    /// The scenario, if these are the built-in servers.
    pub demo: Option<String>,
    /// The environments, in the order of the configuration.
    pub servers: Vec<Server>,
    /// What is shown.
    pub screen: Screen,
    /// The chosen line of the list of environments.
    pub chosen: usize,
    /// Help lies over the screen.
    pub help: bool,
    /// Said once, until the next key.
    pub notice: Option<Notice>,
    /// The look that is under way. There is never more than one: leaving an environment gives its look up.
    pub asking: Option<Asking>,
    /// The number of the last question.
    pub last_run: RunId,
}

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The list of environments.
    Picker,
    /// One of them, by its place in the list.
    Overview(usize),
}

/// Something to tell about the last key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An input method sent words where keys are expected.
    ForeignLetters,
    /// A paste was not taken.
    PasteIgnored,
}

/// A look under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Its number.
    pub run: RunId,
    /// The environment, by its place in the list.
    pub server: usize,
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

/// One environment and what is known about it.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name in commands.
    pub key: EnvKey,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The address or alias that is dialled, and the port where one is set.
    pub host: String,
    /// The last answer.
    pub answer: Option<Known<Answer>>,
    /// The verdict of the last look, if that one got no answer.
    pub lost: Option<Known<Verdict>>,
    /// The check that the operator moved to; until then the worst one is chosen.
    pub chosen: Option<&'static str>,
    /// Pages turned in the lower pane. Wraps around; only the drawing knows how many there are.
    pub page: i32,
}

impl Model {
    /// The list of environments, and nothing asked.
    pub fn new(environments: &[Environment], demo: Option<&str>, lang: Lang) -> Model {
        let safe = |text: &str| SafeText::new(text).to_string();
        let server = |env: &Environment| Server {
            key: env.key.clone(),
            name: safe(&env.name),
            role: env.role.clone(),
            host: match env.port {
                Some(port) => format!("{}:{port}", safe(&env.host)),
                None => safe(&env.host),
            },
            answer: None,
            lost: None,
            chosen: None,
            page: 0,
        };
        Model {
            lang,
            demo: demo.map(safe),
            servers: environments.iter().map(server).collect(),
            screen: Screen::Picker,
            chosen: 0,
            help: false,
            notice: None,
            asking: None,
            last_run: RunId(0),
        }
    }

    /// The environment that is open.
    pub fn open(&self) -> Option<&Server> {
        match self.screen {
            Screen::Picker => None,
            Screen::Overview(at) => self.servers.get(at),
        }
    }

    /// The look under way, if it is at the environment that is open.
    pub fn asking_here(&self) -> Option<Asking> {
        self.asking.filter(|a| self.screen == Screen::Overview(a.server))
    }
}
