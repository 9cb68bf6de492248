//! Every example of the declarations is executed.

use super::{Sample, all, find};
use crate::host::NoHost;
use crate::predicate::Literal;
use crate::value::Value;

#[test]
fn examples_are_true() {
    for function in all() {
        for example in function.examples {
            let inputs: Vec<Value> = example.inputs.iter().map(Sample::value).collect();
            let args: Vec<Literal> = example.args.iter().filter_map(Sample::literal).collect();
            assert_eq!(args.len(), example.args.len(), "{} {example:?}", function.name);
            let outputs = function.call(&inputs, &args, &NoHost).ok();
            let expected =
                example.outputs.map(|outputs| outputs.iter().map(Sample::value).collect::<Vec<_>>());
            assert_eq!(outputs, expected, "{} {example:?}", function.name);
        }
    }
}

#[test]
fn declarations_are_complete() {
    let mut names: Vec<&str> = all().map(|function| function.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two functions have one name");
    for function in all() {
        assert!(!function.summary.is_empty() && !function.input.is_empty(), "{}", function.name);
        assert!(function.inverse.is_none_or(|inverse| find(inverse).is_some()), "{}", function.name);
    }
}
