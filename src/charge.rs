//! Charges: what they are about.

use crate::types::Charge;

impl Charge {
    /// The instance that was charged, where it was one: the number in `instance-12345678`.
    ///
    /// ```
    /// let charge: vastai_api::types::Charge = serde_json::from_str(r#"{"source": "instance-12345678"}"#)?;
    /// assert_eq!(charge.instance_id(), Some(12_345_678));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn instance_id(&self) -> Option<i64> {
        self.source.as_deref()?.strip_prefix("instance-")?.parse().ok()
    }
}
