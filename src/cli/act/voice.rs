//! How what happens is told: lines as they come, one status line below them on a terminal, or one JSON object a line.
use super::words;
use crate::cli::output::text::Style;
use crate::clock;
use crate::core::plan::event::{Event, What};
use crate::core::plan::told::Told;
use crate::i18n::Text;
use crate::text;
use serde_json::{Value, json};
use std::io::Write;
use std::time::Instant;
use unicode_width::UnicodeWidthChar;

/// The forms of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One line an event, nothing is drawn over: for files, pipes, `TERM=dumb`.
    Lines,
    /// The same, and a status line that is drawn anew: so wide is the terminal.
    Live {
        /// In cells.
        width: usize,
    },
    /// One JSON object a line.
    Json,
}

/// Says things in one form and language. A reader that went away silences it, and stops nothing.
pub struct Voice {
    form: Form,
    style: Style,
    out: Box<dyn Write + Send>,
    zone_s: i32,
    titles: Vec<Text>,
    events: Vec<Event>,
    status: Option<(Text, Instant)>,
    turns: usize,
    broken: Option<std::io::Error>,
}

impl Voice {
    /// A voice that writes there. `zone_s`: the zone in which the server's times are shown.
    pub fn new(out: Box<dyn Write + Send>, form: Form, style: Style, zone_s: i32) -> Voice {
        Voice {
            form,
            style,
            out,
            zone_s,
            titles: Vec::new(),
            events: Vec::new(),
            status: None,
            turns: 0,
            broken: None,
        }
    }

    /// The form.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Language and colour.
    pub fn style(&self) -> Style {
        self.style
    }

    /// What is known of the run: what its steps do, and the server's zone.
    pub fn knows(&mut self, titles: Vec<Text>, zone_s: Option<i32>) {
        self.titles = titles;
        self.zone_s = zone_s.unwrap_or(self.zone_s);
    }

    /// What the run wrote down so far.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Why the output could not be written, if it could not.
    pub fn broken(&self) -> Option<&std::io::Error> {
        self.broken.as_ref()
    }

    /// A line for people; a note for programs.
    pub fn say(&mut self, text: &Text) {
        match self.form {
            Form::Json => self.object(&json!({ "told": "note", "said": text })),
            _ => self.block(text.get(self.style.lang)),
        }
    }

    /// Whole lines for people; nothing for programs.
    pub fn block(&mut self, lines: &str) {
        if self.form == Form::Json {
            return;
        }
        self.wipe();
        self.write(&format!("{}\n", lines.strip_suffix('\n').unwrap_or(lines)));
        self.draw();
    }

    /// An object for programs; nothing for people.
    pub fn object(&mut self, value: &Value) {
        if self.form == Form::Json {
            self.write(&format!("{value}\n"));
        }
    }

    /// What is told while an action is carried out.
    pub fn told(&mut self, told: &Told) {
        if let Told::Events(events) = told {
            self.events.extend(events.iter().cloned());
        }
        if self.form == Form::Json {
            objects(told).iter().for_each(|o| self.object(o));
            return;
        }
        self.status =
            status(told, &self.titles).or(self.status.take().map(|(t, _)| t)).map(|t| (t, clock::tick()));
        for line in words::lines(told, &self.titles) {
            let at = line.at.map_or_else(|| " ".repeat(8), |at| words::clock(at, self.zone_s));
            self.block(&format!("{at}  {}", line.text.get(self.style.lang)));
        }
        if matches!(told, Told::Ended(_)) {
            self.quiet();
        }
    }

    /// What the status line says from now on. Only on a terminal.
    pub fn status(&mut self, text: Text) {
        let since = self.status.as_ref().map_or_else(clock::tick, |(_, since)| *since);
        self.wipe();
        self.status = Some((text, since));
        self.draw();
    }

    /// No status line any more.
    pub fn quiet(&mut self) {
        self.wipe();
        self.status = None;
    }

    /// A moment has passed: the status line shows that the console is alive.
    pub fn tick(&mut self) {
        self.turns = self.turns.wrapping_add(1);
        self.wipe();
        self.draw();
    }

    fn wipe(&mut self) {
        if matches!(self.form, Form::Live { .. }) && self.status.is_some() {
            self.write("\r\u{1b}[K");
        }
    }

