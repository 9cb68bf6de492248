//! Patterns of translation tables and tag functions.

use crate::map::Pattern;

/// Whether a text matches a pattern in which `*` stands for any characters, none included. Time: length of the text times length of the pattern.
#[must_use]
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    // The leftmost place for each part leaves most for the others, so no choice has to be taken back.
    for part in parts {
        match text.split_once(part) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    text.ends_with(tail)
}

impl Pattern {
    /// Whether a value's text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        if self.any_case {
            let (pattern, text) = (fold(&self.text), fold(text));
            return if self.wildcard { wildcard(&pattern, &text) } else { pattern == text };
        }
        if self.wildcard { wildcard(&self.text, text) } else { self.text == text }
    }
}

/// Letters whose case differs become the same, also where that changes the length: `ß` and `SS`.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::wildcard;
    use crate::map::Pattern;

    #[test]
    fn stars_stand_for_anything() {
        assert!(wildcard("vip*", "vip"));
        assert!(wildcard("vip*", "vip-7"));
        assert!(wildcard("*-old", "vip-old"));
        assert!(wildcard("a*b*c", "aXbYbZc"));
        assert!(wildcard("*", ""));
        assert!(!wildcard("a*a", "a"));
        assert!(!wildcard("vip*", "VIP"));
        assert!(!wildcard("a*b*c", "acb"));
    }

    #[test]
    fn any_case() {
        let pattern = Pattern { text: "Straße*".to_owned(), wildcard: true, any_case: true };
        assert!(pattern.matches("STRASSE 7"));
        assert!(!pattern.matches("Strand"));
    }
}
