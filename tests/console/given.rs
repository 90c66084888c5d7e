//! What the tests start from: a console in some state, and its screen.
use crate::asked::{WATCHED_AGAIN_MS, answered, logged, watched};
use opsdeck::config::model::{Config, EnvKey, Environment, Role, SshSettings};
use opsdeck::core::console::theme::Theme;
use opsdeck::core::console::{Key, Model, Msg, Outcome, Tab, update};
use opsdeck::core::probe::watch::Tick;
use opsdeck::core::units::EpochMs;
use opsdeck::core::verdict;
use opsdeck::i18n::{Lang, Text};
use opsdeck::tui::ink::Ink;
use opsdeck::tui::view::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// When the answers were taken: 06:53 in the morning, where the servers are.
pub(crate) const TAKEN: EpochMs = EpochMs(1_769_900_000_000);
/// A moment at which that answer is still new.
pub(crate) const LATER: EpochMs = EpochMs(TAKEN.0 + 12_300);
pub(crate) const COLOUR: Ink = Ink::of(Theme::Dark, true);
/// A terminal without colours.
pub(crate) const PLAIN: Ink = Ink::of(Theme::Dark, false);
/// The servers of a box, in the order of its configuration.
pub(crate) const PROD: usize = 0;
pub(crate) const TEST: usize = 1;

/// The two built-in servers, and one whose role has a name of its own. The built-in ones have the first two places.
pub(crate) fn servers() -> Vec<Environment> {
    let mut all = answered("healthy").environments.clone();
    let mut third = all[TEST].clone();
    third.key = EnvKey("dr".into());
    third.name = "灾备".into();
    third.role = Role::Other("dr".into());
    third.host = "demo-dr".into();
    all.push(third);
    all
}

/// A configuration of these servers, as it would be read.
pub(crate) fn config(servers: &[Environment]) -> Config {
    let ssh = SshSettings { known_hosts: None, config_file: None, connect_timeout_s: 10, keepalive_s: 5 };
    Config { source: "environments.toml".into(), ssh, environments: servers.to_vec() }
}

/// The list of environments.
pub(crate) fn model(lang: Lang) -> Model {
    Model::new(&servers(), None, lang)
}

/// The outcome of a look that got no answer; it is tried again by itself.
pub(crate) fn refused(now: EpochMs) -> Outcome {
    use opsdeck::remote::{LinkError, LinkErrorKind};
    let said = "ssh: connect to host demo-prod port 22: Connection refused";
    let error = LinkError::new(LinkErrorKind::Refused, said);
    let detail = Text::same(error.detail.as_str());
    let env = &servers()[PROD];
    let verdict = verdict::unreachable(env, error.summary(), error.hint(), detail, now, 20);
    Outcome::Unreachable { verdict: Box::new(verdict), again_ms: Some(0) }
}

pub(crate) fn press(model: &mut Model, key: Key, now: EpochMs) {
    update(model, Msg::Key(key), now);
}

/// Answers the question that this server was asked.
pub(crate) fn answer(model: &mut Model, at: usize, outcome: Outcome, now: EpochMs) {
    let run = model.servers[at].asking.expect("nothing was asked").run;
    update(model, Msg::Looked { run, outcome: Box::new(outcome) }, now);
}

/// The stream of this server's jobs says that it is there.
pub(crate) fn hears(model: &mut Model, at: usize, now: EpochMs) {
    let run = model.servers[at].watch.run.expect("the jobs are not watched");
    update(model, Msg::Watched { run, ticks: vec![(now, Tick::Beat(now))] }, now);
}

/// The production server, open, with its answer to this scenario; the test server's is known, too.
pub(crate) fn open(lang: Lang, scenario: &str) -> Model {
    let answered = answered(scenario);
    let mut model = Model::new(&answered.environments, None, lang);
    press(&mut model, Key::char('1'), TAKEN);
    answer(&mut model, PROD, answered.outcome(PROD), TAKEN);
    press(&mut model, Key::char('o'), TAKEN);
    answer(&mut model, TEST, answered.outcome(TEST), TAKEN);
    press(&mut model, Key::char('o'), TAKEN);
    model
}

/// The same, on another screen.
pub(crate) fn open_at(lang: Lang, scenario: &str, tab: Tab) -> Model {
    let mut model = open(lang, scenario);
    let digit = char::from_digit(u32::try_from(tab.index()).unwrap() + 1, 10).unwrap();
    press(&mut model, Key::char(digit), TAKEN);
    model
}

/// The jobs of the production server, watched for a while.
pub(crate) fn live(lang: Lang, scenario: &str) -> Model {
    let mut model = open_at(lang, scenario, Tab::Jobs);
    for (n, ticks) in (0..).zip(watched(scenario)) {
        let run = model.servers[PROD].watch.run.expect("the jobs are not watched");
        let now = TAKEN.plus_ms(n * WATCHED_AGAIN_MS);
        let ticks = ticks.into_iter().map(|tick| (now, tick)).collect();
        update(&mut model, Msg::Watched { run, ticks }, now);
        // a job that began or ended asks for a look, and this one did neither
        assert!(model.servers[PROD].asking.is_none(), "{scenario}: looked at");
    }
    model
}

/// The backend's log of the production server.
pub(crate) fn logs(lang: Lang, scenario: &str) -> Model {
    let mut model = open_at(lang, scenario, Tab::Logs);
    let run = model.servers[PROD].logs.run.expect("the log is not followed");
    update(&mut model, Msg::Tailed { run, pieces: logged(scenario) }, TAKEN);
    settled(model)
}

/// Whatever the console put off for the keys is done.
pub(crate) fn settled(mut model: Model) -> Model {
    while model.servers[PROD].logs.has_work() {
        update(&mut model, Msg::Tick, TAKEN);
    }
    model
}

pub(crate) fn draw(model: &Model, now: EpochMs, ink: Ink, size: (u16, u16)) -> Buffer {
    let mut model = model.clone();
    update(&mut model, Msg::Resized(size.0, size.1), now);
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buf = Buffer::empty(area);
    view(&model, now, ink, area, &mut buf);
    buf
}

/// The screen as lines. A wide character covers two cells and is one character here.
pub(crate) fn lines(buf: &Buffer) -> Vec<String> {
    let row = |y: u16| {
        let (mut line, mut x) = (String::new(), 0);
        while x < buf.area.width {
            let symbol = buf[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(symbol.width().max(1)).unwrap();
        }
        line.trim_end().to_owned()
    };
    (0..buf.area.height).map(row).collect()
}

pub(crate) fn screen(model: &Model, now: EpochMs, size: (u16, u16)) -> String {
    lines(&draw(model, now, COLOUR, size)).join("\n")
}
