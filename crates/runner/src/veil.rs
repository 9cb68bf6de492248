//! People whom a system tells apart by names or addresses: outside of the working copy a digest stands for each of them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use cutover_catalog::Catalog;
use cutover_catalog::kind::Part;
use cutover_plan::Plan;
use sha2::{Digest as _, Sha256};

use crate::environment::Binding;
use crate::export::hex;

/// Before a digest that stands for a name.
const MARK: &str = "p-";
/// Digits of a digest: 64 bits, so that no two people of an account become one.
const DIGITS: usize = 16;
/// What fields say by which somebody knows a person.
const NAMES: [&str; 4] = ["login", "email", "name", "contact_email"];

/// Which kinds of the source have keys that name people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Veil {
    kinds: BTreeSet<String>,
    salt: String,
}

impl Veil {
    /// What the layouts of the source's product, and the environment, say of the keys of people.
    pub(crate) fn of(plan: &Plan, binding: &Binding) -> Veil {
        let Some(system) = plan.systems.get("source") else { return Veil::default() };
        let Some(catalog) = Catalog::builtin(&system.platform) else { return Veil::default() };
        let mut kinds = BTreeSet::new();
        for (name, kind) in catalog.kinds.iter() {
            if !matches!(kind.part, Part::User | Part::Agent) {
                continue;
            }
            let names = |field: &str| {
                let canon = kind.fields.get(field).and_then(|field| field.canon.as_deref());
                canon.is_some_and(|canon| NAMES.contains(&canon))
            };
            let layouts = catalog.exports.iter().flat_map(|(_, layout)| &layout.files);
            let mut files = layouts.filter(|file| &*file.kind == name);
            let said = binding.fields.get(name).and_then(|fields| fields.get("id"));
            let named = match said {
                Some(place) => {
                    names(place)
                        || files.any(|file| file.columns.get(place).is_some_and(|field| names(field)))
                }
                None => files.any(|file| file.columns.get(&file.key).is_some_and(|field| names(field))),
            };
            if named {
                kinds.insert(name.to_owned());
            }
        }
        Veil { kinds, salt: system.account.clone() }
    }

    /// The key of a record of a kind, as the journal may hold it.
    pub(crate) fn key<'k>(&self, kind: &str, key: &'k str) -> Cow<'k, str> {
        // What was read again to see what changed is of the same kind.
        let kind = kind.strip_prefix("again ").unwrap_or(kind);
        if self.kinds.is_empty() || !self.kinds.contains(kind) {
            return Cow::Borrowed(key);
        }
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let veiled = key.strip_prefix(MARK).is_some_and(|rest| {
            rest.len() == DIGITS && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        });
        if key.is_empty() || digits(key) || veiled {
            return Cow::Borrowed(key);
        }
        let digest = Sha256::new().chain_update(&self.salt).chain_update([0]).chain_update(key).finalize();
        Cow::Owned(format!("{MARK}{}", hex(&digest).get(..DIGITS).unwrap_or_default()))
    }

    /// A key that somebody typed, of any of these kinds.
    pub(crate) fn typed<'k>(&self, kind: Option<&str>, key: &'k str) -> Cow<'k, str> {
        match kind.or_else(|| self.kinds.first().map(String::as_str)) {
            Some(kind) => self.key(kind, key),
            None => Cow::Borrowed(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_digests_once_and_numbers_stay() {
        let veil = Veil { kinds: BTreeSet::from(["user".to_owned()]), salt: "lantern".to_owned() };
        let once = veil.key("user", "ana@example.org").into_owned();
        assert!(once.starts_with("p-") && once.len() == 18, "{once}");
        assert_eq!(veil.key("user", &once), once);
        assert_eq!(veil.key("again user", "ana@example.org"), once);
        assert_ne!(veil.key("user", "Ana@example.org"), once);
        assert_eq!(veil.key("user", "4711"), "4711");
        assert_eq!(veil.key("queue", "Support"), "Support");
        let other = Veil { salt: "other".to_owned(), ..veil };
        assert_ne!(other.key("user", "ana@example.org"), once);
    }
}
