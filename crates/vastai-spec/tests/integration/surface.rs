//! The surface of a hand-written crate, from its sources.

use std::collections::BTreeMap;

use expect_test::expect;
use vastai_spec::surface::of_sources;

const LIB: &str = "
//! A crate.
mod things;
mod scopes { pub(crate) mod inner { pub struct Deep; } pub use inner::*; pub struct Unreached; }
pub mod ways { pub use crate::things::{Thing as Item, make, Seen}; pub use other::Reexported; }
pub use self::things::{Thing, Kind};
pub use scopes::Deep;
pub use ::other;
pub(crate) use things::Private;
#[cfg(test)] mod tests { pub use super::things::Private as Leaked; }
";

const THINGS: &str = "
mod more;
pub use more::Seen;
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Thing<T> { /// Shown.
    pub name: String, hidden: u8, pub of: T }
pub struct Private;
pub enum Kind { /// None.
    Unit, Tuple(u8, String), #[non_exhaustive] Named { at: std::time::Duration } }
pub const fn make(mut of: &'static str) -> Option<Kind> { None }
macro_rules! setters {
    ($owner:ident { $($(#[$doc:meta])* $name:ident: $kind:ty $(= $default:literal)?),* $(,)? }) => {
        impl<T> $owner<T> {
            $($(#[$doc])* pub fn $name(mut self, $name: impl Into<$kind>) -> Self { $(let _ = $default;)? self })*
        }
    };
}
setters! { Thing { /// The name.
    name: String, /// Its size.
    size: Option<u64> = 7 } }
elsewhere::made! { Thing }
";

const MORE: &str = "
use super::*;
use std::fmt;
pub trait Seen: Send { const MOST: usize; type Of; fn see(&self) -> u8; fn look(&mut self) {} }
trait Inner {}
impl<T: Clone + 'static> Thing<T> where T: Send {
    pub const NONE: u8 = 0;
    pub async fn send(&self, to: (u8, &mut [T])) -> Result<(), fmt::Error> { Ok(()) }
    pub(crate) fn quiet(&self) {}
    fn silent() {}
}
impl<T> Iterator for Thing<T> { type Item = Vec<T>; fn next(&mut self) -> Option<Vec<T>> { None } }
impl<T> Inner for Thing<T> {}
impl Inner for Private {}
impl fmt::Debug for Kind {}
impl From<Kind> for String {}
impl From<&'_ str> for Kind {}
";

fn surface(sources: &[(&str, &str)]) -> String {
    of_sources(&sources.iter().copied().collect::<BTreeMap<_, _>>()).unwrap()
}

#[test]
fn what_can_be_reached_is_listed_under_its_shortest_path() {
    let sources = [("lib.rs", LIB), ("things/mod.rs", THINGS), ("things/more.rs", MORE)];
    let found = surface(&sources);
    expect![[r#"
        async fn Thing.send(&self, to: (u8, &mut [T])) -> Result<(), fmt::Error> where T: Clone + 'static, T: Send
        const Thing.NONE: u8
        const fn ways::make(of: &'static str) -> Option<Kind>
        enum Kind
        field Thing.name: String
        field Thing.of: T
        fn Thing.name(self, name: impl Into<String>) -> Self
        fn Thing.size(self, size: impl Into<Option<u64>>) -> Self
        fn ways::Seen.look(&mut self) (provided)
        fn ways::Seen.see(&self) -> u8
        impl Clone for Thing
        impl Default for Thing
        impl From<&'_ str> for Kind
        impl Iterator for Thing<T> (Item = Vec<T>)
        in trait ways::Seen: const MOST: usize;
        in trait ways::Seen: type Of;
        macro call, not expanded: elsewhere::made! { Thing }
        mod ways
        struct Deep
        struct Thing<T> (non-exhaustive)
        trait ways::Seen: Send
        use other = other
        use ways::Item = Thing
        use ways::Reexported = other::Reexported
        variant Kind::Named { at: std::time::Duration } (non-exhaustive)
        variant Kind::Tuple(u8, String)
        variant Kind::Unit
    "#]].assert_eq(&found);
    // A private trait is not listed, and neither is what only tests or the crate itself can see.
    for hidden in ["Private", "Leaked", "Unreached", "Inner", "quiet", "silent", "hidden"] {
        assert!(!found.contains(hidden), "{hidden} in {found}");
    }
}

#[test]
fn order_and_files_make_no_difference() {
    let reversed = |text: &str| text.trim().lines().rev().collect::<Vec<_>>().join("\n");
    let one = "pub struct A;\npub struct B;\nimpl A { pub fn a() {} pub fn b() {} }\npub use B as C;";
    let inline = surface(&[("lib.rs", &format!("pub mod m {{ {one} }}"))]);
    assert_eq!(inline, surface(&[("lib.rs", "pub mod m;"), ("m.rs", one)]));
    assert_eq!(inline, surface(&[("lib.rs", "pub mod m;"), ("m/mod.rs", &reversed(one))]));
}

#[test]
fn imports_in_circles_end() {
    assert_eq!(
        surface(&[(
            "lib.rs",
            "mod a { pub use super::b::*; pub use super::b::X; } mod b { pub use super::a::*; } pub use a::*; pub use b::X;"
        )]),
        ""
    );
}

#[test]
fn a_missing_file_is_an_error() {
    let error = of_sources(&BTreeMap::from([("lib.rs", "mod gone;")])).unwrap_err();
    assert_eq!(error.to_string(), "`mod gone;` in lib.rs has no file gone.rs or gone/mod.rs beside it");
}
