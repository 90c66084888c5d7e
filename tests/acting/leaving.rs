//! Leaving an action to the server: at once where nothing has begun, else when it is known to have.
use opsdeck::cli::act::follow::{Heard, follow};
use opsdeck::cli::act::voice::{Form, Voice};
use opsdeck::cli::output::text::Style;
use opsdeck::core::plan::script::RunName;
use opsdeck::core::plan::told::{Outcome, Told};
use opsdeck::i18n::Lang;
use std::future::pending;
use tokio::sync::mpsc::{Sender, channel};

fn voice() -> Voice {
    let style = Style { lang: Lang::En, colour: false, verbose: false };
    Voice::new(Box::new(std::io::sink()), Form::Lines, style, 0)
}

fn begun() -> Told {
    Told::Begun { run: RunName::parse("1-a").unwrap() }
}

/// How hearing ends with so many wishes to leave, while the work does this.
async fn heard<W: Future<Output = Outcome>>(
    wishes: usize,
    may_have_begun: bool,
    work: impl FnOnce(Sender<Told>) -> W,
) -> Heard {
    let (wish, mut wished) = channel(8);
    for _ in 0..wishes {
        wish.send(()).await.unwrap();
    }
    let (tell, told) = channel(8);
    let heard = follow(work(tell), told, &mut wished, || may_have_begun, &mut voice()).await;
    drop(wish);
    heard
}

#[tokio::test]
async fn before_anything_was_written_down_it_is_given_up_at_once() {
    assert!(matches!(heard(1, false, |_| pending()).await, Heard::Left));
}

#[tokio::test(start_paused = true)]
async fn while_it_is_started_one_wish_waits_and_a_second_does_not() {
    let later = |tell: Sender<Told>| async move {
        tokio::time::sleep(std::time::Duration::from_secs(20)).await;
        tell.send(begun()).await.unwrap();
        pending().await
    };
    let since = tokio::time::Instant::now();
    assert!(matches!(heard(1, true, later).await, Heard::Left));
    assert_eq!(since.elapsed().as_secs(), 20, "it did not wait until it had begun");
    let since = tokio::time::Instant::now();
    assert!(matches!(heard(2, true, later).await, Heard::Left));
    assert_eq!(since.elapsed().as_secs(), 0);
}

#[tokio::test]
async fn an_end_that_comes_before_it_has_begun_is_told() {
    let refused = |_| async { Outcome::Nothing { said: opsdeck::text!("甲", "a"), evidence: vec![] } };
    assert!(matches!(heard(1, true, refused).await, Heard::Ended(_)));
    assert!(matches!(heard(0, true, refused).await, Heard::Ended(_)));
}
