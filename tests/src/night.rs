//! A whole night on the embedded desk: a copy of an example, an invented export, an environment, and what people sign and say.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use rusqlite::Connection;
use tempfile::TempDir;

use crate::generate::{Arguments, freshdesk};
use crate::program::{copy, cutover};
use crate::workspace::root;

/// Text that stands in records and must stand nowhere else.
pub const PLANTED: &str = "planted-personal-text";

/// An environment for a night at that time: from a folder `export` into the embedded desk. `target` is added to the target's part; the first store
/// is kept in `run/vault`, the next one in `run/vault2`.
#[must_use]
pub fn environment(clock: &str, target: &str, stores: &[&str]) -> String {
    let mut text = format!(
        "journal = \"run/journal.sqlite\"\nwork = \"run/copy\"\nclock = \"{clock}\"\n\n\
         [source]\nconnector = \"files\"\nat = \"export\"\n\n\
         [target]\nconnector = \"sqlite\"\nat = \"run/desk.sqlite\"\n{target}\n[stores]\n"
    );
    for (at, store) in stores.iter().enumerate() {
        let number = if at == 0 { String::new() } else { (at + 1).to_string() };
        let _ = writeln!(text, "\"{store}\" = \"run/vault{number}\"");
    }
    text
}

/// A project with an export and an environment.
pub struct Night {
    folder: TempDir,
    /// Records of the export, by kind.
    pub exported: Vec<(&'static str, u64)>,
}

impl Night {
    /// A night with so many conversations. `target` is added to the target's part of the environment.
    ///
    /// # Errors
    /// When its files cannot be written.
    pub fn new(conversations: u64, target: &str) -> Result<Night, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        copy(&root().join("examples/small-team"), folder.path()).map_err(|error| error.to_string())?;
        let mut night = Night { folder, exported: Vec::new() };
        night.export(conversations)?;
        night.write("env.toml", &environment("2027-01-16T18:30:00Z", target, &["vault:pots"]))?;
        Ok(night)
    }

    /// A copy of the large example with its own environment, and so many percent of its export.
    ///
    /// # Errors
    /// When its files cannot be written.
    pub fn acme(percent: &str) -> Result<Night, String> {
        let night = Night::of("acme")?;
        let arguments = [night.path("export").display().to_string(), percent.to_owned()];
        Arguments::read(arguments.into_iter(), freshdesk::SIZE, freshdesk::SEED)?.run(freshdesk::write)?;
        Ok(night)
    }

    /// A copy of an example with its own environment and, where that is committed, its export.
    ///
    /// # Errors
    /// When its files cannot be copied.
    pub fn of(example: &str) -> Result<Night, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        copy(&root().join("examples").join(example), folder.path()).map_err(|error| error.to_string())?;
        let night = Night { folder, exported: Vec::new() };
        for left in ["run", "export.planted.jsonl"] {
            // What somebody's own tries left in the example is none of it.
            let path = night.path(left);
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
        fs::rename(night.path("night.toml"), night.path("env.toml")).map_err(|error| error.to_string())?;
        Ok(night)
    }

    /// A copy of a spec's folder with its plan, and this environment.
    ///
    /// # Errors
    /// When its files cannot be copied, or it has no plan.
    pub fn spec(folder: &str, environment: &str) -> Result<Night, String> {
        let copied = tempfile::tempdir().map_err(|error| error.to_string())?;
        copy(&root().join(folder), copied.path()).map_err(|error| error.to_string())?;
        let night = Night { folder: copied, exported: Vec::new() };
        night.write("env.toml", environment)?;
        let (code, out, err) = night.call(&["plan", "spec.cutover", "-o", "plan"])?;
        if code == 0 { Ok(night) } else { Err(format!("{code}: {out}{err}")) }
    }

