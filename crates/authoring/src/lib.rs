//! Manifests and a capture to files: migrations, seeds, lock files, negative specs, the rehearsal's plan.
//!
//! Not for: opening a connection. The one fact to know: [`author`] is pure but for reading lock files and
//! the capture; [`files::check`] and [`files::write`] compare and write what it returned, and nothing is
//! written while any problem is left.

pub mod access;
pub mod acts;
pub mod attacks;
pub mod bypasses;
pub mod cluster;
pub mod cutover_inputs;
pub mod decisions;
pub mod error;
mod exact_set;
mod exhibits;
mod field_attacks;
pub mod files;
pub mod forms;
pub mod governance;
pub mod guard_assertion;
mod guard_docs;
pub mod guard_files;
pub mod header;
pub mod index;
pub mod inputs;
pub mod item;
pub mod leads;
pub mod live;
pub mod locks;
pub mod moments;
pub mod mutants;
pub mod negative;
pub mod operator;
pub mod overwrites;
pub mod owner_moves;
pub mod packet;
pub mod plan;
pub mod row_mutants;
pub mod scan;
pub mod seeds;
mod static_analysis;
pub mod surface_rows;
mod undecided;
pub mod view_moves;

use std::path::Path;

use manifest_model::estate::{Estate, EstateSize, Routine as EstateRoutine};
use manifest_model::{
    ControlPlane, CreationPacket, OperatorPacket, PacketWindow, ReservedObjects, SigningNamespaces, validate,
};

pub use decisions::Decisions;
pub use error::AuthorError;
pub use files::{Files, atomic_write};
use guard_files::{GuardFiles, Selects};
pub use live::LiveFacts;

/// Everything that authoring needs to know.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The control plane.
    pub plane: &'a ControlPlane,
    /// The reference estate, with the sealed legacy set.
    pub estate: &'a Estate,
    /// Objects that no package touches.
    pub do_not_touch: &'a [&'a str],
    /// Objects that no package opens: permits and run authority.
    pub do_not_open: &'a [&'a str],
    /// The legacy routine that is the live writer.
    pub live_writer: &'a str,
    /// Its callers, with their bodies after the repoint.
    pub repointed: &'a [EstateRoutine],
    /// The fail-closed body of a stub.
    pub stub_body: &'a str,
    /// The packet that makes the control plane, in parts.
    pub creation: Option<CreationPacket>,
    /// The packets that operators run.
    pub packets: &'a [OperatorPacket],
    /// The window in which they run them.
    pub window: PacketWindow,
    /// What people sign for.
    pub namespaces: SigningNamespaces,
    /// Identities that are proposed to governance; none where there is no lane.
    pub reserved: Option<&'a ReservedObjects>,
    /// What the live database is, from the committed capture.
    pub live: Option<&'a LiveFacts>,
}

/// What a person approves with this run; empty for none.
#[derive(Debug, Clone, Default)]
pub struct Approvals {
    /// Objects whose changed definition is approved.
    pub designs: Vec<String>,
    /// Surfaces whose changed set of keys is accepted.
    pub sets: Vec<String>,
}

/// Every file that follows from the sources, or every reason why none does.
///
/// # Errors
/// All problems at once: invalid definitions, unapproved designs, unaccepted sets, a missing capture.
pub fn author(sources: &Sources<'_>, root: &Path) -> Result<Files, AuthorError> {
    let guards = demand_sound(sources, root)?;
    let plane = sources.plane;
    let (applied, selects) = both(|| applied(sources, root), || Selects::parse(&guards));
    let Applied {
        mut files,
        live,
        scripts,
        versions,
    } = applied?;
    let guards = (&guards, &selects?);
    let findings = static_analysis::findings(sources, live);
    let (told, refused) = both(
        || inputs::add(&mut files, sources, live, guards, &findings),
        || {
            let mut refused = Files::default();
            mutants::add(&mut refused, plane, &versions);
            negative::add_specs(&mut refused, plane, &versions).map(|()| refused)
        },
    );
    told?;
    let (packets, rest) = both(
        || packet::folders(&files, sources, live, root, guards),
        || {
            let mut rest = packet::create::folder(&files, sources, live, root, &scripts, &versions, guards)?;
            acts::add(&mut rest, sources, &versions)?;
            attacks::add(&mut rest, plane);
            bypasses::add(&mut rest, plane);
            add_estate(&mut rest, sources.estate);
            access::add(&mut rest, plane);
            operator::add(&mut rest, plane, &scripts);
            if let Some(reserved) = sources.reserved {
                governance::add(&mut rest, reserved);
            }
            scan::add(&mut rest, sources, live, &findings)?;
            Ok(rest)
        },
    );
    for more in [refused?, packets?, rest?] {
        files.extend(more);
    }
    plan::add(&mut files, sources, &scripts, root, guards.0)?;
    if let Some(page) = guard_docs::page(plane, guards.0)? {
        files.add(guard_docs::PATH, page);
    }
    Ok(files)
}

