//! The program's own failures, shown by miette: what went wrong, the chain of causes, what to do.

use std::error::Error;
use std::fmt;

use cutover_diagnostics::sanitize::inert_terminal;

/// Something that kept the program from doing its work.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    cause: Option<Cause>,
    help: Option<String>,
    /// Whoever read standard output has seen enough.
    unread: bool,
    /// It may be over later by itself.
    later: bool,
    /// Somebody paused the run.
    paused: bool,
}

/// An error that led to another one, as text: names of files in it may hold what a terminal would obey.
#[derive(Debug)]
struct Cause {
    text: String,
    next: Option<Box<Cause>>,
}

impl Cause {
    fn of(error: &dyn Error) -> Cause {
        let text = inert_terminal(&error.to_string()).into_owned();
        Cause { text, next: error.source().map(|next| Box::new(Cause::of(next))) }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.next.as_deref().map(|next| next as &(dyn Error + 'static))
    }
}

impl Failure {
    /// A failure with a sentence.
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            cause: None,
            help: None,
            unread: false,
            later: false,
            paused: false,
        }
    }

    /// The error that led to it.
    pub(crate) fn because(mut self, cause: impl Error) -> Failure {
        self.cause = Some(Cause::of(&cause));
        self
    }

    /// What to do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Failure {
        self.help = Some(inert_terminal(&help.into()).into_owned());
        self
    }

    /// It may be over later by itself.
    pub(crate) fn for_later(mut self) -> Failure {
        self.later = true;
        self
    }

    /// Somebody paused the run, and has to let it go on.
    pub(crate) fn for_people(mut self) -> Failure {
        self.paused = true;
        self
    }

    /// Whether somebody paused the run.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused
    }

    /// Whether trying again later is all that is needed.
    pub(crate) fn is_for_later(&self) -> bool {
        self.later
    }

    /// Whether nothing failed but that nobody reads on, as behind `| head`.
    pub(crate) fn is_unread(&self) -> bool {
        self.unread
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
        f.write_str(&inert_terminal(&self.message))
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as &(dyn Error + 'static))
    }
}

impl miette::Diagnostic for Failure {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        let unread = error.kind() == std::io::ErrorKind::BrokenPipe;
        Failure { unread, ..Failure::new("cannot write the output").because(error) }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::Failure;

    #[test]
    fn causes_and_help_are_inert() {
        let cause = std::io::Error::other("a\u{1b}]0;b\u{7}");
        let failure = Failure::new("a\u{1b}[2J").because(cause).help("c\u{1b}[31m");
        let shown = [
            failure.to_string(),
            failure.source().map(ToString::to_string).unwrap_or_default(),
            miette::Diagnostic::help(&failure).map(|help| help.to_string()).unwrap_or_default(),
        ];
        for text in shown {
            assert!(!text.is_empty() && !text.contains(['\u{1b}', '\u{7}']), "{text:?}");
        }
    }
}