    /// Everybody signs everything, says that everything is done, and looks at every check. Nothing is waived.
    ///
    /// # Errors
    /// When something of it is refused.
    pub fn everybody(&self, account: &str) -> Result<(), String> {
        let text = fs::read_to_string(self.path("plan/plan.json")).map_err(|error| error.to_string())?;
        let plan: serde_json::Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let must = |args: &[&str]| -> Result<(), String> {
            let (code, out, err) = self.call(args)?;
            if matches!(code, 0 | 4) { Ok(()) } else { Err(format!("{args:?}: {code}\n{out}{err}")) }
        };
        must(&["run", ".", "--env", "env.toml", "--account", account])?;
        let object =
            |name: &str| plan.get(name).and_then(serde_json::Value::as_object).cloned().unwrap_or_default();
        self.said("run/journal.sqlite", "stage/*")?;
        for (id, item) in object("items") {
            for by in item.get("signed_by").and_then(serde_json::Value::as_array).into_iter().flatten() {
                must(&["sign", &id, "--project", ".", "--by", by.as_str().unwrap_or_default()])?;
            }
            let measured = ["check", "criterion", "objective"]
                .iter()
                .any(|of| item.pointer(&format!("/content/{of}")).is_some());
            if measured && let Some(owner) = item.get("owner").and_then(serde_json::Value::as_str) {
                must(&["did", &id, ".", "--env", "env.toml", "--by", owner])?;
            }
        }
        Ok(())
    }

