//! FIX7 joined with a committed capture: what `author` works from.

use std::path::{Path, PathBuf};

use authoring::{AuthorError, Decisions, LiveFacts, Sources};
use capture::{Capture, DeclaredRows, LoadError};
use fix7_manifest::lane::LANE;
use fix7_manifest::{FIX7, estate, packages, packets};
use manifest_model::RowSource;

/// The capture that a repository's own seeds are authored from.
pub(crate) const REFERENCE_CAPTURE: &str = "reference";

/// Where captures lie, below the root.
const CAPTURES: &str = "rehearsal/captures";

/// What the committed capture of this name says; none if there is no such folder.
pub(crate) fn load_capture(root: &Path, name: &str) -> Result<Option<Capture>, LoadError> {
    folder(root, name)
        .map(|folder| Capture::load(&folder))
        .transpose()
}

/// The folder of a committed capture.
fn folder(root: &Path, name: &str) -> Option<PathBuf> {
    let folder = root.join(CAPTURES).join(name);
    folder.join("capture.toml").exists().then_some(folder)
}

/// The major that the repository's own rows were captured on; none if nothing was captured.
pub(crate) fn captured_major(root: &Path) -> Result<Option<u32>, LoadError> {
    let folder = folder(root, REFERENCE_CAPTURE);
    folder.map(|folder| Capture::major_of(&folder)).transpose()
}

/// The role whose reads it holds; none likewise.
pub(crate) fn captured_reader(root: &Path) -> Result<Option<String>, LoadError> {
    let folder = folder(root, REFERENCE_CAPTURE);
    folder.map(|folder| Capture::reader_of(&folder)).transpose()
}

/// Whether it is this very one, byte by byte.
pub(crate) fn is_captured(root: &Path, here: &Capture) -> bool {
    folder(root, REFERENCE_CAPTURE).is_some_and(|folder| here.is_in(&folder))
}

/// The committed decisions, by principals of #02.
pub(crate) fn decisions(root: &Path) -> Result<Decisions, AuthorError> {
    let people = FIX7
        .surface_of_table("principal_manifest")
        .map(|surface| surface.rows);
    let people: Vec<&str> = match people {
        Some(RowSource::Listed(items)) => items.iter().map(|item| item.key).collect(),
        _ => Vec::new(),
    };
    Decisions::load(root, &people)
}

/// What a capture says, with what people decided about it.
pub(crate) fn live_facts(root: &Path, capture: &Capture) -> Result<LiveFacts, AuthorError> {
    Ok(LiveFacts::from_capture(capture)?.decided(&decisions(root)?))
}

/// FIX7 with these live facts.
pub(crate) fn fix7(live: Option<&LiveFacts>) -> Sources<'_> {
    Sources {
        plane: &FIX7,
        estate: &estate::ESTATE,
        do_not_touch: estate::DO_NOT_TOUCH,
        do_not_open: &[estate::repoint::PERMIT.0],
        live_writer: estate::repoint::LIVE_WRITER,
        repointed: estate::repoint::REPOINTED,
        stub_body: estate::repoint::STUB_BODY,
        creation: Some(packets::CREATION),
        packets: packets::PACKETS,
        window: packets::WINDOW,
        namespaces: packages::SIGNING_NAMESPACES,
        reserved: Some(&LANE.reserved),
        live,
    }
}

/// DOT-118 and DOT-119 stay frozen [doc 06, G-DOT-FROZEN]; a database without them says so.
pub(crate) fn freeze_flags() -> DeclaredRows {
    DeclaredRows {
        relation: "public.dot_tools".to_owned(),
        key_column: "code".to_owned(),
        keys: ["DOT-118", "DOT-119"].map(str::to_owned).to_vec(),
        columns: ["status", "tier", "paired", "paired_dot", "frozen"]
            .map(str::to_owned)
            .to_vec(),
    }
}
