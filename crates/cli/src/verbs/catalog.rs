//! `cutover catalog list` and `show`.

use std::io::Write as _;

use cutover_catalog::{Catalog, builtin};

use crate::args::{CatalogArgs, CatalogVerb};
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &CatalogArgs) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    match &args.verb {
        CatalogVerb::List => out.write_all(cutover_catalog::render::list().as_bytes())?,
        CatalogVerb::Show { name } => {
            let Some(catalog) = Catalog::builtin(name) else {
                let near = cutover_diagnostics::suggest::nearest(name, builtin::list().map(|l| l.name), 3);
                return Err(Failure::new(format!("there is no catalog `{name}`")).help(if near.is_empty() {
                    "`cutover catalog list` shows all".to_owned()
                } else {
                    format!("near: {}", near.join(", "))
                }));
            };
            out.write_all(cutover_catalog::render::show(&catalog).as_bytes())?;
        }
    }
    Ok(Exit::Clean)
}