    /// Writes into a journal that the owners of stages said that they are done, as they will once their turn has come: one `run` then goes
    /// through to the end, where `cutover did` would have to be called between many.
    ///
    /// # Errors
    /// When plan or journal cannot be read.
    pub fn said(&self, journal: &str, pattern: &str) -> Result<(), String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let plan = fs::read_to_string(self.path("plan/plan.json")).map_err(|error| text(&error))?;
        let plan: serde_json::Value = serde_json::from_str(&plan).map_err(|error| text(&error))?;
        let db = Connection::open(self.path(journal)).map_err(|error| text(&error))?;
        let start = pattern.trim_end_matches('*');
        for stage in plan.get("stages").and_then(serde_json::Value::as_array).into_iter().flatten() {
            let name = |member: &str| stage.get(member).and_then(serde_json::Value::as_str);
            let id = name("id").unwrap_or_default();
            let signer = stage.pointer("/signed_by/0").and_then(serde_json::Value::as_str);
            let Some(by) = name("owner").or(signer).filter(|_| id.starts_with(start)) else { continue };
            db.execute(
                "INSERT INTO event (at, what, who, subject, text)
                 SELECT coalesce((SELECT max(at) FROM event), (SELECT value FROM run WHERE name = 'begun')), 'did', ?1, ?2, 'seen'
                 WHERE NOT EXISTS (SELECT 1 FROM event WHERE what = 'did' AND subject = ?2
                   AND seq > (SELECT coalesce(max(seq), 0) FROM event WHERE what = 'unsigned' AND subject = ?2))",
                [by, id],
            )
            .map_err(|error| text(&error))?;
        }
        Ok(())
    }

    /// A path of the project.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the project.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.path(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        made.map_err(|error| format!("{}: {error}", path.display()))
    }

    fn lines(&mut self, kind: &'static str, file: &str, lines: &[String]) -> Result<(), String> {
        self.exported.push((kind, lines.len() as u64));
        self.write(&format!("export/{file}.jsonl"), &(lines.join("\n") + "\n"))
    }

    /// An account with a line that is cut off, a conversation in a mailbox that nobody translated, and texts that are too long.
    fn export(&mut self, conversations: u64) -> Result<(), String> {
        let made = |count: u64, line: &dyn Fn(u64) -> String| (0..count).map(line).collect::<Vec<_>>();
        let customers = conversations / 3 + 1;
        self.lines(
            "organization",
            "organizations",
            &made(5, &|at| {
                format!("{{\"id\":{},\"name\":\"Org {at}\",\"domains\":[\"o{at}.example\"]}}", at + 1)
            }),
        )?;
        self.lines("tag", "tags", &made(8, &|at| format!("{{\"name\":\"t{at}\"}}")))?;
        self.lines(
            "custom_field",
            "custom_fields",
            &made(2, &|at| {
                format!(
                    "{{\"id\":{},\"name\":\"Field {at}\",\"type\":\"SINGLE_LINE\",\"required\":false}}",
                    5101 + at
                )
            }),
        )?;
        self.lines("user", "users", &made(5, &|at| {
            let role = if at < 3 { "user" } else { "admin" };
            format!(
                "{{\"id\":{0},\"email\":\"u{0}@pots.example\",\"name\":\"User {0}\",\"role\":\"{role}\",\"active\":{1}}}",
                at + 1,
                at != 4
            )
        }))?;
        self.lines(
            "customer",
            "customers",
            &made(customers, &|at| {
                let name = if at % 7 == 0 { "null".to_owned() } else { format!("\"{PLANTED} {at}\"") };
                format!(
                    "{{\"id\":{},\"email\":\"c{at}@mail.example\",\"name\":{name},\"organization\":{}}}",
                    10_000 + at,
                    at % 5 + 1
                )
            }),
        )?;
        let mut lines = made(conversations, &|at| {
            let status =
                ["active", "pending", "closed", "spam"].get(at as usize % 4).copied().unwrap_or_default();
            let mailbox = ["Shop", "Wholesale", "Studio"].get(at as usize % 3).copied().unwrap_or_default();
            let subject = if at % 50 == 0 { PLANTED.repeat(10) } else { format!("{PLANTED} {at}") };
            let assignee = if at % 5 == 0 { "null".to_owned() } else { (at % 4 + 1).to_string() };
            format!(
                "{{\"id\":{},\"subject\":\"{subject}\",\"status\":\"{status}\",\"type\":\"email\",\"mailbox\":\"{mailbox}\",\
                 \"customer\":{},\"assignee\":{assignee},\"thread.first\":\"<p>{PLANTED} {at}</p>\",\
                 \"created_at\":\"2026-01-02T03:04:05Z\",\"tags\":[\"t1\"]}}",
                1_000_000 + at,
                10_000 + at % customers
            )
        });
        lines.push(
            "{\"id\":9,\"subject\":\"x\",\"status\":\"active\",\"type\":\"email\",\"mailbox\":\"Nowhere\",\"customer\":10000,\
             \"thread.first\":\"b\",\"created_at\":\"2026-01-02T03:04:05Z\",\"tags\":[]}"
                .to_owned(),
        );
        lines.push("{\"id\":10,\"subj".to_owned());
        self.lines("conversation", "conversations", &lines)?;
        self.lines("thread", "threads", &made(conversations * 2, &|at| {
            let of = at % conversations;
            let author = if at % 2 == 0 { 10_000 + of % customers } else { at % 4 + 1 };
            let kind = ["customer", "note", "reply"].get(at as usize % 3).copied().unwrap_or_default();
            let files = if at % 10 == 0 { format!("[{}]", 7_000_000 + at) } else { "[]".to_owned() };
            format!(
                "{{\"id\":{},\"conversation\":{},\"author\":{author},\"type\":\"{kind}\",\"body\":\"<p>{PLANTED} {at}</p>\",\
                 \"created_at\":\"2026-01-02T03:04:05Z\",\"attachments\":{files}}}",
                5_000_000 + at,
                1_000_000 + of
            )
        }))?;
        for at in 0..conversations / 5 {
            self.write(&format!("export/files/{at}"), &format!("file {at} of the shop\n"))?;
        }
        self.lines("attachment", "attachments", &made(conversations / 5, &|at| {
            format!(
                "{{\"id\":{},\"thread\":{},\"name\":\"f{at}.txt\",\"content_type\":\"text/plain\",\"file\":\"files/{at}\"}}",
                7_000_000 + at * 10,
                5_000_000 + at * 10
            )
        }))
    }

    /// A call of the program in the project.
    ///
    /// # Errors
    /// When the program cannot be built.
    pub fn command(&self, args: &[&str]) -> Result<assert_cmd::Command, String> {
        let mut command = cutover(self.folder.path())?;
        command.args(args);
        Ok(command)
    }

    /// Calls the program: exit code, standard output, standard error.
    ///
    /// # Errors
    /// When the program cannot be built or started.
    pub fn call(&self, args: &[&str]) -> Result<(i32, String, String), String> {
        let output: Output = self.command(args)?.output().map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr)))
    }

    /// Calls a verb of the run.
    ///
    /// # Errors
    /// As [`Night::call`].
    pub fn verb(&self, verb: &[&str]) -> Result<(i32, String, String), String> {
        let mut args = verb.to_vec();
        args.extend([".", "--env", "env.toml"]);
        self.call(&args)
    }

    /// All that people sign and say beforehand, so that one `run` goes through to the end.
    ///
    /// # Errors
    /// When something of it is refused.
    pub fn people(&self) -> Result<(), String> {
        for (item, by) in [
            ("announce/customers", "ines"),
            ("backup/full", "tom"),
            ("rehearsal", "kofi"),
            ("go_live", "ines"),
            ("decommission/source", "ines"),
        ] {
            self.must(&["sign", item, "--project", ".", "--by", by])?;
        }
        let (code, _, err) = self.verb(&["run", "--account", "pots"])?;
        if code != 4 {
            return Err(format!("the first run ends with {code}: {err}"));
        }
        self.did_all()
    }

    /// Everything was taken back: somebody lets it begin anew, and people sign, say and look once more, in the journal.
    ///
    /// # Errors
    /// When something of it is refused.
    pub fn people_again(&self) -> Result<(), String> {
        self.must(&["resume", ".", "--env", "env.toml", "--by", "ines", "--because", "once more"])?;
        for (item, by) in
            [("announce/customers", "ines"), ("go_live", "ines"), ("decommission/source", "ines")]
        {
            self.must(&["sign", item, "--project", ".", "--env", "env.toml", "--by", by])?;
        }
        self.did_all()
    }

    /// What people do and look at, once all is signed.
    fn did_all(&self) -> Result<(), String> {
        self.said("run/journal.sqlite", "stage/*")?;
        for check in ["check/macros", "check/owners", "check/permissions"] {
            self.must(&["did", check, ".", "--env", "env.toml", "--by", "ruth"])?;
        }
        let (whose, why) = (["--by", "ruth"], ["--because", "a line is cut off, and a mailbox is unknown"]);
        let waive = ["waive", "check/exports", ".", "--env", "env.toml", "--up-to", "12"];
        self.must(&[&waive[..], &whose, &why].concat())
    }

    fn must(&self, args: &[&str]) -> Result<(), String> {
        let (code, out, err) = self.call(args)?;
        if code == 0 { Ok(()) } else { Err(format!("{args:?}: {code}\n{out}{err}")) }
    }

    /// All records of the desk, sorted: every table with a mark, every column but the desk's own id.
    ///
    /// # Errors
    /// When the desk cannot be read.
    pub fn dump(&self) -> Result<String, String> {
        dump(&self.path("run/desk.sqlite")).map_err(|error| error.to_string())
    }

    /// A number out of the journal or the desk.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn ask(&self, file: &str, sql: &str) -> Result<i64, String> {
        let db = Connection::open(self.path(file)).map_err(|error| error.to_string())?;
        db.query_row(sql, [], |row| row.get(0)).map_err(|error| format!("{sql}: {error}"))
    }

    /// The project's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn dump(path: &Path) -> rusqlite::Result<String> {
    let db = Connection::open(path)?;
    let mut names = db.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'desk%' ORDER BY name",
    )?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut out = String::new();
    for name in names {
        let mut rows = db.prepare(&format!("SELECT * FROM \"{name}\" ORDER BY mark, id"))?;
        let columns = rows.column_count();
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let _ = write!(out, "{name}");
            // The desk's own id tells in which order records came, and nothing about them.
            for at in 1..columns {
                let _ = write!(out, "|{:?}", row.get_ref(at)?);
            }
            out.push('\n');
        }
    }
    Ok(out)
}
