//! Marks of our own (`x-vastai-…` and `x-undocumented`), which count in the overlays alone.
//!
//! They say what no document can say of itself: what may be sent twice, for one. A person reviews the overlay; the published document
//! is input from outside, so what it has of them is reported and left out before the overlay is applied.

use serde_json::Value;

use crate::overlay::UNDOCUMENTED;
use crate::pointer::Way;
use crate::report::{Effect, Report, Rule};

/// How the name of every mark begins.
pub const PREFIX: &str = "x-vastai-";

static MARK_NOT_OBEYED: Rule = Rule {
    id: "mark-not-obeyed",
    reason: "marks of this project count in its overlay alone, not in a document that others publish",
    effect: Effect::Ignored,
};

/// Takes every mark out of a published document, wherever it stands: what is reached by a reference may stand anywhere.
///
/// A property of a schema may be called like a mark; it stays.
pub(crate) fn take_out(document: &mut Value, report: &mut Report) {
    take_out_of(document, Way::At(""), "", report);
}

fn take_out_of(value: &mut Value, at: Way<'_>, key: &str, report: &mut Report) {
    match value {
        Value::Object(members) => {
            let holds_properties = key == "properties";
            members.retain(|name, member| {
                let is_property = holds_properties && member.is_object();
                let stays = is_property || !is_mark(name);
                if !stays {
                    let said = match member {
                        Value::Object(_) | Value::Array(_) => format!("`{name}`"),
                        said => format!("`{name}: {said}`"),
                    };
                    report.note(&MARK_NOT_OBEYED, &Way::Key(&at, name).to_string(), said);
                }
                stays
            });
            for (name, member) in members {
                take_out_of(member, Way::Key(&at, name), name, report);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                take_out_of(element, Way::Index(&at, index), "", report);
            }
        }
        _ => {}
    }
}

fn is_mark(name: &str) -> bool {
    let is_of_our_own = name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
    is_of_our_own || name.eq_ignore_ascii_case(UNDOCUMENTED)
}
