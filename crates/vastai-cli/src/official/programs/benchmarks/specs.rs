//! Which GPUs are measured, and how many of each in a worker.

use std::fmt;

use serde_json::{Map, Value};

/// What is measured unless said, each with the memory of one, in MB.
const COMMON: [(&str, f64); 4] =
    [("RTX 5090", 32_607.0), ("RTX 4090", 24_564.0), ("RTX 3090", 24_576.0), ("RTX A6000", 49_140.0)];

/// GPUs of one name, as many as a worker has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) gpu: String,
    pub(super) count: i64,
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}x {}", self.count, self.gpu)
    }
}

/// The GPUs that are said, `RTX_4090,2x RTX_3090`; unless said the common ones, so many of each as the filters of the template ask for.
pub(super) fn wanted(
    said: Option<&str>,
    count: Option<i64>,
    filters: &Map<String, Value>,
) -> Result<Vec<Spec>, String> {
    if count.is_some_and(|count| count < 1) {
        return Err("--num_gpus has to be 1 or more".to_owned());
    }
    let all: Vec<Spec> = match said {
        Some(said) => {
            let words = said.split(',').map(str::trim).filter(|word| !word.is_empty());
            words.map(|word| spec(word, count.unwrap_or(1))).collect::<Result<_, _>>()?
        }
        None => COMMON
            .iter()
            .map(|(gpu, memory)| Spec {
                gpu: (*gpu).to_owned(),
                count: count.unwrap_or_else(|| enough(*memory, filters)),
            })
            .collect(),
    };
    if all.is_empty() {
        return Err("--gpus names none".to_owned());
    }
    let mut once = Vec::new();
    for spec in all {
        if !once.contains(&spec) {
            once.push(spec);
        }
    }
    Ok(once)
}

/// `RTX_4090`, or `2x RTX_4090`.
fn spec(word: &str, count: i64) -> Result<Spec, String> {
    let digits = word.len() - word.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (number, rest) = word.split_at(digits);
    let is_space = |letter: char| letter == ' ' || letter == '_';
    let name = rest.trim_start_matches(is_space).strip_prefix(['x', 'X']).filter(|_| digits > 0);
    let (count, name) =
        match name.map(|name| name.trim_start_matches(is_space)).filter(|name| !name.is_empty()) {
            Some(name) => (number.parse::<i64>().unwrap_or_default(), name),
            None => (count, word),
        };
    if count < 1 {
        return Err(format!("'{word}' in --gpus: there has to be 1 or more of it"));
    }
    let name = name.replace('_', " ");
    let common = COMMON.iter().find(|(common, _)| common.eq_ignore_ascii_case(&name));
    Ok(Spec { gpu: common.map_or(name, |(common, _)| (*common).to_owned()), count })
}

/// How many GPUs of so much memory, in MB, have as much in all as the template asks for: 1, 2, 4 or 8, as machines have them.
fn enough(memory: f64, filters: &Map<String, Value>) -> i64 {
    let least = filters.get("gpu_total_ram").and_then(|condition| {
        let least = |operator: &str| condition.get(operator).and_then(Value::as_f64);
        least("gte").or_else(|| least("gt").map(|more| more + 1.0))
    });
    let needed = least.unwrap_or_default() / memory;
    [1_i32, 2, 4].into_iter().find(|count| needed <= f64::from(*count)).map_or(8, i64::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(said: Option<&str>, count: Option<i64>, filters: Value) -> Result<String, String> {
        let specs = wanted(said, count, filters.as_object().unwrap_or(&Map::new()))?;
        Ok(specs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn names_and_counts() {
        let said = |said: &str| shown(Some(said), None, json!({}));
        assert_eq!(said("RTX_4090"), Ok("1x RTX 4090".to_owned()));
        assert_eq!(said("2x rtx_4090, RTX_3090,"), Ok("2x RTX 4090, 1x RTX 3090".to_owned()));
        assert_eq!(said("4_x_H100_SXM,1x A40,A40"), Ok("4x H100 SXM, 1x A40".to_owned()));
        assert_eq!(said("8XH200"), Ok("8x H200".to_owned()));
        assert_eq!(shown(Some("A40,2x A40"), Some(4), json!({})), Ok("4x A40, 2x A40".to_owned()));
        for wrong in ["", " , ", "0x A40"] {
            assert!(said(wrong).is_err(), "{wrong:?}");
        }
        assert!(shown(None, Some(0), json!({})).is_err());
    }

    #[test]
    fn unless_said_so_many_as_the_template_needs() {
        assert_eq!(
            shown(None, None, json!({"gpu_total_ram": {"gte": 48_000}})),
            Ok("2x RTX 5090, 2x RTX 4090, 2x RTX 3090, 1x RTX A6000".to_owned())
        );
        assert_eq!(
            shown(None, Some(1), json!({"gpu_total_ram": {"gt": 48_000}})),
            Ok("1x RTX 5090, 1x RTX 4090, 1x RTX 3090, 1x RTX A6000".to_owned())
        );
    }
}
