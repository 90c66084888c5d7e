//! What a run that did not work leaves behind: by what it wrote down and by what was seen afterwards, and nothing else.
use super::event::{self, Event, What, fact};
use super::prove::{Proof, changed};
use super::{Action, How, Service};
use crate::core::state::State;
use crate::i18n::Text;
use crate::text;
use serde::Serialize;

/// What is known of the services that it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PutBack {
    /// None was stopped.
    NothingStopped,
    /// They run again.
    Runs,
    /// The backend could not be started again.
    Down,
    /// Nobody has seen whether they do.
    Unseen,
}

/// What it leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The services that it stopped.
    pub put_back: PutBack,
    /// All that was begun is taken back, and was seen to be so. `false` claims nothing.
    pub clean: bool,
}

impl Left {
    /// Nothing was touched.
    pub const NOTHING: Left = Left { put_back: PutBack::NothingStopped, clean: false };

    /// In words.
    pub fn words(self) -> Text {
        let said = match self.put_back {
            PutBack::NothingStopped => text!("没有停过任何服务", "no service was stopped"),
            PutBack::Runs => text!("停过的服务都在运行", "what was stopped runs again"),
            PutBack::Down => text!(
                "后端停着，没能恢复运行：现在就启动它！",
                "the backend is down, it could not be started again: start it now!"
            ),
            PutBack::Unseen => text!(
                "停过的服务是不是都恢复了，没有看到：看对比，或再检查一次",
                "whether all that was stopped runs again was not seen: see before and after, or check again"
            ),
        };
        match self.clean {
            false => said,
            true => Text {
                zh: format!("{}；没有留下做了一半的东西", said.zh),
                en: format!("{}; nothing is left half done", said.en),
            },
        }
    }

    /// What has to be done at once.
    pub fn mend(self) -> Option<Action> {
        let start = Action::Services { which: Service::Backend, how: How::Start };
        (self.put_back == PutBack::Down).then_some(start)
    }
}

/// Of a run that has ended otherwise than it should. `proofs` is nothing when no look could be taken.
pub(super) fn of(action: &Action, events: &[Event], proofs: Option<&[Proof]>) -> Left {
    Left { put_back: put_back(action, events, proofs), clean: clean(events, proofs) }
}

/// The first step only looks.
pub(super) fn has_acted(events: &[Event]) -> bool {
    events.iter().any(|e| matches!(e.what, What::Step { n } if n > 1))
}

fn put_back(action: &Action, events: &[Event], proofs: Option<&[Proof]>) -> PutBack {
    let not_started = events.iter().any(|e| matches!(e.what, What::PutBack { well: false, .. }));
    if not_started || event::ended(events).is_some_and(|(_, down)| down) {
        return PutBack::Down;
    }
    if !has_acted(events) {
        return PutBack::NothingStopped;
    }
    let as_it_should = |p: &Proof| p.state == State::Ok || !changed(p);
    match action {
        // what it stopped is meant to be so: only a look tells which of them have
        Action::Services { how: How::Stop, .. } => PutBack::Unseen,
        // nobody starts these again
        Action::Services { which: Service::Frontend | Service::Ragflow, .. } => match proofs {
            Some(seen) if !seen.is_empty() && seen.iter().all(as_it_should) => PutBack::Runs,
            _ => PutBack::Unseen,
        },
        _ if !fact(events, "backend_was").is_some_and(|was| was.starts_with("running")) => {
            PutBack::NothingStopped
        }
        // the server has seen that it runs; a look that says otherwise counts more
        _ if proofs.is_none_or(|seen| seen.iter().all(as_it_should)) => PutBack::Runs,
        _ => PutBack::Unseen,
    }
}

