//! What the tests start from: servers, answers that were captured from the built-in ones, a screen as text.
use opsdeck::config::model::{Containers, EnvKey, Environment, Paths, Role, Share, Thresholds};
use opsdeck::core::console::{Answer, Key, Model, Msg, Outcome, RunId, update};
use opsdeck::core::state::State;
use opsdeck::core::units::EpochMs;
use opsdeck::core::verdict::{Check, Verdict};
use opsdeck::i18n::{Lang, Text};
use opsdeck::tui::ink::Ink;
use opsdeck::tui::view::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

/// When the answers were taken.
pub(crate) const TAKEN: EpochMs = EpochMs(1_769_900_000_000);
pub(crate) const COLOUR: Ink = Ink { colour: true };

pub(crate) fn servers() -> Vec<Environment> {
    let server = |key: &str, name: &str, role| Environment {
        key: EnvKey(key.into()),
        name: name.into(),
        role,
        host: format!("demo-{key}"),
        port: None,
        user: None,
        identity_file: None,
        jump: None,
        host_key: None,
        read_only: false,
        share: Share {
            host: "192.0.2.72".into(),
            aliases: Vec::new(),
            name: "backup".into(),
            port: 445,
            domain: None,
            user: None,
            options: String::new(),
            persist: true,
            windows_path: None,
            secret: None,
        },
        paths: Paths::default(),
        containers: Containers::default(),
        thresholds: Thresholds::default(),
    };
    vec![
        server("prod", "正式", Role::Prod),
        server("test", "测试", Role::Test),
        server("dr", "灾备", Role::Other("dr".into())),
    ]
}

pub(crate) fn model(lang: Lang) -> Model {
    Model::new(&servers(), None, lang)
}

fn text(value: &Value) -> Text {
    let said = |lang: &str| value[lang].as_str().unwrap().to_owned();
    Text { zh: said("zh"), en: said("en") }
}

fn check(value: &Value) -> Check {
    let state = match value["state"].as_str().unwrap() {
        "ok" => State::Ok,
        "warning" => State::Warning,
        "failed" => State::Failed,
        "unknown" => State::Unknown,
        other => panic!("{other}"),
    };
    Check {
        id: value["id"].as_str().unwrap().to_owned().leak(),
        title: text(&value["title"]),
        state,
        summary: text(&value["summary"]),
        evidence: value["evidence"].as_array().unwrap().iter().map(text).collect(),
        next: Some(&value["next"]).filter(|n| !n.is_null()).map(text),
    }
}

/// A verdict on the built-in prod server, as it was once.
pub(crate) fn verdict(scenario: &str) -> Verdict {
    let path = format!("{}/tests/console/verdicts/{scenario}.json", env!("CARGO_MANIFEST_DIR"));
    let value: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let checks: Vec<Check> = value["checks"].as_array().unwrap().iter().map(check).collect();
    let env = &servers()[0];
    Verdict {
        env: env.key.clone(),
        name: env.name.clone(),
        role: env.role.clone(),
        host: env.host.clone(),
        state: State::of_all(checks.iter().map(|c| c.state)),
        headline: text(&value["headline"]),
        taken: TAKEN,
        took_ms: 1234,
        checks,
        derived: None,
    }
}

/// The verdict of a look that got no answer.
pub(crate) fn unreachable(taken: EpochMs) -> Verdict {
    use opsdeck::remote::{LinkError, LinkErrorKind};
    let said = "ssh: connect to host demo-prod port 22: Connection refused";
    let error = LinkError::new(LinkErrorKind::Refused, said);
    let detail = Text::same(error.detail.as_str());
    opsdeck::core::verdict::unreachable(&servers()[0], error.summary(), error.hint(), detail, taken, 20)
}

pub(crate) fn answered(scenario: &str) -> Outcome {
    Outcome::Answered(Answer { verdict: verdict(scenario), link: None })
}

pub(crate) fn press(model: &mut Model, key: Key, now: EpochMs) {
    update(model, Msg::Key(key), now);
}

/// Gives an answer to the question that was asked last.
pub(crate) fn answer(model: &mut Model, outcome: Outcome, now: EpochMs) {
    let msg = Msg::Looked { run: RunId(model.last_run.0), outcome: Box::new(outcome) };
    update(model, msg, now);
}

/// The first environment, open, and answered so.
pub(crate) fn open(lang: Lang, outcome: Outcome) -> Model {
    let mut model = model(lang);
    press(&mut model, Key::char('1'), TAKEN);
    answer(&mut model, outcome, TAKEN);
    model
}

pub(crate) fn draw(model: &Model, now: EpochMs, ink: Ink, size: (u16, u16)) -> Buffer {
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buf = Buffer::empty(area);
    view(model, now, ink, area, &mut buf);
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
