//! Faults at random.

use std::collections::BTreeSet;

use super::Fault;

/// Faults drawn at random, one draw for each request: the same seed gives the same faults in the order of the requests.
///
/// ```
/// use vastai_mock::{Fault, FaultPlan, RateLimitForm, Simulator};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let sim = Simulator::start().await?;
/// let plan = FaultPlan::seeded(7)
///     .healthy(5)
///     .fault(2, Fault::cut_before_effect())
///     .fault(2, Fault::cut_after_effect())
///     .fault(1, Fault::status(503))
///     .fault(1, Fault::too_many_requests(RateLimitForm::PlainText))
///     .only("createInstance");
/// sim.plan_faults(plan)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a plan does nothing until it is given to a simulator"]
pub struct FaultPlan {
    state: u64,
    healthy: u64,
    faults: Vec<(u64, Fault)>,
    /// The ids of the operations that it is for; empty for all.
    only: BTreeSet<String>,
}

impl FaultPlan {
    /// A plan without faults.
    pub fn seeded(seed: u64) -> Self {
        Self { state: seed, healthy: 0, faults: Vec::new(), only: BTreeSet::new() }
    }

    /// How often nothing goes wrong, in proportion to the weights of the faults.
    pub fn healthy(mut self, weight: u32) -> Self {
        self.healthy += u64::from(weight);
        self
    }

    /// Adds a fault with its weight. Each draw stands for one request, whatever the fault's [`times`](Fault::times) say.
    pub fn fault(mut self, weight: u32, fault: Fault) -> Self {
        self.faults.push((u64::from(weight), fault));
        self
    }

    /// Adds an operation, by its id, to those that the plan is for. Without any it is for all operations.
    pub fn only(mut self, operation: impl Into<String>) -> Self {
        self.only.insert(operation.into());
        self
    }

    pub(crate) fn named(&self) -> impl Iterator<Item = &str> {
        self.only.iter().map(String::as_str)
    }

    /// The fault for the next request, which is for this operation.
    pub(super) fn draw(&mut self, operation: &str) -> Option<Fault> {
        if !self.only.is_empty() && !self.only.contains(operation) {
            return None;
        }
        let total: u64 = self.healthy + self.faults.iter().map(|(weight, _)| weight).sum::<u64>();
        let mut drawn = self.random().checked_rem(total)?.checked_sub(self.healthy)?;
        for (weight, fault) in &self.faults {
            match drawn.checked_sub(*weight) {
                Some(rest) => drawn = rest,
                None => return Some(fault.clone()),
            }
        }
        None
    }

    /// Sebastiano Vigna's SplitMix64: small, and good enough to draw lots with.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(mut plan: FaultPlan, count: usize) -> Vec<Option<Fault>> {
        (0..count).map(|_| plan.draw("createInstance")).collect()
    }

    fn plan(seed: u64) -> FaultPlan {
        FaultPlan::seeded(seed).healthy(2).fault(1, Fault::cut_after_effect()).fault(1, Fault::status(503))
    }

    #[test]
    fn the_seed_decides() {
        assert_eq!(draws(plan(1), 100), draws(plan(1), 100));
        assert_ne!(draws(plan(1), 100), draws(plan(2), 100));
    }

    #[test]
    fn weights_are_kept() {
        let drawn = draws(plan(3), 10_000);
        for (expected, wanted) in
            [(None, 5_000), (Some(Fault::cut_after_effect()), 2_500), (Some(Fault::status(503)), 2_500)]
        {
            let count = drawn.iter().filter(|fault| **fault == expected).count();
            assert!(count.abs_diff(wanted) < 200, "{expected:?}: {count}");
        }
    }

    #[test]
    fn other_operations_are_left_alone_and_draw_nothing() {
        let mut only = plan(1).only("createInstance");
        assert!((0..100).all(|_| only.draw("showInstance").is_none()));
        assert_eq!(draws(only, 100), draws(plan(1), 100));
        assert!(draws(FaultPlan::seeded(1), 100).iter().all(Option::is_none));
    }
}
