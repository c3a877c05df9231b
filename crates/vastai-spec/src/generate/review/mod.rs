//! What only whoever maintains the client asks of its code: its public items, whether all of it can be made, and what of it differs.

mod origins;
mod parts;
pub(crate) mod touched;

use super::code::{Code, GenerateError, Whole};
use super::{CLIENT, OPERATIONS, RESPONSE_TYPES};
use crate::operations::Operation;
use crate::pipeline::Prepared;
use crate::surface;
pub(crate) use origins::Origins;
use parts::{Part, in_parallel};

/// The code of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// Types, builders and the client: `client.rs`.
    pub client: String,
    /// How the types of responses are deserialized: `response_types.rs`.
    pub response_types: String,
    /// The operations table: `operations.rs`.
    pub operations: String,
    /// The public items of both, one a line: `surface.txt`.
    pub surface: String,
    /// How many operations the client has; those that the report calls left out are missing.
    pub generated_operations: usize,
}

impl Generated {
    /// The code's files, which the crate includes: name and text.
    #[must_use]
    pub fn files(&self) -> [(&'static str, &str); 3] {
        [(CLIENT, &self.client), (RESPONSE_TYPES, &self.response_types), (OPERATIONS, &self.operations)]
    }
}

impl Prepared {
    /// Generates the client from the lowered document, with its surface.
    ///
    /// # Errors
    ///
    /// As those of [`code_files`](Self::code_files).
    pub fn generate(&self) -> Result<Generated, GenerateError> {
        let ([(_, client), (_, response_types), (_, operations)], read) = self.code()?;
        let offered: Vec<&Operation> = self.offered().collect();
        let surface = surface::of(&read, &offered);
        Ok(Generated { client, response_types, operations, surface, generated_operations: offered.len() })
    }

    /// The surface that a client of this document has with such code: [`Generated::client`], from wherever it is.
    ///
    /// # Errors
    ///
    /// [`GenerateError::Code`] where it is not Rust.
    pub fn surface_of(&self, client: &str) -> Result<String, GenerateError> {
        let offered: Vec<&Operation> = self.offered().collect();
        Ok(surface::of(&syn::parse_file(client)?, &offered))
    }

    /// Whether [`generate`](Self::generate) would make a client of the lowered document, and with how many operations: every one is
    /// generated, part by part, and none is kept, so that the memory that this takes does not grow with the document.
    ///
    /// # Errors
    ///
    /// [`GenerateError`], of the first part that fails.
    pub fn check(&self) -> Result<usize, GenerateError> {
        let offered: Vec<&Operation> = self.offered().collect();
        let parts = Part::all_of(&self.lowered, &offered);
        let whole = Whole::of(self);
        let checked = in_parallel(parts.len(), |index| {
            Code::of(parts[index].document(&self.lowered), &whole).map(drop)
        });
        checked.into_iter().collect::<Result<(), _>>()?;
        Ok(offered.len())
    }
}
