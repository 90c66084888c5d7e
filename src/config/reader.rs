//! What is being read, and everything that was found wrong on the way.
use super::diagnostic::Problem;
use super::source::Source;
use super::values::Folders;
use crate::i18n::Text;
use std::ops::Range;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

/// Why a value is refused: what is wrong and what to do.
pub(super) type Fault = (Text, Text);

/// What is being read, and what was found wrong so far.
pub(super) struct Reader<'s> {
    source: &'s Source<'s>,
    pub(super) folders: Folders<'s>,
    pub(super) problems: Vec<Problem>,
    pub(super) notices: Vec<Problem>,
}

impl<'s> Reader<'s> {
    pub(super) fn new(source: &'s Source<'s>, folders: Folders<'s>) -> Reader<'s> {
        Reader { source, folders, problems: Vec::new(), notices: Vec::new() }
    }

    fn at(&self, span: &Range<usize>, (message, hint): Fault) -> Problem {
        Problem { place: Some(self.source.place(span.clone())), message, hint }
    }

    /// Refuses the file because of something that is nowhere in it.
    pub(super) fn refuse_whole(&mut self, (message, hint): Fault) {
        self.problems.push(Problem { place: None, message, hint });
    }

    /// Refuses the file because of this place.
    pub(super) fn refuse(&mut self, span: &Range<usize>, fault: Fault) {
        let problem = self.at(span, fault);
        self.problems.push(problem);
    }

    /// Accepts the file, and asks a person to look at this place soon.
    pub(super) fn notice(&mut self, span: &Range<usize>, fault: Fault) {
        let problem = self.at(span, fault);
        self.notices.push(problem);
    }
}
