//! The faults that wait for their requests.

use std::collections::{HashMap, VecDeque};

use super::{Fault, FaultPlan};

/// Injected faults by operation, and the plans for requests that none of them hits.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    injected: HashMap<String, VecDeque<Fault>>,
    plans: Vec<FaultPlan>,
}

impl Faults {
    pub(crate) fn inject(&mut self, operation: &str, fault: Fault) {
        if fault.times != Some(0) {
            self.injected.entry(operation.to_owned()).or_default().push_back(fault);
        }
    }

    pub(crate) fn plan(&mut self, plan: FaultPlan) {
        self.plans = vec![plan];
    }

    pub(crate) fn also_plan(&mut self, plan: FaultPlan) {
        self.plans.push(plan);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The fault that hits the next request for this operation.
    pub(crate) fn take(&mut self, operation: &str) -> Option<Fault> {
        let Some(queue) = self.injected.get_mut(operation).filter(|queue| !queue.is_empty()) else {
            // Every plan draws, so that what one of them gives does not depend on the others.
            let drawn: Vec<_> = self.plans.iter_mut().map(|plan| plan.draw(operation)).collect();
            return drawn.into_iter().flatten().next();
        };
        let next = queue.front_mut()?;
        let fault = next.clone();
        match &mut next.times {
            None => {}
            Some(left) if *left > 1 => *left -= 1,
            Some(_) => drop(queue.pop_front()),
        }
        Some(fault)
    }
}
