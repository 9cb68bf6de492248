//! Files that records name: before a map sees a record, what names a file becomes size and digest of its bytes.

use std::borrow::Cow;
use std::path::{Component, Path};

use cutover_connect::{Contents, NoContent};
use cutover_ir::Type;
use cutover_ir::map::{Map, Source as From};
use cutover_plan::Plan;
use serde_json::Value;

use crate::environment::{Binding, ContentsAt, Environment};
use crate::flow::places;
use crate::problem::Problem;
use crate::sample::value_at;

/// A field of the source that names a file, and that a map carries.
#[derive(Debug)]
pub(crate) struct FileField {
    /// Where it stands.
    places: Vec<String>,
    /// The field of the target that holds the file.
    pub(crate) to: String,
    /// Where the record says how large the file is.
    sizes: Vec<String>,
}

/// The fields of a map that name files.
pub(crate) fn file_fields(plan: &Plan, binding: &Binding, map: &Map) -> Vec<FileField> {
    let shape = plan.schemas.get("source").and_then(|schema| schema.kinds.get(&map.source));
    let mut all = Vec::new();
    for row in &map.rows {
        for from in &row.from {
            let From::Field(field) = from else { continue };
            let of_type =
                shape.and_then(|shape| shape.fields.get(field)).map(|field| field.of_type.required());
            if of_type != Some(&Type::Attachment) {
                continue;
            }
            all.push(FileField {
                places: places(plan, binding, &map.source, field),
                to: row.to.first().cloned().unwrap_or_default(),
                sizes: places(plan, binding, &map.source, "size"),
            });
        }
    }
    all
}

/// Where the bytes of files stand that records of the source name; `None` where a record holds them, or nobody has them.
pub(crate) fn contents(environment: &Environment) -> Result<Option<Contents>, Problem> {
    let source = &environment.source;
    let folder = environment.path(&source.at);
    let files = source.connector == "files";
    let folder = match &source.contents {
        Some(ContentsAt::Nowhere(false)) => return Ok(None),
        None if !files => return Ok(None),
        None | Some(ContentsAt::Nowhere(true)) => folder,
        Some(ContentsAt::Folder(below)) if files => {
            if !below.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
                return Err(Problem::new("`contents` of the source is not below the folder of the export")
                    .help("write `contents = \"files\"` with a folder inside of the one that `at` names"));
            }
            folder.join(below)
        }
        Some(ContentsAt::Folder(folder)) => environment.path(folder),
    };
    Contents::open(&folder).map(Some).map_err(|error| {
        let shown = Path::display(&folder);
        Problem::new(format!("the files that records name stand in {shown}, which cannot be read: {error}"))
            .help("`contents` in `[source]` says where they are; `contents = false`, that there are none")
    })
}

/// Why a file does not go over: the field of the target, a code, words.
pub(crate) type NoFile = (String, &'static str, String);

/// The record with its files looked at.
pub(crate) fn looked_at<'r>(
    fields: &[FileField],
    contents: Option<&Contents>,
    text: Cow<'r, str>,
) -> Result<Result<Cow<'r, str>, NoFile>, Problem> {
    let Some(contents) = contents.filter(|_| !fields.is_empty()) else { return Ok(Ok(text)) };
    // What is no record is told by the map.
    let Ok(mut record) = serde_json::from_str::<Value>(&text) else { return Ok(Ok(text)) };
    let mut changed = false;
    for field in fields {
        let named = field.places.iter().find_map(|place| Some((place, value_at(&record, place)?.as_str()?)));
        // An address names no file of the export; it is carried as it stands, and comparison says so.
        let Some((place, path)) = named.filter(|(_, path)| !path.is_empty() && !is_address(path)) else {
            continue;
        };
        let said = field.sizes.iter().find_map(|place| size(value_at(&record, place)?));
        let content = match contents.look(path) {
            Ok(content) => content,
            // The record holds the bytes itself: no path is as long as what it says.
            Err(_) if said.is_some_and(|said| holds(path, said)) => continue,
            Err(NoContent::Unreadable(error)) => {
                return Err(Problem::new(format!("a file of the export cannot be read: {error}")));
            }
            Err(no) => return Ok(Err((field.to.clone(), no.code(), no.to_string()))),
        };
        if let Some(said) = said.filter(|said| *said != content.size) {
            let (code, than) =
                if content.size < said { ("truncated-file", "shorter") } else { ("longer-file", "longer") };
            let why =
                format!("the file has {} bytes, {than} than the {said} that the record says", content.size);
            return Ok(Err((field.to.clone(), code, why)));
        }
        let place = place.clone();
        if let Some(value) = value_at_mut(&mut record, &place) {
            *value = content.value();
            changed = true;
        }
    }
    Ok(Ok(if changed { Cow::Owned(record.to_string()) } else { text }))
}

/// Whether a value says where bytes could be fetched, and is no path.
pub(crate) fn is_address(value: &str) -> bool {
    value.trim_start_matches('"').starts_with("https://")
        || value.trim_start_matches('"').starts_with("http://")
}

/// Whether a text is so many bytes in base64.
fn holds(text: &str, bytes: u64) -> bool {
    let bare = text.trim_end_matches('=');
    let padding = (text.len() - bare.len()) as u64;
    let letters = bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    letters && padding < 3 && text.len().is_multiple_of(4) && text.len() as u64 / 4 * 3 == bytes + padding
}

fn size(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn value_at_mut<'v>(record: &'v mut Value, place: &str) -> Option<&'v mut Value> {
    if record.get(place).is_some() {
        return record.get_mut(place);
    }
    place.split('.').try_fold(record, |value, part| value.get_mut(part))
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn bytes_in_base64_are_told_from_a_path() {
        for (text, bytes, expected) in [
            ("aGVsbG8=", 5, true),
            ("aGVsbG8=", 6, false),
            ("aGVsbG8h", 6, true),
            ("", 0, true),
            ("files/0", 5, false),
            ("../../et", 6, false),
            ("aGVs bG8", 6, false),
        ] {
            assert_eq!(holds(text, bytes), expected, "{text}");
        }
    }
}
