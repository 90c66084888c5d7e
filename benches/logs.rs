//! What following a log costs: a frame, a million lines taken in, filtered and searched. Everything beside something
//! that is known, measured in the same run. Prints; asserts nothing.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use opsdeck::clock;
use opsdeck::core::console::theme::Theme;
use opsdeck::core::log::buffer::{Buffer, CAP};
use opsdeck::core::log::filter::{Filter, Subject};
use opsdeck::core::log::layout::Page;
use opsdeck::core::log::pattern::Pattern;
use opsdeck::core::log::view::{Aim, LogView, SLICE, Work};
use opsdeck::core::log::{Source, line};
use opsdeck::i18n::Lang;
use opsdeck::tui::ink::Ink;
use opsdeck::tui::view::{LogPage, log_page};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

const FRAMES: usize = 3000;
const MILLION: usize = 1_000_000;
/// Lines that come at once, as the reader hands them on.
const BATCH: usize = 1000;
const AREA: Rect = Rect::new(0, 0, 200, 60);

fn main() {
    // `cargo test --benches` only builds this
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    println!("{:<46} {:>11} {:>11}  {:<34} {:>7}  target", "what", "p50", "p99", "beside", "ratio");
    // memory first, while nothing else has taken any
    taking_in();
    frames();
    looking();
    worst();
}

/// A line of a backend, about a hundred and fifty bytes.
fn raw(n: usize) -> String {
    let (s, us) = (n / 1000, n % 1000);
    let level = if n.is_multiple_of(997) { "ERROR" } else { "INFO" };
    let what = if n.is_multiple_of(5000) {
        "备份 volume: ragflow_compose_esdata01（写入中）"
    } else {
        "request handled"
    };
    format!(
        "2026-01-31T{:02}:{:02}:{:02}.{us:03}000000Z 2026-01-31 12:00:00,{us:03} - backend.app.core.http - {level} - {what} id={n:08} client=10.0.0.{} took=0.{us:03}s path=/api/documents/{}",
        s / 3600 % 24,
        s / 60 % 60,
        s % 60,
        n % 250,
        n * 7919 % 100_003,
    )
}

fn filled(lines: usize, cap: usize) -> Buffer {
    let mut buffer = Buffer::new(cap);
    (0..lines).for_each(|n| buffer.push(&line::docker(raw(n).as_bytes(), 0)));
    buffer
}

fn taking_in() {
    let texts: Vec<Vec<u8>> = (0..BATCH).map(|n| raw(n).into_bytes()).collect();
    let average = texts.iter().map(Vec::len).sum::<usize>() / BATCH;
    let before = resident();
    let mut buffer = Buffer::new(CAP);
    let mut view = LogView::default();
    view.set_filter(&buffer, Filter { subject: Some(Subject::Errors), ..Filter::default() });
    let mut slices = Vec::new();
    let began = clock::tick();
    for _ in 0..MILLION / BATCH {
        // one wake-up of the console: a batch is taken in, then a slice of the work
        let woke = clock::tick();
        texts.iter().for_each(|text| buffer.push(&line::docker(text, 0)));
        slices.push(clock::tick().duration_since(woke));
        loop {
            let woke = clock::tick();
            let work = view.advance(&buffer, SLICE);
            slices.push(clock::tick().duration_since(woke));
            if work == Work::Done {
                break;
            }
        }
    }
    let took = clock::tick().duration_since(began);
    let grown = resident().saturating_sub(before);
    let whole = MILLION * average / 1024;
    println!(
        "{:<46} {:>11} {:>11}  {:<34} {:>6.2}x  <= 131072 KiB",
        format!("1 M lines of {average} bytes: resident memory"),
        "",
        format!("{grown} KiB"),
        format!("all of the text: {whole} KiB"),
        grown as f64 / whole as f64
    );
    let rate = MILLION as f64 / took.as_secs_f64();
    let copy = timed(|| {
        let all: Vec<String> = (0..MILLION / BATCH)
            .flat_map(|_| texts.iter().map(|t| String::from_utf8_lossy(t).into_owned()))
            .collect();
        std::hint::black_box(all);
    });
    println!(
        "{:<46} {:>11} {:>11}  {:<34} {:>6.2}x  10 k lines/s trivial",
        "  parsed, judged, kept, filtered",
        "",
        format!("{:.0} k/s", rate / 1000.0),
        format!("bare copies: {:.0} k/s", MILLION as f64 / copy.as_secs_f64() / 1000.0),
        took.as_secs_f64() / copy.as_secs_f64()
    );
    row("  longest a key waits (one wake-up)", &mut slices, "", None, "p99 <= 50 ms");
    println!(
        "{:<46} kept {} lines, dropped {}, {} KiB",
        "",
        buffer.len(),
        buffer.dropped(),
        buffer.bytes() / 1024
    );
}

