//! Asks before what destroys, pays or spends, as the operations table says of each operation.

mod kinds;
mod subject;
mod words;

use std::io::{BufRead as _, IsTerminal, Read as _, stderr, stdin};

use vastai_api::Effect;

use crate::failure::Failure;
use crate::globals::{Format, Settings, YES_VARIABLE};
use crate::output;
use crate::quoting::one_line;
use crate::request::Request;

pub(crate) use subject::{described, has_new_price};
pub(crate) use words::{per_hour, words};

/// What is read of an answer.
const MOST: u64 = 1024;

/// What a request does, where it is asked about: what destroys, pays, or costs from then on. `None` for all others.
pub(crate) fn effect(request: &Request) -> Option<Effect> {
    let effect = request.operation().effect_with(|name| request.get(name));
    matches!(effect, Effect::Spends | Effect::Pays | Effect::Destroys).then_some(effect)
}

/// Who is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asks {
    /// Nobody: it is agreed to, or it is no more than the simulator's.
    Nobody,
    /// Whoever sits at the terminal.
    Terminal,
    /// Nobody, as there is no terminal: it is refused.
    Absent,
    /// Nobody, and what it costs is said: what is rented can be given back.
    Said,
}

impl Asks {
    pub(crate) fn of(settings: &Settings, effect: Effect) -> Self {
        let is_agreed = settings.yes || settings.target.is_mock();
        // A question that is not seen cannot be answered.
        let is_terminal = stdin().is_terminal() && stderr().is_terminal();
        match effect {
            _ if !is_agreed && is_terminal => Self::Terminal,
            // Lines of the official client in scripts send what they sent there.
            Effect::Spends if settings.format == Format::Raw => Self::Nobody,
            Effect::Spends => Self::Said,
            _ if is_agreed => Self::Nobody,
            _ => Self::Absent,
        }
    }

    /// Asks; an error where it is not agreed to.
    pub(crate) fn agreed(self, what: &str) -> Result<(), Failure> {
        let what = one_line(what);
        match self {
            Self::Nobody => Ok(()),
            Self::Said => {
                output::note(&what);
                Ok(())
            }
            Self::Absent => {
                let message =
                    format!("{what}: needs -y (--yes), as there is no terminal to ask on; nothing was sent");
                let hint = format!("{YES_VARIABLE}=1 in the environment agrees for a whole script");
                Err(Failure::usage(message).hinting(hint))
            }
            Self::Terminal => {
                output::prompt(&format!("{what}? [y/N] "));
                match is_yes()
                    .map_err(|error| Failure::local(format!("the answer cannot be read: {error}")))?
                {
                    true => Ok(()),
                    false => Err(Failure::local("not agreed to: nothing was sent".to_owned())),
                }
            }
        }
    }
}

fn is_yes() -> std::io::Result<bool> {
    let mut answer = String::new();
    let count = stdin().lock().take(MOST).read_line(&mut answer)?;
    if count == 0 {
        // Ctrl-D leaves the cursor behind the question.
        output::prompt("\n");
    }
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}
