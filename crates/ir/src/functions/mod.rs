//! The library of mapping functions. Each is declared once, as data: parameters, type rule, loss, inverse, examples, body.
//!
//! The analyser reads [`Function::signature`], the evaluator [`Function::call`], the documentation [`reference_markdown`].
//!
//! Three rules hold for all of them, so that no function needs to say them again:
//! - **Missing passes.** When an input is missing, the outputs are missing, unless the function is declared to look at missing values.
//! - **One at a time.** A function that takes one value and meets several is applied to each of them.
//! - **Lists by element.** Where it is declared to lift, a function that meets a list or tags is applied to each element; elements without
//!   a result are left out.
//!
//! Loss is strict: a function that can give one result for two inputs loses `many-to-one`, also where people call it harmless
//! (`lower`, `trim`). It is exact only on domains that ignore the difference themselves: e-mail addresses and tags.

mod html;
mod list;
mod number;
mod pattern;
mod people;
mod reference;
mod rules;
mod sample;
mod text;
mod time;
mod truth;

use std::fmt;

use crate::host::Host;
use crate::map::Call;
use crate::predicate::Literal;
use crate::types::{LossSet, Type};
use crate::value::Value;

pub use html::escaped;
pub use list::{distinct, tag_name};
pub use pattern::{Part, Pattern};
pub use people::is_address;
pub use reference::reference_markdown;
pub use rules::{length, plain, value_of};
pub use sample::{Example, Sample};
pub use text::{cut_at, lower_case};
pub use truth::same;

pub(crate) use rules::length_arg;

/// A function of the library.
#[derive(Debug)]
pub struct Function {
    /// Name in `by`.
    pub name: &'static str,
    /// The chapter of the reference it stands in.
    pub family: Family,
    /// Its arguments, constants all.
    pub params: &'static [Param],
    /// How many values it takes.
    pub takes: Takes,
    /// How many values it gives.
    pub gives: usize,
    /// What it takes, in words.
    pub input: &'static str,
    /// Whether a list is mapped element by element.
    pub lifts: bool,
    /// Whether it looks at missing values itself.
    pub sees_missing: bool,
    /// When it rejects a record, in words; `None` for a total function.
    pub rejects: Option<&'static str>,
    /// What it can lose at most. [`Function::signature`] says what it loses on given types.
    pub loss: LossSet,
    /// Whether different inputs always give different outputs.
    pub injective: bool,
    /// The function that leads back, with the same arguments.
    pub inverse: Option<&'static str>,
    /// One line.
    pub summary: &'static str,
    /// What a reader must know beyond that.
    pub doc: &'static str,
    /// Executed by a test, printed in the reference.
    pub examples: &'static [Example],
    rule: Rule,
    body: Body,
}

/// Types and loss for inputs without [`Type::Opt`] (with it, where the function sees missing values) and checked arguments.
type Rule = fn(&[Type], &[Literal]) -> Result<Signature, TypeProblem>;
/// Values for values of the declared types.
type Body = fn(&[Value], &[Literal], &dyn Host) -> Result<Vec<Value>, Refusal>;

/// A chapter of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Text.
    Text,
    /// E-mail addresses, phone numbers, pseudonyms, links.
    People,
    /// HTML.
    Html,
    /// Numbers.
    Number,
    /// Dates, instants, durations.
    Time,
    /// Lists and tags.
    List,
    /// Choices and yes or no.
    Choice,
}

/// An argument of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name in the reference.
    pub name: &'static str,
    /// What it must be.
    pub kind: ParamKind,
}

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Any text.
    Text,
    /// A text with at least one character.
    SomeText,
    /// A whole number from 1 to 4,294,967,295.
    Length,
    /// A whole number.
    Whole,
    /// A number other than 0.
    Factor,
    /// A text for [`format`]-like patterns: `{1}`, `{2 by trim, lower}`.
    Pattern,
    /// A text with `%Y %m %d %H %M %S %%`.
    TimePattern,
    /// The name of a time zone.
    Zone,
    /// The name of a secret.
    Secret,
    /// Text, number, yes or no, date or instant.
    Value,
}

impl fmt::Display for ParamKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParamKind::Text => "a text",
            ParamKind::SomeText => "a text that is not empty",
            ParamKind::Length => "a whole number from 1",
            ParamKind::Whole => "a whole number",
            ParamKind::Factor => "a number other than 0",
            ParamKind::Pattern => "a pattern like \"{1} <{2}>\"",
            ParamKind::TimePattern => "a pattern like \"%Y-%m-%dT%H:%M:%SZ\"",
            ParamKind::Zone => "a time zone like \"Europe/Berlin\"",
            ParamKind::Secret => "the name of a secret",
            ParamKind::Value => "a value",
        })
    }
}