fn frames() {
    let buffer = filled(100_000, CAP);
    let source = Source::Container("ragflowauth-backend".into());
    let mut terminal = Terminal::new(TestBackend::new(AREA.width, AREA.height)).unwrap();
    let mut empty: Vec<Duration> = (0..FRAMES)
        .map(|_| {
            timed(|| {
                terminal.draw(|_| {}).unwrap();
            })
        })
        .collect();
    let beside = quantile(&mut empty, 0.99);
    for (name, wrap, search) in
        [("scrolling", false, None), ("scrolling, wrapped, with a search", true, Some("id=\\d+"))]
    {
        let mut view = LogView::default();
        view.resize(Page::of(AREA.width, AREA.height));
        view.set_search(&buffer, search.map(|s| Pattern::regex(s).unwrap()));
        if wrap {
            view.toggle_wrap();
        }
        while view.advance(&buffer, SLICE) == Work::More {}
        let mut took: Vec<Duration> = (0..FRAMES)
            .map(|n| {
                match n % 100 {
                    0..60 => view.step(&buffer, -3),
                    60..90 => view.turn_page(&buffer, n % 7 < 3),
                    90..99 => view.jump(&buffer, Aim::Error, true),
                    _ => view.follow(),
                }
                let page = LogPage {
                    source: &source,
                    view: &view,
                    buffer: &buffer,
                    link: None,
                    start: None,
                    zone_s: Some(28_800),
                };
                timed(|| {
                    let ink = Ink::of(Theme::Dark, true);
                    terminal.draw(|f| log_page(page, ink, Lang::Zh, f.area(), f.buffer_mut())).unwrap();
                })
            })
            .collect();
        let name = format!("frame 200x60 of 100 k lines, {name}");
        row(&name, &mut took, "an empty frame", Some(beside), "p99 <= 2 ms");
    }
    let mut naive: Vec<Duration> = (0..5)
        .map(|_| {
            timed(|| {
                drop(std::hint::black_box(
                    buffer.range(0, u64::MAX).filter_map(|l| l.text().map(str::to_owned)).collect::<Vec<_>>(),
                ))
            })
        })
        .collect();
    row("  (copying all 100 k lines, as a list would)", &mut naive, "", None, "");
}

