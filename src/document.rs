//! The documents from which the client is generated, for the simulator, which serves them.

/// `openapi.yaml`, the vendored document; the client is that of another one where it was built with `VASTAI_OPENAPI`.
pub static VENDORED: &str = include_str!("../openapi.yaml");

/// `overlay.yaml`, the corrections to it.
pub static CORRECTIONS: &str = include_str!("../overlay.yaml");

/// `undocumented.yaml`, what the official client uses and the document lacks.
pub static ADDITIONS: &str = include_str!("../undocumented.yaml");
