//! What the lab's server prod answered, with single answers replaced.
use opsdeck::config::model::Environment;
use opsdeck::core::plan::{Action, Made, Plan, Refusal, make};
use opsdeck::core::snapshot::Snapshot;
use opsdeck::core::units::EpochMs;
use opsdeck::core::verdict::Facts;
use std::path::Path;

const MARK: &str = "00000000000000000000000000fixture";
pub const MOUNT: Action = Action::Mount { new_password: false };
pub const UNMOUNT: Action = Action::Unmount { lazy: false };
pub const BACKEND: &str = "ragflowauth-backend";
pub const GOOD_FILE: &str = "helper=there\nfile=regular file|600|0|34\nusername=yes\npassword=yes\ndomain=no\ncr=no\nbom=no\nblank=no\n";

/// An answer of a whole look, and what is configured.
#[derive(Clone)]
pub struct Answers {
    pub env: Environment,
    text: String,
}

pub fn captured(name: &str) -> Answers {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = opsdeck::config::load(&here.join("tests/lab/lab.toml")).unwrap();
    let env = config.environments.into_iter().find(|e| e.key.0 == "prod").unwrap();
    let text = std::fs::read(here.join("tests/fixtures/lab").join(name).with_extension("txt")).unwrap();
    Answers { env, text: String::from_utf8(text).unwrap() }
}

impl Answers {
    /// The answer to one question.
    pub fn said(&self, name: &str) -> String {
        let begin = format!("@@{MARK} begin {name}\n");
        let from = self.text.find(&begin).unwrap() + begin.len();
        let to = self.text[from..].find(&format!("\n@@{MARK} said {name}\n")).unwrap();
        self.text[from..from + to].to_owned()
    }

    /// Another answer to one question.
    pub fn with(mut self, name: &str, payload: &str, said: &str, code: i32) -> Answers {
        let begin = format!("@@{MARK} begin {name}\n");
        let from = self.text.find(&begin).unwrap();
        let end = format!("@@{MARK} end {name} ");
        let at = from + self.text[from..].find(&end).unwrap();
        let to = at + self.text[at..].find('\n').unwrap() + 1;
        let segment = format!("{begin}{payload}\n@@{MARK} said {name}\n{said}\n{end}{code}\n");
        self.text.replace_range(from..to, &segment);
        self
    }

    /// An answer with words in it replaced, which must be there.
    pub fn edit(self, name: &str, from: &str, to: &str) -> Answers {
        let was = self.said(name);
        assert!(was.contains(from), "{name} has no {from}");
        self.with(name, &was.replace(from, to), "", 0)
    }

    pub fn set(mut self, edit: impl FnOnce(&mut Environment)) -> Answers {
        edit(&mut self.env);
        self
    }

    pub fn look(&self) -> Snapshot {
        let read = |at| Snapshot::read(&self.env, "", MARK, self.text.as_bytes(), at, 0);
        let now = read(EpochMs(0)).identity.map_or(EpochMs(0), |i| i.clock);
        read(now)
    }

    pub fn made(&self, action: &Action, root: &str) -> Result<Made, Refusal> {
        make(action, &Facts::of(&self.env, &self.look()), root)
    }

    pub fn plan(&self, action: &Action, root: &str) -> Plan {
        match self.made(action, root) {
            Ok(Made::Plan(plan)) => *plan,
            other => panic!("{other:?}"),
        }
    }

    pub fn refusal(&self, action: &Action) -> Refusal {
        match self.made(action, "") {
            Err(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    }
}

/// The id of the backend's container, the same in every capture of one server.
pub fn backend_id() -> String {
    let look = captured("healthy").look();
    look.container(BACKEND).unwrap().unwrap().id.to_string()
}

/// All steps, as one text.
pub fn text(plan: &Plan) -> String {
    opsdeck::core::plan::script::steps(plan)
}
