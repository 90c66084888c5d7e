//! What comes in, and what is asked for.
use super::activity::Entry;
use super::bundle::{Packed, Ready};
use super::deed::Typed;
use super::glyphs::Glyphs;
use super::key::Key;
use super::mouse::Mouse;
use super::remembered::Remembered;
use crate::config::model::EnvKey;
use crate::core::log::note::Piece;
use crate::core::log::{self, Source};
use crate::core::plan::brief::Brief;
use crate::core::plan::script::RunName;
use crate::core::plan::told::Told;
use crate::core::plan::{Action, Made, Plan, Refusal};
use crate::core::probe::watch::Tick;
use crate::core::snapshot::Snapshot;
use crate::core::units::EpochMs;
use crate::core::verdict::Verdict;
use crate::i18n::Text;

/// Tells the answer to one question from the answer to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub u64);

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The command line names an environment, by its place in the list: it opens at once.
    Open(usize),
    /// A key.
    Key(Key),
    /// Text was pasted. A pasted line break opens and confirms nothing.
    Pasted(String),
    /// The mouse.
    Mouse(Mouse),
    /// The window has another size: columns and rows.
    Resized(u16, u16),
    /// What the terminal can draw.
    Glyphs(Glyphs),
    /// The moment that was computed as the next wake-up.
    Tick,
    /// The program runs again after it was stopped from outside: what is on the terminal is anyone's.
    Continued,
    /// The program was told to end, or its terminal is gone.
    Ended,
    /// A look came to something.
    Looked {
        /// Which question this answers.
        run: RunId,
        /// What it came to.
        outcome: Box<Outcome>,
    },
    /// What was seen for a preview that is waited for, all of it.
    LookedToo {
        /// Which preview.
        run: RunId,
        /// What was seen.
        answer: Box<Answer>,
    },
    /// The server said something about its jobs.
    Watched {
        /// Which watch.
        run: RunId,
        /// What, and when it came, in the order in which it was said.
        ticks: Vec<(EpochMs, Tick)>,
    },
    /// A watch is over.
    WatchEnded {
        /// Which.
        run: RunId,
        /// Why.
        why: Box<Broken>,
    },
    /// Lines of a log came.
    Tailed {
        /// Which following.
        run: RunId,
        /// The lines, in their order.
        pieces: Vec<Piece>,
    },
    /// A following is over.
    TailEnded {
        /// Which.
        run: RunId,
        /// Why.
        why: Box<Broken>,
    },
    /// What an action would come to is known, or why not.
    Previewed {
        /// Which question this answers.
        run: RunId,
        /// What it came to.
        preview: Box<Preview>,
    },
    /// The box of this question, or the end of this run, is on the screen, and whatever was typed before that is taken in.
    Seen(RunId),
    /// The server says what a run is that was found there.
    Briefed {
        /// Which.
        run: RunId,
        /// What it says.
        brief: Box<Brief>,
    },
    /// Something is told of an action that is carried out.
    Told {
        /// Which.
        run: RunId,
        /// What.
        told: Box<Told>,
    },
    /// A bundle was packed, or why it could not be.
    Bundled {
        /// Which question this answers.
        run: RunId,
        /// What it came to.
        came: Box<Result<Ready, Text>>,
    },
    /// A bundle was written, or why it could not be.
    BundleWritten {
        /// Which.
        run: RunId,
        /// Where it lies.
        path: String,
        /// What it came to.
        came: Result<(), Text>,
    },
    /// This console's own log was read; newest last.
    Activity(Vec<Entry>),
    /// Something was copied, saved, or could not be.
    Said(Text),
}

/// What a look for an action came to.
#[derive(Clone, Debug)]
pub enum Preview {
    /// The plan, that there is nothing to do, or why there is no plan.
    Made(Result<Made, Refusal>),
    /// The server could not be looked at.
    Unreachable(Broken),
}

/// What a look came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The server answered.
    Answered(Box<Answer>),
    /// It could not be asked: a verdict whose only check is the link.
    Unreachable {
        /// What is said about it.
        verdict: Box<Verdict>,
        /// After how many milliseconds at least it may be asked again without a person; nothing where only one can
        /// mend it.
        again_ms: Option<i64>,
    },
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it means.
    pub verdict: Verdict,
    /// What it said.
    pub look: Snapshot,
    /// Why it ended early, if it did. What came before that is in the verdict.
    pub cut: Option<Cut>,
}

/// Why an answer ended early.
#[derive(Clone, Debug)]
pub struct Cut {
    /// What is said about it: a verdict whose only check is the link.
    pub verdict: Verdict,
    /// The link is gone, and not only the answer.
    pub gone: bool,
    /// After how many milliseconds at least the server may be asked again without a person.
    pub again_ms: Option<i64>,
}

/// Why a stream is over.
#[derive(Clone, Debug)]
pub struct Broken {
    /// What happened.
    pub said: Text,
    /// What to do.
    pub hint: Text,
    /// The link is gone, and not only what ran over it.
    pub link: bool,
    /// After how many milliseconds at least it may be opened again without a person; nothing where only one can mend it.
    pub again_ms: Option<i64>,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Look at a server; answer with this number.
    Look {
        /// The environment.
        env: EnvKey,
        /// The number.
        run: RunId,
        /// An operator asked: an error that asks for a person does not stop this one.
        wished: bool,
    },
    /// Follow a server's jobs.
    Watch {
        /// The environment.
        env: EnvKey,
        /// The number.
        run: RunId,
    },
    /// Follow a log.
    Tail {
        /// The environment.
        env: EnvKey,
        /// The number.
        run: RunId,
        /// Which log.
        source: Source,
        /// From where.
        from: log::From,
    },
    /// Look at a server and say what an action would come to. Changes nothing.
    Preview {
        /// The environment.
        env: EnvKey,
        /// The number.
        run: RunId,
        /// What is wished.
        action: Action,
    },
    /// Do what was confirmed, and tell how it goes. It goes on on the server, whatever becomes of the console.
    CarryOut {
        /// The environment.
        env: EnvKey,
        /// The number.
        run: RunId,
        /// What was confirmed.
        plan: Box<Plan>,
        /// The share's password, where the plan needs it and it was typed here.
        password: Option<Typed>,
    },
    /// Follow a run that is at work on a server, or whose end was not seen.
    Attach {
        /// The environment.
        env: EnvKey,
        /// The number.
        run: RunId,
        /// The run's name there.
        name: RunName,
        /// What it does.
        action: Action,
    },
    /// Gather what is known of a server, without secrets, and pack it. Reads only, and writes nothing.
    Bundle {
        /// The environment.
        env: EnvKey,
        /// The number.
        run: RunId,
    },
    /// Write a bundle that was shown.
    WriteBundle {
        /// The number.
        run: RunId,
        /// Where to.
        path: String,
        /// The file.
        file: Packed,
    },
    /// Nobody waits for this answer any more.
    Abandon {
        /// Its number.
        run: RunId,
    },
    /// Copy a text to the clipboard, and into a file beside it.
    Copy {
        /// Where it is from: a file name.
        name: String,
        /// The text.
        text: String,
    },
    /// Save a text into a file.
    Save {
        /// Where it is from: a file name.
        name: String,
        /// The text.
        text: String,
    },
    /// Keep this for the next start.
    Remember(Remembered),
    /// Read this console's own log.
    ReadActivity,
    /// Take the mouse, or leave it to the terminal.
    CaptureMouse(bool),
    /// Draw everything anew.
    Redraw,
    /// Give the terminal back and stop, until the shell goes on with it.
    Suspend,
    /// Leave.
    Quit,
}
