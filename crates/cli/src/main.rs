//! The program `cutover`: arguments, drawing of findings, exit codes. No decision about a spec is taken here.

mod args;
mod exit;
mod failure;
mod git;
mod output;
mod verbs;
mod written;

use clap::Parser;

use crate::args::{Args, Verb};
use crate::exit::Exit;

/// A compilation makes a million small values; records are made by one thread and given back by another. The system's allocator spends a
/// third of the time of both on that.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no failures.
            let code = if error.use_stderr() { Exit::Failure } else { Exit::Clean };
            // A closed pipe is all that can go wrong here.
            let _ = error.print();
            return code.into();
        }
    };
    let result = match &args.verb {
        Verb::Init(init) => verbs::init::run(init),
        Verb::Check(check) => verbs::check::run(check, false),
        Verb::Lint(lint) => verbs::check::run(lint, true),
        Verb::Dev(dev) => verbs::dev::run(dev),
        Verb::Plan(plan) => verbs::plan::run(plan),
        Verb::Test(test) => verbs::test::run(test),
        Verb::Diff(diff) => verbs::diff::run(diff),
        Verb::Fmt(fmt) => verbs::fmt::run(fmt),
        Verb::Sign(sign) => verbs::sign::run(sign),
        Verb::Signoffs(signoffs) => verbs::signoffs::run(signoffs),
        Verb::Approve(project) => verbs::signoffs::approve(&project.project.folder, project.root.as_deref()),
        Verb::Graph(graph) => verbs::graph::run(graph),
        Verb::Transform(transform) => verbs::transform::run(transform),
        Verb::Rehearse(args) => verbs::run::rehearse(args),
        Verb::Preflight(of) => verbs::run::preflight(of),
        Verb::Run(args) => verbs::run::run(args),
        Verb::Status(of) => verbs::run::status(of),
        Verb::Did(args) => verbs::run::did(args),
        Verb::Pause(args) => verbs::run::pause(args),
        Verb::Resume(args) => verbs::run::resume(args),
        Verb::Waive(args) => verbs::run::waive(args),
        Verb::Measured(args) => verbs::watch::measured(args),
        Verb::Watch(of) => verbs::watch::watch(of),
        Verb::Skip(args) => verbs::run::skip(args),
        Verb::Settle(args) => verbs::run::settle(args),
        Verb::Takeover(args) => verbs::run::takeover(args),
        Verb::Lock(args) => verbs::run::lock(args),
        Verb::Amend(args) => verbs::run::amend(args),
        Verb::Note(args) => verbs::run::note(args),
        Verb::Verify(of) => verbs::run::verify(of),
        Verb::Trace(args) => verbs::run::trace(args),
        Verb::Rejects(args) => verbs::run::rejects(args),
        Verb::Retry(args) => verbs::run::retry(args),
        Verb::Rollback(args) => verbs::run::rollback(args),
        Verb::Report(args) => verbs::run::report(args),
        Verb::Sla(sla) => verbs::sla::run(sla),
        Verb::Explain(explain) => verbs::explain::run(explain),
        Verb::Catalog(catalog) => verbs::catalog::run(catalog),
        Verb::Inventory(inventory) => verbs::inventory::run(inventory),
        Verb::Lsp(lsp) => verbs::lsp::run(lsp),
        Verb::Completions(completions) => verbs::completions::run(completions),
        Verb::Man(man) => verbs::man::run(man),
    };
    match result {
        Ok(exit) => exit.into(),
        // `cutover catalog list | head -1` has done what was asked.
        Err(failure) if failure.is_unread() => Exit::Clean.into(),
        Err(failure) => {
            let exit = match (failure.is_paused(), failure.is_for_later()) {
                (true, _) => Exit::Waiting,
                (false, true) => Exit::Later,
                (false, false) => Exit::Failure,
            };
            failure.report();
            exit.into()
        }
    }
}
