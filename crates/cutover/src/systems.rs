//! Catalogs and inventories of the declared systems.

use std::collections::BTreeMap;
use std::sync::Arc;

use cutover_analysis::manifest::Mention;
use cutover_analysis::world::Loaded;
use cutover_catalog::{Catalog, Inventory, builtin, reader, yaml};
use cutover_diagnostics::{Diagnostic, FileId, Span, suggest};
use cutover_plan::digest::sha256_hex;
use cutover_plan::model::{Inventory as InventoryHeader, Plan};
use cutover_plan::parallel::beside;

use crate::Purpose;
use crate::foreign;
use crate::line_ends;
use crate::pinned::{self, Held, Named};
use crate::project::{Project, add_text, outside, refused_file};
use crate::root::{Refused, Root};

/// A system with what was read of it.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    name: String,
    platform: String,
    table: bool,
    catalog: Option<Arc<Catalog>>,
    inventory: Option<Arc<Inventory>>,
    inventory_named: bool,
    /// The inventory's path in the project, and its SHA-256.
    digest: Option<(String, String)>,
}

impl Account {
    /// What the analysis sees.
    pub(crate) fn loaded(&self) -> Loaded<'_> {
        Loaded {
            name: self.name.as_str().into(),
            table: self.table,
            catalog: self.catalog.as_deref(),
            inventory: self.inventory.as_deref(),
            inventory_named: self.inventory_named,
        }
    }
}

impl Account {
    /// The catalog of the old desk.
    pub(crate) fn source(&self) -> Option<&Catalog> {
        self.catalog.as_deref().filter(|_| self.name == "source")
    }

    /// Its product.
    pub(crate) fn catalog(&self) -> Option<&Catalog> {
        self.catalog.as_deref()
    }

    /// What was counted in it.
    pub(crate) fn inventory(&self) -> Option<&Inventory> {
        self.inventory.as_deref()
    }

    /// Whether it is called so.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// The inventory's path in the project.
    pub(crate) fn inventory_path(&self) -> Option<&str> {
        self.digest.as_ref().map(|(path, _)| path.as_str())
    }

    /// The table of unfinished tickets of the old desk: the path of the inventory that names it, and its path from there.
    pub(crate) fn unfinished(&self) -> Option<(&str, &str)> {
        let (from, _) = self.digest.as_ref().filter(|_| self.name == "source")?;
        Some((from, &self.inventory.as_ref()?.unfinished.as_ref()?.file))
    }
}

/// An inventory that is not yet read.
struct Unread {
    mention: Mention,
    platform: Mention,
    /// The account as the spec calls it; tables have none.
    account: Option<Mention>,
    /// Its path in the project.
    path: String,
    file: FileId,
    text: Arc<str>,
}

/// What an inventory says, what is wrong with it, and the digest of its bytes.
type Read = (Option<Arc<Inventory>>, Vec<Diagnostic>, String);

/// What is wrong with an inventory in the eyes of a catalog.
type Checked = (Arc<Catalog>, Vec<Diagnostic>);

/// What was read before, for whoever compiles again and again. It is used again where path and text are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    builtin: BTreeMap<String, Arc<Catalog>>,
    /// By the path in the project.
    inventories: BTreeMap<String, KeptInventory>,
}

#[derive(Clone, Debug)]
struct KeptInventory {
    text: Arc<str>,
    read: Read,
    checked: Option<Checked>,
    /// What its table of unfinished tickets holds, by the table's length.
    held: Option<(u64, Held)>,
}

impl Kept {
    fn builtin(&mut self, name: &str) -> Option<Arc<Catalog>> {
        if let Some(known) = self.builtin.get(name) {
            return Some(Arc::clone(known));
        }
        let catalog = Arc::new(Catalog::builtin(name)?);
        self.builtin.insert(name.to_owned(), Arc::clone(&catalog));
        Some(catalog)
    }

    fn inventory(&self, unread: &Unread, purpose: Purpose) -> Option<Read> {
        let known = self.inventories.get(&unread.path).filter(|known| known.text == unread.text)?;
        let (inventory, found, digest) = &known.read;
        let found = || pointing(found, unread.file);
        (purpose == Purpose::Check || !digest.is_empty())
            .then(|| (inventory.clone(), found(), digest.clone()))
    }

