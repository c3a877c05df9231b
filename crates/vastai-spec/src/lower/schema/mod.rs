//! Schemas: JSON Schema 2020-12 to the schema object of OpenAPI 3.0.
//!
//! A schema goes through [`STEPS`]. Each deals with one concern and knows those below it alone; for the schemas inside of a schema it
//! asks the [`Lowering`], which starts over.

mod arrays;
mod composition;
mod join;
mod keywords;
pub(super) mod null;
mod numbers;
mod objects;
mod parts;
mod references;
mod strings;
mod types;
mod unions;
mod variants;

use serde_json::{Map, Value};

use super::context::{LowerError, Lowering, Outcome, Place, Schema, Step};
use super::{malformed, marked};

const STEPS: &[Step] = &[
    keywords::report_direction,
    references::lower,
    malformed::lower,
    null::take_out,
    composition::lower,
    types::settle,
    marked::lower,
    keywords::report_unused,
    objects::lower,
    arrays::lower,
    strings::lower,
    numbers::lower,
    types::lower_boolean,
];

/// Lowers a schema that has keywords.
pub(super) fn lower(
    lowering: &mut Lowering<'_, '_>,
    keywords: &Map<String, Value>,
    place: &Place,
) -> Result<Value, LowerError> {
    let mut schema = Schema { place, keywords: keywords.clone(), is_nullable: false };
    for step in STEPS {
        match step(lowering, &mut schema)? {
            Outcome::Next => {}
            Outcome::Lowered(lowered) => {
                let annotated = keywords::annotated(lowering, lowered, &schema);
                return Ok(null::with_null(annotated, schema.is_nullable));
            }
            Outcome::Whole(lowered) => return Ok(lowered),
        }
    }
    let any = types::any(lowering, &schema);
    Ok(keywords::annotated(lowering, any, &schema))
}
