//! Texts with styles: what a terminal obeys in them is ours alone.

use vastai_spec::visible::in_lines;

/// How a piece of a text looks. Nothing is said by it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Bold,
    Dim,
    Green,
    Yellow,
    Red,
}

impl Style {
    fn code(self) -> u8 {
        match self {
            Self::Bold => 1,
            Self::Dim => 2,
            Self::Red => 31,
            Self::Green => 32,
            Self::Yellow => 33,
        }
    }

    /// What a state is to those who wait for it or pay for it; none for words that are not known.
    pub(crate) fn of_state(state: &str) -> Option<Self> {
        Some(match state.to_ascii_lowercase().as_str() {
            "running" | "idle" | "ready" | "active" | "verified" | "online" | "paid" => Self::Green,
            "loading" | "model_loading" | "created" | "scheduling" | "starting" | "pending"
            | "unverified" => Self::Yellow,
            "exited" | "stopped" | "stopping" | "inactive" | "deleted" => Self::Dim,
            "offline" | "error" | "failed" | "unknown" | "frozen" | "suspended" | "deverified" => Self::Red,
            _ => return None,
        })
    }
}

/// A text for people. What comes into it has escapes for what a terminal would obey, but the styles that this program sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Styled(String);

impl Styled {
    pub(crate) fn plain(text: &str) -> Self {
        Self(in_lines(text).into_owned())
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.0.push_str(&in_lines(text));
    }

    /// Adds a piece in a style, or without one.
    pub(crate) fn push_in(&mut self, style: Option<Style>, text: &str) {
        match style {
            Some(style) => {
                self.0.push_str(&format!("\u{1b}[{}m", style.code()));
                self.push(text);
                self.0.push_str("\u{1b}[0m");
            }
            None => self.push(text),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