/// How many values a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One; several are taken one after the other.
    One,
    /// One or more, together.
    Several,
}

/// What a function gives for given types and arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Types of the outputs.
    pub outputs: Vec<Type>,
    /// What is lost.
    pub loss: LossSet,
}

/// Why a function cannot be used so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeProblem {
    /// There is no such function.
    Unknown {
        /// The name as written.
        name: String,
    },
    /// Too many or too few arguments.
    ArgumentCount {
        /// How many it takes.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// An argument of the wrong sort.
    Argument {
        /// Which, from 0.
        position: usize,
        /// Its parameter.
        param: Param,
        /// What is wrong with it beyond its sort.
        why: Option<&'static str>,
    },
    /// An input of the wrong type.
    Input {
        /// Which, from 0.
        position: usize,
        /// What the function takes, in words.
        expected: &'static str,
        /// What it meets.
        found: Type,
    },
    /// A pattern names an input that there is not.
    NoSuchInput {
        /// The number in the pattern, from 1.
        number: usize,
        /// How many inputs there are.
        inputs: usize,
    },
}

impl fmt::Display for TypeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TypeProblem::Unknown { name } => write!(f, "there is no function or table `{name}`"),
            TypeProblem::ArgumentCount { expected: 0, .. } => f.write_str("it takes no argument"),
            TypeProblem::ArgumentCount { expected: 1, found } => {
                write!(f, "it takes 1 argument, not {found}")
            }
            TypeProblem::ArgumentCount { expected, found } => {
                write!(f, "it takes {expected} arguments, not {found}")
            }
            TypeProblem::Argument { param, why: None, .. } => {
                write!(f, "`{}` must be {}", param.name, param.kind)
            }
            TypeProblem::Argument { param, why: Some(why), .. } => write!(f, "`{}` {why}", param.name),
            TypeProblem::Input { expected, found, .. } => write!(f, "it takes {expected}, this is {found}"),
            TypeProblem::NoSuchInput { number, inputs: 1 } => {
                write!(f, "the pattern names value {number}, there is only one")
            }
            TypeProblem::NoSuchInput { number, inputs } => {
                write!(f, "the pattern names value {number}, there are {inputs}")
            }
        }
    }
}

/// Why a function rejects a value. Holds no text of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Refusal(pub &'static str);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// All functions, by family, within it in the order of the reference.
pub fn all() -> impl Iterator<Item = &'static Function> {
    [
        text::FUNCTIONS,
        people::FUNCTIONS,
        html::FUNCTIONS,
        number::FUNCTIONS,
        time::FUNCTIONS,
        list::FUNCTIONS,
        truth::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The function of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name == name)
}

impl Function {
    /// The types it gives for the types of its inputs, and what is lost.
    ///
    /// # Errors
    /// When number or sort of the arguments or an input does not fit.
    pub fn signature(&self, inputs: &[Type], args: &[Literal]) -> Result<Signature, TypeProblem> {
        self.check_arguments(args)?;
        if self.takes == Takes::Several {
            return self.signature_of(inputs, args, 0);
        }
        let mut all = Signature { outputs: Vec::new(), loss: LossSet::EXACT };
        for (position, input) in inputs.iter().enumerate() {
            let one = self.signature_of(std::slice::from_ref(input), args, position)?;
            all.outputs.extend(one.outputs);
            all.loss = all.loss.union(one.loss);
        }
        Ok(all)
    }

    /// The values it gives.
    ///
    /// # Errors
    /// When it rejects one of the inputs, or the values are not of the types that [`Function::signature`] was asked about.
    pub fn call(&self, inputs: &[Value], args: &[Literal], host: &dyn Host) -> Result<Vec<Value>, Refusal> {
        self.check_arguments(args).map_err(|_| Refusal("the arguments do not fit the function"))?;
        if self.takes == Takes::Several {
            return self.call_once(inputs, args, host);
        }
        let mut all = Vec::with_capacity(inputs.len());
        for input in inputs {
            all.extend(self.call_once(std::slice::from_ref(input), args, host)?);
        }
        Ok(all)
    }

    fn signature_of(
        &self,
        inputs: &[Type],
        args: &[Literal],
        position: usize,
    ) -> Result<Signature, TypeProblem> {
        if inputs.iter().any(Type::is_unknown) {
            return Ok(Signature { outputs: vec![Type::Poison; self.gives], loss: LossSet::EXACT });
        }
        if self.sees_missing {
            return (self.rule)(inputs, args);
        }
        let optional = inputs.iter().any(Type::is_optional);
        let required: Vec<Type> = inputs.iter().map(|t| t.required().clone()).collect();
        let mut signature = match required.as_slice() {
            [one] if self.lifts && element(one).is_some() => self.lifted(one, args),
            several => (self.rule)(several, args),
        }
        .map_err(|problem| moved(problem, position))?;
        if optional {
            signature.outputs = signature.outputs.into_iter().map(Type::optional).collect();
        }
        Ok(signature)
    }

