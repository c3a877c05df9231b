//! The public items of a crate as its sources have them, one a line: what a reviewer reads of a hand-written crate.
//!
//! An item stands under the shortest public path that leads to it; other paths are `use` lines. What comes from other crates is named
//! and not followed. Macros of the crate are [expanded](super::macros) where they make items; a call that is not understood is a line of
//! its own, so that nothing is left out in silence. Of the traits that a type implements, `Debug` and `Drop` and private ones are left out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Attribute, Fields, FnArg, Generics, ImplItem, Item, ItemImpl, Pat, Signature, TraitItem, Type, UseTree,
    WherePredicate,
};

use super::macros::Macro;
use super::written::{is_public, squeezed, tokens};
use crate::visible::in_one_line;

/// Why the sources have no surface.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourcesError {
    /// The file of a module is not among the sources.
    #[error("`mod {module};` in {file} has no file {module}.rs or {module}/mod.rs beside it")]
    Missing {
        /// The file that declares the module.
        file: String,
        /// The module.
        module: String,
    },
    /// A file is not Rust.
    #[error("{file}: {error}")]
    Syntax {
        /// The file.
        file: String,
        /// What the parser says.
        error: syn::Error,
    },
}

/// The surface of a crate, sorted, with a newline at the end; the sources are by their names below `src`, such as `lib.rs`.
///
/// # Errors
///
/// [`SourcesError`], where a file is missing or not Rust.
pub fn of_sources(sources: &BTreeMap<&str, &str>) -> Result<String, SourcesError> {
    let mut files = BTreeMap::new();
    for (name, text) in sources {
        let file = syn::parse_file(text)
            .map_err(|error| SourcesError::Syntax { file: (*name).to_owned(), error })?;
        files.insert(*name, file.items);
    }
    let mut macros = BTreeMap::new();
    files.values().for_each(|items| collect_macros(items, &mut macros));
    let mut tree = Tree { modules: Vec::new(), macros };
    tree.load(&files, "lib.rs", "lib.rs", "", None)?;
    Ok(Surface::of(&tree))
}

fn collect_macros(items: &[Item], macros: &mut BTreeMap<String, Option<Macro>>) {
    for item in items {
        match item {
            Item::Macro(definition) => {
                if let Some(name) = &definition.ident {
                    macros.insert(name.to_string(), Macro::of(definition.mac.tokens.clone()));
                }
            }
            Item::Mod(module) => {
                module.content.iter().for_each(|(_, items)| collect_macros(items, macros));
            }
            _ => {}
        }
    }
}

/// A module: its items, with those that macros make, and what is in its scope.
#[derive(Default)]
struct Module {
    parent: Option<usize>,
    items: Vec<Item>,
    children: BTreeMap<String, Child>,
    uses: Vec<Use>,
    /// Calls of macros that were not expanded.
    calls: Vec<String>,
}

struct Child {
    module: usize,
    is_public: bool,
}

struct Use {
    is_public: bool,
    path: Vec<String>,
    /// What it is called here; `*` for all.
    name: String,
}

struct Tree {
    modules: Vec<Module>,
    macros: BTreeMap<String, Option<Macro>>,
}

/// An item by its module and name.
type Definition = (usize, String);

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Item(Definition),
    Module(usize),
    /// In another crate.
    Elsewhere(String),
}

impl Tree {
    fn load(
        &mut self,
        files: &BTreeMap<&str, Vec<Item>>,
        file: &str,
        declared_in: &str,
        folder: &str,
        parent: Option<usize>,
    ) -> Result<usize, SourcesError> {
        let items = files.get(file).ok_or_else(|| SourcesError::Missing {
            file: declared_in.to_owned(),
            module: file.trim_end_matches(".rs").to_owned(),
        })?;
        self.fill(files, items.clone(), file, folder, parent)
    }

