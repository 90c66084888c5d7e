//! Telling alone: commands that hang, runs at once, hostile words, states that cannot be kept.
use opsdeck::cli::on_change::{Now, Watch, is_another_night, is_change};
use opsdeck::core::state::State::{self, Failed, Ok as Good, Unknown, Warning};
use opsdeck::core::units::EpochMs;
use opsdeck::i18n::Lang;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

/// Longer than anything here takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

fn words(script: &str) -> Vec<OsString> {
    ["sh", "-c", script].map(OsString::from).to_vec()
}

fn watch<'a>(folder: Option<&'a Path>, command: &'a [OsString]) -> Watch<'a> {
    Watch {
        command,
        configuration: "/e.toml".into(),
        environments: BTreeSet::from(["prod".into()]),
        folder,
        secret_variables: BTreeSet::new(),
        lang: Lang::En,
        limit: LIMIT,
    }
}

fn now(state: State, looked: i64) -> Now {
    let text = "the check\n".to_owned();
    let (looked, night) = (EpochMs(looked), None);
    Now { env: "prod".into(), state, headline: "headline".into(), text, looked, night }
}

/// Adds a line to a file in the folder.
fn adds(folder: &Path) -> Vec<OsString> {
    words(&format!("echo \"$OPSDECK_BEFORE $OPSDECK_STATE\" >> '{}/told'", folder.display()))
}

fn told(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("told")).unwrap_or_default()
}

#[test]
fn what_is_a_change() {
    for (before, now, change) in [
        (None, Good, false),
        (None, Warning, true),
        (None, Unknown, true),
        (Some(Good), Good, false),
        (Some(Good), Unknown, true),
        (Some(Unknown), Good, true),
        (Some(Failed), Unknown, true),
        (Some(Warning), Warning, false),
    ] {
        assert_eq!(is_change(before, now), change, "{before:?} {now:?}");
    }
}

/// Monday's backup was lost to the mount and Tuesday's to something else: both are told.
#[tokio::test]
async fn each_night_that_is_lost_is_told_and_each_once() {
    let dir = tempfile::tempdir().unwrap();
    let adds = adds(dir.path());
    let of = |night: Option<i64>, state, looked| Now { night: night.map(EpochMs), ..now(state, looked) };
    let watch = watch(Some(dir.path()), &adds);
    // a state that was kept by an older version knows no night: it is taken over, and nothing is told
    for (night, state, looked) in
        [(None, Failed, 1), (Some(100), Failed, 2), (Some(100), Failed, 3), (Some(200), Failed, 4)]
    {
        assert!(watch.tell(&[of(night, state, looked)]).await.is_empty());
    }
    assert_eq!(told(dir.path()), "none failed\nfailed failed\n");
    // a look that could not say which night it is forgets nothing; a good night is no news after a good one
    for (night, state, looked) in
        [(None, Failed, 5), (Some(200), Failed, 6), (Some(300), Good, 7), (Some(400), Good, 8)]
    {
        assert!(watch.tell(&[of(night, state, looked)]).await.is_empty());
    }
    assert_eq!(told(dir.path()), "none failed\nfailed failed\nfailed ok\n");
    assert!(!is_another_night(Some(EpochMs(2)), Some(EpochMs(1)), Failed));
}

#[tokio::test]
async fn a_command_that_hangs_is_ended_with_all_that_it_started_and_told_again() {
    let dir = tempfile::tempdir().unwrap();
    // the second process holds the lock file's lock for as long as it lives
    let lock = dir.path().join("lock");
    std::fs::write(&lock, "").unwrap();
    let hangs = words(&format!("trap '' TERM HUP; flock '{}' sleep 600 & wait; sleep 600", lock.display()));
    let short = Watch { limit: Duration::from_secs(2), ..watch(Some(dir.path()), &hangs) };
    let trouble = short.tell(&[now(Failed, 1)]).await;
    assert!(trouble.len() == 1 && trouble[0].en.contains("was ended"), "{trouble:?}");
    let file = std::fs::File::open(&lock).unwrap();
    // granted when the last process that holds it is gone
    let gone = tokio::task::spawn_blocking(move || {
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)
    });
    tokio::time::timeout(LIMIT, gone).await.expect("something of it is still there").unwrap().unwrap();
    let adds = adds(dir.path());
    assert!(watch(Some(dir.path()), &adds).tell(&[now(Failed, 2)]).await.is_empty());
    assert_eq!(told(dir.path()), "none failed\n");
}

