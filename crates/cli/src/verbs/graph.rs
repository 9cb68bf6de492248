//! `cutover graph`.

use std::io::Write as _;

use cutover_ir::Id;
use cutover_plan::graph::{self, Options};

use crate::args::{Drawing, Format, GraphArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &GraphArgs) -> Result<Exit, Failure> {
    let located = output::locate(&args.spec)?;
    let compilation = output::compile(&located)?;
    if compilation.errors() > 0 {
        // A drawing of half a plan would look like a whole one.
        let mut err = std::io::stderr().lock();
        output::findings_to(&mut err, &located, &compilation, Format::Full, args.spec.color)?;
        return Ok(Exit::Findings);
    }
    let focus = args.focus.as_deref().map(|stage| {
        let stage = if stage.starts_with("stage/") { stage.to_owned() } else { format!("stage/{stage}") };
        Id::new(stage.split('/'))
    });
    let options = Options { focus, depth: args.depth };
    let drawn = match args.format {
        Drawing::Dot => graph::dot(&compilation.plan, &options),
        Drawing::Svg => graph::svg(&compilation.plan, &options),
        Drawing::Mermaid => graph::mermaid(&compilation.plan, &options),
    };
    let text = drawn.map_err(|error| Failure::new("nothing to draw").because(error))?;
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Exit::Clean)
}
