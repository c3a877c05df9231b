//! What an update does to what it meets.

use serde_json::Value;

/// Merges an update into a value: of an object field by field and downwards, in place of what is not an object; of an array, by adding to it.
pub(super) fn merge(target: &mut Value, update: &Value) {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => {
            for (key, update) in update {
                match target.get_mut(key) {
                    Some(present) if present.is_object() || !update.is_object() => merge(present, update),
                    _ => drop(target.insert(key.clone(), update.clone())),
                }
            }
        }
        (Value::Array(target), Value::Array(update)) => target.extend(update.iter().cloned()),
        (Value::Array(target), update) => target.push(update.clone()),
        (target, update) => *target = update.clone(),
    }
}
