//! Functions on addresses, phone numbers and links, and pseudonyms.

use std::fmt::Write as _;

use crate::functions::rules::{
    BASE, MANY_TO_ONE, STRUCTURE, gives, input, one, one_text, text_arg, text_max, text_of,
};
use crate::functions::sample::Sample::{Int, Missing, Text};
use crate::functions::sample::{ex, no};
use crate::functions::text::{fill, lower_case, pattern_rule};
use crate::functions::{Family, Function, Param, ParamKind, Refusal, Signature};
use crate::host::Host;
use crate::types::{LossSet, Type};
use crate::value::Value;

const TEXT: &str = "text";
const PEOPLE: Function =
    Function { family: Family::People, input: TEXT, lifts: true, loss: MANY_TO_ONE, ..BASE };
const SALT: &[Param] = &[Param { name: "secret", kind: ParamKind::Secret }];

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "email",
        rejects: Some("the text holds no e-mail address"),
        summary: "An e-mail address in its normal form.",
        doc: "Without blanks around it, in lower case, and without the name in `Ann <ann@example.org>`. What an address is, is asked loosely: one `@` with something before it and a domain behind it. Exact on a value that is an address already.",
        examples: &[
            ex(&[Text(" Ann@Example.ORG")], &[], &[Text("ann@example.org")]),
            ex(&[Text("Ann Lee <ann@example.org>")], &[], &[Text("ann@example.org")]),
            no(&[Text("ann at example.org")], &[]),
        ],
        rule: |inputs, _| {
            text_max(inputs, 0, TEXT)?;
            let exact = *input(inputs, 0) == Type::Email;
            gives(Type::Email, if exact { LossSet::EXACT } else { MANY_TO_ONE })
        },
        body: |inputs, _, _| {
            one_text(normal_address(text_of(inputs)?).ok_or(Refusal("is not an e-mail address"))?)
        },
        ..PEOPLE
    },
    Function {
        name: "mail_domain",
        summary: "The domain of an e-mail address, in lower case.",
        doc: "Missing where there is no `@`.",
        examples: &[
            ex(&[Text("ann@Example.ORG")], &[], &[Text("example.org")]),
            ex(&[Text("ann")], &[], &[Missing]),
        ],
        rule: |inputs, _| {
            let max = text_max(inputs, 0, TEXT)?;
            gives(Type::Text { max }.optional(), MANY_TO_ONE)
        },
        body: |inputs, _, _| {
            let domain = text_of(inputs)?.rsplit_once('@').map(|(_, domain)| lower_case(domain.trim()));
            one(domain.map_or(Value::Missing, Value::Text))
        },
        ..PEOPLE
    },
    Function {
        name: "phone",
        rejects: Some("the text holds fewer than 3 digits"),
        summary: "A phone number as digits, with a leading `+` where there is one.",
        doc: "A leading `00` becomes `+`, and the zero in `+49 (0) 30` is left out. What follows a letter behind the digits, as an extension does, is not kept. No country is guessed.",
        examples: &[
            ex(&[Text("+49 (30) 555-0101")], &[], &[Text("+49305550101")]),
            ex(&[Text("0049 30 5550101 ext 7")], &[], &[Text("+49305550101")]),
            ex(&[Text("Tel. +49 (0) 30 5550101")], &[], &[Text("+49305550101")]),
            ex(&[Text("(0)30 555 0101")], &[], &[Text("0305550101")]),
            no(&[Text("unknown")], &[]),
        ],
        rule: |inputs, _| {
            text_max(inputs, 0, TEXT)?;
            gives(Type::Phone, MANY_TO_ONE)
        },
        body: |inputs, _, _| {
            one_text(normal_phone(text_of(inputs)?).ok_or(Refusal("is not a phone number"))?)
        },
        ..PEOPLE
    },
    Function {
        name: "link",
        params: &[Param { name: "pattern", kind: ParamKind::Pattern }],
        input: "a value that has a text form",
        loss: MANY_TO_ONE,
        lifts: false,
        summary: "A URL with the value in it.",
        doc: "`{1}` is the value, percent-encoded. `with link` in a map row is this function with the address of a ticket that the source's catalog states.",
        examples: &[
            ex(
                &[Int(4711)],
                &[Text("https://acme-legacy.example/a/tickets/{1}")],
                &[Text("https://acme-legacy.example/a/tickets/4711")],
            ),
            ex(
                &[Text("a b/c")],
                &[Text("https://x.example/?q={1}")],
                &[Text("https://x.example/?q=a%20b%2Fc")],
            ),
        ],
        rule: |inputs, args| {
            let inner = pattern_rule(inputs, text_arg(args, 0))?;
            Ok(Signature { outputs: vec![Type::Url], loss: inner.loss })
        },
        body: |inputs, args, host| match fill(text_arg(args, 0), inputs, host, percent_encoded)? {
            Some(url) => one_text(url),
            None => one(Value::Missing),
        },
        ..PEOPLE
    },
    Function {
        name: "pseudonymise",
        params: SALT,
        loss: STRUCTURE,
        rejects: Some("the secret is not there"),
        summary: "A name without meaning in place of the text: equal texts get equal names.",
        doc: "The first 32 hexadecimal digits of a keyed SHA-256; the argument names the secret that is the key. Nobody without the secret can find the text again, and two different texts practically never get one name. The secret is the environment's, so a map that uses this gives the same names in each run with that secret.",
        examples: &[],
        rule: |inputs, _| {
            text_max(inputs, 0, TEXT)?;
            gives(Type::Text { max: Some(32) }, STRUCTURE)
        },
        body: |inputs, args, host| one_text(pseudonym(text_of(inputs)?, text_arg(args, 0), host)?),
        ..PEOPLE
    },
    Function {
        name: "pseudonymous_email",
        params: SALT,
        loss: STRUCTURE.union(MANY_TO_ONE),
        rejects: Some("the secret is not there"),
        summary: "An address without meaning in place of the address, at a domain that no mail can reach.",
        doc: "As `pseudonymise`, of the trimmed address in lower case, at `pseudonym.invalid`.",
        examples: &[],
        rule: |inputs, _| {
            text_max(inputs, 0, TEXT)?;
            let exact = *input(inputs, 0) == Type::Email;
            gives(Type::Email, if exact { STRUCTURE } else { STRUCTURE.union(MANY_TO_ONE) })
        },
        body: |inputs, args, host| {
            let address = lower_case(text_of(inputs)?.trim());
            one_text(format!("{}@pseudonym.invalid", pseudonym(&address, text_arg(args, 0), host)?))
        },
        ..PEOPLE
    },
];

