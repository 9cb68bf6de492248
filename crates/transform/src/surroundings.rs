//! What maps ask of the world around them: the plan, secrets, tables from outside.

use std::collections::BTreeMap;

use cutover_ir::host::Host;
use cutover_ir::predicate::StatusClass;
use cutover_ir::time::{Date, Instant};
use cutover_ir::value::{Record, Value};
use cutover_plan::Plan;
use cutover_plan::host::PlanHost;
use sha2::{Digest, Sha256};

use crate::lookup::Lookup;

/// A host with all that a run can answer. Words of a running system it does not know.
#[derive(Debug)]
pub struct Surroundings<'p> {
    plan: PlanHost<'p>,
    secrets: BTreeMap<String, String>,
    tables: BTreeMap<String, Lookup>,
}

impl<'p> Surroundings<'p> {
    /// The surroundings of a plan, without secrets and tables.
    #[must_use]
    pub fn new(plan: &'p Plan) -> Surroundings<'p> {
        Surroundings { plan: PlanHost::new(plan), secrets: BTreeMap::new(), tables: BTreeMap::new() }
    }

    /// Gives a secret by its name.
    pub fn secret(&mut self, name: &str, value: String) {
        self.secrets.insert(name.to_owned(), value);
    }

    /// Gives a table by its name.
    pub fn table(&mut self, name: &str, table: Lookup) {
        self.tables.insert(name.to_owned(), table);
    }
}

impl Host for Surroundings<'_> {
    fn date_in(&self, zone: &str, at: Instant) -> Option<Date> {
        self.plan.date_in(zone, at)
    }

    fn local_time(&self, zone: &str, date: Date, seconds: u32) -> Option<Instant> {
        self.plan.local_time(zone, date, seconds)
    }

    fn keyed_hash(&self, salt: &str, text: &str) -> Option<String> {
        Some(keyed_hash(self.secrets.get(salt)?.as_bytes(), text.as_bytes()))
    }

    fn status_class(&self, kind: &str, status: &str) -> Option<StatusClass> {
        self.plan.status_class(kind, status)
    }

    fn table(&self, table: &str, field: &str, record: &Record) -> Option<Value> {
        self.tables.get(table)?.find(field, record)
    }

    fn has_option(&self, domain: &str, option: &str) -> Option<bool> {
        self.plan.has_option(domain, option)
    }
}

/// HMAC with SHA-256 (RFC 2104), as 64 hexadecimal digits.
fn keyed_hash(key: &[u8], text: &[u8]) -> String {
    const BLOCK: usize = 64;
    let mut block = [0_u8; BLOCK];
    let hashed = Sha256::digest(key);
    let key = if key.len() > BLOCK { hashed.as_slice() } else { key };
    for (place, byte) in block.iter_mut().zip(key) {
        *place = *byte;
    }
    let padded = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    let outer = Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize();
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::keyed_hash;

    #[test]
    fn hashes_are_those_of_rfc_4231() {
        assert_eq!(
            keyed_hash(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            keyed_hash(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
