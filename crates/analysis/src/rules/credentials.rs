//! Texts and comments of a spec hold no credential. They lie in git, where everybody who may read them reads it for ever.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_syntax::keywords::{ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Range, TermKind};

use crate::context::Context;

/// Looks at every text and every comment.
pub fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(Span, &'static str)> = Vec::new();
    for item in &cx.items {
        let named = names_of_secrets(item);
        let texts = item.terms.iter().filter(|term| term.kind == TermKind::Text).map(|term| term.range);
        let places = texts.filter(|range| !named.contains(range)).chain(item.comments.iter().copied());
        for range in places {
            found.extend(
                all(item.slice(range)).into_iter().map(|seen| (seen.span(item.span(range)), seen.what)),
            );
        }
    }
    for (span, what) in found {
        cx.push(
            Diagnostic::error("secrets/in-text", "a credential stands in the spec")
                .primary(span, format!("this looks like {what}"))
                .hide()
                .help("take it out of the spec and of the history of the repository, and change it: whoever could read the file may have it"),
        );
    }
}

/// Where credentials stand in a text that is no spec, and what each looks like: a message to people, a list.
#[must_use]
pub fn seen(text: &str) -> Vec<(std::ops::Range<usize>, &'static str)> {
    all(text).into_iter().map(|seen| (seen.at, seen.what)).collect()
}

/// The texts of `secret` lines that are no names of variables: these are reported where they are read.
fn names_of_secrets(item: &Item) -> Vec<Range> {
    if item.keyword != Some(ItemKw::Migration) {
        return Vec::new();
    }
    let lines = item.body_lines().iter().filter(|line| line.statement == Some(StmtKw::Secret));
    let texts = lines.flat_map(|line| item.get(line.lead)).filter(|term| term.kind == TermKind::Text);
    texts
        .filter(|term| item.raw(**term).chars().any(|c| c.is_ascii_lowercase()))
        .map(|term| term.range)
        .collect()
}

/// How keys of products begin, how long they are at least, and whose they are.
const PREFIXES: &[(&str, usize, &str)] = &[
    ("AKIA", 20, "an access key of Amazon"),
    ("ASIA", 20, "an access key of Amazon"),
    ("AIza", 35, "an API key of Google"),
    ("ya29.", 30, "an access token of Google"),
    ("ghp_", 30, "a token of GitHub"),
    ("gho_", 30, "a token of GitHub"),
    ("ghs_", 30, "a token of GitHub"),
    ("github_pat_", 30, "a token of GitHub"),
    ("glpat-", 20, "a token of GitLab"),
    ("xoxb-", 20, "a token of Slack"),
    ("xoxp-", 20, "a token of Slack"),
    ("xapp-", 20, "a token of Slack"),
    ("sk_live_", 20, "a key of Stripe"),
    ("rk_live_", 20, "a key of Stripe"),
    ("shpat_", 20, "a token of Shopify"),
    ("SG.", 40, "a key of SendGrid"),
    ("pat-na1-", 20, "a token of HubSpot"),
    ("pat-eu1-", 20, "a token of HubSpot"),
    ("npm_", 30, "a token of npm"),
    ("dop_v1_", 30, "a token of DigitalOcean"),
    ("sk-proj-", 20, "a key of OpenAI"),
    ("sk-ant-", 20, "a key of Anthropic"),
];

/// Words behind which a credential stands when `:`, `=` or `is` follows.
const NAMES: &[&str] = &[
    "password",
    "passwort",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "api_key",
    "apikey",
    "api key",
    "access_token",
    "client_secret",
    "secret_key",
];

/// Shortest random text that is taken for a key.
const LONG: usize = 24;

/// A credential in a text: its bytes, and what it looks like.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    at: std::ops::Range<usize>,
    what: &'static str,
}

