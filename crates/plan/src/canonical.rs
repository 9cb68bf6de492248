//! The canonical text of a value: one value, one text, on every machine.
//!
//! JSON without blanks. Members of an object are sorted by the bytes of their names; a member without a value is left out.
//! Numbers are whole. In texts, `"` and `\` have a backslash before them; control characters, line separators and characters
//! that reorder or hide text are written as `\uXXXX`; everything else stands as itself. Digests are taken over this form. The file on
//! disk is the same text with line breaks, see [`pretty`].

mod pretty;
mod serializer;

use std::fmt;

use serde::Serialize;

pub use pretty::pretty;
pub(crate) use serializer::{Writer, is_hidden, push_text};

/// Deepest nesting of lists and objects. JSON readers refuse much more.
pub(crate) const MAX_DEPTH: u32 = 100;

/// Why a value has no canonical text. None of these happens with a plan that the compiler made from a spec within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CanonicalError {
    /// There is a floating-point number in it.
    Float,
    /// It is nested too deeply to be read back.
    TooDeep,
    /// The names of a map are not text, or not sorted.
    Keys,
    /// A type refuses to be written.
    Other(String),
}

impl fmt::Display for CanonicalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CanonicalError::Float => f.write_str("a plan holds no floating-point numbers"),
            CanonicalError::TooDeep => {
                write!(
                    f,
                    "conditions are nested more than {MAX_DEPTH} levels deep, which other programs cannot read"
                )
            }
            CanonicalError::Keys => f.write_str("the names of a map are not sorted texts"),
            CanonicalError::Other(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for CanonicalError {}

impl serde::ser::Error for CanonicalError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        CanonicalError::Other(message.to_string())
    }
}

/// The canonical text of a value, without line breaks.
///
/// # Errors
/// When the value holds a floating-point number or is nested too deeply.
pub fn compact<T: Serialize + ?Sized>(value: &T) -> Result<String, CanonicalError> {
    let mut writer = Writer::default();
    writer.write(value)?;
    Ok(writer.out)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::{CanonicalError, compact};

    #[derive(Serialize)]
    struct Unsorted {
        b: u8,
        a: Option<u8>,
        #[serde(rename = "B")]
        upper: Vec<Option<u8>>,
    }

    #[test]
    fn members_are_sorted_and_absent_ones_left_out() {
        let text = compact(&Unsorted { b: 1, a: None, upper: vec![None, Some(2)] });
        assert_eq!(text.as_deref(), Ok(r#"{"B":[null,2],"b":1}"#));
        let text = compact(&Unsorted { b: 1, a: Some(0), upper: vec![] });
        assert_eq!(text.as_deref(), Ok(r#"{"B":[],"a":0,"b":1}"#));
    }

    #[test]
    fn texts_are_inert_and_read_back() {
        let nasty = "\u{1b}[31m \"q\" \\ \n \u{202e}abc \u{2028} \u{7f} \u{9b} ü 漢 \u{feff}\u{e0041}";
        let Ok(text) = compact(nasty) else { unreachable!("texts have a canonical form") };
        assert!(
            text.chars().all(|c| !c.is_control() && c != '\u{202e}' && c != '\u{2028}' && c != '\u{e0041}'),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<String>(&text).ok().as_deref(), Some(nasty));
    }

    #[test]
    fn refused() {
        assert_eq!(compact(&1.5), Err(CanonicalError::Float));
        assert_eq!(compact(&BTreeMap::from([(vec![1], 1)])), Err(CanonicalError::Keys));
        let mut deep = serde_json::Value::Null;
        for _ in 0..120 {
            deep = serde_json::Value::Array(vec![deep]);
        }
        assert_eq!(compact(&deep), Err(CanonicalError::TooDeep));
    }

    #[test]
    fn enums_look_as_serde_json_writes_them() {
        #[derive(Serialize)]
        enum E {
            Unit,
            New(u8),
            Tuple(u8, u8),
            Struct { b: u8, a: u8 },
        }
        let all = [E::Unit, E::New(1), E::Tuple(1, 2), E::Struct { b: 1, a: 2 }];
        assert_eq!(
            compact(&all).as_deref(),
            Ok(r#"["Unit",{"New":1},{"Tuple":[1,2]},{"Struct":{"a":2,"b":1}}]"#)
        );
    }
}