#[tokio::test]
async fn runs_at_once_tell_once_and_an_older_look_tells_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let slow = words(&format!("echo once >> '{}/told'; sleep 0.3", dir.path().display()));
    let (one, two) = (watch(Some(dir.path()), &slow), watch(Some(dir.path()), &slow));
    let (first, second) = tokio::join!(async { one.tell(&[now(Failed, 5)]).await }, async {
        two.tell(&[now(Failed, 6)]).await
    });
    assert!(first.is_empty() && second.is_empty(), "{first:?} {second:?}");
    assert_eq!(told(dir.path()), "once\n");
    // a run that began earlier comes to its end now: what it saw is over
    assert!(one.tell(&[now(Good, 4)]).await.is_empty());
    assert_eq!(told(dir.path()), "once\n");
    // another set of environments has a memory of its own
    let other = Watch {
        environments: BTreeSet::from(["prod".into(), "test".into()]),
        ..watch(Some(dir.path()), &slow)
    };
    assert!(other.tell(&[now(Failed, 6)]).await.is_empty());
    assert_eq!(told(dir.path()), "once\nonce\n");
}

#[tokio::test]
async fn hostile_words_stay_words() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().display();
    let writes =
        words(&format!("printf '%s' \"$OPSDECK_HEADLINE\" > '{place}/headline'; cat > '{place}/text'"));
    let mut one = now(Failed, 1);
    one.headline = format!("$(touch {place}/x) `id`; '\"\n\u{1b}[31mred\0\u{202e}LD_PRELOAD=x");
    one.text = "x".repeat(1_000_000);
    assert!(watch(Some(dir.path()), &writes).tell(&[one]).await.is_empty());
    let headline = std::fs::read_to_string(dir.path().join("headline")).unwrap();
    assert_eq!(headline, format!("$(touch {place}/x) `id`; '\"·red·<U+202E>LD_PRELOAD=x"));
    assert_eq!(std::fs::metadata(dir.path().join("text")).unwrap().len(), 1_000_000);
    assert!(!dir.path().join("x").exists());
}

#[tokio::test]
async fn a_command_that_reads_nothing_and_says_much_is_no_trouble() {
    let dir = tempfile::tempdir().unwrap();
    let loud = words("yes | head -c 1000000; exec 0<&-; exit 0");
    let mut one = now(Failed, 1);
    one.text = "x".repeat(1_000_000);
    assert!(watch(Some(dir.path()), &loud).tell(&[one]).await.is_empty());
}

#[tokio::test]
async fn a_state_that_cannot_be_kept_is_said_and_the_change_is_told_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let adds = adds(dir.path());
    // no home
    assert_eq!(watch(None, &adds).tell(&[now(Good, 1), now(Failed, 1)]).await.len(), 1);
    assert_eq!(told(dir.path()), "none failed\n");
    // something else in its place
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert_eq!(watch(Some(&file), &adds).tell(&[now(Failed, 1)]).await.len(), 1);
    assert_eq!(told(dir.path()), "none failed\nnone failed\n");
    // a file that cannot be read is said once, and is a file again afterwards
    assert!(watch(Some(dir.path()), &adds).tell(&[now(Failed, 1)]).await.is_empty());
    let folder = dir.path().join("on-change");
    let kept = |end: &str| {
        std::fs::read_dir(&folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .find(|p| p.extension().is_some_and(|e| e == end))
            .unwrap()
    };
    std::fs::write(kept("json"), "{").unwrap();
    let trouble = watch(Some(dir.path()), &adds).tell(&[now(Failed, 2)]).await;
    assert!(trouble.len() == 1 && trouble[0].en.contains("cannot read"), "{trouble:?}");
    assert!(watch(Some(dir.path()), &adds).tell(&[now(Failed, 3)]).await.is_empty());
    assert_eq!(told(dir.path()).lines().count(), 4);
    for path in [kept("json"), kept("lock")] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o7777, 0o600);
    }
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o7777, 0o700);
}
