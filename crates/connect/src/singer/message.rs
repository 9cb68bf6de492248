//! Singer's messages.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A message.
pub(crate) enum Message<'a> {
    Schema {
        stream: Cow<'a, str>,
        keys: Vec<String>,
    },
    /// With the record as it is written.
    Record {
        stream: Cow<'a, str>,
        record: &'a str,
    },
    /// With the state as it is written.
    State(&'a str),
    /// A message without a record, and without meaning for who reads them once: `ACTIVATE_VERSION`.
    Other,
}

/// Why a line is no message that can be used.
pub(crate) struct Wrong {
    pub(crate) code: &'static str,
    pub(crate) why: &'static str,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    of_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    stream: Option<Cow<'a, str>>,
    #[serde(borrow)]
    record: Option<&'a RawValue>,
    #[serde(default)]
    key_properties: Option<Vec<String>>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

impl<'a> Message<'a> {
    pub(crate) fn read(line: &'a str) -> Result<Message<'a>, Wrong> {
        let wrong = |code, why| Err(Wrong { code, why });
        let Ok(envelope) = serde_json::from_str::<Envelope<'a>>(line) else {
            return if serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok() {
                wrong("no-message", "the line is JSON, but no Singer message")
            } else {
                wrong("not-json", "the line is not JSON")
            };
        };
        match (envelope.of_type.as_deref(), envelope.stream) {
            (Some("SCHEMA"), Some(stream)) => {
                Ok(Message::Schema { stream, keys: envelope.key_properties.unwrap_or_default() })
            }
            (Some("RECORD"), Some(stream)) => match envelope.record.map(RawValue::get) {
                Some(record) if record.starts_with('{') => Ok(Message::Record { stream, record }),
                _ => wrong("no-message", "the message has no record that is a JSON object"),
            },
            (Some("RECORD" | "SCHEMA"), None) => {
                wrong("no-message", "the message does not say of which stream it is")
            }
            (Some("STATE"), _) => {
                Ok(envelope.value.map_or(Message::Other, |value| Message::State(value.get())))
            }
            (Some("ACTIVATE_VERSION"), _) => Ok(Message::Other),
            (Some("BATCH"), _) => wrong(
                "batch",
                "the tap has put records into files of its own; it has to write them as messages",
            ),
            _ => wrong("unknown-message", "the message is of a type that Singer does not define"),
        }
    }
}

/// The same JSON, with `3` for `3.0`: taps write codes and ids as floats.
pub(crate) fn without_empty_fractions(json: &str) -> Cow<'_, str> {
    if !json.contains(".0") {
        return Cow::Borrowed(json);
    }
    let bytes = json.as_bytes();
    let mut out = String::with_capacity(json.len());
    let (mut copied, mut at, mut in_text) = (0, 0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if in_text => at += 1,
            b'"' => in_text = !in_text,
            b'.' if !in_text => {
                let digits = bytes.get(at + 1..).unwrap_or_default();
                let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
                let behind = digits.get(zeros);
                let ends = behind.is_none_or(|byte| !byte.is_ascii_digit() && !matches!(byte, b'e' | b'E'));
                if zeros > 0 && ends {
                    out.push_str(json.get(copied..at).unwrap_or_default());
                    copied = at + 1 + zeros;
                    at = copied;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    out.push_str(json.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::without_empty_fractions;

    #[test]
    fn only_empty_fractions_of_numbers_go() {
        let cases = [
            (r#"{"status":3.0,"a":[1.00,2.5,10.0]}"#, r#"{"status":3,"a":[1,2.5,10]}"#),
            (r#"{"text":"3.0 \" 4.0","x":-7.0}"#, r#"{"text":"3.0 \" 4.0","x":-7}"#),
            (r#"{"a":1.05,"b":1.0e3,"c":2.01,"d":3.00}"#, r#"{"a":1.05,"b":1.0e3,"c":2.01,"d":3}"#),
            (r#"{"a\\":5.0}"#, r#"{"a\\":5}"#),
            ("{}", "{}"),
        ];
        for (from, to) in cases {
            assert_eq!(without_empty_fractions(from), to, "{from}");
        }
    }
}
