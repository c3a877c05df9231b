//! The last step: the lowered document to Rust code, through progenitor.

mod code;
mod defaults;
mod docs;
mod on_demand;
mod open_enums;
mod open_types;
mod outline;
mod response_types;
#[cfg(feature = "diff")]
pub(crate) mod review;
mod roles;
mod rust_names;
mod sending;
mod setters;
mod short_paths;
mod sizes;
mod table;
mod tidy;
mod tokens;

use crate::operations::Operation;
use crate::pipeline::Prepared;
use code::{Code, Whole};

pub use code::GenerateError;
pub use docs::inert_markdown;
#[cfg(feature = "diff")]
pub use review::Generated;
pub use table::{method_name, operation_constant};

/// The files that the crate includes.
const CLIENT: &str = "client.rs";
const RESPONSE_TYPES: &str = "response_types.rs";
const OPERATIONS: &str = "operations.rs";

/// A file of the code: name and text.
type CodeFile = (&'static str, String);

impl Prepared {
    /// The files of the client's code, name and text.
    ///
    /// # Errors
    ///
    /// [`GenerateError`]. A panic of the generator is caught and returned as an error.
    pub fn code_files(&self) -> Result<[(&'static str, String); 3], GenerateError> {
        Ok(self.code()?.0)
    }

    /// The files, and the first as it was read.
    fn code(&self) -> Result<([CodeFile; 3], syn::File), GenerateError> {
        let offered: Vec<&Operation> = self.offered().collect();
        let whole = Whole::of(self);
        let mut code = Code::of(self.lowered.clone(), &whole)?;
        let response_types = code.finish(&whole, &offered);
        let sizes = sizes::by_method(&code.client, &code.of_builders);
        let operations = table::operations_code(&offered, &sizes);
        let client = prettyplease::unparse(&code.client);
        Ok(([(CLIENT, client), (RESPONSE_TYPES, response_types), (OPERATIONS, operations)], code.client))
    }
}
