//! Specs drawn from the table of constructs: items with their clauses, statements, rows and bodies in any order of clauses, with comments between
//! any two words and blanks as no hand would leave them. Most are right in shape and wrong in what they name; a few have a mistake.

use cutover_syntax::construct::{
    ArgRule, BodyRule, CONSTRUCTS, ClauseRule, Construct, MemberRule, NameRule, Takes,
};

use crate::random::Random;

const NAMES: &[&str] = &[
    "maya",
    "ticket",
    "tickets",
    "status",
    "custom.region",
    "`owner`",
    "statuses",
    "x1",
    "a_b",
    "comment.first",
];
const TEXTS: &[&str] =
    &["\"\"", "\"Open\"", "\"größer\"", "\"a # b\"", "\"say \\\"so\\\"\"", "\"日本語\"", "\"{ ; }\""];
const CONDITIONS: &[&str] = &[
    "unfinished",
    "status is not \"x\"",
    "a is one of (\"b\", \"c\") and not (d or e is empty)",
    "created_at since 2024-01-01",
    "missing tickets at most 0.5% over 200 records within 30 days",
];

/// A spec of a few items.
#[must_use]
pub fn spec(random: &mut Random) -> String {
    let mut tree = Tree { random, out: String::from("edition 1\n"), depth: 0 };
    for _ in 0..=tree.random.below(5) {
        tree.item();
    }
    tree.out
}

struct Tree<'r> {
    random: &'r mut Random,
    out: String,
    depth: usize,
}

impl Tree<'_> {
    fn one_of(&mut self, of: usize) -> bool {
        self.random.below(of) == 0
    }

    fn pick(&mut self, of: &[&str]) -> String {
        self.random.pick(of).map_or_else(String::new, |text| (*text).to_owned())
    }

    /// A word, with what stands between it and the one before.
    fn word(&mut self, word: &str) {
        match self.random.below(40) {
            0 => self.out.push_str("   "),
            1 => self.out.push('\t'),
            // A line that begins with a clause or an arrow goes on; one that begins otherwise is another entry.
            2 => self.out.push_str("\n    "),
            3 => self.comment(),
            _ => self.out.push(' '),
        }
        self.out.push_str(word);
    }

    fn comment(&mut self) {
        let text = self.pick(&["#", "# why", "#why?  ", "## { not a brace", "# \"ünd\" -> so", "#\t1"]);
        self.out.push(' ');
        self.out.push_str(&text);
        self.out.push('\n');
    }

    fn end(&mut self) {
        match self.random.below(12) {
            0 => self.comment(),
            1 => self.out.push_str("\n\n\n"),
            2 => self.out.push_str(" ;"),
            3 => self.out.push_str("\r\n"),
            4 => {
                self.out.push('\n');
                self.comment();
            }
            _ => self.out.push('\n'),
        }
    }

    fn item(&mut self) {
        let at = self.random.below(CONSTRUCTS.len());
        let Some(row) = CONSTRUCTS.get(at) else { return };
        self.out.push_str(row.keyword.text());
        self.head(row);
        self.body(row.body);
        // An item begins a line.
        self.end();
        self.out.push('\n');
    }

    fn head(&mut self, row: &Construct) {
        match row.name {
            NameRule::None => {}
            NameRule::Identifier => self.name(),
            NameRule::OneOf(names) => {
                let name = self.pick(names);
                self.word(&name);
            }
            NameRule::Signature => {
                self.name();
                self.word("->");
                self.name();
            }
        }
        if row.title && self.one_of(2) {
            self.text();
        }
        self.args(row.args);
        self.clauses(row.clauses);
    }

    fn name(&mut self) {
        let name = self.pick(NAMES);
        self.word(&name);
    }

    fn text(&mut self) {
        let text = self.pick(TEXTS);
        self.word(&text);
    }

    fn args(&mut self, rule: ArgRule) {
        let wanted = match rule {
            ArgRule::None => false,
            ArgRule::One(_) => return if self.one_of(3) { self.text() } else { self.name() },
            ArgRule::Some(_) | ArgRule::List(_) => true,
            ArgRule::Maybe(_) => self.one_of(2),
        };
        if wanted {
            self.list();
        }
    }

    fn list(&mut self) {
        for at in 0..=self.random.below(3) {
            if at > 0 {
                self.out.push(',');
            }
            if self.one_of(3) { self.text() } else { self.name() }
        }
    }

    /// Some of the clauses, in their order or in another one.
    fn clauses(&mut self, rules: &[ClauseRule]) {
        let mut chosen: Vec<&ClauseRule> = Vec::new();
        for rule in rules {
            if rule.need || self.one_of(3) {
                chosen.push(rule);
            }
        }
        if self.one_of(3) {
            self.random.shuffle(&mut chosen);
        }
        for rule in chosen {
            self.word(rule.keyword.text());
            self.value(rule.takes);
        }
    }

    fn value(&mut self, takes: Takes) {
        if self.one_of(12) {
            return self.word("???");
        }
        let word = match takes {
            Takes::Nothing => return,
            Takes::Person => "maya".to_owned(),
            Takes::People => "maya, li".to_owned(),
            Takes::Text => return self.text(),
            Takes::Predicate => self.pick(CONDITIONS),
            Takes::Moment => self.pick(&["2027-01-31", "2027-01-31 18:00", "window - 14 days", "window"]),
            Takes::Duration => self.pick(&["30 min", "7 days", "2 business hours"]),
            Takes::Quantity => self.pick(&["150", "99.5%", "3"]),
            Takes::Name | Takes::Words | Takes::Functions => return self.name(),
            Takes::Names => return self.list(),
            Takes::Object => self.pick(&["requester", "group \"Tier2\"", "placeholder \"Nobody\""]),
            Takes::StandIn => self.pick(&["empty", "reject", "\"none\"", "placeholder \"Nobody\""]),
            Takes::Value => self.pick(&["\"none\"", "empty", "12", "true"]),
        };
        for part in word.split(' ') {
            self.word(part);
        }
    }

    fn body(&mut self, rule: BodyRule) {
        let BodyRule::Lines { optional, statements, members } = rule else { return };
        if self.depth > 3 || optional && self.one_of(2) {
            return;
        }
        self.depth += 1;
        self.word("{");
        // A body on one line, or on several.
        let several = self.one_of(2);
        if several {
            self.end();
        }
        for _ in 0..self.random.below(6) {
            let statement = self.random.pick(statements);
            match statement {
                Some(rule) if matches!(members, MemberRule::None) || self.one_of(2) => {
                    self.word(rule.keyword.text());
                    self.args(rule.args);
                    self.clauses(rule.clauses);
                    self.body(rule.body);
                }
                _ => self.member(members),
            }
            if several { self.end() } else { self.out.push_str("; ") }
        }
        // Now and then a brace is lost.
        if !self.one_of(60) {
            self.out.push('}');
        }
        self.depth -= 1;
    }

    fn member(&mut self, members: MemberRule) {
        match members {
            MemberRule::None => self.name(),
            MemberRule::People(_) => {
                self.name();
                self.text();
            }
            MemberRule::Nouns(_) => self.list(),
            MemberRule::Fields => {
                self.name();
                self.text();
            }
            MemberRule::Rows(_) | MemberRule::Pairs(_) => {
                self.list();
                self.word("->");
                if self.one_of(3) { self.text() } else { self.name() }
            }
            MemberRule::Measures => {
                for part in "missing tickets at most 0".split(' ') {
                    self.word(part);
                }
            }
        }
        self.clauses(members.clauses());
    }
}
