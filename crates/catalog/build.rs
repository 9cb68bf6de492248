//! Reads `catalogs/*.yaml` with the crate's own reader, checks them, and hands them to the crate in a form that loads fast.

#![expect(unexpected_cfgs, reason = "`schema` is set for the library alone")]
#![expect(dead_code, unreachable_pub, reason = "the modules are the library's; a build uses a part of them")]

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use catalog::Catalog;

#[path = "src/canon.rs"]
mod canon;
#[path = "src/capability.rs"]
mod capability;
#[path = "src/catalog.rs"]
mod catalog;
#[path = "src/fact.rs"]
mod fact;
#[path = "src/field.rs"]
mod field;
#[path = "src/field_type.rs"]
mod field_type;
#[path = "src/kind.rs"]
mod kind;
#[path = "src/rules.rs"]
mod rules;
#[path = "src/states.rs"]
mod states;
#[path = "src/table.rs"]
mod table;
#[path = "src/yaml.rs"]
mod yaml;

use field_type::FieldType;
use table::Table;

fn main() -> Result<(), Box<dyn Error>> {
    // Only the library derives JSON Schemas, this program does without.
    println!("cargo::rustc-check-cfg=cfg(schema)");
    println!("cargo::rustc-cfg=schema");
    println!("cargo::rerun-if-changed=catalogs");
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=build.rs");
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("catalogs");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let mut index = String::from(
        "/// Name, title, revision and content of each catalog, sorted by name.\npub(crate) static CATALOGS: &[(&str, &str, u32, &str)] = &[\n",
    );
    let mut troubles = 0;
    for path in files {
        let shown = path.display();
        let text = fs::read_to_string(&path)?;
        let catalog: Catalog = match yaml::read(&text) {
            Ok(catalog) => catalog,
            Err(error) => {
                let (line, column) = error.line_column(&text);
                println!(
                    "cargo::error={shown}:{line}:{column}: {error}; expected one of: {}",
                    error.expected.join(" ")
                );
                troubles += 1;
                continue;
            }
        };
        if path.file_stem().and_then(|stem| stem.to_str()) != Some(&catalog.name) {
            println!("cargo::error={shown}: the file is not named after the catalog `{}`", catalog.name);
            troubles += 1;
        }
        for broken in rules::broken(&catalog) {
            println!("cargo::error={shown}: {}: {}", broken.path.join("/"), broken.text);
            troubles += 1;
        }
        let compact = out.join(format!("{}.json", catalog.name));
        fs::write(&compact, serde_json::to_string(&catalog)?)?;
        index.push_str(&format!(
            "    ({:?}, {:?}, {}, include_str!({:?})),\n",
            catalog.name, catalog.title, catalog.revision, compact
        ));
    }
    index.push_str("];\n");
    fs::write(out.join("catalogs.rs"), index)?;
    if troubles > 0 {
        return Err(format!("{troubles} faults in catalogs").into());
    }
    Ok(())
}