    fn check(&mut self, unread: &Unread, inventory: &Inventory, catalog: &Arc<Catalog>) -> Vec<Diagnostic> {
        let check = || reader::check_inventory(unread.file, &unread.text, inventory, catalog);
        let Some(known) = self.inventories.get_mut(&unread.path).filter(|known| known.text == unread.text)
        else {
            return check();
        };
        match &known.checked {
            Some((by, found)) if Arc::ptr_eq(by, catalog) => pointing(found, unread.file),
            _ => {
                let found = check();
                known.checked = Some((Arc::clone(catalog), found.clone()));
                found
            }
        }
    }
}

/// Findings about one file, as findings about another one with the same text.
fn pointing(found: &[Diagnostic], file: FileId) -> Vec<Diagnostic> {
    let mut found = found.to_vec();
    found.iter_mut().for_each(|one| one.relocate(|span| Span { file, ..span }));
    found
}

/// Loads all systems that the spec declares; the first of each name counts.
pub(crate) fn load(project: &mut Project, purpose: Purpose, kept: &mut Kept) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
    let mut unread = Vec::new();
    for (mention, from) in std::mem::take(&mut project.systems) {
        if accounts.iter().any(|account| account.name == mention.name) {
            continue;
        }
        // A catalog of the team's is read, and its mistakes told, once.
        let platform = mention.platform.text.clone();
        let known = accounts
            .iter()
            .find(|account| account.platform == platform)
            .map(|account| account.catalog.clone());
        let catalog = known.unwrap_or_else(|| catalog(project, &mention.platform, kept));
        let inventory_named = mention.inventory.is_some();
        if let Some(inventory) = mention.inventory {
            let account = mention.account.filter(|_| !mention.table);
            let found = text_of(project, inventory, &from, mention.platform, account);
            unread.extend(found.map(|unread| (accounts.len(), unread)));
        }
        accounts.push(Account {
            name: mention.name,
            platform,
            table: mention.table,
            catalog,
            inventory: None,
            inventory_named,
            digest: None,
        });
    }
    let (mut known, mut new) = (Vec::new(), Vec::new());
    for (at, unread) in unread {
        match kept.inventory(&unread, purpose) {
            Some(read) => known.push((at, unread, read)),
            None => new.push((at, unread)),
        }
    }
    let catalogs = |at: usize| accounts.get(at)?.catalog.clone();
    let read = read_all(&new, &catalogs, purpose);
    for ((at, unread), (read, checked)) in new.into_iter().zip(read) {
        let entry = KeptInventory { text: Arc::clone(&unread.text), read: read.clone(), checked, held: None };
        kept.inventories.insert(unread.path.clone(), entry);
        known.push((at, unread, read));
    }
    known.sort_by_key(|(at, ..)| *at);
    for (at, unread, read) in known {
        if let Some(account) = accounts.get_mut(at) {
            take_in(project, account, &unread, read, kept);
        }
    }
    accounts
}

/// From how many bytes of inventories on a second thread pays.
const PARALLEL_FROM: usize = 64 * 1024;

/// Reads inventories and asks their catalogs about them, large ones side by side. `catalogs` gives the catalog of an account by its position.
fn read_all(
    unread: &[(usize, Unread)],
    catalogs: &(impl Fn(usize) -> Option<Arc<Catalog>> + Sync),
    purpose: Purpose,
) -> Vec<(Read, Option<Checked>)> {
    let read = |(at, unread): &(usize, Unread)| {
        let (inventory, found) = reader::read_inventory(unread.file, &unread.text);
        // Only a plan says by which bytes it was made.
        let digest = if purpose == Purpose::Plan {
            sha256_hex(&line_ends::plain(unread.text.as_bytes()))
        } else {
            String::new()
        };
        let checked = inventory.as_ref().zip(catalogs(*at)).map(|(inventory, catalog)| {
            let found = reader::check_inventory(unread.file, &unread.text, inventory, &catalog);
            (catalog, found)
        });
        ((inventory.map(Arc::new), found, digest), checked)
    };
    let run = |some: &[(usize, Unread)]| some.iter().map(read).collect::<Vec<_>>();
    let (first, second) = unread.split_at(unread.len() / 2);
    if unread.iter().map(|(_, unread)| unread.text.len()).sum::<usize>() < PARALLEL_FROM {
        return run(unread);
    }
    let (mut all, second) = beside(|| run(first), || run(second));
    all.extend(second);
    all
}

