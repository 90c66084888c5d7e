//! The last line: the keys that matter here, or what is to be said about the last one.
//!
//! ```text
//!  F5 再检查   F3 选环境   Esc 返回   F1 帮助   F12 English
//! ```
use crate::core::console::{Model, Notice, Place, Screen, keymap};
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use ratatui::text::Span;

/// Where keys go.
pub(super) fn place(model: &Model) -> Place {
    match model.screen {
        _ if model.help => Place::Help,
        Screen::Picker => Place::Picker,
        Screen::Overview(_) => Place::Overview,
    }
}

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) {
    if let Some(notice) = model.notice {
        let said = match notice {
            Notice::ForeignLetters => text!(
                "检测到中文输入，什么也没做。请切换到英文，或用 F 键、方向键",
                "Input method on? Nothing was done: switch it off, or use F-keys and arrows"
            ),
            Notice::PasteIgnored => {
                text!("这里不接受粘贴，什么也没做", "Nothing can be pasted here; nothing was done")
            }
        };
        let said = fit::cut(canvas.say(&said), canvas.width().saturating_sub(2));
        let style = canvas.ink.notice();
        canvas.write(0, 1, Span::styled(said, style));
        return;
    }
    let mut spans = Vec::new();
    for binding in keymap::at(place(model)) {
        if let Some(word) = binding.footer {
            spans.push(Span::styled(binding.first_name(canvas.lang), canvas.ink.strong()));
            let word = word();
            spans.push(Span::raw(format!(" {}   ", canvas.say(&word))));
        }
    }
    canvas.write(0, 1, spans);
}
