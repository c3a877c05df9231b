//! What a command comes to, and how it is printed.

use std::time::UNIX_EPOCH;

use serde_json::Value;
use vastai::CallResponse;
use vastai_api::Operation;

use crate::failure::Failure;
use crate::globals::Format;
use crate::look::Look;
use crate::rental::{self, Contract, Rented};
use crate::request::Request;
use crate::session::{Session, Stop};
use crate::table::Rendered;
use crate::{offers, output, pages, raw, records, view, workers};

/// The result of a command, before it is printed.
pub(crate) struct Outcome {
    result: Body,
    /// What it is the result of.
    operation: Option<&'static Operation>,
    /// Go to stderr.
    notes: Vec<String>,
    /// Exits with it.
    code: u8,
}

enum Body {
    /// As it came.
    Response(CallResponse),
    /// Of all pages, or of several calls. Where it is not the response of the operation, nothing is taken out of it.
    Value { value: Value, is_response: bool },
    /// Printed as it is, in every format.
    Text(String),
}

impl Outcome {
    /// Sends a request; of a list that comes in pages, all of them where people or `--raw` read it and no page is asked for.
    pub(crate) async fn of_call(session: &Session<'_>, request: Request) -> Result<Self, Stop> {
        let operation = request.operation();
        if let Some(name) = pages::list_of(operation)
            && session.settings().format != Format::Json
            && request.limit().is_none()
            && request.get("after_token").is_none()
        {
            return Ok(Self::of_list(pages::all(session, request, name).await?, operation));
        }
        if rental::is(operation) {
            return Ok(Self::of_rental(rental::rent(session, &request).await?, operation));
        }
        let limit = request.limit();
        let response = session.send(&request).await?;
        let cut_off =
            offers::is_search(operation).then(|| offers::cut_off(limit, response.bytes())).flatten();
        Ok(Self {
            result: Body::Response(response),
            notes: cut_off.into_iter().collect(),
            ..Self::nothing(operation)
        })
    }

    /// All pages of a list, as one.
    pub(crate) fn of_list(value: Value, operation: &'static Operation) -> Self {
        Self { result: Body::Value { value, is_response: true }, ..Self::nothing(operation) }
    }

    /// What came of renting an instance.
    pub(crate) fn of_rental(rented: Rented, operation: &'static Operation) -> Self {
        let Rented { result, note, .. } = rented;
        let result = match result {
            Contract::Told(response) => Body::Response(response),
            Contract::Found(value) => Body::Value { value, is_response: true },
        };
        Self { result, notes: note.into_iter().collect(), ..Self::nothing(operation) }
    }

    /// The response of an operation.
    pub(crate) fn response(response: CallResponse, operation: &'static Operation) -> Self {
        Self { result: Body::Response(response), ..Self::nothing(operation) }
    }

    /// What was made of several responses.
    pub(crate) fn value(value: Value, operation: &'static Operation) -> Self {
        Self { result: Body::Value { value, is_response: false }, ..Self::nothing(operation) }
    }

    /// A text, which is data in every format.
    pub(crate) fn text(text: String) -> Self {
        Self { result: Body::Text(text), operation: None, notes: Vec::new(), code: 0 }
    }

    fn nothing(operation: &'static Operation) -> Self {
        Self { result: Body::Text(String::new()), operation: Some(operation), notes: Vec::new(), code: 0 }
    }

    pub(crate) fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub(crate) fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    /// Prints it; what it exits with.
    pub(crate) fn print(self, session: &Session<'_>) -> Result<u8, Failure> {
        let mut notes = self.notes;
        match (self.result, self.operation) {
            (Body::Text(text), _) | (Body::Value { value: Value::String(text), is_response: false }, _) => {
                output::print(&text)?;
            }
            (Body::Response(response), Some(operation)) => {
                let failed = |error: vastai::Error| Failure::of_call(&error, operation);
                match session.settings().format {
                    Format::Json => {
                        check(operation, &response)?;
                        output::print_json(response.bytes())?;
                    }
                    Format::Raw if raw::is_as_it_came(operation) => {
                        check(operation, &response)?;
                        output::print_json(response.bytes())?;
                    }
                    Format::Table
                        if lists_workers(operation) && session.settings().look.columns.is_none() =>
                    {
                        let workers = vastai::serverless::workers_in(&response).map_err(failed)?;
                        let now = session.connection().now();
                        let rendered = workers::render(&workers, now, &session.settings().look);
                        print_rendered(rendered, &mut notes)?;
                    }
                    format => {
                        let value = response.json().map_err(failed)?;
                        print_value(session, operation, value, format, &mut notes)?;
                    }
                }
            }
            (Body::Value { value, is_response }, Some(operation)) => match session.settings().format {
                Format::Ids if !is_response => {
                    print_value(session, operation, value, Format::Table, &mut notes)?;
                }
                Format::Raw if !is_response => {
                    print_value(session, operation, value, Format::Json, &mut notes)?;
                }
                format => print_value(session, operation, value, format, &mut notes)?,
            },
            (_, None) => {}
        }
        notes.iter().for_each(|note| output::note(note));
        Ok(self.code)
    }
}

/// That a response is what its operation gives, also where it is printed as it came.
fn check(operation: &'static Operation, response: &CallResponse) -> Result<(), Failure> {
    let checked = match lists_workers(operation) {
        true => vastai::serverless::workers_in(response).map(drop),
        false => response.check_json(),
    };
    checked.map_err(|error| Failure::of_call(&error, operation))
}

fn print_value(
    session: &Session<'_>,
    operation: &'static Operation,
    value: Value,
    format: Format,
    notes: &mut Vec<String>,
) -> Result<(), Failure> {
    let now = session.connection().now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let look = &session.settings().look;
    match format {
        Format::Table => print_rendered(view::render(operation, &value, look), notes),
        Format::JsonLines | Format::Csv => print_records(&value, format, look),
        Format::Json => output::print_json(value.to_string().as_bytes()),
        Format::Raw => output::print_json(raw::form(operation, value, now).to_string().as_bytes()),
        Format::Ids => output::print(&raw::ids(&raw::form(operation, value, now))),
    }
}

fn print_rendered(
    Rendered { text, notes: of_table }: Rendered,
    notes: &mut Vec<String>,
) -> Result<(), Failure> {
    output::print_styled(&text)?;
    notes.splice(0..0, of_table);
    Ok(())
}

/// Prints a result as records, a line for each.
pub(crate) fn print_records(value: &Value, format: Format, look: &Look) -> Result<(), Failure> {
    let fields = look.columns.as_deref();
    let text = match format {
        Format::Csv => records::csv(value, fields)
            .map_err(|error| Failure::local(format!("the result cannot be written as CSV: {error}")))?,
        _ => records::json_lines(value, fields),
    };
    output::print(&text)
}

/// Whether the response of an operation has a type of its own, and with it a table of its own.
fn lists_workers(operation: &Operation) -> bool {
    matches!(operation.id, "getEndpointWorkers" | "getWorkergroupWorkers")
}