    fn fill(
        &mut self,
        files: &BTreeMap<&str, Vec<Item>>,
        items: Vec<Item>,
        file: &str,
        folder: &str,
        parent: Option<usize>,
    ) -> Result<usize, SourcesError> {
        let index = self.modules.len();
        self.modules.push(Module { parent, ..Module::default() });
        let mut pending: VecDeque<Item> = items.into();
        while let Some(item) = pending.pop_front() {
            match item {
                item if is_of_tests(&item) => {}
                Item::Mod(module) => {
                    let name = module.ident.to_string();
                    let folder_of_it = format!("{folder}{name}/");
                    let child = match module.content {
                        Some((_, items)) => self.fill(files, items, file, &folder_of_it, Some(index))?,
                        None => {
                            let [beside, inside] =
                                [format!("{folder}{name}.rs"), format!("{folder_of_it}mod.rs")];
                            let found = if files.contains_key(inside.as_str()) { inside } else { beside };
                            self.load(files, &found, file, &folder_of_it, Some(index))?
                        }
                    };
                    let is_public = is_public(&module.vis);
                    self.modules[index].children.insert(name, Child { module: child, is_public });
                }
                Item::Use(import) => {
                    let is_public = is_public(&import.vis);
                    let root = if import.leading_colon.is_some() { vec![String::new()] } else { Vec::new() };
                    flatten(&import.tree, &root, is_public, &mut self.modules[index].uses);
                }
                Item::Macro(call) if call.ident.is_none() => {
                    let name = call.mac.path.segments.last().map(|last| last.ident.to_string());
                    let rules = name.as_ref().and_then(|name| self.macros.get(name)?.as_ref());
                    let expanded = rules.and_then(|rules| rules.expanded(&call.mac.tokens));
                    match expanded.and_then(|tokens| syn::parse2::<syn::File>(tokens).ok()) {
                        Some(made) => made.items.into_iter().rev().for_each(|item| pending.push_front(item)),
                        None => self.modules[index].calls.push(text_of(&call.mac)),
                    }
                }
                Item::Macro(_) => {}
                item => self.modules[index].items.push(item),
            }
        }
        Ok(index)
    }

    /// What a path means in a module.
    fn resolve(&self, module: usize, path: &[String], depth: usize) -> Vec<Target> {
        // Imports that go in circles lead nowhere.
        const DEEPEST: usize = 32;
        let Some((first, rest)) = path.split_first().filter(|_| depth < DEEPEST) else { return Vec::new() };
        let elsewhere = || vec![Target::Elsewhere(path.join("::").trim_start_matches("::").to_owned())];
        let starts = match first.as_str() {
            "" => return elsewhere(),
            "crate" => vec![Target::Module(0)],
            "self" => vec![Target::Module(module)],
            "super" => self.modules[module].parent.map(Target::Module).into_iter().collect(),
            name => self.lookup(module, name, depth),
        };
        if starts.is_empty() {
            return elsewhere();
        }
        let mut found = Vec::new();
        for start in starts {
            match start {
                target if rest.is_empty() => found.push(target),
                Target::Module(inner) => {
                    // Within a module, only what is there counts, not other crates.
                    let name = &rest[0];
                    if name == "super" || rest.len() > 1 || !self.lookup(inner, name, depth).is_empty() {
                        found.extend(self.resolve(inner, rest, depth + 1));
                    }
                }
                Target::Elsewhere(to) => found.push(Target::Elsewhere(format!("{to}::{}", rest.join("::")))),
                // A variant or an associated item.
                Target::Item(_) => {}
            }
        }
        found
    }

