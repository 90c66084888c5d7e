//! Where one look cannot tell whether a backup moves, `opsdeck diagnose` takes exactly one more, and says what it came to.
use super::*;
use jiff::civil::Date;
use opsdeck::cli::diagnose::explain;
use opsdeck::core::diagnose::Certainty;
use opsdeck::core::diagnose::render::{Style, text};
use opsdeck::i18n::Lang;
use opsdeck::remote::scripted::{Canned, ScriptedHost};
use opsdeck::remote::{Answer, Ask, Host, LinkError, LinkErrorKind, Reply, Stream};
use std::time::Duration;

/// A host whose answers were given before, under the mark that it is asked with.
struct Server(ScriptedHost);

impl Server {
    fn asked(&self) -> Vec<&'static str> {
        self.0.asked().iter().map(|a| a.name).collect()
    }
}

impl Host for Server {
    fn run<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Answer, LinkError>> {
        Box::pin(async move {
            let mark = ask.script.lines().find_map(|l| l.strip_prefix("mark=")).unwrap();
            let mark = format!("@@{} ", mark.trim_matches('\''));
            let mut answer = self.0.run(ask).await?;
            let said = String::from_utf8_lossy(&answer.stdout.bytes);
            answer.stdout.bytes = said.replace(&format!("@@{} ", asking::MARK), &mark).into_bytes();
            Ok(answer)
        })
    }
    fn stream<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Box<dyn Stream>, LinkError>> {
        self.0.stream(ask)
    }
    fn check(&self) -> Reply<'_, Result<(), LinkError>> {
        self.0.check()
    }
    fn root(&self) -> &str {
        self.0.root()
    }
    fn close(&self) -> Reply<'_, ()> {
        self.0.close()
    }
}

/// A server with a backup at work: what it answered, and a minute later.
struct Running {
    env: Environment,
    root: &'static str,
    said: [String; 2],
}

fn running() -> &'static Running {
    static RUNNING: OnceLock<Running> = OnceLock::new();
    RUNNING.get_or_init(|| {
        // the program asks for the time itself
        let now = opsdeck::clock::now();
        let demo = asking::box_at("backup-running", now.plus_ms(-90_000));
        let sandbox = asking::sandbox(&demo, "prod");
        let root = sandbox.root.to_str().unwrap().to_owned().leak();
        let said = [-60_000, 0].map(|ms| asking::raw(&demo, "prod", &sandbox.clone().at(now.plus_ms(ms))));
        Running { env: asking::environment(&demo, "prod"), root, said }
    })
}

/// What comes of a first look of three seconds, and then of this one, if there is another.
async fn after(second: Canned, date: Option<Date>) -> (Diagnosis, Vec<&'static str>) {
    let Running { env, root, said } = running();
    let first = Canned::prints(&said[0]).after(Duration::from_secs(3));
    let server = Server(ScriptedHost::new().rooted(root).on("look", first).on("look", second));
    let began = opsdeck::clock::timer();
    let d = explain(&server, env, date).await;
    let (asked, took) = (server.asked(), opsdeck::clock::timer().duration_since(began));
    // a backup writes its step anew every 15 s
    let between = took.saturating_sub(Duration::from_millis(d.took_ms));
    assert!(asked.len() == 1 || between >= Duration::from_secs(15), "{took:?}");
    (d, asked)
}

fn said(d: &Diagnosis) -> String {
    text(d, Style { lang: Lang::En, colour: false })
}

#[tokio::test(start_paused = true)]
async fn a_backup_that_grew_by_the_second_look_is_alive_for_sure() {
    let second = Canned::prints(&running().said[1]).after(Duration::from_secs(4));
    let (d, asked) = after(second, None).await;
    assert_eq!(asked, ["look", "look"]);
    assert_eq!((roots(&d), d.findings[0].certainty), (vec!["running"], Certainty::Proved));
    let grew = d.findings[0].evidence.iter().any(|e| e.says.en.contains("between two looks its pack grew"));
    assert!(grew, "{:?}", d.findings[0].evidence);
    assert!(d.compared.is_some() && said(&d).contains("two looks"), "{}", said(&d));
    assert!(d.unchecked.is_empty(), "{:?}", d.unchecked);
    assert_eq!(d.took_ms, 7000, "one of the looks was not counted");
}

#[tokio::test(start_paused = true)]
async fn a_backup_that_is_as_it_was_is_not_called_alive() {
    let (d, asked) = after(Canned::prints(&running().said[0]), None).await;
    assert_eq!(asked, ["look", "look"]);
    let found = d.findings.iter().find(|f| f.cause == "running").unwrap();
    assert!(found.certainty < Certainty::Proved && found.would_prove.is_some());
    let still = found.against.iter().any(|e| e.says.en.contains("neither step nor pack changed"));
    assert!(still && d.compared.is_some(), "{:?}", found.against);
    assert!(said(&d).contains("two looks"), "{}", said(&d));
}

#[tokio::test(start_paused = true)]
async fn a_second_look_that_failed_leaves_the_first_one_and_says_so() {
    let link = |kind| LinkError::new(kind, "reset");
    let half = &running().said[1][..running().said[1].len() / 2];
    for (name, second) in [
        ("refused", Canned::fails(link(LinkErrorKind::Refused))),
        ("lost on the way", Canned::unknown(link(LinkErrorKind::Lost)).stdout(half)),
        ("could not begin", Canned::exits(70).stderr("mktemp: No space left on device")),
        ("said nothing", Canned::prints("")),
    ] {
        let (d, asked) = after(second, None).await;
        assert_eq!(asked, ["look", "look"], "{name}");
        let found = d.findings.iter().find(|f| f.cause == "running").unwrap();
        assert_eq!((found.certainty, d.compared), (Certainty::Likely, None), "{name}");
        let open: Vec<_> = d.unchecked.iter().filter(|u| u.what.en.contains("second look")).collect();
        assert!(
            open.len() == 1 && !open[0].why.zh.is_empty() && !open[0].hint.zh.is_empty(),
            "{name}: {open:?}"
        );
        assert_eq!(d.state, State::Unknown, "{name}");
        assert!(said(&d).contains("the second look, which was to show"), "{name}: {}", said(&d));
        assert!(d.took_ms >= 3000, "{name}: {}", d.took_ms);
    }
}

#[tokio::test(start_paused = true)]
async fn a_night_that_was_named_and_a_server_without_a_backup_at_work_are_looked_at_once() {
    let again = || Canned::prints(&running().said[1]);
    let today = jiff::Timestamp::from_millisecond(opsdeck::clock::now().0).unwrap();
    let today = today.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).date();
    let (d, asked) = after(again(), Some(today)).await;
    assert_eq!((asked, d.compared), (vec!["look"], None));
    let demo = asking::box_at("healthy", opsdeck::clock::now());
    let sandbox = asking::sandbox(&demo, "prod");
    let root = sandbox.root.to_str().unwrap().to_owned().leak();
    let first = Canned::prints(asking::raw(&demo, "prod", &sandbox));
    let server = Server(ScriptedHost::new().rooted(root).on("look", first).on("look", again()));
    let d = explain(&server, &asking::environment(&demo, "prod"), None).await;
    assert_eq!((server.asked(), d.state), (vec!["look"], State::Ok), "{}", d.headline.en);
}
