//! What is said on a ticket: parts of drafts as the server takes them.

use serde_json::{Value, json};

use super::ask::{Object, text};
use super::fields::{Refusal, Wanted};
use super::source::base64;
use crate::write::Part;

/// Something that is said on a ticket.
pub(super) struct Said {
    /// `comment` or `correspond`.
    pub(super) path: &'static str,
    pub(super) body: Value,
    pub(super) mark: String,
}

/// What is said on a ticket. The part that it was created with becomes the ticket's own content.
pub(super) fn said(parts: &[Part], wanted: &mut Wanted) -> Result<Vec<Said>, Refusal> {
    let mut all = Vec::with_capacity(parts.len());
    for (at, part) in parts.iter().enumerate() {
        let said = spoken(part)?;
        let created = said.body.get("Created").is_some();
        if created && at == 0 && !wanted.columns.contains_key("Content") {
            for column in ["Content", "ContentType", "Attachments"] {
                if let Some(value) = said.body.get(column) {
                    wanted.columns.insert(column.to_owned(), value.clone());
                }
            }
        } else if created {
            return Err(Refusal::new(
                "comment.type",
                "not-first",
                "only the first thing said can be what created the ticket",
            ));
        } else {
            all.push(said);
        }
    }
    Ok(all)
}

/// What a part says.
pub(super) fn spoken(part: &Part) -> Result<Said, Refusal> {
    let field = |name: &str| format!("comment.{name}");
    let wrong =
        |name: &str, code, why: &str| Refusal::new(&field(name), code, format!("{}: {why}", part.mark));
    if part.kind != "comment" {
        return Err(Refusal::new(&part.kind, "unknown-kind", "a ticket takes no such part over REST 2"));
    }
    let record: Object =
        serde_json::from_str(&part.record).map_err(|_| wrong("", "not-json", "it is not one JSON object"))?;
    let mut body = Object::new();
    let mut path = "correspond";
    for (name, value) in record.iter().filter(|(_, value)| !value.is_null()) {
        match (name.as_str(), value) {
            ("content", Value::String(_)) => {
                body.insert("Content".to_owned(), value.clone());
                body.insert("ContentType".to_owned(), "text/html".into());
            }
            ("type", Value::String(of)) => match of.as_str() {
                "Comment" => path = "comment",
                "Correspond" => path = "correspond",
                "Create" => {
                    body.insert("Created".to_owned(), true.into());
                }
                _ => return Err(wrong(name, "unknown-option", "what is said is a Comment or a Correspond")),
            },
            ("subject", Value::String(_)) => {
                body.insert("Subject".to_owned(), value.clone());
            }
            ("time_taken", Value::Number(_)) => {
                body.insert("TimeTaken".to_owned(), value.clone());
            }
            ("attachments", Value::Array(files)) => {
                let files: Option<Vec<Value>> = files.iter().map(file).collect();
                let files = files.ok_or_else(|| {
                    wrong(name, "other-type", "a file needs a name, a content type and content")
                })?;
                body.insert("Attachments".to_owned(), files.into());
            }
            ("author" | "created" | "id" | "message_id", _) => {
                return Err(wrong(name, "read-only", "over REST 2 it is always the caller's, and now"));
            }
            ("content" | "type" | "subject" | "time_taken" | "attachments", _) => {
                return Err(wrong(name, "other-type", "the value is of another type"));
            }
            _ => return Err(wrong(name, "unknown-field", "what is said has no such field")),
        }
    }
    if !body.contains_key("Content") {
        return Err(wrong("content", "missing", "nothing is said"));
    }
    Ok(Said { path, body: Value::Object(body), mark: part.mark.clone() })
}

/// A file: `{"filename", "content_type", "content"}` with its bytes in base64.
fn file(file: &Value) -> Option<Value> {
    let file = file.as_object()?;
    let name = text(file, "filename")?;
    // The server takes a name for bytes: others than ASCII are broken, or answered 500. As an encoded word of a mail they arrive whole.
    let name =
        if name.is_ascii() { name.to_owned() } else { format!("=?UTF-8?B?{}?=", base64(name.as_bytes())) };
    Some(json!({
        "FileName": name, "FileType": text(file, "content_type")?, "FileContent": file.get("content")?.as_str()?,
    }))
}
