//! How many sessions are open on one connection at a time.
//!
//! sshd allows `MaxSessions` (10 unless set) on a connection and refuses the next one. The console keeps to fewer,
//! and learns: a refusal while three others are open means three. Whoever does not fit waits.
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// The gate of one connection.
pub(super) struct Gate {
    state: Mutex<State>,
    freed: Notify,
}

struct State {
    /// Inside now.
    open: usize,
    /// Inside now, and accepted by the server.
    accepted: usize,
    limit: usize,
}

/// A place inside; given back when dropped.
pub(super) struct Place {
    gate: Arc<Gate>,
    accepted: bool,
}

impl Gate {
    /// A gate for at most `limit` sessions.
    pub(super) fn new(limit: usize) -> Arc<Gate> {
        Arc::new(Gate {
            state: Mutex::new(State { open: 0, accepted: 0, limit: limit.max(1) }),
            freed: Notify::new(),
        })
    }

    /// Waits for a place.
    pub(super) async fn enter(self: &Arc<Gate>) -> Place {
        loop {
            let mut freed = std::pin::pin!(self.freed.notified());
            // from here on no notification is missed
            freed.as_mut().enable();
            if let Some(place) = self.try_enter() {
                return place;
            }
            freed.await;
        }
    }

    /// How many may be inside, as learned so far.
    pub(super) fn limit(&self) -> usize {
        self.with(|s| s.limit)
    }

    fn try_enter(self: &Arc<Gate>) -> Option<Place> {
        self.with(|s| {
            (s.open < s.limit).then(|| {
                s.open += 1;
                Place { gate: Arc::clone(self), accepted: false }
            })
        })
    }

    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Place {
    /// The server accepted the session.
    pub(super) fn accepted(&mut self) {
        self.accepted = true;
        self.gate.with(|s| s.accepted += 1);
    }

    /// The server refused the session: no more than those that are open now fit. Says whether others are open, so
    /// that waiting makes sense.
    pub(super) fn refused(&self) -> bool {
        self.gate.with(|s| {
            s.limit = s.limit.min(s.accepted.max(1));
            s.accepted > 0
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let accepted = self.accepted;
        self.gate.with(|s| {
            s.open = s.open.saturating_sub(1);
            s.accepted = s.accepted.saturating_sub(usize::from(accepted));
        });
        self.gate.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test(start_paused = true)]
    async fn no_more_than_the_limit_are_inside_and_the_next_waits() {
        let gate = Gate::new(2);
        let (a, _b) = (gate.enter().await, gate.enter().await);
        assert!(timeout(Duration::from_secs(60), gate.enter()).await.is_err());
        let (third, ()) = tokio::join!(gate.enter(), async { drop(a) });
        assert!(timeout(Duration::from_secs(60), gate.enter()).await.is_err());
        drop(third);
        drop(gate.enter().await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_teaches_how_many_fit() {
        let gate = Gate::new(6);
        let alone = gate.enter().await;
        assert!(!alone.refused(), "nobody is open: waiting for them makes no sense");
        assert_eq!(gate.limit(), 1);
        let gate = Gate::new(6);
        let (mut a, mut b, c) = (gate.enter().await, gate.enter().await, gate.enter().await);
        a.accepted();
        b.accepted();
        assert!(c.refused());
        drop(c);
        assert_eq!(gate.limit(), 2);
        assert!(timeout(Duration::from_secs(60), gate.enter()).await.is_err());
        drop(a);
        drop(gate.enter().await);
    }
}