fn pseudonym(text: &str, secret: &str, host: &dyn Host) -> Result<String, Refusal> {
    let hash = host.keyed_hash(secret, text).ok_or(Refusal("needs a secret that is not there"))?;
    Ok(hash.chars().take(32).collect())
}

/// The address in a text, trimmed and in lower case.
fn normal_address(text: &str) -> Option<String> {
    let text = text.trim();
    let address = match text.strip_suffix('>').and_then(|head| head.rsplit_once('<')) {
        Some((_, address)) => address.trim(),
        None => text,
    };
    is_address(address).then(|| lower_case(address))
}

/// Whether a text is an e-mail address, asked loosely: helpdesks hold many that no standard knows.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && !domain.is_empty()
        && !domain.contains('@')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';'))
}

/// Digits up to the first letter behind them, where an extension begins.
fn normal_phone(text: &str) -> Option<String> {
    let text = text.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '+');
    let abroad = text.starts_with('+') || text.starts_with("00");
    // The zero in `+49 (0) 30` is dialled at home only.
    let text = if abroad { text.replace("(0)", " ") } else { text.to_owned() };
    let mut digits = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            c if c.is_alphabetic() && digits.len() >= 3 => break,
            _ => {}
        }
    }
    if abroad && !text.starts_with('+') {
        digits = digits.strip_prefix("00").unwrap_or(&digits).to_owned();
    }
    if digits.len() < 3 {
        return None;
    }
    Some(if abroad { format!("+{digits}") } else { digits })
}

/// All but letters, digits and `-._~` as `%XX`, by RFC 3986.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
