//! A view on a terminal: keys, polls and the clock on one side, the picture on the other.

use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::DefaultTerminal;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use vastai_api::operations;

use super::Plan;
use super::model::{Flow, Key, Model};
use super::picture::{self, Theme};
use super::source::{Subject, Update, Updates};
use crate::connection::Connection;
use crate::failure::Failure;
use crate::look::Look;

/// How often ages are drawn anew.
const TICK: Duration = Duration::from_millis(500);
/// How long the reader of keys waits before it looks whether it is wanted still.
const KEY_WAIT: Duration = Duration::from_millis(100);

/// The screen, which is as it was when this goes, however that happens; a panic restores it too, before it is reported.
struct Screen(DefaultTerminal);

impl Screen {
    fn open() -> Result<Self, Failure> {
        ratatui::try_init().map(Self).map_err(|error| {
            ratatui::restore();
            Failure::local(format!(
                "the terminal cannot be used for a view: {error}; --output json gives lines"
            ))
        })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

/// Shows the view until it is left, or no list can be polled any more.
pub(super) async fn run(connection: &Connection, plan: Plan, look: &Look) -> Result<(), Failure> {
    let mut model = Model::new(&plan.subjects, plan.interval);
    let mut updates = Updates::of(connection.client(), &plan.subjects, plan.interval);
    let theme = if look.colour { Theme::Coloured } else { Theme::Plain };
    let mut left: Vec<Option<u64>> = plan.subjects.iter().map(|_| plan.polls).collect();
    let mut ended = Vec::new();
    let mut screen = Screen::open()?;
    let mut keys = keys();
    let began = Instant::now();
    let mut passed = began;
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut end = std::pin::pin!(asked_to_end());
    loop {
        model.tick(began.elapsed());
        screen
            .0
            .draw(|frame| picture::draw(frame, &model, theme))
            .map_err(|error| Failure::local(format!("the terminal cannot be written to: {error}")))?;
        tokio::select! {
            () = &mut end => return Ok(()),
            input = keys.recv() => match input {
                Some(Input::Key(key)) => if model.press(key) == Flow::Leave { return Ok(()) },
                Some(Input::Resized) => {}
                Some(Input::Failed(error)) => {
                    return Err(Failure::local(format!("the keys cannot be read: {error}")));
                }
                // The reader is gone only where the terminal is.
                None => return Ok(()),
            },
            _ = ticks.tick() => {
                // The simulator's world goes on while it is looked at.
                let now = Instant::now();
                connection.let_pass(now.duration_since(passed));
                passed = now;
            }
            update = updates.next() => {
                let Some((place, update)) = update else {
                    drop(screen);
                    return Err(ended.into_iter().next().unwrap_or_else(|| {
                        Failure::local("the service is polled no more".to_owned())
                    }));
                };
                if let (Update::Ended(error), Some(subject)) = (&update, plan.subjects.get(place)) {
                    ended.push(failure(error, subject));
                }
                model.tick(began.elapsed());
                model.take(place, update, connection.now());
                if let Some(Some(left)) = left.get_mut(place) {
                    *left = left.saturating_sub(1);
                }
                if left.iter().all(|left| *left == Some(0)) {
                    return Ok(());
                }
            }
        }
    }
}

/// Why a list can be polled no more.
pub(super) fn failure(error: &vastai::Error, subject: &Subject) -> Failure {
    let operation = match subject {
        Subject::Endpoint(_) => operations::GET_ENDPOINT_WORKERS,
        Subject::Endpoints => operations::SHOW_ENDPOINTS,
        Subject::Instances => operations::SHOW_INSTANCES,
    };
    Failure::of_call(error, operation)
}

enum Input {
    Key(Key),
    Resized,
    Failed(std::io::Error),
}

/// Reads keys on a thread of its own, as terminals know no other way; it ends soon after the receiver has gone.
fn keys() -> mpsc::Receiver<Input> {
    let (sender, receiver) = mpsc::channel(16);
    std::thread::spawn(move || {
        while !sender.is_closed() {
            let input =
                match event::poll(KEY_WAIT).and_then(|is_there| is_there.then(event::read).transpose()) {
                    Ok(None) => continue,
                    Ok(Some(event)) => match input(&event) {
                        Some(input) => input,
                        None => continue,
                    },
                    Err(error) => Input::Failed(error),
                };
            let is_last = matches!(input, Input::Failed(_));
            if sender.blocking_send(input).is_err() || is_last {
                break;
            }
        }
    });
    receiver
}

fn input(event: &Event) -> Option<Input> {
    match event {
        Event::Resize(..) => Some(Input::Resized),
        // Windows tells of keys that are let go too.
        Event::Key(key) if key.kind != KeyEventKind::Release => of_terminal(key).map(Input::Key),
        _ => None,
    }
}

fn of_terminal(key: &KeyEvent) -> Option<Key> {
    Some(match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Key::Interrupt,
        KeyCode::Char(_) if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
            return None;
        }
        KeyCode::Char(letter) => Key::Char(letter),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Tab | KeyCode::BackTab => Key::Tab,
        _ => return None,
    })
}

/// Comes where the system asks the program to end: the terminal has to be restored first.
#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminated), Ok(mut hung_up)) =
        (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminated.recv() => {}
        _ = hung_up.recv() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    std::future::pending().await
}