fn looking() {
    let buffer = filled(MILLION, 1 << 30);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for line in buffer.range(0, u64::MAX) {
        writeln!(file, "{}", line.text().unwrap()).unwrap();
    }
    file.flush().unwrap();
    println!("{:<46} {} lines, {} KiB", "1 M lines, the cap raised:", buffer.len(), buffer.bytes() / 1024);
    for (name, pattern, grep) in [
        ("search, a word", "esdata01", "-ci"),
        ("search, not there", "no such thing", "-ci"),
        ("filter, a regular expression", "client=10\\.0\\.0\\.\\d+ took=0\\.00\\d", "-ciP"),
        ("filter, all lines match", "handled id=[0-9]+", "-ciE"),
        ("filter, slow on purpose", "(\\w+ ){9,20}(\\S+=){3}zzz", "-ciE"),
        ("filter, as slow as the bounds let it be", "[a-z].{20,60}[^a-z0-9=].{20}[x-z][xyz]\\d[xyz]", "-ciE"),
    ] {
        let mut slices = Vec::new();
        let mut view = LogView::default();
        let pattern_ = Pattern::regex(pattern).unwrap();
        match name.starts_with("search") {
            true => view.set_search(&buffer, Some(pattern_)),
            false => view.set_filter(&buffer, Filter { with: Some(pattern_), ..Filter::default() }),
        }
        let took = timed(|| {
            loop {
                let mut work = Work::Done;
                slices.push(timed(|| work = view.advance(&buffer, SLICE)));
                if work == Work::Done {
                    break;
                }
            }
        });
        let count =
            if name.starts_with("search") { view.count(Aim::Hit) as u64 } else { view.shown(&buffer).len() };
        let (theirs, found) = grep_for(grep, pattern, file.path());
        println!(
            "{:<46} {:>11} {:>11}  {:<34} {:>6.2}x  found {count}, grep {found}",
            name,
            "",
            ms(took),
            format!("grep {grep}: {}", ms(theirs)),
            took.as_secs_f64() / theirs.as_secs_f64()
        );
        row("  longest a key waits (one slice)", &mut slices, "", None, "p99 <= 50 ms");
    }
}

/// Text and pattern made for each other to defeat what makes patterns quick.
fn worst() {
    let mut buffer = Buffer::default();
    let mut bits = 1_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..150 {
            // a xorshift: no two lines alike, and the same ones each time
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            text.push(if bits.is_multiple_of(2) { 'a' } else { 'b' });
        }
        buffer.push(&line::docker(text.as_bytes(), 0));
    }
    for pattern in ["a[ab]{60}[^ab]", "(a[ab]{9,30}){3}[^ab]"] {
        let mut view = LogView::default();
        view.set_filter(&buffer, Filter { with: Pattern::regex(pattern).ok(), ..Filter::default() });
        let mut slices = Vec::new();
        let mut work = Work::More;
        let took = timed(|| {
            while work == Work::More {
                slices.push(timed(|| work = view.advance(&buffer, SLICE)));
            }
        });
        row(&format!("made to be slow: {pattern}, {}", ms(took)), &mut slices, "", None, "p99 <= 50 ms");
    }
}

/// The time of the second of two runs: the file is in memory then.
fn grep_for(flags: &str, pattern: &str, file: &std::path::Path) -> (Duration, String) {
    let run = || {
        let began = clock::tick();
        let out =
            Command::new("grep").args([flags, pattern]).arg(file).stderr(Stdio::inherit()).output().unwrap();
        (clock::tick().duration_since(began), String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    run();
    run()
}

fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = clock::tick();
    work();
    clock::tick().duration_since(began)
}

fn row(name: &str, took: &mut [Duration], beside: &str, theirs: Option<Duration>, target: &str) {
    let (half, most) = (quantile(took, 0.5), quantile(took, 0.99));
    let beside = theirs.map(|t| format!("{beside}: {}", ms(t))).unwrap_or_default();
    let ratio = theirs.map(|t| format!("{:.2}x", most.as_secs_f64() / t.as_secs_f64())).unwrap_or_default();
    println!("{name:<46} {:>11} {:>11}  {beside:<34} {ratio:>7}  {target}", ms(half), ms(most));
}

fn quantile(took: &mut [Duration], of: f64) -> Duration {
    took.sort_unstable();
    let at = ((took.len() as f64 - 1.0) * of).round() as usize;
    took.get(at).copied().unwrap_or_default()
}

fn ms(took: Duration) -> String {
    format!("{:.3} ms", took.as_secs_f64() * 1000.0)
}
