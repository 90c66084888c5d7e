//! The runbook on the screen: found by typing, read page by page, left step by step.
use crate::fake::Console;
use crate::given::{self, *};
use crate::servers::{Server, same};
use opsdeck::core::console::deed::Line;
use opsdeck::core::console::explain::lines as page_lines;
use opsdeck::core::console::runbook::env;
use opsdeck::core::console::{Code, Effect, Key, Model, Msg, Overlay, update};
use opsdeck::core::diagnose::{render, runbook, runbooks};
use opsdeck::i18n::Lang;
use std::time::Duration;

/// The page of a cause, over a screen, by its keys.
pub(crate) fn page(mut model: Model, cause: &str) -> Model {
    for code in [Code::F(1), Code::Enter] {
        press(&mut model, Key::of(code), TAKEN);
    }
    for c in cause.chars() {
        press(&mut model, Key::char(c), TAKEN);
    }
    press(&mut model, Key::of(Code::Enter), TAKEN);
    model
}

/// A text without blanks and borders.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '|').collect()
}

#[test]
fn every_page_can_be_read_to_its_end_in_the_smallest_window() {
    for lang in [Lang::Zh, Lang::En] {
        for (id, book) in runbooks() {
            let mut model = page(open(lang, "healthy"), id);
            let (mut seen, mut pages) = (String::new(), 0);
            loop {
                let drawn = screen(&model, LATER, (80, 24));
                assert!(drawn.contains(book.title.get(lang)) && drawn.contains(id), "{id}:\n{drawn}");
                let inner = drawn.lines().filter(|l| l.starts_with('|') && !l.contains("PgDn"));
                let inner: Vec<&str> = inner.collect();
                // the first row is the id
                let now = bare(&inner[1..].join("\n"));
                if seen.starts_with(&now) && pages > 0 {
                    break;
                }
                seen.push_str(&now);
                pages += 1;
                press(&mut model, Key::of(Code::PageDown), TAKEN);
                if !drawn.contains("PgDn") {
                    break;
                }
            }
            assert!(pages <= 2, "{id} {lang:?}: {pages} pages");
            for line in page_lines(id, &env(&model)).unwrap() {
                let Line::Part(label, says) = line else { panic!("{id}: {line:?}") };
                // a label stands before its words
                let whole = bare(&format!("{}{}", label.get(lang), says.get(lang)));
                assert!(seen.contains(&whole), "{id} {lang:?}: {whole}\nin\n{seen}");
            }
        }
    }
}

#[test]
fn the_page_of_the_command_says_the_same() {
    for (id, book) in runbooks() {
        for lang in [Lang::Zh, Lang::En] {
            let model = page(open(lang, "healthy"), id);
            let text = bare(&render::book(id, &book, &env(&model), lang));
            for line in page_lines(id, &env(&model)).unwrap() {
                let Line::Part(label, says) = line else { panic!("{line:?}") };
                assert!(text.contains(&bare(&format!("{}{}", label.get(lang), says.get(lang)))), "{id}");
            }
        }
    }
}

#[test]
fn a_word_that_is_pasted_finds_and_a_click_chooses() {
    let mut model = open(Lang::Zh, "healthy");
    for code in [Code::F(1), Code::Enter] {
        press(&mut model, Key::of(code), TAKEN);
    }
    update(&mut model, Msg::Pasted("ghost-job\nq".into()), TAKEN);
    let drawn = screen(&model, LATER, (80, 24));
    assert!(drawn.contains("> ghost-job") && drawn.contains("幽灵任务占着位置"), "{drawn}");
    assert!(!drawn.contains("看的不是那台服务器"), "{drawn}");
    assert_eq!(runbook("ghost-job").unwrap().title.zh, "幽灵任务占着位置");
}

#[test]
fn what_a_page_says_to_press_opens_its_box_and_does_nothing_else() {
    let mut model = page(open(Lang::Zh, "not-mounted"), "not-mounted");
    let effects = update(&mut model, Msg::Key(Key::char('M')), TAKEN);
    assert!(matches!(effects.as_slice(), [Effect::Preview { .. }]), "{effects:?}");
    assert!(matches!(model.overlay, Some(Overlay::Deed(_))), "no box");
    // where no environment is open there is no server to do it to
    let mut model = page(given::model(Lang::Zh), "not-mounted");
    assert_eq!(update(&mut model, Msg::Key(Key::char('M')), TAKEN), []);
    assert!(screen(&model, TAKEN, (80, 24)).contains("Windows 共享没有挂载"));
}

#[tokio::test(start_paused = true)]
async fn from_anywhere_to_the_page_of_a_cause_and_back_one_step_at_a_time() {
    let host = Server::of("healthy", PROD, 0);
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("刚刚，用时").await;
    console.code(Code::F(8)).await;
    console.is_at("日志").await;
    console.press(Key::char('?')).await;
    console.is_at("日志  > 帮助").await;
    console.code(Code::Enter).await;
    console.is_at("日志  > 故障手册").await;
    // letters are letters here, an input method's, too
    console.letters("卡在").await;
    console.sees("> 卡在").await;
    console.sees("任务卡在取消中").await;
    console.code(Code::Enter).await;
    console.sees("是什么").await;
    console.code(Code::Esc).await;
    console.gone("是什么").await;
    console.sees("> 卡在").await;
    console.code(Code::Esc).await;
    console.is_at("日志  > 帮助").await;
    console.code(Code::Esc).await;
    console.is_at("日志").await;
    // by its name, and then Esc comes back to the screen
    console.code(Code::F(10)).await;
    console.letters("gzsc").await;
    console.sees("> gzsc").await;
    console.code(Code::Enter).await;
    console.is_at("日志  > 故障手册").await;
    for _ in 0..3 {
        console.code(Code::Down).await;
    }
    console.code(Code::Enter).await;
    console.sees("operation-cut-off").await;
    console.letters("q").await;
    console.sees("打字筛选").await;
    console.code(Code::Esc).await;
    console.is_at("日志").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(host.script().count("look"), 1, "reading asks nothing");
    console.quit().await;
}
