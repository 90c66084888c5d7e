//! Keys as the console means them, whatever the terminal calls them, and what an input method makes of them.
use crate::i18n::Lang;
use crate::text;

/// A key without its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Code {
    Char(char),
    F(u8),
    Enter,
    Esc,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    Tab,
    BackTab,
    Backspace,
    Delete,
}

/// A key that was pressed. There is no Alt: menus and input methods take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Which.
    pub code: Code,
    /// With Ctrl.
    pub ctrl: bool,
}

impl Key {
    /// The key alone.
    pub const fn of(code: Code) -> Key {
        Key { code, ctrl: false }
    }

    /// A letter, a digit, a sign.
    pub const fn char(c: char) -> Key {
        Key::of(Code::Char(c))
    }

    /// A letter with Ctrl.
    pub const fn ctrl(c: char) -> Key {
        Key { code: Code::Char(c), ctrl: true }
    }

    /// What is printed on the keyboard. Arrows are words: their signs are one or two cells wide, who knows.
    pub fn name(self, lang: Lang) -> String {
        let name = match self.code {
            Code::Char(c) if self.ctrl => return format!("Ctrl-{}", c.to_ascii_uppercase()),
            Code::Char(' ') => text!("空格", "Space"),
            Code::Char(c) => return c.to_string(),
            Code::F(n) => return format!("F{n}"),
            Code::Enter => text!("Enter", "Enter"),
            Code::Esc => text!("Esc", "Esc"),
            Code::Up => text!("上", "Up"),
            Code::Down => text!("下", "Down"),
            Code::Left => text!("左", "Left"),
            Code::Right => text!("右", "Right"),
            Code::Home => text!("Home", "Home"),
            Code::End => text!("End", "End"),
            Code::PageUp => text!("PgUp", "PgUp"),
            Code::PageDown => text!("PgDn", "PgDn"),
            Code::Tab => text!("Tab", "Tab"),
            Code::BackTab => text!("Shift-Tab", "Shift-Tab"),
            Code::Backspace => text!("退格", "Backspace"),
            Code::Delete => text!("Delete", "Delete"),
        };
        name.get(lang).to_owned()
    }

    /// The key that was meant: an input method in full-width mode sends `ｑ` and `？` for `q` and `?`. `None` for
    /// any other letter that is not on a keyboard: the input method is on, and the operator typed words.
    pub fn meant(self) -> Option<Key> {
        let Code::Char(c) = self.code else {
            return Some(self);
        };
        let meant = match c {
            '\u{20}'..='\u{7e}' => c,
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0)?,
            '\u{3000}' => ' ',
            '、' => '/',
            '。' => '.',
            '【' => '[',
            '】' => ']',
            '《' => '<',
            '》' => '>',
            _ => return None,
        };
        Some(Key { code: Code::Char(meant), ctrl: self.ctrl })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_letters_and_chinese_signs_are_the_keys_they_stand_for() {
        for (typed, meant) in [
            ('ｑ', 'q'),
            ('Ｒ', 'R'),
            ('１', '1'),
            ('？', '?'),
            ('：', ':'),
            ('；', ';'),
            ('，', ','),
            ('～', '~'),
            ('！', '!'),
            ('、', '/'),
            ('。', '.'),
            ('【', '['),
            ('》', '>'),
            ('\u{3000}', ' '),
            ('q', 'q'),
        ] {
            assert_eq!(Key::char(typed).meant(), Some(Key::char(meant)), "{typed}");
        }
        for typed in ['你', 'é', 'ー', '\u{ff5f}', '“', '\u{7f}'] {
            assert_eq!(Key::char(typed).meant(), None, "{typed}");
        }
        assert_eq!(Key::of(Code::F(5)).meant(), Some(Key::of(Code::F(5))));
    }
}
