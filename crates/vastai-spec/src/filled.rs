//! Maps out of pairs.

/// A map of these pairs, of which the last counts where a key comes twice.
///
/// As `collect` makes it, but without sorting them first: that would be compiled anew for every kind of iterator, twenty times over in
/// every build of the client from the document.
pub(crate) fn filled<M: Default + Extend<P>, P>(pairs: impl IntoIterator<Item = P>) -> M {
    let mut map = M::default();
    map.extend(pairs);
    map
}
