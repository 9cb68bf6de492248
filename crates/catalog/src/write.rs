//! Writing data as YAML that every reader reads the same way, or as JSON.
//!
//! Texts are quoted unless they are plain words that no YAML version takes for anything else: `on`, `no`, `12:30:45` and `1e3` are
//! not strings to all readers, so they are quoted here.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

/// The data as YAML, in the order of its fields. `None` when a value has no form in JSON, such as a map with keys that are no texts.
pub fn to_yaml<T: Serialize>(data: &T) -> Option<String> {
    let value = serde_json::to_value(data).ok()?;
    let mut out = String::new();
    match &value {
        Value::Object(_) | Value::Array(_) if !is_flat(&value) => block(&mut out, &value, 0),
        _ => {
            flow(&mut out, &value);
            out.push('\n');
        }
    }
    Some(out)
}

/// The data as JSON with one field a line. `None` as for [`to_yaml`].
pub fn to_json<T: Serialize>(data: &T) -> Option<String> {
    let mut text = serde_json::to_string_pretty(data).ok()?;
    text.push('\n');
    Some(text)
}

/// Whether a value stands on one line: scalars, empty collections, short lists of scalars.
fn is_flat(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.len() <= 4 && items.iter().all(|i| !i.is_array() && !i.is_object()),
        Value::Object(fields) => fields.is_empty(),
        _ => true,
    }
}

fn block(out: &mut String, value: &Value, depth: usize) {
    let indent = |out: &mut String| out.extend(std::iter::repeat_n("  ", depth));
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                indent(out);
                text(out, key);
                out.push(':');
                after_key(out, value, depth);
            }
        }
        Value::Array(items) => {
            for item in items {
                indent(out);
                out.push('-');
                match item {
                    Value::Object(fields) if !fields.is_empty() => {
                        // The first field stands behind the dash, the others below it.
                        let mut inner = String::new();
                        block(&mut inner, item, depth + 1);
                        out.push(' ');
                        out.push_str(inner.trim_start_matches(' '));
                    }
                    Value::Array(_) if !is_flat(item) => {
                        out.push('\n');
                        block(out, item, depth + 1);
                    }
                    _ => {
                        out.push(' ');
                        flow(out, item);
                        out.push('\n');
                    }
                }
            }
        }
        _ => {
            indent(out);
            flow(out, value);
            out.push('\n');
        }
    }
}

fn after_key(out: &mut String, value: &Value, depth: usize) {
    if is_flat(value) {
        out.push(' ');
        flow(out, value);
        out.push('\n');
    } else {
        out.push('\n');
        block(out, value, depth + 1);
    }
}

fn flow(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{number}");
        }
        Value::String(string) => text(out, string),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                flow(out, item);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (i, (key, value)) in fields.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                text(out, key);
                out.push_str(": ");
                flow(out, value);
            }
            out.push('}');
        }
    }
}

/// Words that some reader takes for true, false or nothing.
const TAKEN: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"];

fn text(out: &mut String, text: &str) {
    let plain = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/'))
        && !TAKEN.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        out.push_str(text);
        return;
    }
    // A JSON string is a YAML string; characters that YAML does not print are written as escapes.
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::to_yaml;

    #[test]
    fn what_is_written_is_read_back() {
        let nasty = [
            "on",
            "No",
            "12:30:45",
            "1e3",
            "~",
            "",
            " a",
            "a: b",
            "#x",
            "- y",
            "\u{feff}",
            "\u{7}",
            "ü\n\"q\"",
            "a.b",
            "@me",
            "0x1F",
        ];
        let data: BTreeMap<&str, Vec<&str>> = BTreeMap::from([("list", nasty.to_vec()), ("on", vec!["x"])]);
        let written = to_yaml(&data).unwrap_or_default();
        let read: Result<BTreeMap<String, Vec<String>>, _> = crate::yaml::read(&written);
        let expected: BTreeMap<String, Vec<String>> = data
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.iter().map(|t| (*t).to_owned()).collect()))
            .collect();
        assert_eq!(read.ok(), Some(expected), "{written}");
    }

    #[test]
    fn objects_in_lists() {
        let data =
            BTreeMap::from([("a", vec![BTreeMap::from([("b", 1), ("c", 2)]), BTreeMap::from([("b", 3)])])]);
        assert_eq!(to_yaml(&data).as_deref(), Some("a:\n  - b: 1\n    c: 2\n  - b: 3\n"));
    }
}
