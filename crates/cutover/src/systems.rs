//! Catalogs and inventories of the declared systems.

use cutover_analysis::manifest::{Mention, SystemMention};
use cutover_analysis::world::Loaded;
use cutover_catalog::{Catalog, Inventory, builtin, reader, yaml};
use cutover_diagnostics::{Diagnostic, FileId, Span, suggest};
use cutover_plan::digest::sha256_hex;
use cutover_plan::model::{Inventory as InventoryHeader, Plan};

use crate::Purpose;
use crate::project::{Project, add_text, outside, refused_file};
use crate::root::{Refused, Root};

/// A system with what was read of it.
pub(crate) struct Account {
    name: String,
    platform: String,
    table: bool,
    catalog: Option<Catalog>,
    inventory: Option<Inventory>,
    inventory_named: bool,
    digest: Option<(String, String)>,
}

impl Account {
    /// What the analysis sees.
    pub(crate) fn loaded(&self) -> Loaded<'_> {
        Loaded {
            name: self.name.as_str().into(),
            table: self.table,
            catalog: self.catalog.as_ref(),
            inventory: self.inventory.as_ref(),
            inventory_named: self.inventory_named,
        }
    }
}

/// Loads all systems that the spec declares; the first of each name counts.
pub(crate) fn load(project: &mut Project, purpose: Purpose) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
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
        let account = account(project, mention, &from, known, purpose);
        accounts.push(account);
    }
    accounts
}

fn account(
    project: &mut Project,
    mention: SystemMention,
    from: &str,
    known: Option<Option<Catalog>>,
    purpose: Purpose,
) -> Account {
    let catalog = known.unwrap_or_else(|| catalog(project, &mention.platform));
    let platform = mention.platform.text.clone();
    let inventory_named = mention.inventory.is_some();
    let mut digest = None;
    let inventory = mention.inventory.and_then(|inventory| {
        let (made, sha256) =
            inventory_of(project, &inventory, from, &mention.platform, catalog.as_ref(), purpose)?;
        digest = Some((inventory.text, sha256));
        Some(made)
    });
    Account {
        name: mention.name,
        platform,
        table: mention.table,
        catalog,
        inventory,
        inventory_named,
        digest,
    }
}

/// The catalog of a platform: the team's own in `catalogs/NAME.yaml`, else the one in the program.
fn catalog(project: &mut Project, platform: &Mention) -> Option<Catalog> {
    let own = format!("catalogs/{}.yaml", platform.text);
    match project.root.read(&own, u64::try_from(yaml::MAX_BYTES).unwrap_or(u64::MAX)) {
        Ok(bytes) => return own_catalog(project, &own, &platform.text, bytes),
        Err(Refused::Missing | Refused::NotAFile) => {}
        Err(refused) => {
            project.diagnostics.push(refused_file(platform, refused));
            return None;
        }
    }
    if let Some(catalog) = Catalog::builtin(&platform.text) {
        return Some(catalog);
    }
    let names: Vec<&str> = builtin::list().map(|listed| listed.name).collect();
    let diagnostic = Diagnostic::error("names/unknown-platform", "no catalog describes this product")
        .primary(platform.span, format!("there is no catalog `{}`", platform.text));
    let near = suggest::nearest(&platform.text, names, 1);
    project.diagnostics.push(match near.first() {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).replace(platform.span, *near),
        None => diagnostic
            .help("`cutover catalog list` shows the catalogs; a team adds its own as `catalogs/NAME.yaml`"),
    });
    None
}

fn own_catalog(project: &mut Project, path: &str, name: &str, bytes: Vec<u8>) -> Option<Catalog> {
    let (file, text) = add_text(project, path, bytes)?;
    let root = &project.root;
    let (catalog, found) = reader::read_catalog(file, &text, |base| {
        // A team's catalog that bears the name of one in the program adds to that one.
        let built_in = if base == name { Catalog::builtin(base) } else { None };
        let of_team = || {
            let bytes = root
                .read(&format!("catalogs/{base}.yaml"), u64::try_from(yaml::MAX_BYTES).unwrap_or(u64::MAX))
                .ok()?;
            yaml::read(std::str::from_utf8(&bytes).ok()?).ok()
        };
        built_in.or_else(of_team).or_else(|| Catalog::builtin(base))
    });
    // A catalog with findings is taken all the same, so that one mistake in it gives one finding.
    project.diagnostics.extend(found);
    catalog
}

fn inventory_of(
    project: &mut Project,
    mention: &Mention,
    from: &str,
    platform: &Mention,
    catalog: Option<&Catalog>,
    purpose: Purpose,
) -> Option<(Inventory, String)> {
    let Some(path) = Root::resolve(from, &mention.text) else {
        project.diagnostics.push(outside(mention));
        return None;
    };
    let bytes = match project.root.read(&path, u64::try_from(yaml::MAX_BYTES).unwrap_or(u64::MAX)) {
        Ok(bytes) => bytes,
        Err(refused) => {
            let found = refused_file(mention, refused);
            project.diagnostics.push(found.help(
                "`cutover inventory scan EXPORT --platform NAME -o FILE` makes an inventory from an export",
            ));
            return None;
        }
    };
    // Only a plan says by which bytes it was made.
    let sha256 = if purpose == Purpose::Plan { sha256_hex(&bytes) } else { String::new() };
    let (file, text) = add_text(project, &path, bytes)?;
    let (inventory, found) = reader::read_inventory(file, &text);
    project.diagnostics.extend(found);
    let inventory = inventory?;
    let fits = *inventory.platform == *platform.text
        || catalog.is_none_or(|c| {
            c.extends.as_deref().is_some_and(|e| e.split('@').next() == Some(&inventory.platform))
        });
    if !fits {
        let at = yaml::locate(&text, ["platform"]);
        project.diagnostics.push(
            Diagnostic::error("inventory/platform", "an inventory is of another product")
                .primary(mention.span, format!("the spec says `{}`", platform.text))
                .secondary(span_of(file, &at), format!("the inventory says `{}`", inventory.platform))
                .help("name the right file, or take the inventory again with `--platform`"),
        );
        return None;
    }
    if let Some(catalog) = catalog {
        project.diagnostics.extend(reader::check_inventory(file, &text, &inventory, catalog));
    }
    Some((inventory, sha256))
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
