//! Lists that come in pages.

use serde_json::{Map, Value};
use vastai_api::Operation;

use crate::failure::Failure;
use crate::progress::Progress;
use crate::request::Request;
use crate::session::{Session, Stop};

/// More pages than any account has; a service that goes on is not followed.
const MOST: usize = 10_000;

/// The name of the list of an operation whose pages the official client puts together.
pub(crate) fn list_of(operation: &Operation) -> Option<&'static str> {
    match operation.id {
        "showInstances" => Some("instances"),
        "searchBenchmarks" => Some("benchmarks"),
        _ => None,
    }
}

/// All pages of a list, as one page without a token for the next.
pub(crate) async fn all(session: &Session<'_>, mut request: Request, name: &str) -> Result<Value, Stop> {
    let mut rows = Vec::new();
    let mut last: Option<String> = None;
    // One page is no long work.
    let mut progress: Option<Progress> = None;
    for page in 1..=MOST {
        if page > 1 {
            let text = format!("page {page}; {} {name} so far", rows.len());
            progress.get_or_insert_with(|| Progress::begin(&text)).say(&text);
        }
        let mut page = match session.json(&request).await? {
            Value::Object(page) => page,
            // A list without its object, or what is none: as it came.
            other if rows.is_empty() => return Ok(other),
            other => return Ok(Value::Array(rows.into_iter().chain([other]).collect())),
        };
        match page.remove(name) {
            Some(Value::Array(of_page)) => rows.extend(of_page),
            Some(Value::Null) | None if !rows.is_empty() => {}
            Some(other) => drop(page.insert(name.to_owned(), other)),
            None => {}
        }
        let next = page.remove("next_token");
        let token =
            next.as_ref().and_then(Value::as_str).filter(|token| !token.is_empty()).map(str::to_owned);
        match token {
            Some(token) if last.as_ref() != Some(&token) => {
                request.set("after_token", token.as_str());
                last = Some(token);
            }
            Some(_) => {
                let message = "the service gave the same page twice, so the rest of the list cannot be had";
                return Err(Failure::local(message.to_owned()).into());
            }
            None => return Ok(whole(page, name, rows)),
        }
    }
    Err(Failure::local(format!("the list has more than {MOST} pages; ask for a part of it with --limit"))
        .into())
}

fn whole(mut page: Map<String, Value>, name: &str, rows: Vec<Value>) -> Value {
    if !page.contains_key(name) {
        page.insert(name.to_owned(), Value::Array(rows));
    }
    Value::Object(page)
}
