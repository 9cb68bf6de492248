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

#[test]
fn the_reference_has_every_function() {
    let page = super::reference_markdown();
    for function in all() {
        assert!(page.contains(&format!("\n### `{}`\n", function.usage())), "{}", function.name);
        assert!(page.contains(function.summary), "{}", function.name);
    }
    // Each table row has three cells: bars inside of values are escaped.
    for line in page.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(line.replace("\\|", "").matches('|').count(), 4, "{line}");
    }
}

#[test]
fn arguments_are_checked() {
    let problem = |name: &str, args: &[Literal]| {
        let signature = find(name).map(|function| function.signature(&[crate::Type::TEXT], args));
        signature.and_then(Result::err).map(|problem| problem.to_string())
    };
    let text = |text: &str| Literal::Text(text.to_owned());
    assert_eq!(problem("cut", &[text("150")]).as_deref(), Some("`length` must be a whole number from 1"));
    assert_eq!(problem("cut", &[]).as_deref(), Some("it takes 1 argument, not 0"));
    assert_eq!(problem("trim", &[text("x")]).as_deref(), Some("it takes no argument"));
    assert_eq!(
        problem("format", &[text("{2}")]).as_deref(),
        Some("the pattern names value 2, there is only one")
    );
    assert_eq!(problem("round", &[]).as_deref(), Some("it takes a number, this is text"));
    for pattern in ["{", "}", "{0}", "{x}", "{1 by cut}", "{1 by no_such}", "{1 by email}"] {
        assert!(problem("format", &[text(pattern)]).is_some(), "{pattern}");
    }
    assert!(problem("utc", &[text("%y")]).is_some());
}