/// The catalog of a platform: the team's own in `catalogs/NAME.yaml`, else the one in the program.
fn catalog(project: &mut Project, platform: &Mention, kept: &mut Kept) -> Option<Arc<Catalog>> {
    let own = format!("catalogs/{}.yaml", platform.text);
    match project.root.read(&own, most_bytes()) {
        Ok(bytes) => return own_catalog(project, &own, platform, bytes).map(Arc::new),
        Err(Refused::Missing | Refused::NotAFile) => {}
        Err(refused) => {
            project.diagnostics.push(refused_file(platform, refused));
            return None;
        }
    }
    if let Some(catalog) = kept.builtin(&platform.text) {
        return Some(catalog);
    }
    let names: Vec<&str> = builtin::list().map(|listed| listed.name).collect();
    let diagnostic = Diagnostic::error("names/unknown-platform", "no catalog describes this product")
        .primary(platform.span, format!("there is no catalog `{}`", platform.text));
    let near = suggest::nearest(&platform.text, names, 1);
    project.diagnostics.push(match near.first() {
        Some(near) => diagnostic.did_you_mean(platform.span, *near),
        None => diagnostic
            .help("`cutover catalog list` shows the catalogs; a team adds its own as `catalogs/NAME.yaml`"),
    });
    None
}

/// The most bytes of a catalog or inventory.
fn most_bytes() -> u64 {
    u64::try_from(yaml::MAX_BYTES).unwrap_or(u64::MAX)
}

fn own_catalog(project: &mut Project, path: &str, platform: &Mention, bytes: Vec<u8>) -> Option<Catalog> {
    let (file, text) = add_text(project, path, bytes)?;
    let root = &project.root;
    // A catalog of the team's that is extended and cannot be read: its path and its bytes, or why there are none.
    let mut broken: Vec<(String, Result<Vec<u8>, Refused>)> = Vec::new();
    let (catalog, found) = reader::read_catalog(file, &text, |base| {
        // A team's catalog that bears the name of one in the program adds to that one.
        if *base == *platform.text
            && let Some(catalog) = Catalog::builtin(base)
        {
            return Some(catalog);
        }
        let path = format!("catalogs/{base}.yaml");
        let bytes = match root.read(&path, most_bytes()) {
            Ok(bytes) => bytes,
            Err(Refused::Missing | Refused::NotAFile) => return Catalog::builtin(base),
            Err(refused) => {
                broken.push((path, Err(refused)));
                return None;
            }
        };
        let read = std::str::from_utf8(&bytes).ok().and_then(|text| yaml::read(text).ok());
        if read.is_none() {
            broken.push((path, Ok(bytes)));
        }
        read
    });
    if broken.is_empty() {
        // A catalog with findings is taken all the same, so that one mistake in it gives one finding.
        project.diagnostics.extend(found);
        return catalog;
    }
    // Without what it extends nothing is known of the product, and that is told once, where the mistake is.
    for (path, bytes) in broken {
        match bytes {
            Ok(bytes) => {
                if let Some((file, text)) = add_text(project, &path, bytes) {
                    let (_, found) = reader::read_catalog(file, &text, Catalog::builtin);
                    project.diagnostics.extend(found);
                }
            }
            Err(refused) => project.diagnostics.push(refused_file(platform, refused)),
        }
    }
    None
}