impl Seen {
    /// `word` is a piece of `text`.
    fn new(text: &str, word: &str, what: &'static str) -> Seen {
        let start = (word.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        Seen { at: start..start + word.len(), what }
    }

    /// The place in the file, when the text stands at `text`.
    fn span(&self, text: Span) -> Span {
        let offset =
            |at: usize| text.start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX)).min(text.end);
        Span::new(text.file, offset(self.at.start), offset(self.at.end))
    }
}

/// The most credentials that are told of one text.
const MANY: usize = 16;

/// Everything in a text that looks like a credential. What was found is blanked out, and the rest is looked at again.
fn all(text: &str) -> Vec<Seen> {
    let mut found = Vec::new();
    let mut rest = std::borrow::Cow::Borrowed(text);
    while let Some(seen) = looks(&rest) {
        let (at, blank) = (seen.at.clone(), " ".repeat(seen.at.len()));
        let (Some(before), Some(after)) = (rest.get(..at.start), rest.get(at.end..)) else { break };
        let next = format!("{before}{blank}{after}");
        found.push(seen);
        if at.is_empty() || found.len() == MANY {
            break;
        }
        rest = std::borrow::Cow::Owned(next);
    }
    found
}

/// What a text looks like, when it looks like a credential. The text is as it is written: no credential needs an escape.
fn looks(text: &str) -> Option<Seen> {
    // Nothing shorter is one, and most texts are.
    if text.len() < 12 {
        return None;
    }
    if text.contains("-----BEGIN") && text.contains("PRIVATE KEY") {
        return Some(Seen { at: 0..text.len(), what: "a private key" });
    }
    if let Some(password) = password(text) {
        return Some(Seen::new(text, password, "the password of an address"));
    }
    if let Some(value) = behind_name(text) {
        return Some(Seen::new(text, value, "a password or key, by the word before it"));
    }
    if let Some(value) = basic(text) {
        return Some(Seen::new(text, value, "a user name with its password"));
    }
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/_=-.".contains(c))).find_map(|word| {
        let word = word.trim_end_matches('.');
        let of_product = PREFIXES.iter().find(|(prefix, least, _)| {
            word.len() >= *least && word.starts_with(prefix) && word.chars().any(|c| c.is_ascii_digit())
        });
        if let Some((_, _, whose)) = of_product {
            return Some(Seen::new(text, word, whose));
        }
        if word.starts_with("eyJ") && word.len() >= 30 && word.matches('.').count() == 2 {
            return Some(Seen::new(text, word, "a signed token"));
        }
        word.split('.').find(|part| random(part)).map(|part| Seen::new(text, part, "a random key"))
    })
}

/// The password of `scheme://user:password@host`.
fn password(text: &str) -> Option<&str> {
    text.match_indices("://").find_map(|(at, _)| {
        let rest = text.get(at + 3..).unwrap_or_default();
        let authority = rest.split(['/', ' ', '?', '#']).next().unwrap_or_default();
        let (_, password) = authority.rsplit_once('@')?.0.split_once(':')?;
        (!password.is_empty() && !password.starts_with(['$', '{', '<'])).then_some(password)
    })
}

/// What stands behind `password:` and its like.
fn behind_name(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    NAMES.iter().find_map(|name| {
        lower.match_indices(name).find_map(|(at, _)| {
            // `compass: north2026` holds no password.
            if lower.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_alphabetic())) {
                return None;
            }
            let rest = text.get(at + name.len()..).unwrap_or_default().trim_start();
            let value = rest
                .strip_prefix([':', '='])
                .or_else(|| rest.strip_prefix("is "))?
                .split_whitespace()
                .next()
                .unwrap_or_default();
            let value = value.trim_end_matches(['"', '.', ',', ';']);
            let mixed = value.chars().any(|c| c.is_ascii_digit()) && value.chars().any(char::is_alphabetic);
            (value.len() >= 8 && mixed).then_some(value)
        })
    })
}

/// What stands behind the `Basic` of an HTTP header: name and password in base64, whose last signs say so.
fn basic(text: &str) -> Option<&str> {
    text.match_indices("Basic ").find_map(|(at, word)| {
        let value = text
            .get(at + word.len()..)?
            .split(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c)))
            .next()?;
        let mixed =
            value.chars().any(|c| c.is_ascii_digit()) && value.chars().any(|c| c.is_ascii_uppercase());
        (value.len() >= 12 && value.len() % 4 == 0 && mixed).then_some(value)
    })
}

