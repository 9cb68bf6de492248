//! `cutover.toml`: levels and numbers of rules, and what nobody may allow. Sealed: what is not understood is a finding.

use std::collections::BTreeMap;
use std::ops::Range;

use cutover_diagnostics::suggest::nearest;
use cutover_diagnostics::{Diagnostic, FileId, Severity, Span};
use cutover_ir::Id;
use cutover_plan::model::{ChosenLevel, ChosenNumber, ChosenRule, Plan, Suppression};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::rule::{Level, Rule};
use crate::rules;

/// The file's name.
pub const FILE: &str = "cutover.toml";

/// Warnings of the compiler itself, whose level a project may choose as well: families with their names.
pub(crate) const BUILT_IN: &[(&str, &[&str])] = &[
    ("allow", &["expired", "unused"]),
    ("calendars", &["horizon", "last-minute", "no-horizon", "part-holiday", "step", "too-far", "zone-name"]),
    ("checks", &["sample-too-large", "waived-though-moved"]),
    ("clean", &["open-to-nobody"]),
    ("coverage", &["constraint"]),
    ("goals", &["nobody-left"]),
    ("golive", &["canary-elsewhere"]),
    ("loss", &["nothing-lost"]),
    ("map", &["never-missing", "threads-lost"]),
    ("migration", &["sandbox-plan"]),
    ("privacy", &["copied", "never-deleted", "read-outside"]),
    ("reach", &["archive-too-short", "frozen", "waits-for-nothing"]),
    ("reason", &["unfulfilled"]),
    ("references", &["askers-left-behind"]),
    ("rollback", &["no-time-left"]),
    (
        "sla",
        &[
            "anchor-lost",
            "cannot-hold",
            "class-differs",
            "count-contradicts",
            "due-refused",
            "hours-differ",
            "needs-probe",
            "no-history",
            "no-level",
            "no-promise",
            "overwritten",
            "unexplained",
        ],
    ),
    ("translate", &["dead-line", "open-values", "unlisted-role", "unproven", "unused"]),
    ("types", &["unreadable"]),
    ("visibility", &["rights-raised"]),
];

/// Findings that are only remarks: they have no level, and a spec may silence them.
pub(crate) const REMARKS: &[(&str, &str)] =
    &[("sla", "kept-as-written"), ("sla", "not-compared"), ("sla", "several-losses"), ("window", "unknown")];

const KEYS: [&str; 2] = ["forbid", "lints"];

/// What a project chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    chosen: BTreeMap<String, Chosen>,
    forbidden: BTreeMap<String, Span>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Chosen {
    level: Option<Level>,
    because: Option<String>,
    numbers: BTreeMap<&'static str, u64>,
}

impl Settings {
    /// Reads the file's text. What is wrong is reported and left out.
    #[must_use]
    pub fn read(file: FileId, text: &str) -> (Settings, Vec<Diagnostic>) {
        let mut reader = Reader { file, settings: Settings::default(), found: Vec::new() };
        match DeTable::parse(text) {
            Ok(table) => reader.top(table.get_ref()),
            Err(error) => {
                let at = error.span().unwrap_or(0..0);
                let said =
                    error.message().lines().next().unwrap_or_default().trim_end_matches('.').to_owned();
                reader.found.push(
                    Diagnostic::error("settings/syntax", "the settings of the project cannot be read")
                        .primary(reader.span(at), said)
                        .help("the file is TOML: `[lints]` on a line, then lines such as `\"watch/seldom\" = \"error\"`"),
                );
            }
        }
        (reader.settings, reader.found)
    }

    /// The level of a rule.
    #[must_use]
    pub fn level(&self, rule: &Rule) -> Level {
        self.chosen.get(rule.code).and_then(|chosen| chosen.level).unwrap_or(rule.level)
    }

    /// A number that the project chose for a rule.
    #[must_use]
    pub(crate) fn number(&self, code: &str, name: &str) -> Option<u64> {
        self.chosen.get(code)?.numbers.get(name).copied()
    }

    /// The codes that no spec may allow, with the place that says so.
    #[must_use]
    pub fn forbidden(&self) -> &BTreeMap<String, Span> {
        &self.forbidden
    }

    /// Gives each warning the level that the project or its rule asks for. Errors of the compiler stay what they are.
    pub fn judge(&self, found: &mut Vec<Diagnostic>) {
        found.retain_mut(|finding| {
            if finding.severity != Severity::Warning {
                return true;
            }
            let own = crate::rule(finding.code).map(|rule| rule.level);
            let chosen = self.chosen.get(finding.code).and_then(|chosen| chosen.level);
            match chosen.or(own).unwrap_or(Level::Warning) {
                Level::Off => return false,
                Level::Note => finding.severity = Severity::Note,
                Level::Warning => {}
                Level::Error => finding.severity = Severity::Error,
            }
            true
        });
    }

    /// Writes to the plan what the project chooses, so that its checklist shows it and a comparison tells it: what is turned off beside what
    /// the spec allows, and every other level, number and prohibition that is not the usual one.
    pub fn record(&self, plan: &mut Plan) {
        for (code, chosen) in &self.chosen {
            let rule = crate::rule(code);
            let usual = rule.map_or(Level::Warning, |rule| rule.level);
            let level = chosen.level.unwrap_or(usual);
            if level == Level::Off {
                if usual != Level::Off {
                    let because = chosen.because.clone();
                    let because =
                        because.unwrap_or_else(|| format!("turned off for the whole project in {FILE}"));
                    let suppression = Suppression { code: code.clone(), at: None, until: None, because };
                    plan.suppressions.entry(Id::new(["allow", code])).or_insert(suppression);
                }
                continue;
            }
            let numbers: BTreeMap<String, ChosenNumber> = rule
                .map_or(&[][..], |rule| rule.options)
                .iter()
                .filter_map(|option| Some((option, *chosen.numbers.get(option.name)?)))
                .filter(|(option, number)| *number != option.default)
                .map(|(option, number)| (option.name.to_owned(), option.chosen(number)))
                .collect();
            let level =
                (level != usual).then(|| ChosenLevel { chosen: level.of_plan(), usual: usual.of_plan() });
            if level.is_some() || !numbers.is_empty() {
                let because = chosen.because.clone();
                let rule = ChosenRule { level, numbers, forbidden: false, because };
                plan.rules.insert(code.clone(), rule);
            }
        }
        for code in self.forbidden.keys() {
            plan.rules.entry(code.clone()).or_default().forbidden = true;
        }
    }
}

