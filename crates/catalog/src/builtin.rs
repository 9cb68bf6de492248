//! The catalogs that are compiled into the program.

use crate::catalog::Catalog;

include!(concat!(env!("OUT_DIR"), "/catalogs.rs"));

/// What the list of catalogs says of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name in specs.
    pub name: &'static str,
    /// The product's name.
    pub title: &'static str,
    /// Revision of the catalog.
    pub revision: u32,
}

/// The catalogs in the program, sorted by name. Decodes none.
pub fn list() -> impl ExactSizeIterator<Item = Listed> {
    CATALOGS.iter().map(|(name, title, revision, _)| Listed { name, title, revision: *revision })
}

impl Catalog {
    /// The catalog of this name in the program, decoded anew by each call.
    #[must_use]
    pub fn builtin(name: &str) -> Option<Catalog> {
        let at = CATALOGS.binary_search_by(|(other, ..)| (*other).cmp(name)).ok()?;
        let (.., text) = CATALOGS.get(at)?;
        // The build has written it with the same types, a test reads each.
        serde_json::from_str(text).ok()
    }
}