    fn draw(&mut self) {
        let Form::Live { width } = self.form else { return };
        let Some((text, since)) = &self.status else { return };
        let turn = ["|", "/", "-", "\\"].get(self.turns % 4).unwrap_or(&"|");
        let seconds = clock::tick().duration_since(*since).as_secs();
        let line = text!(
            "{turn} {}  {seconds} 秒  （Ctrl-C 离开，服务器上照常进行）",
            "{turn} {}  {seconds} s  (Ctrl-C leaves; it goes on on the server)",
            text.get(self.style.lang)
        );
        let line = fit(line.get(self.style.lang), width.saturating_sub(1));
        self.write(&line);
    }

    fn write(&mut self, text: &str) {
        if self.broken.is_none()
            && let Err(error) = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush())
        {
            self.broken = Some(error);
        }
    }
}

/// As much of it as these cells hold.
fn fit(text: &str, cells: usize) -> String {
    let mut left = cells;
    text.chars()
        .take_while(|c| {
            let width = c.width().unwrap_or(0);
            let fits = width <= left;
            left = left.saturating_sub(width);
            fits
        })
        .collect()
}

/// What the status line says from here on; nothing where it stays.
fn status(told: &Told, titles: &[Text]) -> Option<Text> {
    match told {
        Told::Checking => Some(text!("再看一次服务器", "looking once more")),
        Told::Begun { .. } => Some(text!("已在服务器上开始", "begun on the server")),
        Told::Lost { .. } => Some(text!("连接断了，正在重连", "the link is lost, connecting again")),
        Told::Back => Some(text!("连接恢复了", "the link is there again")),
        Told::Proving => Some(text!("看结果", "looking at the result")),
        Told::Events(events) => events.iter().rev().find_map(|e| match e.what {
            What::Step { n } => Some(words::step(n, titles)),
            _ => None,
        }),
        Told::Ended(_) => None,
    }
}

fn objects(told: &Told) -> Vec<Value> {
    match told {
        Told::Checking => vec![json!({ "told": "checking" })],
        Told::Begun { run } => vec![json!({ "told": "begun", "run": run })],
        Told::Events(events) => {
            events.iter().map(|e| json!({ "told": "event", "at_ms": e.at, "what": e.what })).collect()
        }
        Told::Lost { said, again_ms } => vec![json!({ "told": "lost", "said": said, "again_ms": again_ms })],
        Told::Back => vec![json!({ "told": "back" })],
        Told::Proving => vec![json!({ "told": "proving" })],
        Told::Ended(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::plan::event;
    use crate::i18n::Lang;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<u8>>>);

    impl Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn voice(form: Form) -> (Voice, Heard) {
        let heard = Heard::default();
        let style = Style { lang: Lang::Zh, colour: false, verbose: false };
        (Voice::new(Box::new(heard.clone()), form, style, 8 * 3600), heard)
    }

    fn text(heard: &Heard) -> String {
        String::from_utf8(heard.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn the_status_line_never_stays_between_lines_and_fits_the_terminal() {
        let (mut voice, heard) = voice(Form::Live { width: 20 });
        voice.knows(vec![text!("重启很多很多的容器", "restart")], None);
        for line in ["begin", "step 1", "done 1"] {
            voice.told(&Told::Events(vec![event::event(format!("1769900000 {line}").as_bytes())]));
            voice.tick();
        }
        voice.quiet();
        let mut parser = vt100::Parser::new(40.try_into().unwrap(), 80.try_into().unwrap(), 0);
        parser.process(text(&heard).replace('\n', "\r\n").as_bytes());
        let shown = parser.screen().contents();
        assert_eq!(
            shown.trim_end(),
            "06:53:20  服务器的操作锁拿到了\n06:53:20  第 1/1 步：重启很多很多的容器\n06:53:20  第 1 步做完"
        );
        assert_eq!(fit("| 第 1/1 步", 5), "| 第 ");
    }

    #[test]
    fn programs_get_one_object_a_line_and_nothing_else() {
        let (mut voice, heard) = voice(Form::Json);
        voice.block("for people");
        voice.say(&text!("一句话", "a note"));
        voice.told(&Told::Checking);
        voice.told(&Told::Events(vec![event::event(b"1769900000 step 2")]));
        voice.status(text!("忙", "busy"));
        voice.tick();
        let lines: Vec<Value> = text(&heard).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[2]["at_ms"], 1_769_900_000_000_i64);
        assert_eq!(lines[2]["what"], json!({ "event": "step", "n": 2 }));
    }

    #[test]
    fn a_reader_that_went_away_stops_nothing() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let style = Style { lang: Lang::En, colour: false, verbose: false };
        let mut voice = Voice::new(Box::new(Gone), Form::Lines, style, 0);
        voice.say(&text!("甲", "a"));
        voice.told(&Told::Back);
        assert!(voice.broken().is_some());
    }
}