    /// What a name means in the scope of a module.
    fn lookup(&self, module: usize, name: &str, depth: usize) -> Vec<Target> {
        let scope = &self.modules[module];
        let mut found = Vec::new();
        if scope.items.iter().any(|item| name_of(item).is_some_and(|ident| ident == name)) {
            found.push(Target::Item((module, name.to_owned())));
        }
        found.extend(scope.children.get(name).map(|child| Target::Module(child.module)));
        let named = scope.uses.iter().filter(|import| import.name == name);
        // `use name::…` of another crate does not import itself.
        for import in named.filter(|import| import.path.first().is_none_or(|first| first != name)) {
            found.extend(self.resolve(module, &import.path, depth + 1));
        }
        if found.is_empty() && depth < 8 {
            for import in scope.uses.iter().filter(|import| import.name == "*") {
                for target in self.resolve(module, &import.path, depth + 1) {
                    if let Target::Module(inner) = target {
                        found.extend(self.lookup(inner, name, depth + 1));
                    }
                }
            }
        }
        found
    }

    /// The item that a type is, if it is one of this crate.
    fn definition(&self, module: usize, of: &Type) -> Option<Definition> {
        let Type::Path(path) = of else { return None };
        self.definition_at(module, &path.path)
    }

    fn definition_at(&self, module: usize, path: &syn::Path) -> Option<Definition> {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.resolve(module, &segments, 0).into_iter().find_map(|target| match target {
            Target::Item(definition) => Some(definition),
            _ => None,
        })
    }
}

fn flatten(tree: &UseTree, path: &[String], is_public: bool, uses: &mut Vec<Use>) {
    let with = |name: &syn::Ident| [path, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(inner) => flatten(&inner.tree, &with(&inner.ident), is_public, uses),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, path, is_public, uses)),
        UseTree::Glob(_) => uses.push(Use { is_public, path: path.to_vec(), name: "*".to_owned() }),
        UseTree::Name(name) if name.ident == "self" => {
            uses.push(Use { is_public, path: path.to_vec(), name: path.last().cloned().unwrap_or_default() });
        }
        UseTree::Name(name) => {
            uses.push(Use { is_public, path: with(&name.ident), name: name.ident.to_string() });
        }
        UseTree::Rename(rename) => {
            let path = if rename.ident == "self" { path.to_vec() } else { with(&rename.ident) };
            uses.push(Use { is_public, path, name: rename.rename.to_string() });
        }
    }
}