/// Whether a word is long and changes between capitals, small letters and digits as only chance does. Names of people's making have runs of each;
/// the usual writing of a UUID is an id.
fn random(word: &str) -> bool {
    let is_uuid = word.len() == 36 && word.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    if word.len() < LONG || is_uuid {
        return false;
    }
    let class = |c: char| match c {
        '0'..='9' => 0,
        'a'..='z' => 1,
        'A'..='Z' => 2,
        _ => 3,
    };
    let mut digits = 0;
    let mut changes = 0;
    let mut runs_of_digits = 0;
    let mut last = None;
    for of in word.chars().map(class) {
        digits += usize::from(of == 0);
        if last != Some(of) {
            changes += usize::from(last.is_some());
            runs_of_digits += usize::from(of == 0);
        }
        last = Some(of);
    }
    let hex = word.chars().all(|c| c.is_ascii_hexdigit());
    runs_of_digits >= 4
        && digits * 10 >= word.len()
        && changes * 100 >= word.len() * if hex { 30 } else { 35 }
}

#[cfg(test)]
mod tests {
    use super::{all, looks};

    #[test]
    fn keys_are_found() {
        for text in [
            // Put together here, so that no scanner of repositories takes this file for a leak.
            concat!("AK", "IAIOSFODNN7EXAMPLE"),
            concat!("gh", "p_16C7e42F292c6912E7710c838347Ae178B4a"),
            concat!("xox", "b-123456789012-abcdefABCDEF"),
            "https://admin:tr0ub4dor@helpdesk.example/api",
            "the password: correct7horse",
            "secret: Winter2026!",
            "pwd: Winter2026",
            "Passwort: Sommer2026",
            "the password is Winter2026",
            concat!("sk-", "proj-abcdefgh12345678"),
            "Basic dXNlcjpwYXNzd29yZDEyMw==",
            "uses 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
            "Zk3Vq9TtB7xLw2Ny8RsE4uHd",
        ] {
            assert!(looks(text).is_some(), "{text}");
        }
    }

    #[test]
    fn only_the_credential_is_pointed_at() {
        for (text, credential) in [
            ("see https://admin:tr0ub4dor@helpdesk.example/api", "tr0ub4dor"),
            ("\"the password: correct7horse\"", "correct7horse"),
            ("mail only; the desk key is Zk3Vq9TtB7xLw2Ny8RsE4uHd.", "Zk3Vq9TtB7xLw2Ny8RsE4uHd"),
        ] {
            assert_eq!(looks(text).and_then(|seen| text.get(seen.at)), Some(credential));
        }
    }

    #[test]
    fn each_of_several_is_found() {
        let key = concat!("gh", "p_16C7e42F292c6912E7710c838347Ae178B4a");
        let text = format!("password: hunter2hunter2 token {key} and again {key}");
        let found: Vec<&str> = all(&text).into_iter().filter_map(|seen| text.get(seen.at)).collect();
        assert_eq!(found, ["hunter2hunter2", key, key]);
    }

    #[test]
    fn names_and_sentences_are_not() {
        for text in [
            "inventory/2026-11-20/source.yaml",
            "vault:acme-archive-2026-before-december",
            "5e7f0d5e-2f1c-4c43-9d47-5a3f3f1a2b3c",
            "The password policy: twelve characters",
            "MigrationOfAllTickets2026Archive01",
            "https://acme.example/tickets?id=123456789012345678",
            "reset password: see the runbook of the desk",
            "compass: north2026north",
            "the secret is kept in the vault",
            "Basic information about tickets of 2026",
            "FRESHDESK_KEY_OF_THE_LEGACY_ACCOUNT_2026",
        ] {
            assert_eq!(looks(text), None, "{text}");
        }
    }
}
