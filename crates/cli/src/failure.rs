//! The program's own failures, shown by miette: what went wrong, the chain of causes, what to do.

use std::error::Error;
use std::fmt;

/// Something that kept the program from doing its work.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
    help: Option<String>,
}

impl Failure {
    /// A failure with a sentence.
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), cause: None, help: None }
    }

    /// The error that led to it.
    pub(crate) fn because(mut self, cause: impl Error + Send + Sync + 'static) -> Failure {
        self.cause = Some(Box::new(cause));
        self
    }

    /// What to do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Failure {
        self.help = Some(help.into());
        self
    }

    /// Shows it on standard error.
    pub(crate) fn report(self) {
        let report = miette::Report::new(self);
        // Nothing can be done about a closed standard error.
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{report:?}\n"));
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&cutover_diagnostics::sanitize::inert_terminal(&self.message))
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

impl miette::Diagnostic for Failure {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::new("cannot write the output").because(error)
    }
}