/// Whether an item is only there in tests.
fn is_of_tests(item: &Item) -> bool {
    attributes(item).iter().any(|attribute| {
        let condition = attribute.meta.require_list().map(|list| list.tokens.to_string());
        attribute.path().is_ident("cfg")
            && condition.is_ok_and(|condition| condition == "test" || condition == "doctest")
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The name of an item that can be public, and its visibility.
fn named(item: &Item) -> Option<(&syn::Ident, &syn::Visibility)> {
    Some(match item {
        Item::Const(item) => (&item.ident, &item.vis),
        Item::Enum(item) => (&item.ident, &item.vis),
        Item::Fn(item) => (&item.sig.ident, &item.vis),
        Item::Static(item) => (&item.ident, &item.vis),
        Item::Struct(item) => (&item.ident, &item.vis),
        Item::Trait(item) => (&item.ident, &item.vis),
        Item::Type(item) => (&item.ident, &item.vis),
        _ => return None,
    })
}

fn name_of(item: &Item) -> Option<&syn::Ident> {
    named(item).map(|(name, _)| name)
}

/// The lines.
struct Surface<'tree> {
    tree: &'tree Tree,
    /// The public paths of each item.
    paths: BTreeMap<Definition, BTreeSet<String>>,
    lines: BTreeSet<String>,
}

impl<'tree> Surface<'tree> {
    fn of(tree: &'tree Tree) -> String {
        let mut surface = Self { tree, paths: BTreeMap::new(), lines: BTreeSet::new() };
        surface.find_paths();
        surface.list_items();
        for (index, module) in tree.modules.iter().enumerate() {
            for item in &module.items {
                if let Item::Impl(block) = item {
                    surface.implementation(index, block);
                }
            }
            surface.lines.extend(module.calls.iter().map(|call| format!("macro call, not expanded: {call}")));
        }
        let lines: Vec<String> =
            surface.lines.iter().map(|line| in_one_line(line).into_owned() + "\n").collect();
        lines.concat()
    }

    fn find_paths(&mut self) {
        let mut seen = BTreeSet::new();
        let mut pending = VecDeque::from([(0, String::new())]);
        while let Some((index, path)) = pending.pop_front() {
            if !seen.insert((index, path.clone())) {
                continue;
            }
            let module = &self.tree.modules[index];
            for (name, visibility) in module.items.iter().filter_map(named) {
                if is_public(visibility) {
                    self.reach((index, name.to_string()), format!("{path}{name}"));
                }
            }
            for (name, child) in module.children.iter().filter(|(_, child)| child.is_public) {
                self.lines.insert(format!("mod {path}{name}"));
                pending.push_back((child.module, format!("{path}{name}::")));
            }
            for import in module.uses.iter().filter(|import| import.is_public) {
                for target in self.tree.resolve(index, &import.path, 0) {
                    match target {
                        Target::Module(inner) if import.name == "*" => {
                            pending.push_back((inner, path.clone()));
                        }
                        Target::Module(inner) => {
                            self.lines.insert(format!("mod {path}{}", import.name));
                            pending.push_back((inner, format!("{path}{}::", import.name)));
                        }
                        Target::Item(definition) => self.reach(definition, format!("{path}{}", import.name)),
                        Target::Elsewhere(from) => {
                            self.lines.insert(format!("use {path}{} = {from}", import.name));
                        }
                    }
                }
            }
        }
    }

    fn reach(&mut self, definition: Definition, path: String) {
        self.paths.entry(definition).or_default().insert(path);
    }

    /// The path under which an item stands.
    fn path(&self, definition: &Definition) -> Option<&str> {
        let paths = self.paths.get(definition)?;
        paths.iter().min_by_key(|path| (path.matches("::").count(), *path)).map(String::as_str)
    }

    fn list_items(&mut self) {
        let definitions: Vec<Definition> = self.paths.keys().cloned().collect();
        for definition in definitions {
            let Some(path) = self.path(&definition).map(str::to_owned) else { continue };
            let others = self.paths[&definition].iter().filter(|other| **other != path);
            let others: Vec<String> = others.map(|other| format!("use {other} = {path}")).collect();
            self.lines.extend(others);
            let (module, name) = &definition;
            let items = self.tree.modules[*module].items.iter();
            for item in items.filter(|item| name_of(item).is_some_and(|ident| ident == name)) {
                self.item(&path, item);
            }
        }
    }

    fn item(&mut self, path: &str, item: &Item) {
        let lines = &mut self.lines;
        match item {
            Item::Const(item) => drop(lines.insert(format!("const {path}: {}", text_of(&item.ty)))),
            Item::Static(item) => drop(lines.insert(format!("static {path}: {}", text_of(&item.ty)))),
            Item::Type(item) => {
                lines.insert(format!("type {path}{} = {}", text_of(&item.generics), text_of(&item.ty)));
            }
            Item::Fn(item) => drop(lines.insert(signature(&item.sig, path, None))),
            Item::Struct(item) => {
                let fields = match &item.fields {
                    Fields::Unnamed(fields) => {
                        let types = fields.unnamed.iter().map(|field| match is_public(&field.vis) {
                            true => text_of(&field.ty),
                            false => "_".to_owned(),
                        });
                        format!("({})", types.collect::<Vec<_>>().join(", "))
                    }
                    _ => String::new(),
                };
                let generics = text_of(&item.generics);
                lines.insert(format!("struct {path}{generics}{fields}{}", exhaustiveness(&item.attrs)));
                if let Fields::Named(fields) = &item.fields {
                    for field in fields.named.iter().filter(|field| is_public(&field.vis)) {
                        if let Some(name) = &field.ident {
                            lines.insert(format!("field {path}.{name}: {}", text_of(&field.ty)));
                        }
                    }
                }
                self.derives(path, &item.attrs);
            }
            Item::Enum(item) => {
                let generics = text_of(&item.generics);
                lines.insert(format!("enum {path}{generics}{}", exhaustiveness(&item.attrs)));
                for variant in &item.variants {
                    let space = if matches!(variant.fields, Fields::Named(_)) { " " } else { "" };
                    let fields = format!("{space}{}", text_of(&variant.fields));
                    let exhaustive = exhaustiveness(&variant.attrs);
                    lines.insert(format!("variant {path}::{}{fields}{exhaustive}", variant.ident));
                }
                self.derives(path, &item.attrs);
            }
            Item::Trait(item) => {
                let bounds = if item.supertraits.is_empty() {
                    String::new()
                } else {
                    format!(": {}", text_of(&item.supertraits))
                };
                lines.insert(format!("trait {path}{}{bounds}", text_of(&item.generics)));
                for member in &item.items {
                    match member {
                        TraitItem::Fn(method) => {
                            let provided = if method.default.is_some() { " (provided)" } else { "" };
                            let name = format!("{path}.{}", method.sig.ident);
                            lines.insert(signature(&method.sig, &name, None) + provided);
                        }
                        member => drop(lines.insert(format!("in trait {path}: {}", text_of(member)))),
                    }
                }
            }
            _ => {}
        }
    }

    fn derives(&mut self, path: &str, attributes: &[Attribute]) {
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
            let parse = syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
            let derived = attribute.parse_args_with(parse).unwrap_or_default();
            for of in derived.iter().filter_map(|of| of.segments.last()).filter(|of| of.ident != "Debug") {
                self.lines.insert(format!("impl {} for {path}", of.ident));
            }
        }
    }

    fn implementation(&mut self, module: usize, block: &ItemImpl) {
        let Some(definition) = self.tree.definition(module, &block.self_ty) else { return };
        let Some(path) = self.path(&definition).map(str::to_owned) else { return };
        let Some((of, _)) = &block.trait_ else {
            for item in &block.items {
                match item {
                    ImplItem::Fn(method) if is_public(&method.vis) => {
                        let name = format!("{path}.{}", method.sig.ident);
                        self.lines.insert(signature(&method.sig, &name, Some(&block.generics)));
                    }
                    ImplItem::Const(constant) if is_public(&constant.vis) => {
                        let kind = text_of(&constant.ty);
                        self.lines.insert(format!("const {path}.{}: {kind}", constant.ident));
                    }
                    _ => {}
                }
            }
            return;
        };
        let Some(last) = of.segments.last() else { return };
        if ["Debug", "Drop"].iter().any(|left_out| last.ident == left_out) {
            return;
        }
        // A private trait of the crate is nobody's business.
        if self.tree.definition_at(module, of).is_some_and(|of| self.path(&of).is_none()) {
            return;
        }
        let types = block.items.iter().filter_map(|item| match item {
            ImplItem::Type(alias) => Some(format!("{} = {}", alias.ident, text_of(&alias.ty))),
            _ => None,
        });
        let types: Vec<String> = types.collect();
        let types = if types.is_empty() { String::new() } else { format!(" ({})", types.join(", ")) };
        let arguments = match &*block.self_ty {
            Type::Path(of) => of.path.segments.last().map(|last| text_of(&last.arguments)),
            _ => None,
        };
        let conditions = conditions(&[&block.generics]);
        let of = text_of(last);
        self.lines
            .insert(format!("impl {of} for {path}{}{types}{conditions}", arguments.unwrap_or_default()));
    }
}

fn exhaustiveness(attributes: &[Attribute]) -> &'static str {
    let is_open = attributes.iter().any(|attribute| attribute.path().is_ident("non_exhaustive"));
    if is_open { " (non-exhaustive)" } else { "" }
}