/// The inventory that a system names, its path in the project, and its SHA-256.
fn text_of(
    project: &mut Project,
    mention: Mention,
    from: &str,
    platform: Mention,
    account: Option<Mention>,
) -> Option<Unread> {
    let Some(path) = Root::resolve(from, &mention.text) else {
        project.diagnostics.push(outside(&mention));
        return None;
    };
    let bytes = match project.root.read(&path, most_bytes()) {
        Ok(bytes) => bytes,
        Err(refused) => {
            let found = refused_file(&mention, refused);
            project.diagnostics.push(found.help(
                "`cutover inventory scan EXPORT --platform NAME -o FILE` makes an inventory from an export",
            ));
            return None;
        }
    };
    let (file, text) = add_text(project, &path, bytes)?;
    if let Some(found) = foreign::no_inventory(mention.span, &mention.text, &text) {
        project.diagnostics.push(found);
        return None;
    }
    Some(Unread { mention, platform, account, path, file, text })
}

/// Gives an account its inventory, when that is one of its product.
fn take_in(project: &mut Project, account: &mut Account, unread: &Unread, read: Read, kept: &mut Kept) {
    let Unread { mention, platform, file, text, .. } = unread;
    let (inventory, found, digest) = read;
    project.diagnostics.extend(found);
    let Some(inventory) = inventory else { return };
    let catalog = account.catalog.as_ref();
    let fits = *inventory.platform == *platform.text
        || catalog.is_none_or(|catalog| catalog.extended() == Some(&*inventory.platform));
    if !fits {
        let at = yaml::locate(text, ["platform"]);
        project.diagnostics.push(
            Diagnostic::error("inventory/platform", "an inventory is of another product")
                .primary(mention.span, format!("the spec says `{}`", platform.text))
                .secondary(span_of(*file, &at), format!("the inventory says `{}`", inventory.platform))
                .help("name the right file, or take the inventory again with `--platform`"),
        );
        return;
    }
    if let Some(said) = &unread.account
        && !inventory.account.is_empty()
        && *inventory.account != *said.text
    {
        let at = yaml::locate(text, ["account"]);
        project.diagnostics.push(
            Diagnostic::error("inventory/account", "an inventory is of another account")
                .primary(said.span, format!("the inventory was taken of \"{}\"", inventory.account))
                .secondary(span_of(*file, &at), "named here")
                .help("name the file of this account; or correct `account` in it, if only the word differs"),
        );
    }
    if let Some(catalog) = catalog {
        project.diagnostics.extend(kept.check(unread, &inventory, catalog));
        project.diagnostics.extend(crate::sla::zones::check(*file, text, &inventory));
    }
    let named = Named {
        path: &unread.path,
        file: *file,
        text,
        inventory: &inventory,
        catalog: catalog.map(|catalog| &**catalog),
    };
    let known = kept.inventories.get_mut(&unread.path).filter(|known| known.text == *text);
    pinned::check(project, &named, known.map_or(&mut None, |known| &mut known.held));
    account.inventory = Some(inventory);
    account.digest = Some((project.sources.name(*file).to_owned(), digest));
}

fn span_of(file: FileId, at: &std::ops::Range<usize>) -> Span {
    let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span::new(file, offset(at.start), offset(at.end))
}

/// What the plan says about the data it was made with.
pub(crate) fn header(plan: &mut Plan, accounts: &[Account], project: &Project) {
    plan.header.compiler = env!("CARGO_PKG_VERSION").to_owned();
    plan.header.time_zones = cutover_calendar::zone_data_version().to_owned();
    for account in accounts {
        if let Some(catalog) = &account.catalog {
            plan.header.catalogs.insert(catalog.name.to_string(), catalog.revision.to_string());
        }
        if let (Some(inventory), Some((path, digest))) = (&account.inventory, &account.digest)
            && let Some(taken) = inventory.taken
        {
            let header = InventoryHeader { file: path.clone(), digest: digest.clone(), taken };
            plan.header.inventories.insert(account.name.clone(), header);
        }
    }
    for (path, asset) in &project.assets {
        let bytes = u64::try_from(asset.bytes.len()).unwrap_or(u64::MAX);
        plan.assets.insert(asset.digest.clone(), cutover_plan::model::Asset { file: path.clone(), bytes });
    }
}
