//! Credit, earnings and charges.

use serde_json::{Value, json};
use vastai::Client;

use super::dates::{self, DAY};
use super::said::Said;
use crate::failure::Failure;
use crate::request::Request;

/// Who gets how much: by flags, or by place in either order, as long as one of both is no number.
pub(super) fn transfer(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    let is_number = |word: &&str| word.trim().parse::<f64>().is_ok_and(f64::is_finite);
    let (mut recipient, mut amount) = (said.word("RECIPIENT"), said.word("AMOUNT"));
    if amount.is_some_and(|amount| !is_number(&amount)) && recipient.as_ref().is_some_and(is_number) {
        (recipient, amount) = (amount, recipient);
    }
    // With flags for one of both, the other may stand alone in its place.
    if said.has("--recipient") && amount.is_none() {
        amount = recipient.filter(is_number);
    }
    let Some(recipient) = said.word("--recipient").or(recipient) else {
        return Err(Failure::usage("say who gets it: vastai transfer credit RECIPIENT AMOUNT".to_owned()));
    };
    let Some(amount) = said.word("--amount").or(amount) else {
        return Err(Failure::usage(
            "say how much, in dollars: vastai transfer credit RECIPIENT AMOUNT".to_owned(),
        ));
    };
    let number = amount.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let Some(number) = number else {
        return Err(Failure::usage(format!("invalid value '{amount}' for '<AMOUNT>': not a number")));
    };
    request.set("recipient", recipient);
    request.set("amount", number);
    Ok(())
}

/// The days of which earnings are shown; since yesterday unless set.
pub(super) fn earnings(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    let (start, end) = span(said, "--start_date", "--end_date", DAY)?;
    request.set("sday", start / DAY);
    request.set("eday", end / DAY);
    Ok(())
}

/// The two ends of a span, in seconds; the last so many of them unless set.
pub(super) fn span(said: &Said, start: &str, end: &str, length: f64) -> Result<(f64, f64), Failure> {
    let read = |name: &str| said.word(name).map(dates::seconds).transpose().map_err(Failure::usage);
    let (start, end) = (read(start)?, read(end)?);
    let end = end.unwrap_or_else(dates::now);
    Ok((start.unwrap_or(end - length), end))
}

/// The request of `show invoices-v1`: invoices, or charges.
pub(super) fn billing(said: &Said) -> Result<Request, Failure> {
    let is_charges = match (said.has("--invoices"), said.has("--charges")) {
        (true, false) => false,
        (false, true) => true,
        (true, true) => return Err(Failure::usage("--invoices and --charges exclude each other".to_owned())),
        (false, false) => return Err(Failure::usage("say --invoices, or --charges".to_owned())),
    };
    let operation = if is_charges { "showCharges" } else { "showInvoices" };
    let filters = match is_charges {
        true => filters(said, "day", "type", said.words("--charge-type"), CHARGES)?,
        false => filters(said, "when", "service", said.words("--invoice-type"), INVOICES)?,
    };
    let mut request = Request::of(operation).map_err(|error| Failure::of_client(&error))?;
    request.set("select_filters", filters.to_string());
    request.set("latest_first", said.has("--latest-first"));
    request.set("limit", said.integer("--limit").unwrap_or(20).min(100));
    request.set_if("after_token", said.word("--next-token"));
    if is_charges {
        request.set("format", said.word("--format").unwrap_or("table"));
    }
    Ok(request)
}

/// The charges of a span of days, and of some kinds, where no filter is given: of the last week unless days are set.
pub(super) fn charges(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    let kinds = said.words("--charge-type");
    let is_said = !kinds.is_empty() || said.has("--start-date") || said.has("--end-date");
    match (request.get("select_filters").is_some(), is_said) {
        (true, true) => {
            Err(Failure::usage("SELECT_FILTERS says all; leave out the dates and the types".to_owned()))
        }
        (true, false) => Ok(()),
        (false, _) => {
            request.set("select_filters", filters(said, "day", "type", kinds, CHARGES)?.to_string());
            Ok(())
        }
    }
}

/// What is shown of a span of days, the last week unless set, and of some kinds.
fn filters(
    said: &Said,
    time: &str,
    field: &str,
    names: &[String],
    kinds: &[(&str, &str)],
) -> Result<Value, Failure> {
    let (start, end) = span(said, "--start-date", "--end-date", 7.0 * DAY)?;
    #[allow(
        clippy::cast_possible_truncation,
        reason = "seconds; a float that is too large becomes the largest"
    )]
    let mut filters = json!({ time: { "gte": start as i64, "lte": end as i64 } });
    if !names.is_empty() {
        let kinds: Result<Vec<Value>, Failure> = names.iter().map(|name| named(name, kinds)).collect();
        filters[field] = json!({ "in": kinds? });
    }
    Ok(filters)
}

/// Kinds of charges, by the official names.
const CHARGES: &[(&str, &str)] = &[
    ("instance", "instance"),
    ("volume", "volume"),
    ("serverless", "serverless"),
    ("i", "instance"),
    ("v", "volume"),
    ("s", "serverless"),
];

/// Where an invoice was paid, by the official names.
const INVOICES: &[(&str, &str)] = &[
    ("transfers", "transfer"),
    ("stripe", "stripe_payments"),
    ("bitpay", "bitpay"),
    ("coinbase", "coinbase"),
    ("crypto.com", "crypto.com"),
    ("reserved", "instance_prepay"),
    ("payout_paypal", "paypal_manual"),
    ("payout_wise", "wise_manual"),
];

fn named(name: &str, kinds: &[(&str, &str)]) -> Result<Value, Failure> {
    let kind = kinds.iter().find(|(known, _)| *known == name);
    kind.map(|(_, kind)| Value::from(*kind)).ok_or_else(|| {
        let known: Vec<&str> = kinds.iter().map(|(known, _)| *known).collect();
        Failure::usage(format!("'{name}' is none of {}", known.join(", ")))
    })
}
