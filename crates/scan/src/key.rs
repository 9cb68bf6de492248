//! Keys of records as numbers, and pseudonyms.

use sha2::{Digest, Sha256};

/// Most digits of a number that stands for itself.
const DIGITS: usize = 18;

/// The number of a key. A plain decimal number of at most 18 digits is itself; any other text is 120 bits of its SHA-256, so that
/// two different keys of an account share a number less likely than the disk errs.
pub(crate) fn number(text: &str) -> u128 {
    let bytes = text.as_bytes();
    let plain = !bytes.is_empty()
        && bytes.len() <= DIGITS
        && bytes.iter().all(u8::is_ascii_digit)
        && (bytes.len() == 1 || bytes.first() != Some(&b'0'));
    if plain {
        return bytes.iter().fold(0, |sum, digit| sum * 10 + u128::from(digit - b'0'));
    }
    let digest = Sha256::digest(bytes);
    digest.iter().take(15).fold(1, |sum, byte| (sum << 8) | u128::from(*byte))
}

/// The pseudonym that an inventory gives to a record: 20 hexadecimal digits. It tells nothing of order or age; who knows account, salt and key can compute it again.
#[must_use]
pub fn pseudonym(account: &str, salt: &str, kind: &str, key: &str) -> String {
    let mut hash = Sha256::new();
    // Lengths keep the parts apart.
    for part in [account, salt, kind, key] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize()).chars().take(20).collect()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::{number, pseudonym};

    #[test]
    fn numbers_and_texts_do_not_meet() {
        assert_eq!(number("0"), 0);
        assert_eq!(number("999999999999999999"), 999_999_999_999_999_999);
        let others = ["", "00", "007", "-1", "1000000000000000000", " 7", "7 ", "a"].map(number);
        assert!(others.iter().all(|n| n >> 120 == 1));
        let mut sorted = others.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), others.len());
    }

    #[test]
    fn pseudonyms_depend_on_each_part() {
        let one = pseudonym("acme", "", "ticket", "12");
        assert_eq!(one.len(), 20);
        assert_eq!(one, pseudonym("acme", "", "ticket", "12"));
        assert_ne!(one, pseudonym("acme", "s", "ticket", "12"));
        assert_ne!(one, pseudonym("acm", "e", "ticket", "12"));
        assert_ne!(one, pseudonym("acme", "", "ticket", "13"));
    }
}
