//! Plan bundle and documents of a compilation.

use std::fmt;
use std::path::Path;

use cutover_plan::Plan;
use cutover_plan::bundle::{self, BundleError, Difference, Outputs};

use crate::{Compilation, Purpose, places};

/// Why a plan is not written.
#[derive(Debug)]
pub enum OutputError {
    /// There are errors or holes; the findings say which. Or the compilation was made for checking only.
    Unfinished,
    /// The bundle refuses.
    Bundle(BundleError),
}

/// All files that `plan` writes, in memory.
///
/// # Errors
/// When there are errors or holes.
pub fn outputs(compilation: &mut Compilation) -> Result<Outputs, OutputError> {
    if compilation.errors() > 0 || compilation.holes > 0 || compilation.purpose == Purpose::Check {
        return Err(OutputError::Unfinished);
    }
    let places = places(compilation);
    bundle::outputs(&mut compilation.plan, &places, &compilation.assets).map_err(OutputError::Bundle)
}

/// Writes the files of a plan as a set.
///
/// # Errors
/// When the file system refuses; nothing is half-written.
pub fn write(folder: &Path, outputs: &Outputs) -> Result<(), OutputError> {
    bundle::write(folder, outputs).map_err(OutputError::Bundle)
}

/// Compares the committed files of a plan with those that would be written.
///
/// # Errors
/// When the file system refuses.
pub fn check(folder: &Path, outputs: &Outputs) -> Result<Vec<Difference>, OutputError> {
    bundle::check(folder, outputs).map_err(OutputError::Bundle)
}

/// The plan as somebody reads it from its file: for whatever must rest on nothing else.
///
/// # Errors
/// When the plan has no canonical text.
pub fn read_back(compilation: &mut Compilation) -> Result<Plan, OutputError> {
    let text = bundle::encode(&mut compilation.plan).map_err(|error| OutputError::Bundle(error.into()))?;
    bundle::parse(text.as_bytes()).map_err(OutputError::Bundle)
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutputError::Unfinished => f.write_str("there are errors or open decisions"),
            OutputError::Bundle(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OutputError {}
