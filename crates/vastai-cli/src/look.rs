//! How results look: how wide, whether in colours, and with which columns.

use std::io::{IsTerminal, stdout};

/// The width under which a variable is not believed.
const NARROWEST: usize = 20;

/// How results look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// The columns of the terminal; none where there is none, and a line may be as long as it is.
    pub(crate) width: Option<usize>,
    pub(crate) colour: bool,
    /// The fields to show, in this order.
    pub(crate) columns: Option<Vec<String>>,
}

impl Look {
    /// What suits stdout. `COLUMNS` stands above the terminal's own width, and serves where there is no terminal.
    pub(crate) fn of_stdout(no_colour: bool, columns: Option<Vec<String>>) -> Self {
        let variable = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
        let is_terminal = stdout().is_terminal();
        let own = || {
            let (columns, _) = is_terminal.then(crossterm::terminal::size)?.ok()?;
            Some(usize::from(columns)).filter(|columns| *columns > 0)
        };
        Self {
            width: variable.filter(|columns| *columns >= NARROWEST).or_else(own),
            colour: is_terminal && !no_colour && !is_set("NO_COLOR") && !is_dumb(),
            columns,
        }
    }
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Whether the terminal knows no styles.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb")
}
