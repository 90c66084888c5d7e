//! Help of a screen: every key that holds there, from the table that the keys are read from.
//!
//! ```text
//!  ■ 正式 PROD  demo-prod
//!  帮助：总览
//!    F5  r        再检查一次；只读，不改服务器
//!    上  k        上一行
//!
//!  [+] 正常  检查过，没有问题          [x] 失败  检查过，坏了
//! ```
use super::bar;
use crate::core::console::{Model, Place, Screen, keymap};
use crate::core::state::State;
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use crate::tui::ink::sign;
use ratatui::text::Span;

/// Width of the keys.
const KEYS: usize = 14;

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) {
    let (place, name) = match model.screen {
        Screen::Picker => (Place::Picker, text!("帮助：选环境", "Help: environments")),
        Screen::Overview(_) => (Place::Overview, text!("帮助：总览", "Help: overview")),
    };
    bar::draw(model, canvas);
    let ink = canvas.ink;
    let name = canvas.say(&name).to_owned();
    canvas.write(1, 1, Span::styled(name, ink.strong()));
    let mut row = 2;
    for binding in keymap::at(place) {
        let names = fit::pad(&binding.names(canvas.lang), KEYS);
        let says = (binding.says)();
        let says = canvas.say(&says).to_owned();
        canvas.write(row, 3, vec![Span::styled(names, ink.strong()), Span::raw(says)]);
        row += 1;
    }
    row += 1;
    for (state, means) in [
        (State::Ok, text!("检查过，没有问题", "checked, and good")),
        (State::Warning, text!("今天能用，但要尽快处理", "works today, needs a person soon")),
        (State::Failed, text!("检查过，坏了", "checked, and broken")),
        (State::Unknown, text!("没能检查，不等于正常", "could not be checked: not the same as good")),
    ] {
        let sign = fit::pad(&sign(state, canvas.lang), KEYS);
        let means = canvas.say(&means).to_owned();
        canvas.write(row, 3, vec![Span::styled(sign, ink.state(state)), Span::raw(means)]);
        row += 1;
    }
}
