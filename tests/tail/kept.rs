//! What a reader keeps of a log over lost links: the lines, and where to go on.
use opsdeck::core::log::note::{Note, Piece};
use opsdeck::core::log::resume::Resume;
use opsdeck::core::log::{From, Source};
use opsdeck::core::safetext::SafeText;
use opsdeck::remote::Host;
use opsdeck::tail::{self, Ended};
use tokio::sync::mpsc;

/// What was kept.
pub struct Kept {
    pub lines: Vec<SafeText>,
    pub notes: Vec<Note>,
    start: From,
    resume: Resume,
}

impl Kept {
    pub fn new(start: From) -> Kept {
        Kept { lines: Vec::new(), notes: Vec::new(), start, resume: Resume::new() }
    }

    /// Follows, beginning where it was left, until it ends or `enough` says so.
    pub async fn follow(
        &mut self,
        host: &dyn Host,
        source: &Source,
        mut enough: impl FnMut(&Kept) -> bool,
    ) -> Option<Ended> {
        let (to, mut batches) = mpsc::channel(2);
        let from = self.resume.or(self.start.clone());
        self.resume.opened(&from);
        let follow = tail::follow(host, source, &from, &to);
        tokio::pin!(follow);
        loop {
            let batch = tokio::select! {
                biased;
                Some(batch) = batches.recv() => batch,
                ended = &mut follow => return Some(ended),
            };
            for piece in batch {
                match piece {
                    Piece::Line(line) if self.resume.is_new(&line) => self.lines.push(line.text),
                    Piece::Line(_) => {}
                    Piece::Note(note) => self.notes.push(note),
                }
            }
            if enough(self) {
                return None;
            }
        }
    }
}