/// Every step that was done is taken back, and nothing that was looked at is worse than before.
fn clean(events: &[Event], proofs: Option<&[Proof]>) -> bool {
    let undone =
        |step: usize| events.iter().any(|e| matches!(e.what, What::Undo { n, code: 0 } if n == step));
    let steps = events.iter().all(|e| match e.what {
        What::Done { n } => n == 1 || undone(n),
        What::Undo { code, .. } => code == 0,
        _ => true,
    });
    // what no step takes back: a mount that has proved good stays, and so does what was done to a backup
    let stays = fact(events, "probe") == Some("well")
        || ["asked", "helper", "ended", "closed", "job", "joined", "detached"]
            .iter()
            .any(|f| fact(events, f).is_some());
    let seen = proofs.is_some_and(|p| !p.is_empty() && p.iter().all(|p| p.state == State::Ok || !changed(p)));
    steps && !stays && seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::plan::told::{Outcome, Seen, outcome};

    fn events(lines: &[&str]) -> Vec<Event> {
        lines.iter().map(|l| event::event(format!("1795143600 {l}").as_bytes())).collect()
    }

    fn proof(before: Option<&str>, after: &str, state: State) -> Proof {
        Proof { what: Text::same("x"), before: before.map(Text::same), after: Text::same(after), state }
    }

    fn left(action: &Action, lines: &[&str], proofs: Option<Vec<Proof>>) -> Left {
        let all: Vec<&str> = std::iter::once("begin").chain(lines.iter().copied()).collect();
        let at = crate::core::units::EpochMs(1_795_143_600_000);
        match outcome(action, &events(&all), proofs.map(|proofs| Seen { at, proofs })) {
            Outcome::Failed { left, .. } => left,
            other => panic!("{lines:?}: {other:?}"),
        }
    }

    const MOUNT: Action = Action::Mount { new_password: false };
    const UNMOUNT: Action = Action::Unmount { lazy: false };
    const WAS: &str = "fact backend_was running abc";

    /// What, of which action, what it wrote down, what was seen, and what that comes to.
    type Case = (&'static str, Action, Vec<&'static str>, Option<Vec<Proof>>, PutBack);

    fn restart(which: Service) -> Action {
        Action::Services { which, how: How::Restart }
    }

    #[test]
    fn what_had_been_stopped_is_said_as_it_was_seen() {
        use PutBack::*;
        let same = || vec![proof(Some("off"), "off", State::Failed)];
        let worse = || vec![proof(Some("well"), "ill", State::Failed)];
        let unseen = || vec![proof(Some("well"), "?", State::Unknown)];
        let cases: Vec<Case> = vec![
            (
                "wrong password",
                MOUNT,
                vec!["step 1", "done 1", "step 2", "fail 2 32", "end failed"],
                Some(same()),
                NothingStopped,
            ),
            (
                "killed in the step that only looks",
                MOUNT,
                vec![WAS, "step 1", "end killed"],
                Some(same()),
                NothingStopped,
            ),
            (
                "the backend was started again",
                UNMOUNT,
                vec![WAS, "step 2", "done 2", "step 3", "fail 3 1", "undo 2 0", "end failed"],
                Some(same()),
                Runs,
            ),
            (
                "by after.sh",
                UNMOUNT,
                vec![WAS, "step 2", "done 2", "putback backend started", "end killed"],
                None,
                Runs,
            ),
            (
                "it could not",
                UNMOUNT,
                vec![WAS, "step 2", "putback backend failed no image", "end killed down"],
                None,
                Down,
            ),
            ("a look sees that it is ill", UNMOUNT, vec![WAS, "step 2", "end killed"], Some(worse()), Unseen),
            ("a look does not see it", UNMOUNT, vec![WAS, "step 2", "end killed"], Some(unseen()), Unseen),
            (
                "nobody starts the frontend",
                restart(Service::Frontend),
                vec!["step 2", "fail 2 124", "end failed"],
                None,
                Unseen,
            ),
            (
                "it is seen down",
                restart(Service::Frontend),
                vec!["step 2", "fail 2 1", "end failed"],
                Some(worse()),
                Unseen,
            ),
            (
                "it is seen up",
                restart(Service::Ragflow),
                vec!["step 2", "fail 2 1", "end failed"],
                Some(vec![proof(Some("a"), "b", State::Ok)]),
                Runs,
            ),
            (
                "a stop is meant",
                Action::Services { which: Service::Backend, how: How::Stop },
                vec![WAS, "step 2", "fail 2 124", "end failed"],
                None,
                Unseen,
            ),
            (
                "all steps, and ill",
                restart(Service::Backend),
                vec![WAS, "step 2", "done 2", "step 3", "done 3", "finished", "end finished"],
                Some(worse()),
                Unseen,
            ),
        ];
        for (what, action, lines, proofs, expected) in cases {
            assert_eq!(left(&action, &lines, proofs).put_back, expected, "{what}");
        }
    }

    #[test]
    fn that_a_mount_was_taken_off_again_is_only_said_when_it_was() {
        let tried = [
            "step 2",
            "fact mounted cifs //h/s rw /",
            "done 2",
            "step 3",
            "fact probe failed 1 Permission denied",
            "fail 3 1",
        ];
        for (undo, said) in [
            (&["undo 2 0"][..], "was taken off again"),
            (&["undo 2 1"], "could not be taken off again"),
            (&[], "could not be taken off again"),
        ] {
            let lines = [&tried[..], undo, &["end failed"]].concat();
            let became = outcome(&MOUNT, &events(&lines), None).said().en;
            assert!(became.contains(said), "{undo:?}: {became}");
        }
    }

    #[test]
    fn that_nothing_is_half_done_is_only_said_when_it_was_seen() {
        let same = || Some(vec![proof(Some("off"), "off", State::Failed)]);
        let back = vec![WAS, "step 2", "done 2", "step 3", "fail 3 1", "undo 2 0", "end failed"];
        assert!(left(&UNMOUNT, &back, same()).clean);
        assert!(left(&UNMOUNT, &back, same()).words().en.contains("nothing is left half done"));
        let not_undone = vec![WAS, "step 2", "done 2", "step 3", "fail 3 1", "undo 2 1", "end failed"];
        let killed = vec![WAS, "step 2", "done 2", "step 3", "end killed"];
        let stays =
            vec!["step 2", "done 2", "fact probe well", "step 3", "fail 3 1", "undo 2 0", "end failed"];
        let asked = vec![
            "step 1",
            "fact asked #7",
            "done 1",
            "step 2",
            "fact still #7 canceling",
            "fail 2 1",
            "end failed",
        ];
        for (action, lines) in [
            (UNMOUNT, not_undone),
            (UNMOUNT, killed),
            (MOUNT, stays),
            (Action::Cancel { force: false }, asked),
        ] {
            assert!(!left(&action, &lines, same()).clean, "{lines:?}");
        }
        assert!(!left(&UNMOUNT, &back, None).clean, "nobody has looked");
        assert!(!left(&UNMOUNT, &back, Some(Vec::new())).clean);
        let worse = Some(vec![proof(Some("well"), "ill", State::Failed)]);
        assert!(!left(&UNMOUNT, &back, worse).clean);
    }
}
