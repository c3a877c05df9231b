//! What two clients have in common is not generated to be compared: only what a change touches is.

use std::collections::BTreeSet;

use super::origins::Origins;
use super::parts::{Part, References, direct, in_parallel};
use crate::generate::code::{Code, GenerateError, Whole};

use crate::operations::Operation;
use crate::pipeline::Prepared;
use crate::surface;

/// Two clients, as far as they may differ.
pub(crate) struct Touched<'client> {
    pub(crate) old: Side<'client>,
    pub(crate) new: Side<'client>,
    /// Whether what the operations table and the documentation of the whole client are made of is the same.
    same_table: bool,
}

/// What may differ of one client.
pub(crate) struct Side<'client> {
    prepared: &'client Prepared,
    whole: Whole,
    references: References<'client>,
    offered: Vec<&'client Operation>,
    /// The operations that are generated.
    operations: Vec<&'client Operation>,
    /// The schemas that are, which are at least those that the operations refer to.
    schemas: BTreeSet<&'client str>,
}

impl<'client> Touched<'client> {
    pub(crate) fn between(old: &'client Prepared, new: &'client Prepared) -> Self {
        let (mut old, mut new) = (Side::of(old), Side::of(new));
        let same_table =
            old.offered == new.offered && old.prepared.lowered["info"] == new.prepared.lowered["info"];
        // Where a circle of types is cut depends on all that refers to it, and how paths are written on all names.
        let is_whole = [&old, &new].iter().any(|side| side.references.have_circles())
            || old.whole.declared != new.whole.declared;
        let (before, after) = (old.touched_by(&new, is_whole), new.touched_by(&old, is_whole));
        // What one side generates, the other does too, or it would seem to be new or gone.
        let both: BTreeSet<&str> = before.iter().chain(&after).copied().collect();
        old.schemas = old.references.closed(both.iter().copied());
        new.schemas = new.references.closed(both.iter().copied());
        Self { old, new, same_table }
    }

    /// Whether the code of the clients is the same, in its documentation too.
    pub(crate) fn is_same_code(&self) -> Result<bool, GenerateError> {
        Ok(self.same_table && self.old.code()? == self.new.code()?)
    }
}

impl<'client> Side<'client> {
    fn of(prepared: &'client Prepared) -> Self {
        let lowered = &prepared.lowered;
        Self {
            prepared,
            whole: Whole::of(prepared),
            references: References::of(lowered),
            offered: prepared.offered().collect(),
            operations: Vec::new(),
            schemas: BTreeSet::new(),
        }
    }

    /// Finds the operations that are not the same on the other side, or refer to a schema that is not; gives all schemas that these
    /// operations refer to.
    fn touched_by(&mut self, other: &Self, is_whole: bool) -> BTreeSet<&'client str> {
        let (lowered, others) = (&self.prepared.lowered, &other.prepared.lowered);
        let (schemas, other_schemas) = (&lowered["components"]["schemas"], &others["components"]["schemas"]);
        let differs = |name: &&&str| {
            is_whole
                || schemas.get(**name) != other_schemas.get(**name)
                || !self.whole.roles.are_the_same_for(name, &other.whole.roles)
        };
        let mut differing: BTreeSet<&str> = self.references.direct.keys().filter(differs).copied().collect();
        // What refers to a schema that is gone differs itself; what refers to one that differs has its traits from it.
        self.references.add_users(&mut differing);
        self.operations = self
            .offered
            .iter()
            .filter(|operation| {
                let written = &lowered["paths"][&operation.path][&operation.method];
                let is_same = *written == others["paths"][&operation.path][&operation.method];
                !is_same || direct(written).iter().any(|name| differing.contains(name))
            })
            .copied()
            .collect();
        let written = self.operations.iter().map(|of| &lowered["paths"][&of.path][&of.method]);
        let mut touched = self.references.reached(written);
        // Types that no operation uses may be there too.
        touched.extend(differing);
        touched
    }

    /// The public items, one a line.
    pub(crate) fn surface(&self) -> Result<String, GenerateError> {
        let lowered = &self.prepared.lowered;
        // In parts, a circle of types would be cut in several places.
        let parts = match self.references.have_circles() {
            true => vec![self.whole_part()],
            false => Part::split(lowered, &self.references, &self.operations, &self.schemas),
        };
        let surfaces = in_parallel(parts.len(), |index| {
            let mut code = Code::of(parts[index].document(lowered), &self.whole)?;
            code.finish(&self.whole, &self.operations);
            Ok(surface::of(&code.client, &[]))
        });
        let surfaces = surfaces.into_iter().collect::<Result<Vec<String>, GenerateError>>()?;
        let lines: BTreeSet<&str> = surfaces.iter().flat_map(|surface| surface.lines()).collect();
        Ok(lines.into_iter().collect::<Vec<_>>().join("\n"))
    }

    fn whole_part(&self) -> Part<'client> {
        Part { operations: self.operations.clone(), schemas: self.schemas.clone() }
    }

    fn code(&self) -> Result<String, GenerateError> {
        let mut code = Code::of(self.whole_part().document(&self.prepared.lowered), &self.whole)?;
        code.finish(&self.whole, &self.operations);
        Ok(prettyplease::unparse(&code.client))
    }

    /// Which operations the items come from.
    pub(crate) fn origins(&self) -> Origins {
        Origins::of(&self.prepared.lowered, &self.references, &self.offered)
    }
}
