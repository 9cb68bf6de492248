//! Export layouts at work: which one a folder has, which files it knows, and how custom fields are named.

use crate::Catalog;
use crate::catalog::{ExportFile, ExportLayout};

impl Catalog {
    /// The layout that knows most of these files, the first of equals; `None` when none knows any. Names are relative to the folder.
    pub fn layout_of<'n>(
        &self,
        files: impl Iterator<Item = &'n str> + Clone,
    ) -> Option<(&str, &ExportLayout)> {
        let mut best: Option<(usize, (&str, &ExportLayout))> = None;
        for (name, layout) in self.exports.iter() {
            let count = files.clone().filter(|file| layout.files.iter().any(|of| of.is(file))).count();
            if count > 0 && best.is_none_or(|(most, _)| count > most) {
                best = Some((count, (name, layout)));
            }
        }
        best.map(|(_, layout)| layout)
    }
}

impl ExportFile {
    /// Whether a file is such a one, by its name relative to the folder.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        fits(&self.glob, name)
    }
}

/// Whether a name fits a pattern in which `*` stands for any characters but `/`. Takes time in the product of the lengths at most.
#[must_use]
pub fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, n));
            p += 1;
        } else if pattern.get(p).is_some() && pattern.get(p) == name.get(n) {
            p += 1;
            n += 1;
        } else {
            // Give the last star one character more.
            match star {
                Some((at, from)) if name.get(from) != Some(&'/') => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                _ => return false,
            }
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == '*'))
}

/// A name that specs can write: lower-case letters, digits and `_`. Letters with marks lose them; what has no Latin letters is told by
/// the code points.
#[must_use]
pub fn name_of(label: &str) -> String {
    let mut name = String::new();
    for c in label.chars().flat_map(char::to_lowercase) {
        match plain_letter(c) {
            Some(letters) => name.push_str(letters),
            None if c.is_ascii_alphanumeric() => name.push(c),
            None if c.is_alphanumeric() => name.push_str(&format!("u{:x}", u32::from(c))),
            None if !name.is_empty() && !name.ends_with('_') => name.push('_'),
            None => {}
        }
    }
    let name = name.trim_end_matches('_');
    let name: String = name.chars().take(60).collect();
    if name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name
    } else {
        format!("field_{name}").trim_end_matches('_').to_owned()
    }
}

fn plain_letter(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' => "ae",
        'ö' | 'ø' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'å' => "aa",
        'æ' => "ae",
        'œ' => "oe",
        'à' | 'á' | 'â' | 'ã' => "a",
        'è' | 'é' | 'ê' | 'ë' | 'ę' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ò' | 'ó' | 'ô' | 'õ' => "o",
        'ù' | 'ú' | 'û' => "u",
        'ç' | 'ć' | 'č' => "c",
        'ñ' | 'ń' => "n",
        'š' | 'ś' => "s",
        'ž' | 'ź' | 'ż' => "z",
        'ł' => "l",
        'ý' | 'ÿ' => "y",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{fits, name_of};

    #[test]
    fn stars_stay_in_their_folder() {
        assert!(fits("tickets*.json", "tickets-2024.json"));
        assert!(fits("*/tickets*.json", "a/tickets.json"));
        assert!(fits("**", "abc"));
        assert!(fits("a*b*c", "a--b-b-c"));
        assert!(!fits("tickets*.json", "tickets/a.json"));
        assert!(!fits("*.json", "a/b.json"));
        assert!(!fits("tickets.json", "xtickets.json"));
        assert!(!fits("a*", ""));
        assert!(!fits(&"*a".repeat(200), &"a".repeat(199)));
    }

    #[test]
    fn names_can_be_written_in_specs() {
        assert_eq!(name_of("Sales Region (EU)"), "sales_region_eu");
        assert_eq!(name_of("  Größe & Straße "), "groesse_strasse");
        assert_eq!(name_of("360001"), "field_360001");
        assert_eq!(name_of("地域"), "u5730u57df");
        assert_eq!(name_of("!!"), "field");
        for label in ["", "é", "9 lives", "__x__", "ＡＢＣ", "🙂"] {
            assert!(crate::field_type::is_name(&name_of(label)), "{label}");
        }
    }
}
