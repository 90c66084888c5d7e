//! One trouble from its first sight to its end: diagnosed, mended by what the diagnosis offers, diagnosed again.
use crate::desk::{Desk, Said, Step};
use crate::hands;
use crate::report::Line;
use crate::rows::Row;
use std::collections::HashSet;
use std::time::Instant;

/// More steps than any trouble here needs.
const LIMIT: usize = 14;

/// A trouble that is being mended.
struct Course<'a> {
    desk: &'a Desk,
    row: &'a Row,
    /// The newest job when it began.
    last: i64,
    /// What was done already: the cause that led, and the step.
    did: HashSet<(String, String)>,
    line: Line,
}

/// All of it.
pub(crate) fn walk(desk: &Desk, row: &Row) -> Line {
    hands::lay(row.faults);
    let last = hands::newest();
    let began = Instant::now();
    let mut said = desk.look_until("prod", |s| s.roots() == row.roots);
    let line = Line::of(row.name(), said.roots().join(" + "), said.sure());
    let mut course = Course { desk, row, last, did: HashSet::new(), line };
    if said.roots() != row.roots || said.sure() != row.sure {
        let (roots, sure) = (said.roots(), said.sure());
        course.wrong(format!("{roots:?} {sure}, and not {:?} {}: {said}", row.roots, row.sure));
    }
    for _ in 0..LIMIT {
        if said.is_clean() || !course.goes_on(&said) {
            break;
        }
        said = desk.look_until("prod", Said::is_clean);
    }
    course.line.seconds = began.elapsed().as_secs();
    course.line.clean = said.is_clean();
    if !said.is_clean() {
        course.wrong(format!("not clean in the end: {said}"));
    }
    course.line
}

impl Course<'_> {
    fn wrong(&mut self, what: String) {
        eprintln!("  WRONG {what}");
        self.line.wrong.push(what);
    }

    /// The next step, done; or nothing is left to do.
    fn goes_on(&mut self, said: &Said) -> bool {
        let row = self.row;
        let known = |cause: &&str| !row.roots.contains(cause) && !row.then.contains(cause);
        let strange: Vec<String> = said.roots().into_iter().filter(known).map(str::to_owned).collect();
        if !strange.is_empty() {
            self.wrong(format!("found on the way: {strange:?}"));
        }
        let lead = said.roots().first().copied().unwrap_or_default().to_owned();
        let next = said.steps().into_iter().find(|s| !self.did.contains(&(lead.clone(), s.key())));
        if let Some(step) = next {
            self.did.insert((lead.clone(), step.key()));
            self.does(&lead, &step);
            return true;
        }
        // nothing more is offered: what stays is what the row says, and goes with time
        match row.left.filter(|left| said.roots() == [left.cause] && self.line.left.is_none()) {
            Some(left) => {
                self.line.left = Some((left.zh, left.en));
                (0..left.nights).for_each(|_| hands::night());
                true
            }
            None => false,
        }
    }

    fn does(&mut self, lead: &str, step: &Step) {
        match (&step.command, step.how.as_str()) {
            (Some(command), _) => {
                let (code, outcome) = self.desk.does(command);
                let words = step.words().join(" ");
                // the backend was quicker: a backup is at work already, and no other was started
                if code == 1 && words.starts_with("backup") && hands::at_work() {
                    return self
                        .line
                        .steps
                        .push((format!("{words}（已在跑）"), format!("{words} (at work already)")));
                }
                if code == 2 && self.row.deaf == Some(words.as_str()) {
                    return self
                        .line
                        .steps
                        .push((format!("{words}（没人理会）"), format!("{words} (nobody listens)")));
                }
                self.line.proved = Some(self.line.proved != Some(false) && code == 0);
                self.line.steps.push((words.clone(), words.clone()));
                if code != 0 {
                    self.wrong(format!("{words}: exit {code}: {}", outcome["said"]["en"]));
                }
            }
            (None, "call") => match hands::called(lead) {
                Some((zh, en)) => self.line.steps.push((zh.to_owned(), en.to_owned())),
                None => self.wrong(format!("nobody here does it: {lead}: {}", step.says)),
            },
            _ => {
                let (zh, en) = hands::awaited(lead, self.last);
                self.line.steps.push((zh.to_owned(), en.to_owned()));
            }
        }
    }
}