/// A function without its body; of a method, with what its `impl` asks of the type's parameters.
fn signature(signature: &Signature, name: &str, of: Option<&Generics>) -> String {
    let mut text = String::new();
    let qualifiers = [
        (signature.constness.is_some(), "const "),
        (signature.asyncness.is_some(), "async "),
        (!signature.safety.to_token_stream().is_empty(), "unsafe "),
    ];
    text.extend(qualifiers.iter().filter(|(is_there, _)| *is_there).map(|(_, qualifier)| *qualifier));
    let inputs = signature.inputs.iter().map(|input| match input {
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(name) => format!("{}: {}", name.ident, text_of(&argument.ty)),
            _ => format!("_: {}", text_of(&argument.ty)),
        },
        // That a method changes its own copy is nothing to its caller.
        FnArg::Receiver(receiver) => text_of(receiver).trim_start_matches("mut ").to_owned(),
    });
    let inputs: Vec<String> = inputs.collect();
    let parameters: Vec<String> = signature.generics.params.iter().map(parameter_name).collect();
    let parameters =
        if parameters.is_empty() { String::new() } else { format!("<{}>", parameters.join(", ")) };
    let output = match &signature.output {
        syn::ReturnType::Default => String::new(),
        syn::ReturnType::Type(_, output) => format!(" -> {}", text_of(output)),
    };
    let generics: Vec<&Generics> = of.into_iter().chain([&signature.generics]).collect();
    let _ = write!(text, "fn {name}{parameters}({}){output}{}", inputs.join(", "), conditions(&generics));
    text
}