    fn lifted(&self, list: &Type, args: &[Literal]) -> Result<Signature, TypeProblem> {
        let Some(item) = element(list) else { return (self.rule)(std::slice::from_ref(list), args) };
        // Tags compare without case and surrounding blanks, as an address does; so the same rules are exact on them.
        let domain = if *list == Type::Tags { Type::Email } else { item };
        let one = (self.rule)(&[domain], args)?;
        let outputs = one
            .outputs
            .into_iter()
            .map(|output| match (list, output.required()) {
                (Type::Tags, Type::Text { .. } | Type::Email) => Type::Tags,
                (_, required) => Type::List(Box::new(required.clone())),
            })
            .collect();
        Ok(Signature { outputs, loss: one.loss })
    }

    fn call_once(&self, inputs: &[Value], args: &[Literal], host: &dyn Host) -> Result<Vec<Value>, Refusal> {
        if !self.sees_missing && inputs.contains(&Value::Missing) {
            return Ok(vec![Value::Missing; self.gives]);
        }
        match inputs {
            [Value::List(items)] if self.lifts => {
                let mut columns = vec![Vec::with_capacity(items.len()); self.gives];
                for item in items {
                    let outputs = match item {
                        Value::Missing => continue,
                        item => (self.body)(std::slice::from_ref(item), args, host)?,
                    };
                    for (column, output) in columns.iter_mut().zip(outputs) {
                        if output != Value::Missing {
                            column.push(output);
                        }
                    }
                }
                Ok(columns.into_iter().map(Value::List).collect())
            }
            _ => (self.body)(inputs, args, host),
        }
    }

    fn check_arguments(&self, args: &[Literal]) -> Result<(), TypeProblem> {
        if args.len() != self.params.len() {
            return Err(TypeProblem::ArgumentCount { expected: self.params.len(), found: args.len() });
        }
        for (position, (param, arg)) in self.params.iter().zip(args).enumerate() {
            if !rules::argument_fits(param.kind, arg) {
                return Err(TypeProblem::Argument { position, param: *param, why: None });
            }
        }
        Ok(())
    }
}

/// Nesting of lists is a property of data, so lifting looks one level deep in types; deeper lists are refused by the rules.
fn element(list: &Type) -> Option<Type> {
    match list {
        Type::List(item) => Some(item.required().clone()),
        Type::Tags => Some(Type::TEXT),
        Type::Choices(domain) => Some(Type::Choice(domain.clone())),
        _ => None,
    }
}

fn moved(problem: TypeProblem, by: usize) -> TypeProblem {
    match problem {
        TypeProblem::Input { position, expected, found } => {
            TypeProblem::Input { position: position + by, expected, found }
        }
        other => other,
    }
}

/// The types that a pipe of functions gives. `table` answers for translation tables: the signature of the named table on a type, or
/// `None` when there is no such table.
///
/// # Errors
/// The position of the call in the pipe, from 0, and what is wrong there.
pub fn pipe_signature(
    inputs: &[Type],
    pipe: &[Call],
    table: &dyn Fn(&str, &Type) -> Option<Signature>,
) -> Result<Signature, (usize, TypeProblem)> {
    let mut now = Signature { outputs: inputs.to_vec(), loss: LossSet::EXACT };
    for (position, call) in pipe.iter().enumerate() {
        let next = if call.function == TRANSLATE {
            translated(&now.outputs, call, table)
        } else {
            match find(&call.function) {
                Some(function) => function.signature(&now.outputs, &call.args),
                None => Err(TypeProblem::Unknown { name: call.function.clone() }),
            }
        }
        .map_err(|problem| (position, problem))?;
        now = Signature { outputs: next.outputs, loss: now.loss.union(next.loss) };
    }
    Ok(now)
}

/// The name of the call that applies a translation table; its one argument is the table's name.
pub const TRANSLATE: &str = "translate";

fn translated(
    inputs: &[Type],
    call: &Call,
    table: &dyn Fn(&str, &Type) -> Option<Signature>,
) -> Result<Signature, TypeProblem> {
    let [Literal::Text(name)] = call.args.as_slice() else {
        return Err(TypeProblem::ArgumentCount { expected: 1, found: call.args.len() });
    };
    let mut all = Signature { outputs: Vec::new(), loss: LossSet::EXACT };
    for input in inputs {
        let one = table(name, input).ok_or_else(|| TypeProblem::Unknown { name: name.clone() })?;
        all.outputs.extend(one.outputs);
        all.loss = all.loss.union(one.loss);
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
