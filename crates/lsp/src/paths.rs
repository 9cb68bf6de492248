//! Between the addresses of an editor and the paths of a machine.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use lsp_types::Uri;

/// The path of a `file:` address on this machine.
pub(crate) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    // `file://localhost/x` is `file:///x`; other hosts are other machines.
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let rest = rest.split(['?', '#']).next()?;
    if !rest.starts_with('/') {
        return None;
    }
    let bytes = decoded(rest);
    let text = String::from_utf8(bytes).ok()?;
    // `/C:/x` is `C:/x`.
    let drive =
        text.as_bytes().get(2) == Some(&b':') && text.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic);
    let text = if cfg!(windows) && drive { text.get(1..)?.to_owned() } else { text };
    Some(PathBuf::from(text))
}

/// How the addresses of texts begin that have no file yet.
const UNSAVED: &str = "untitled:";

/// What an open text is known by: the path of its file, or as long as it has none, its address.
pub(crate) fn known_by(uri: &Uri) -> Option<PathBuf> {
    if uri.as_str().starts_with(UNSAVED) {
        return Some(PathBuf::from(uri.as_str()));
    }
    path_of(uri).map(|path| canonical(&path))
}

/// Whether a text has no file yet, so that it lies in no folder.
pub(crate) fn is_unsaved(known_by: &Path) -> bool {
    known_by.to_str().is_some_and(|text| text.starts_with(UNSAVED))
}

/// The address of a path.
pub(crate) fn uri_of(path: &Path) -> Option<Uri> {
    if is_unsaved(path) {
        return Uri::from_str(path.to_str()?).ok();
    }
    let text = path.to_str()?.replace('\\', "/");
    let mut uri = String::from("file://");
    if !text.starts_with('/') {
        uri.push('/');
    }
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte))
            }
            _ => {
                uri.push('%');
                for half in [byte >> 4, byte & 15] {
                    uri.push(char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase());
                }
            }
        }
    }
    Uri::from_str(&uri).ok()
}

/// A path without `.` and `..` and, where it exists, without links, so that one file has one spelling.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    if let Ok(path) = path.canonicalize() {
        return path;
    }
    // A file that is not saved yet: its folder may exist.
    match (path.parent().and_then(|parent| parent.canonicalize().ok()), path.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => path.to_owned(),
    }
}

/// The path of a file relative to a folder that holds it, with `/` between its parts.
pub(crate) fn within(folder: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.strip_prefix(folder).ok()?.iter().map(OsStr::to_str).collect();
    Some(parts?.join("/"))
}

fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex =
            |digit: Option<u8>| char::from(digit?).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let mut ahead = rest.clone();
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{is_unsaved, known_by, path_of, uri_of};
    use std::path::Path;

    #[test]
    fn addresses_and_paths_are_each_others_inverse() {
        for path in ["/a/b c.cutover", "/ü/100%/x#y?z", "/a/%41", "/+&=:@[]"] {
            let uri = uri_of(Path::new(path));
            assert_eq!(uri.as_ref().and_then(path_of).as_deref(), Some(Path::new(path)), "{uri:?}");
        }
    }

    #[test]
    fn a_text_without_a_file_is_known_by_its_address() {
        for text in ["untitled:Untitled-1", "untitled:a/b%20c.cutover"] {
            let uri: Option<lsp_types::Uri> = text.parse().ok();
            let known = uri.as_ref().and_then(known_by);
            assert!(known.as_deref().is_some_and(is_unsaved));
            assert_eq!(known.as_deref().and_then(uri_of), uri);
        }
    }

    #[test]
    fn other_machines_and_schemes_have_no_path() {
        for uri in ["untitled:Untitled-1", "file://server/share/x", "https://x/y"] {
            let uri = uri.parse();
            let Ok(uri) = uri else { continue };
            assert_eq!(path_of(&uri), None);
        }
    }
}
