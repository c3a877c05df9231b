//! The responses that tests choose, and what goes wrong with them.

use http::StatusCode;
use http::header::InvalidHeaderValue;

use super::Simulator;
use crate::document::UnknownOperation;
use crate::fault::{Fault, FaultPlan};
use crate::responses::{LogsShape, RawResponse, WorkersShape};

impl Simulator {
    /// Lets a fault hit the next requests for an operation. Several for one operation hit in the order in which they were injected.
    ///
    /// # Errors
    ///
    /// The document has no operation of this id; nothing is injected.
    pub fn inject(&self, operation: &str, fault: Fault) -> Result<(), UnknownOperation> {
        let mut service = self.service();
        service.document.operation(operation)?;
        service.faults.inject(operation, fault);
        Ok(())
    }

    /// Draws a fault for every request that no injected fault hits; in place of all earlier plans.
    ///
    /// # Errors
    ///
    /// The plan names an operation that the document does not have; the earlier plan stays.
    pub fn plan_faults(&self, plan: FaultPlan) -> Result<(), UnknownOperation> {
        let mut service = self.service();
        for operation in plan.named() {
            service.document.operation(operation)?;
        }
        service.faults.plan(plan);
        Ok(())
    }

    /// Draws from this plan beside the earlier ones: where several give a fault to a request, that of the earliest plan hits.
    ///
    /// # Errors
    ///
    /// The plan names an operation that the document does not have; it is not taken.
    pub fn also_plan_faults(&self, plan: FaultPlan) -> Result<(), UnknownOperation> {
        let mut service = self.service();
        for operation in plan.named() {
            service.document.operation(operation)?;
        }
        service.faults.also_plan(plan);
        Ok(())
    }

    /// Forgets all faults, injected and planned.
    pub fn clear_faults(&self) {
        self.service().faults.clear();
    }

    /// Lets a fault hit the next requests for a `result_url`.
    pub fn inject_into_results(&self, fault: Fault) {
        self.service().files.faults.inject("", fault);
    }

    /// Chooses the form of the responses to *get endpoint workers* and *get workergroup workers*.
    pub fn set_workers_shape(&self, shape: WorkersShape) {
        self.service().workers_shape = shape;
    }

    /// Chooses the form of the responses to *get endpoint logs* and *get workergroup logs*.
    pub fn set_logs_shape(&self, shape: LogsShape) {
        self.service().logs_shape = shape;
    }

    /// Answers every request for `path` with `response`, whatever its method and key. The path counts
    /// with and without its last slash.
    pub fn respond_with(&self, path: &str, response: RawResponse) {
        self.service().script.respond_with(path, response);
    }

    /// Answers one request for `path` with `response`. Several are used in the order in which they
    /// were given, before that of [`respond_with`](Self::respond_with).
    pub fn respond_next_with(&self, path: &str, response: RawResponse) {
        self.service().script.respond_next_with(path, response);
    }

    /// Answers every request for exactly `path`, its last slash included or not, with a redirect to
    /// `location`: a path of this server or a URL.
    ///
    /// # Errors
    ///
    /// `location` has bytes that a header cannot hold, such as a line break.
    pub fn redirect(&self, path: &str, status: StatusCode, location: &str) -> Result<(), InvalidHeaderValue> {
        let response = RawResponse::redirect(status, location)?;
        self.service().script.redirect(path, response);
        Ok(())
    }

    /// Forgets the responses and redirects given for `path`, with and without its last slash.
    pub fn clear_responses(&self, path: &str) {
        self.service().script.clear(path);
    }
}
