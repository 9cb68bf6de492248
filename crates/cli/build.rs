//! Puts the pages of docs/diagnostics into the program, for `cutover explain`.
#![expect(clippy::expect_used, reason = "a build that cannot read the pages must stop")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let pages = root.join("../../docs/diagnostics");
    println!("cargo::rerun-if-changed={}", pages.display());
    let mut found = Vec::new();
    for family in folders(&pages) {
        println!("cargo::rerun-if-changed={}", family.display());
        for page in files(&family) {
            let code = format!("{}/{}", stem(&family), stem(&page));
            found.push((code, page.canonicalize().expect("the page exists")));
        }
    }
    found.sort();
    let mut text = String::from("static PAGES: &[(&str, &str)] = &[\n");
    for (code, page) in found {
        writeln!(text, "    ({code:?}, include_str!({:?})),", page.display().to_string())
            .expect("a String takes all");
    }
    text.push_str("];\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("pages.rs"), text).expect("the build folder can be written");
}

fn folders(path: &Path) -> Vec<PathBuf> {
    entries(path).into_iter().filter(|p| p.is_dir()).collect()
}

fn files(path: &Path) -> Vec<PathBuf> {
    entries(path).into_iter().filter(|p| p.extension().is_some_and(|e| e == "md")).collect()
}

fn entries(path: &Path) -> Vec<PathBuf> {
    let Ok(read) = fs::read_dir(path) else { return Vec::new() };
    read.filter_map(|entry| entry.ok().map(|e| e.path())).collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
}
