//! Values over time, and how they look on one line.

use std::collections::VecDeque;

use ratatui::symbols::bar;

/// The most values that are kept: more than a screen has columns.
const LENGTH: usize = 512;

const LEVELS: [&str; 8] = [
    bar::NINE_LEVELS.one_eighth,
    bar::NINE_LEVELS.one_quarter,
    bar::NINE_LEVELS.three_eighths,
    bar::NINE_LEVELS.half,
    bar::NINE_LEVELS.five_eighths,
    bar::NINE_LEVELS.three_quarters,
    bar::NINE_LEVELS.seven_eighths,
    bar::NINE_LEVELS.full,
];

/// The last values of something, one for each poll; `None` where it was not known.
#[derive(Debug, Clone, Default)]
pub(super) struct Series(VecDeque<Option<f64>>);

impl Series {
    pub(super) fn push(&mut self, value: Option<f64>) {
        if self.0.len() == LENGTH {
            self.0.pop_front();
        }
        self.0.push_back(value.filter(|value| value.is_finite()));
    }

    pub(super) fn last(&self) -> Option<f64> {
        self.0.back().copied().flatten()
    }

    /// The last values as bars, the newest at the right, from zero to the largest of them.
    pub(super) fn spark(&self, width: usize) -> String {
        let shown = self.0.iter().skip(self.0.len().saturating_sub(width));
        let largest = shown.clone().flatten().fold(0.0, |largest: f64, value| largest.max(*value));
        shown.map(|value| value.map_or(" ", |value| level(value, largest))).collect()
    }
}

fn level(value: f64, largest: f64) -> &'static str {
    let highest = LEVELS.len() - 1;
    if largest <= 0.0 {
        return LEVELS[0];
    }
    // From 0 to 7, and so within a `usize`.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of seven")]
    #[expect(clippy::cast_precision_loss, reason = "seven is exact")]
    let level = ((value / largest).clamp(0.0, 1.0) * highest as f64).round() as usize;
    LEVELS[level.min(highest)]
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn bars_go_from_zero_to_the_largest_of_those_shown() {
        let mut series = Series::default();
        assert_eq!(series.spark(5), "");
        for value in [Some(80.0), Some(0.0), None, Some(2.0), Some(f64::NAN), Some(4.0), Some(-1.0)] {
            series.push(value);
        }
        assert_eq!(series.spark(6), "▁ ▅ █▁");
        assert_eq!(series.spark(100), "█▁ ▁ ▁▁");
        (0..LENGTH + 10).for_each(|_| series.push(Some(1.0)));
        assert_eq!(series.0.len(), LENGTH);
    }
}