/// Both results of two pieces of work that share nothing but what both read: which of them ends first changes nothing.
fn both<A, B: Send>(one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    std::thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        let other = other
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (one, other)
    })
}

fn add_estate(files: &mut Files, estate: &Estate) {
    for rendered in sql_render::estate::render(estate, &EstateSize::ONE) {
        files.add(
            format!("{}/{}", sql_render::estate::FOLDER, rendered.path),
            rendered.text,
        );
    }
}

/// The files that packages apply, `migrations/` and `seeds/`, and nothing that only speaks of them.
///
/// # Errors
/// As [`author`].
pub fn author_applied(sources: &Sources<'_>, root: &Path) -> Result<Files, AuthorError> {
    demand_sound(sources, root)?;
    Ok(applied(sources, root)?.files)
}

/// What packages apply, and what the rest of the files is made of.
struct Applied<'a> {
    files: Files,
    live: &'a LiveFacts,
    scripts: Vec<sql_render::Script>,
    versions: Vec<item::Version>,
}

/// The files of the guards, of a control plane that may be authored.
fn demand_sound(sources: &Sources<'_>, root: &Path) -> Result<GuardFiles, AuthorError> {
    let problems = validate::problems(sources.plane);
    if !problems.is_empty() {
        return Err(AuthorError::Invalid(problems));
    }
    let guards = GuardFiles::read(sources.plane, root)?;
    undecided::demand_none(sources.plane, root, &guards)?;
    Ok(guards)
}

fn applied<'a>(sources: &Sources<'a>, root: &Path) -> Result<Applied<'a>, AuthorError> {
    let live = sources.live.ok_or(AuthorError::NoCapture)?;
    let mut files = Files::default();
    let scripts = sql_render::migrations(sources.plane);
    locks::require_approved_designs(&scripts, root)?;
    index::add_scripts(&mut files, "migrations", sources.plane, &scripts);
    let versions = approved_versions(sources, live, root)?;
    let seed_scripts = seeds::scripts(sources, &versions)?;
    index::add_scripts(&mut files, "seeds", sources.plane, seed_scripts);
    Ok(Applied {
        files,
        live,
        scripts,
        versions,
    })
}

/// The first version of every surface, over the accepted sets.
///
/// # Errors
/// A set that nobody accepted, or a row that has no canonical encoding.
pub fn approved_versions(
    sources: &Sources<'_>,
    live: &LiveFacts,
    root: &Path,
) -> Result<Vec<item::Version>, AuthorError> {
    let surfaces = surface_rows::all(sources, live)?;
    let accepted = locks::require_accepted_sets(&surfaces, root)?;
    item::versions(&surfaces, &accepted, 1)
}

/// Approves designs and sets by rewriting lock files alone; authoring is a run of its own.
///
/// # Errors
/// A name that no changed object or surface has.
pub fn approve(sources: &Sources<'_>, root: &Path, approvals: &Approvals) -> Result<Files, AuthorError> {
    let problems = validate::problems(sources.plane);
    if !problems.is_empty() {
        return Err(AuthorError::Invalid(problems));
    }
    let mut files = Files::default();
    if !approvals.designs.is_empty() {
        let scripts = sql_render::migrations(sources.plane);
        locks::approve_designs(&scripts, root, &approvals.designs, &mut files)?;
    }
    if !approvals.sets.is_empty() {
        let live = sources.live.ok_or(AuthorError::NoCapture)?;
        let surfaces = surface_rows::all(sources, live)?;
        locks::accept_sets(&surfaces, &approvals.sets, &mut files)?;
    }
    Ok(files)
}
