//! Every screen and every state of it that there is a golden of. A new screen comes in with a line here.
use crate::asked::{WATCHED_AGAIN_MS, all_answered};
use crate::given::*;
use opsdeck::core::console::activity::{self, Entry};
use opsdeck::core::console::glyphs::Glyphs;
use opsdeck::core::console::theme::Theme;
use opsdeck::core::console::{Code, Key, Model, Msg, Outcome, Tab, update};
use opsdeck::core::units::EpochMs;
use opsdeck::i18n::Lang;

/// The sizes of an operator's window: the smallest, and one that is wide enough for two environments.
pub(crate) const SIZES: [(u16, u16); 2] = [(80, 24), (160, 45)];

/// A screen in some state.
pub(crate) struct Case {
    /// Screen and scenario, or what is shown.
    pub(crate) name: String,
    /// When it is drawn.
    pub(crate) now: EpochMs,
    /// What is shown of servers is the answer of a moment ago.
    pub(crate) fresh: bool,
    pub(crate) sizes: [(u16, u16); 2],
    make: Box<dyn Fn(Lang) -> Model + Send + Sync>,
}

impl Case {
    pub(crate) fn new(
        name: impl Into<String>,
        now: EpochMs,
        make: impl Fn(Lang) -> Model + Send + Sync + 'static,
    ) -> Case {
        Case { name: name.into(), now, fresh: false, sizes: SIZES, make: Box::new(make) }
    }

    pub(crate) fn fresh(self) -> Case {
        Case { fresh: true, ..self }
    }

    pub(crate) fn model(&self, lang: Lang) -> Model {
        (self.make)(lang)
    }
}

/// A screen's word in names of files.
pub(crate) fn word(tab: Tab) -> String {
    tab.title().en.to_lowercase()
}

/// Every screen in every scenario, then the states of the console.
pub(crate) fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for (scenario, _) in all_answered() {
        for tab in [Tab::Overview, Tab::Mount, Tab::Jobs, Tab::Packs] {
            let name = format!("{}--{scenario}", word(tab));
            all.push(Case::new(name, LATER, move |l| open_at(l, scenario, tab)).fresh());
        }
    }
    all.extend(lists());
    all.extend(freshness());
    all.extend(boxes());
    all.extend(looks());
    all.extend(streams());
    all.extend(crate::deeds::cases());
    all.extend(crate::walk::cases());
    all
}

const fn at(seconds: i64) -> EpochMs {
    EpochMs(TAKEN.0 + seconds * 1000)
}

/// The list of environments, and windows that are too small for anything.
fn lists() -> Vec<Case> {
    vec![
        Case::new("picker", TAKEN, model),
        Case::new("picker-demo", TAKEN, |l| Model::new(&servers(), Some("healthy"), l)),
        Case::new("picker-found", TAKEN, |l| after(model(l), &[], "测")),
        Case::new("picker-nothing-found", TAKEN, |l| after(model(l), &[], "abc")),
        Case::new("picker-used-last", TAKEN, |l| after(open(l, "healthy"), &[Code::F(3)], "")),
        Case::new("foreign-letters", LATER, |l| after(open(l, "healthy"), &[], "你")).fresh(),
        Case {
            sizes: [(79, 45), (60, 20)],
            ..Case::new("too-small", LATER, |l| open(l, "not-mounted")).fresh()
        },
    ]
}

/// How far what is shown can be relied on.
fn freshness() -> Vec<Case> {
    let mut all = vec![
        Case::new("asking-first", at(3), asking_first),
        Case::new("unreachable", at(1), unreachable),
        Case::new("unreachable-for-good", at(1), unreachable_for_good),
    ];
    for scenario in ["healthy", "not-mounted"] {
        let named = |what: &str| format!("{what}--{scenario}");
        all.push(Case::new(named("asking-again"), at(14), move |l| asking_again(l, scenario)));
        all.push(Case::new(named("lost"), at(125), move |l| lost(l, scenario)));
        all.push(Case::new(named("stale"), at(9 * 3600), move |l| open(l, scenario)));
        for tab in [Tab::Mount, Tab::Jobs, Tab::Packs] {
            let name = format!("lost-{}", word(tab));
            let digit = tab.index() + 1;
            let make = move |l| after(lost(l, scenario), &[], &digit.to_string());
            all.push(Case::new(named(&name), at(125), make));
        }
    }
    all
}

/// What lies over a screen, and what is typed.
fn boxes() -> Vec<Case> {
    let over = |name: &str, tab: Tab, codes: &'static [Code], typed: &'static str| {
        Case::new(name, LATER, move |l| after(open_at(l, "not-mounted", tab), codes, typed)).fresh()
    };
    vec![
        over("last-check", Tab::Overview, &[Code::End], ""),
        over("help-overview", Tab::Overview, &[Code::F(1)], ""),
        over("help-packs", Tab::Packs, &[Code::F(1)], ""),
        Case::new("help-picker", TAKEN, |l| after(model(l), &[Code::F(1)], "")),
        over("runbook", Tab::Overview, &[Code::F(1), Code::Enter], ""),
        over("runbook-found", Tab::Jobs, &[Code::F(1), Code::Enter], "幽灵"),
        over("runbook-nothing", Tab::Overview, &[Code::F(1), Code::Enter], "qqqq"),
        Case::new("runbook-page", LATER, |l| crate::runbook::page(open(l, "healthy"), "not-mounted")).fresh(),
        Case::new("runbook-page-picker", TAKEN, |l| crate::runbook::page(model(l), "wrong-server")),
        over("palette", Tab::Overview, &[Code::F(10)], ""),
        over("palette-gz", Tab::Overview, &[Code::F(10)], "gz"),
        over("palette-nothing", Tab::Overview, &[Code::F(10)], "qqqq"),
        over("actions", Tab::Overview, &[Code::F(9)], ""),
        over("actions-chosen", Tab::Mount, &[Code::F(9), Code::End], ""),
        Case::new("actions-lost", at(125), |l| after(lost(l, "healthy"), &[Code::F(9)], "")),
        Case::new("actions-unchecked", at(1), |l| after(unreachable(l), &[Code::F(9)], "")),
        over("leave", Tab::Overview, &[], "\u{3}"),
        Case::new("leave-picker", TAKEN, |l| after(model(l), &[], "q")),
        over("filter-typed", Tab::Overview, &[Code::Char('/')], "挂载"),
        over("filter-in-force", Tab::Overview, &[Code::Char('/'), Code::Char('失'), Code::Enter], ""),
        over("filter-hides-all", Tab::Packs, &[Code::Char('/')], "没有这个"),
    ]
}