struct Reader {
    file: FileId,
    settings: Settings,
    found: Vec<Diagnostic>,
}

type Value<'i> = Spanned<DeValue<'i>>;

impl Reader {
    fn span(&self, at: Range<usize>) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: offset(at.start), end: offset(at.end) }
    }

    fn top(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "lints" => match value.get_ref().as_table() {
                    Some(lints) => self.lints(lints),
                    None => self.wrong(value, "a table is expected: `[lints]` on a line of its own"),
                },
                "forbid" => self.forbid(value),
                other => self.unknown_key(key.span(), other, &KEYS),
            }
        }
    }

    fn lints(&mut self, lints: &DeTable<'_>) {
        for (code, value) in lints {
            let name = code.get_ref().as_ref();
            if !self.is_known(code.span(), name) {
                continue;
            }
            let chosen = match value.get_ref() {
                DeValue::String(_) => Chosen { level: self.level(value), ..Chosen::default() },
                DeValue::Table(table) => self.chosen(name, table),
                _ => {
                    self.wrong(value, "a level in quotes is expected, or `{ level = \"error\" }`");
                    continue;
                }
            };
            self.settings.chosen.insert(name.to_owned(), chosen);
        }
    }

    fn chosen(&mut self, code: &str, table: &DeTable<'_>) -> Chosen {
        let options = crate::rule(code).map_or(&[][..], |rule| rule.options);
        let mut chosen = Chosen::default();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if name == "level" {
                chosen.level = self.level(value);
            } else if name == "because" {
                chosen.because = value.get_ref().as_str().map(str::to_owned);
                if chosen.because.is_none() {
                    self.wrong(value, "a text in quotes is expected");
                }
            } else if let Some(option) = options.iter().find(|option| option.name == name) {
                let number = value.get_ref().as_integer().filter(|number| number.radix() == 10);
                match number.and_then(|number| number.as_str().replace('_', "").parse().ok()) {
                    Some(number) => _ = chosen.numbers.insert(option.name, number),
                    None => self.wrong(value, format!("a whole number is expected: {}", option.says)),
                }
            } else {
                let known: Vec<&str> =
                    options.iter().map(|option| option.name).chain(["because", "level"]).collect();
                self.unknown_key(key.span(), name, &known);
            }
        }
        chosen
    }

    fn forbid(&mut self, value: &Value<'_>) {
        let Some(codes) = value.get_ref().as_array() else {
            self.wrong(value, "a list of codes is expected: `forbid = [\"goals/no-gain\"]`");
            return;
        };
        for code in codes {
            let Some(name) = code.get_ref().as_str() else {
                self.wrong(code, "a code in quotes is expected");
                continue;
            };
            if self.is_known(code.span(), name) {
                let at = self.span(code.span());
                self.settings.forbidden.insert(name.to_owned(), at);
            }
        }
    }

    fn level(&mut self, value: &Value<'_>) -> Option<Level> {
        let level = value.get_ref().as_str().and_then(Level::of);
        if level.is_none() {
            self.wrong(value, "a level is `\"off\"`, `\"note\"`, `\"warning\"` or `\"error\"`");
        }
        level
    }

    fn is_known(&mut self, at: Range<usize>, code: &str) -> bool {
        let own = rules::ALL.iter().map(|rule| rule.code.to_owned());
        let known: Vec<String> = own.chain(built_in()).collect();
        if known.iter().any(|name| name == code) {
            return true;
        }
        let finding = Diagnostic::error("settings/unknown-rule", "nothing of this name has a level")
            .primary(self.span(at.clone()), "only lints and the compiler's warnings have one");
        let near = nearest(code, known.iter().map(String::as_str), 1);
        self.found.push(match near.first() {
            Some(near) => finding.did_you_mean(self.span(at), format!("\"{near}\"")),
            // Whether it is the code of an error or of nothing, there is no way to turn it off.
            None => finding
                .help("an error says that a plan would go wrong, and cannot be turned off: mend what it shows, and take this line out")
                .help("`cutover explain` lists all codes, and what each means"),
        });
        false
    }

    fn unknown_key(&mut self, at: Range<usize>, key: &str, known: &[&str]) {
        let span = self.span(at);
        let finding = Diagnostic::error("settings/unknown-key", "the settings have no such key")
            .primary(span, format!("known here: {}", known.join(", ")));
        self.found.push(match nearest(key, known.iter().copied(), 1).first() {
            Some(near) => finding.did_you_mean(span, *near),
            None => finding,
        });
    }

    fn wrong(&mut self, value: &Value<'_>, label: impl Into<String>) {
        self.found.push(
            Diagnostic::error("settings/value", "a value of the settings is not what is expected")
                .primary(self.span(value.span()), label.into()),
        );
    }
}

/// The codes of the compiler's own warnings.
pub(crate) fn built_in() -> impl Iterator<Item = String> {
    BUILT_IN.iter().flat_map(|(family, names)| names.iter().map(move |name| format!("{family}/{name}")))
}
