//! What the doors recorded, as far as two runs agree in it, and which surfaces it shows untouched.
//!
//! Not for: declaring anything. The one fact to know: a record in which nothing at all was seen shows nothing, so
//! the tool's own server must be in it before the absence of others counts.

use crate::documents::{ForbiddenProof, Observed, Pin, Surface};
use footprint::{Act, Footprint, Whose};
use manifest_model::{LaneDesign, SeenBy};
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) const UNTOUCHED: &str = "UNTOUCHED";
pub(crate) const NOT_REQUESTED: &str = "NOT_REQUESTED";
pub(crate) const TOUCHED: &str = "TOUCHED";

/// Ways out of the machine that are no target.
const NETWORK: [&str; 2] = ["container engine", "download of a server"];

/// What is looked at.
pub struct Given<'a> {
    /// The record.
    pub footprint: &'a Footprint,
    /// The checkout.
    pub root: &'a Path,
    /// The packet that is being written, which is where a lane may write.
    pub packet: &'a Path,
    /// Its documents so far.
    pub documents: &'a BTreeMap<String, Vec<u8>>,
    /// Whether a text holds a credential.
    pub credential: &'a dyn Fn(&str) -> bool,
    /// The pins, before and after.
    pub pins: &'a [Pin],
    /// What the delegation asked for.
    pub asks: &'a [String],
}

/// Reads the record.
pub fn observe(design: &LaneDesign, given: &Given<'_>) -> Observed {
    let found = given.footprint;
    let mut observed = Observed {
        statements_counted: found.counted,
        own_server_recorded: found.connections.contains_key(&Whose::Made)
            && found
                .statements
                .get(&Whose::Made)
                .is_some_and(|sent| sent.statements > 0),
        foreign_connections: found.foreign_connections(),
        foreign_statements: found.foreign_statements(),
        foreign_statements_naming: design
            .watched()
            .into_iter()
            .map(|word| (word.to_owned(), found.foreign_naming(word)))
            .collect(),
        foreign_network: found
            .network
            .keys()
            .filter(|kind| !NETWORK.contains(&kind.as_str()))
            .cloned()
            .collect(),
        credentials: given
            .documents
            .iter()
            .filter(|(_, bytes)| String::from_utf8_lossy(bytes).lines().any(given.credential))
            .map(|(name, _)| name.clone())
            .collect(),
        pins_changed: given
            .pins
            .iter()
            .filter(|pin| crate::governance::changed(pin).is_some())
            .map(|pin| pin.path.clone())
            .collect(),
        asked: given.asks.to_vec(),
        ..Observed::default()
    };
    for touched in found
        .outside()
        .filter(|touched| !touched.path.starts_with(given.packet))
    {
        let place = place(&touched.path, given.root);
        match touched.act {
            Act::Written => observed.written.push(place),
            Act::Removed => observed.removed.push(place),
        }
    }
    observed
}

/// A path of the checkout; of others only what they are called, since a packet names no machine.
fn place(path: &Path, root: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(below) => below.to_string_lossy().replace('\\', "/"),
        Err(_) => format!(
            "(outside the checkout) {}",
            path.file_name().unwrap_or_default().to_string_lossy()
        ),
    }
}

/// What follows for each surface.
pub fn prove(design: &LaneDesign, observed: Observed) -> ForbiddenProof {
    let surfaces: Vec<Surface> = design
        .forbidden
        .iter()
        .map(|surface| {
            let (is_clean, shown_by) = look(&surface.seen_by, surface.id, &observed);
            let status = match (is_clean, surface.seen_by) {
                (false, _) => TOUCHED,
                (true, SeenBy::NotRequested(_)) => NOT_REQUESTED,
                (true, _) => UNTOUCHED,
            };
            Surface {
                id: surface.id.to_owned(),
                status: status.to_owned(),
                shown_by,
            }
        })
        .collect();
    ForbiddenProof {
        format_version: 1,
        any_forbidden_surface_attempted: surfaces.iter().any(|surface| surface.status == TOUCHED),
        observed,
        surfaces,
    }
}

fn look(seen_by: &SeenBy, id: &str, observed: &Observed) -> (bool, String) {
    let recorded = observed.statements_counted && observed.own_server_recorded;
    let naming = |words: &[&str]| -> Option<u64> {
        let counts = words
            .iter()
            .map(|word| observed.foreign_statements_naming.get(*word));
        counts.sum::<Option<u64>>()
    };
    match seen_by {
        SeenBy::NoForeignConnection => (
            recorded && observed.foreign_connections == 0 && observed.foreign_statements == 0,
            format!(
                "{} connections opened and {} statements sent to a server that the tool did not make",
                observed.foreign_connections, observed.foreign_statements
            ),
        ),
        SeenBy::NoForeignNetwork => (
            recorded && observed.foreign_network.is_empty() && observed.foreign_connections == 0,
            format!(
                "{} other ways out of the machine, {} connections to a foreign server",
                observed.foreign_network.len(),
                observed.foreign_connections
            ),
        ),
        SeenBy::NoForeignStatementNaming(words) => (
            recorded && naming(words) == Some(0),
            format!(
                "{} statements with `{}` sent to a server that the tool did not make",
                shown(naming(words)),
                words.join("` or `")
            ),
        ),
        SeenBy::NoWriteBelow(paths) => {
            let touched = observed.written.iter().chain(&observed.removed);
            let below = touched.filter(|place| paths.iter().any(|path| Path::new(place).starts_with(path)));
            let count = below.count();
            (
                count == 0,
                format!(
                    "{count} files written or taken away below `{}`",
                    paths.join("` or `")
                ),
            )
        }
        SeenBy::NoRemoval => (
            observed.removed.is_empty(),
            format!(
                "{} files taken away outside the tool's own folders",
                observed.removed.len()
            ),
        ),
        SeenBy::NoCredential => (
            observed.credentials.is_empty(),
            format!(
                "{} documents with what looks like a credential",
                observed.credentials.len()
            ),
        ),
        SeenBy::PinsIntact => {
            let written = observed.written.len() + observed.removed.len();
            (
                observed.pins_changed.is_empty() && written == 0,
                format!(
                    "{} pinned files with another digest, {written} files written outside the packet",
                    observed.pins_changed.len()
                ),
            )
        }
        SeenBy::NotRequested(words) => {
            let is_asked = observed.asked.iter().any(|ask| ask == id);
            (
                recorded && !is_asked && naming(words) == Some(0),
                format!(
                    "{} by the delegation; {} statements with `{}` sent to a foreign server",
                    if is_asked { "asked for" } else { "not asked for" },
                    shown(naming(words)),
                    words.join("` or `")
                ),
            )
        }
    }
}

fn shown(count: Option<u64>) -> String {
    count.map_or_else(|| "an uncounted number of".to_owned(), |count| count.to_string())
}