/// Other colours, and a terminal that draws lines and blocks one cell wide.
fn looks() -> Vec<Case> {
    let themes = [Theme::Light, Theme::Mono, Theme::HighContrast].into_iter().map(|theme| {
        let make = move |l| Model { theme, ..open(l, "not-mounted") };
        Case::new(format!("theme-{}", theme.key()), LATER, make).fresh()
    });
    let drawn = [Tab::Overview, Tab::Packs].into_iter().map(|tab| {
        let make = move |l| Model { glyphs: Glyphs::Boxes, ..open_at(l, "backup-failed", tab) };
        Case::new(format!("drawn-{}", word(tab)), LATER, make).fresh()
    });
    let over = |l| Model { glyphs: Glyphs::Boxes, ..after(open(l, "healthy"), &[Code::F(10)], "") };
    themes.chain(drawn).chain([Case::new("drawn-palette", LATER, over).fresh()]).collect()
}

/// What comes by itself: progress of jobs, lines of logs; and this console's own log.
fn streams() -> Vec<Case> {
    let soon = EpochMs(TAKEN.0 + WATCHED_AGAIN_MS + 2_000);
    let entries = |l| {
        let mut model = after(open(l, "healthy"), &[], "6");
        model.zone_s = 8 * 3600;
        update(&mut model, Msg::Activity(own_log()), TAKEN);
        model
    };
    let log = |name: &str, keys: &'static str| {
        Case::new(name, LATER, move |l| settled(after(logs(l, "backup-failed"), &[], keys)))
    };
    vec![
        Case::new("live--backup-running", soon, |l| live(l, "backup-running")).fresh(),
        log("logs--backup-failed", "").fresh(),
        log("logs-errors", "e").fresh(),
        log("logs-backup", "c").fresh(),
        log("logs-typed", "/备份").fresh(),
        Case::new("logs-empty", LATER, |l| open_at(l, "healthy", Tab::Logs)).fresh(),
        Case::new("activity", LATER, entries).fresh(),
        Case::new("activity-unread", LATER, |l| after(open(l, "healthy"), &[], "6")).fresh(),
    ]
}

/// A few lines as this console writes them.
fn own_log() -> Vec<Entry> {
    let lines = [
        r#"{"at":"2026-01-31T22:50:01Z","level":"INFO","target":"opsdeck::cli","message":"start","fields":{"version":"0.1.0"}}"#,
        r#"{"at":"2026-01-31T22:53:20Z","level":"INFO","target":"opsdeck::tui::executor","message":"look","fields":{"env":"prod","state":"Ok","took_ms":1234}}"#,
        r#"{"at":"2026-01-31T22:53:25Z","level":"WARN","target":"opsdeck::tui::executor","message":"the link did not close in time","fields":{"env":"test"}}"#,
        "not a line of a log \u{1b}[31m",
    ];
    activity::read(lines.join("\n").as_bytes())
}

/// These keys, and then these letters; `^C` is the key.
pub(crate) fn after(mut model: Model, codes: &[Code], typed: &str) -> Model {
    for code in codes {
        press(&mut model, Key::of(*code), TAKEN);
    }
    for c in typed.chars() {
        let key = match c {
            '\u{3}' => Key::ctrl('c'),
            '\u{17}' => Key::ctrl('w'),
            c => Key::char(c),
        };
        press(&mut model, key, TAKEN);
    }
    model
}

pub(crate) fn asking_first(lang: Lang) -> Model {
    after(model(lang), &[Code::Enter], "")
}

/// No answer yet, and the link is tried again by itself.
pub(crate) fn unreachable(lang: Lang) -> Model {
    let mut model = asking_first(lang);
    answer(&mut model, PROD, refused(TAKEN), TAKEN);
    model
}

/// Only a person can mend it.
fn unreachable_for_good(lang: Lang) -> Model {
    let mut model = asking_first(lang);
    let Outcome::Unreachable { verdict, .. } = refused(TAKEN) else { unreachable!() };
    answer(&mut model, PROD, Outcome::Unreachable { verdict, again_ms: None }, TAKEN);
    model
}

pub(crate) fn asking_again(lang: Lang, scenario: &str) -> Model {
    let mut model = open(lang, scenario);
    press(&mut model, Key::of(Code::F(5)), at(12));
    model
}

/// It answered once, and then the link was lost.
pub(crate) fn lost(lang: Lang, scenario: &str) -> Model {
    let mut model = asking_again(lang, scenario);
    answer(&mut model, PROD, refused(at(124)), at(124));
    hears(&mut model, TEST, at(124));
    model
}
