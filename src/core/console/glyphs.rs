//! The characters that pictures are drawn with.
//!
//! How wide `─│█▁…` are, Unicode leaves to the terminal: one cell, or two where it is set up for Chinese, and then every
//! line drawn with them is too long. ASCII is right everywhere, so it is what the console starts with; a terminal that
//! was asked and drew the whole [`SAMPLE`] one cell wide gets the finer ones.

/// What the terminal can draw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// Only what every terminal draws one cell wide.
    #[default]
    Ascii,
    /// Lines, blocks and bars, each one cell wide.
    Boxes,
}

/// Every character that [`Glyphs::Boxes`] may draw: written to the terminal to see how far its cursor goes.
pub const SAMPLE: &str = "─│┌┐└┘█░▁▂▃▄▅▆▇✓✗…";

/// The four corners of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Corners {
    pub top_left: &'static str,
    pub top_right: &'static str,
    pub bottom_left: &'static str,
    pub bottom_right: &'static str,
}

impl Glyphs {
    /// What a terminal can draw whose cursor came to this column, counted from 1, when it wrote the [`SAMPLE`] from the
    /// first column on.
    pub fn drawn_up_to(column: u16) -> Glyphs {
        let narrow = SAMPLE.chars().count() + 1;
        if usize::from(column) == narrow { Glyphs::Boxes } else { Glyphs::Ascii }
    }

    fn pick(self, ascii: &'static str, boxes: &'static str) -> &'static str {
        match self {
            Glyphs::Ascii => ascii,
            Glyphs::Boxes => boxes,
        }
    }

    /// A piece of a horizontal line.
    pub fn rule(self) -> &'static str {
        self.pick("-", "─")
    }

    /// A piece of a vertical line.
    pub fn side(self) -> &'static str {
        self.pick("|", "│")
    }

    /// The corners of a box.
    pub fn corners(self) -> Corners {
        match self {
            Glyphs::Ascii => Corners { top_left: "+", top_right: "+", bottom_left: "+", bottom_right: "+" },
            Glyphs::Boxes => {
                Corners { top_left: "┌", top_right: "┐", bottom_left: "└", bottom_right: "┘" }
            }
        }
    }

    /// A piece of a gauge that is full.
    pub fn full(self) -> &'static str {
        self.pick("#", "█")
    }

    /// A piece of a gauge that is empty.
    pub fn empty(self) -> &'static str {
        self.pick(".", "░")
    }

    /// One bar of a row of bars, from 1 to 8 eighths high; more is 8, and 0 is nothing.
    pub fn bar(self, eighths: u8) -> &'static str {
        match eighths {
            0 => " ",
            1 => self.pick("1", "▁"),
            2 => self.pick("2", "▂"),
            3 => self.pick("3", "▃"),
            4 => self.pick("4", "▄"),
            5 => self.pick("5", "▅"),
            6 => self.pick("6", "▆"),
            7 => self.pick("7", "▇"),
            _ => self.pick("8", "█"),
        }
    }

    /// Done, there.
    pub fn tick(self) -> &'static str {
        self.pick("+", "✓")
    }

    /// Broken, missing.
    pub fn cross(self) -> &'static str {
        self.pick("x", "✗")
    }

    /// Stands for what was left out: two cells in ASCII, else one.
    pub fn more(self) -> &'static str {
        self.pick("..", "…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    fn all(glyphs: Glyphs) -> Vec<&'static str> {
        let c = glyphs.corners();
        let lines = [glyphs.rule(), glyphs.side(), glyphs.full(), glyphs.empty()];
        let corners = [c.top_left, c.top_right, c.bottom_left, c.bottom_right];
        let signs = [glyphs.tick(), glyphs.cross(), glyphs.more()];
        (1..=9).map(|n| glyphs.bar(n)).chain(lines).chain(corners).chain(signs).collect()
    }

    #[test]
    fn the_terminal_is_asked_about_every_character_that_may_be_drawn_and_no_other() {
        let drawn: std::collections::BTreeSet<&str> = all(Glyphs::Boxes).into_iter().collect();
        let asked: std::collections::BTreeSet<String> = SAMPLE.chars().map(String::from).collect();
        assert!(drawn.iter().copied().eq(asked.iter().map(String::as_str)), "{drawn:?} {asked:?}");
        assert!(drawn.iter().all(|g| g.width() == 1));
        assert!(all(Glyphs::Ascii).iter().all(|g| g.is_ascii()));
    }

    #[test]
    fn boxes_are_for_a_terminal_that_draws_all_of_them_one_cell_wide() {
        let narrow = u16::try_from(SAMPLE.width()).unwrap() + 1;
        let wide = u16::try_from(SAMPLE.width_cjk()).unwrap() + 1;
        // bytes of UTF-8 taken for letters
        let bytes = u16::try_from(SAMPLE.len()).unwrap() + 1;
        assert_eq!(Glyphs::drawn_up_to(narrow), Glyphs::Boxes);
        for column in [0, 1, narrow - 1, narrow + 1, wide, bytes] {
            assert_eq!(Glyphs::drawn_up_to(column), Glyphs::Ascii, "{column}");
        }
    }
}
