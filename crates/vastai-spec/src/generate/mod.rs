//! The last step: the lowered document to Rust code, through progenitor.

mod code;
mod defaults;
mod docs;
mod on_demand;
mod open_enums;
mod open_types;
#[cfg(feature = "diff")]
mod origins;
mod outline;
mod parts;
mod response_types;
mod roles;
mod rust_names;
mod sending;
mod setters;
mod short_paths;
mod sizes;
mod table;
mod tidy;
mod tokens;
#[cfg(feature = "diff")]
pub(crate) mod touched;

use crate::operations::Operation;
use crate::pipeline::Prepared;
use crate::surface;
use code::{Code, Whole};
use parts::{Part, in_parallel};

pub use code::GenerateError;
pub use docs::inert_markdown;
#[cfg(feature = "diff")]
pub(crate) use origins::Origins;
pub use table::{method_name, operation_constant};

/// The files that the crate includes.
const CLIENT: &str = "client.rs";
const RESPONSE_TYPES: &str = "response_types.rs";
const OPERATIONS: &str = "operations.rs";

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
    /// Generates the client from the lowered document.
    ///
    /// # Errors
    ///
    /// [`GenerateError`]. A panic of the generator is caught and returned as an error.
    pub fn generate(&self) -> Result<Generated, GenerateError> {
        let (generated, client) = self.generated()?;
        let offered: Vec<&Operation> = self.offered().collect();
        Ok(Generated { surface: surface::of(&client, &offered), ..generated })
    }

    /// The files of [`generate`](Self::generate) alone, name and text, for who does not ask for the surface.
    ///
    /// # Errors
    ///
    /// As those of [`generate`](Self::generate).
    pub fn code_files(&self) -> Result<[(&'static str, String); 3], GenerateError> {
        let (Generated { client, response_types, operations, .. }, _) = self.generated()?;
        Ok([(CLIENT, client), (RESPONSE_TYPES, response_types), (OPERATIONS, operations)])
    }

    /// The client without its surface, and its code as it was read.
    fn generated(&self) -> Result<(Generated, syn::File), GenerateError> {
        let offered: Vec<&Operation> = self.offered().collect();
        let whole = Whole::of(self);
        let mut code = Code::of(self.lowered.clone(), &whole)?;
        let response_types = code.finish(&whole, &offered);
        let sizes = sizes::by_method(&code.client, &code.of_builders);
        let generated = Generated {
            client: prettyplease::unparse(&code.client),
            response_types,
            operations: table::operations_code(&offered, &sizes),
            surface: String::new(),
            generated_operations: offered.len(),
        };
        Ok((generated, code.client))
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
