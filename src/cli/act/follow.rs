//! An action is heard to its end, or until the operator leaves it to the server.
use super::voice::Voice;
use crate::core::plan::told::{Outcome, Told};
use crate::i18n::Text;
use crate::text;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{MissedTickBehavior, interval};

/// How often the status line shows that the console is alive.
const TURN: Duration = Duration::from_millis(500);

/// How hearing ended.
#[derive(Debug)]
pub enum Heard {
    /// With the end.
    Ended(Box<Outcome>),
    /// The operator left. What is at work on the server goes on.
    Left,
}

/// Ctrl-C, and what a closing terminal or a service manager sends: each is a wish to leave. In a tokio runtime only.
///
/// # Errors
/// When the system does not let them be heard.
pub(super) fn wishes_to_leave() -> std::io::Result<Receiver<()>> {
    let (wish, wishes) = channel(4);
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let (mut signals, wish) = (signal(kind)?, wish.clone());
        tokio::spawn(async move { while signals.recv().await.is_some() && wish.send(()).await.is_ok() {} });
    }
    Ok(wishes)
}

/// Says what is told until the work ends. `may_have_begun` tells whether leaving would leave something behind on the server;
/// then the first wish to leave waits until it is known to have begun, and the second one does not.
pub async fn follow(
    work: impl Future<Output = Outcome>,
    mut told: Receiver<Told>,
    wishes: &mut Receiver<()>,
    may_have_begun: impl Fn() -> bool,
    voice: &mut Voice,
) -> Heard {
    let mut work = pin!(work);
    let (mut begun, mut leaving) = (false, false);
    let mut turns = interval(TURN);
    turns.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            biased;
            Some(()) = wishes.recv() => {
                if begun || leaving || !may_have_begun() {
                    return Heard::Left;
                }
                leaving = true;
                voice.say(&waiting());
            }
            Some(one) = told.recv() => {
                begun |= matches!(one, Told::Begun { .. });
                voice.told(&one);
                if begun && leaving {
                    return Heard::Left;
                }
            }
            outcome = &mut work => {
                while let Ok(one) = told.try_recv() {
                    voice.told(&one);
                }
                return Heard::Ended(Box::new(outcome));
            }
            _ = turns.tick() => voice.tick(),
        }
    }
}

fn waiting() -> Text {
    text!(
        "正在服务器上启动，等它开始了就离开（再按一次 Ctrl-C 立刻离开）",
        "it is just being started on the server: leaving as soon as it has begun (Ctrl-C again: at once)"
    )
}