fn parameter_name(parameter: &syn::GenericParam) -> String {
    match parameter {
        syn::GenericParam::Lifetime(lifetime) => lifetime.lifetime.to_string(),
        syn::GenericParam::Type(of) => of.ident.to_string(),
        syn::GenericParam::Const(of) => format!("const {}: {}", of.ident, text_of(&of.ty)),
    }
}

/// What parameters have to be, wherever it is written: ` where T: Send`.
fn conditions(generics: &[&Generics]) -> String {
    let mut conditions = Vec::new();
    for generics in generics {
        for parameter in &generics.params {
            match parameter {
                syn::GenericParam::Type(of) if !of.bounds.is_empty() => {
                    conditions.push(format!("{}: {}", of.ident, text_of(&of.bounds)));
                }
                syn::GenericParam::Lifetime(of) if !of.bounds.is_empty() => {
                    conditions.push(format!("{}: {}", of.lifetime, text_of(&of.bounds)));
                }
                _ => {}
            }
        }
        let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        conditions.extend(predicates.map(|predicate: &WherePredicate| text_of(predicate)));
    }
    if conditions.is_empty() { String::new() } else { format!(" where {}", conditions.join(", ")) }
}

/// Code as a person would write it, on one line and without documentation.
fn text_of(of: &impl ToTokens) -> String {
    let mut undocumented = TokenStream::new();
    strip_docs(of.to_token_stream(), &mut undocumented);
    let mut text = squeezed(&tokens(&undocumented));
    for (spaced, close) in [
        (" : ", ": "),
        (" ;", ";"),
        ("->(", "-> ("),
        (",(", ", ("),
        (" !", "!"),
        ("+(", "+ ("),
        ("=(", "= ("),
        (", )", ")"),
        (",)", ")"),
    ] {
        text = text.replace(spaced, close);
    }
    text
}

fn strip_docs(tokens: TokenStream, into: &mut TokenStream) {
    use proc_macro2::{Group, TokenTree};
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if let (TokenTree::Punct(mark), Some(TokenTree::Group(attribute))) = (&token, tokens.peek())
            && mark.as_char() == '#'
            && attribute.stream().to_string().starts_with("doc")
        {
            tokens.next();
            continue;
        }
        into.extend([match token {
            TokenTree::Group(group) => {
                let mut inner = TokenStream::new();
                strip_docs(group.stream(), &mut inner);
                TokenTree::Group(Group::new(group.delimiter(), inner))
            }
            token => token,
        }]);
    }
}
