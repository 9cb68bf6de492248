//! What is said on a ticket: parts of drafts as the server takes them.

use serde_json::{Value, json};

use super::ask::{Object, text};
use super::fields::{Refusal, Wanted};
use super::source::base64;
use crate::contents::{Content, Contents, NoContent};
use crate::fault::Fault;
use crate::write::Part;

/// Something that is said on a ticket.
pub(super) struct Said {
    /// `comment` or `correspond`.
    pub(super) path: &'static str,
    pub(super) body: Value,
    pub(super) mark: String,
}

/// What is said, or why not, or what keeps it from being found out.
type Spoken<T> = Result<Result<T, Refusal>, Fault>;

/// What is said on a ticket. The part that it was created with becomes the ticket's own content.
pub(super) fn said(parts: &[Part], wanted: &mut Wanted, contents: Option<&Contents>) -> Spoken<Vec<Said>> {
    let mut all = Vec::with_capacity(parts.len());
    for (at, part) in parts.iter().enumerate() {
        let said = match spoken(part, &[], contents)? {
            Ok(said) => said,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let created = said.body.get("Created").is_some();
        if created && at == 0 && !wanted.columns.contains_key("Content") {
            for column in ["Content", "ContentType", "Attachments"] {
                if let Some(value) = said.body.get(column) {
                    wanted.columns.insert(column.to_owned(), value.clone());
                }
            }
        } else if created {
            return Ok(Err(Refusal::new(
                "comment.type",
                "not-first",
                "only the first thing said can be what created the ticket",
            )));
        } else {
            all.push(said);
        }
    }
    Ok(Ok(all))
}

/// What a part says, with its files.
pub(super) fn spoken(part: &Part, files: &[Part], contents: Option<&Contents>) -> Spoken<Said> {
    let mut said = match words(part) {
        Ok(said) => said,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut all = Vec::new();
    if let Some(body) = said.body.as_object_mut()
        && let Some(Value::Array(within)) = body.remove("Attachments")
    {
        for file in &within {
            let file = file.as_object();
            match file.map_or_else(
                || Ok(Err(no_file("attachments", &part.mark))),
                |file| sent(file, &part.mark, "attachments", contents),
            )? {
                Ok(file) => all.push(file),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
    }
    for file in files {
        let record = serde_json::from_str::<Object>(&file.record);
        let (Ok(record), "attachment") = (record, file.kind.as_str()) else {
            return Ok(Err(no_file(&file.kind, &file.mark)));
        };
        match sent(&record, &file.mark, "attachment.content", contents)? {
            Ok(file) => all.push(file),
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    if let Some(body) = said.body.as_object_mut()
        && !all.is_empty()
    {
        body.insert("Attachments".to_owned(), all.into());
    }
    Ok(Ok(said))
}

fn no_file(field: &str, mark: &str) -> Refusal {
    Refusal::new(
        field,
        "other-type",
        format!("{mark}: a file needs its content, and may have a name and a content type"),
    )
}

/// What a part says, and the files that stand in it.
fn words(part: &Part) -> Result<Said, Refusal> {
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
            ("attachments", Value::Array(_)) => {
                body.insert("Attachments".to_owned(), value.clone());
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

/// A file as the server takes it, its bytes in base64. They are read when they are sent.
fn sent(file: &Object, mark: &str, field: &str, contents: Option<&Contents>) -> Spoken<Value> {
    let refused = |code, why: &str| Ok(Err(Refusal::new(field, code, format!("{mark}: {why}"))));
    let name = text(file, "filename").unwrap_or("file");
    // The server takes a name for bytes: others than ASCII are broken, or answered 500. As an encoded word of a mail they arrive whole.
    let name =
        if name.is_ascii() { name.to_owned() } else { format!("=?UTF-8?B?{}?=", base64(name.as_bytes())) };
    let of = text(file, "content_type").unwrap_or("application/octet-stream");
    let bytes = match file.get("content") {
        Some(Value::String(content)) => content.clone(),
        Some(value) => {
            let Some(content) = Content::of(&value.to_string()) else {
                return Ok(Err(no_file(field, mark)));
            };
            let Some(contents) = contents else {
                return refused("missing-file", "nobody says where the contents of files stand");
            };
            let mut bytes = Vec::with_capacity(usize::try_from(content.size).unwrap_or(0).min(MOST));
            match contents.copy(&content, &mut bytes) {
                Ok(()) => base64(&bytes),
                Err(NoContent::Unreadable(error)) => {
                    return Err(Fault::person(format!("a file of the export cannot be read: {error}")));
                }
                Err(no) => return refused(no.code(), &no.to_string()),
            }
        }
        None => return Ok(Err(no_file(field, mark))),
    };
    if bytes.is_empty() {
        return refused("empty-file", "Request Tracker takes no file without bytes over REST 2");
    }
    Ok(Ok(json!({ "FileName": name, "FileType": of, "FileContent": bytes })))
}

/// Bytes that are made room for beforehand.
const MOST: usize = 64 << 20;
