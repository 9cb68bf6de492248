//! `cutover lsp`.

use crate::args::LspArgs;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &LspArgs) -> Result<Exit, Failure> {
    // There is no other way to speak.
    let LspArgs { stdio: _ } = args;
    match cutover_lsp::stdio() {
        Ok(()) => Ok(Exit::Clean),
        Err(stopped) => Err(Failure::new("the conversation with the editor broke off").because(stopped)),
    }
}
