//! The stories that `tests/lab_kill` acts on real servers: each of them has a plan where it is acted.
use crate::kill::{STORIES, Seen};
use crate::made::{add_job, add_lock, backend, made, seen};
use opsdeck::core::plan::Made;
use opsdeck::core::probe::database::Status;

/// An action that is refused in its situation would have nothing to show in the matrix, for days of the lab's time.
#[test]
fn each_story_of_the_kill_matrix_has_a_plan_where_it_is_acted() {
    for story in STORIES {
        let look = match story.seen {
            Seen::Captured(name) | Seen::Frozen(name) => seen(name),
            Seen::BackendStopped => {
                let mut look = seen("healthy");
                backend(&mut look).running = false;
                look
            }
            Seen::Backup => {
                let mut look = seen("healthy");
                add_job(&mut look, Status::Running, 1);
                add_lock(&mut look, 1);
                look
            }
            Seen::StaleLock => {
                let mut look = seen("healthy");
                add_lock(&mut look, 90 * 24 * 60);
                look
            }
        };
        let made = made(&look, &(story.action)());
        assert!(matches!(made, Ok(Made::Plan(_))), "{} in {:?}: {made:#?}", story.name, story.seen);
        let Ok(Made::Plan(plan)) = made else { unreachable!() };
        assert_eq!(plan.needs_password, story.password, "{}", story.name);
    }
}
