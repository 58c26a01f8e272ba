//! Packets for operators: a folder with which psql alone preflights, applies, verifies and takes back.
//!
//! Not for: running one, or leave to run it (`operator-authorization`). The one fact to know: every statement follows
//! from the sealed set and the capture; a packet holds neither its own digest nor anything of an authorization, which
//! both come in when it is run [ruling A5].

mod acl;
mod artifact;
mod assertions;
mod body;
pub mod codes;
mod common;
pub mod create;
mod declared;
mod frame;
mod freeze;
mod owner;
mod repoint;
pub(crate) mod sql;
mod text;
mod work;

use std::collections::BTreeMap;
use std::path::Path;

use manifest_model::estate::MemberKind;
use manifest_model::{ControlPlane, Moment, OperatorPacket, PacketWork, RowSource, V};
use operator_authorization::packet as form;

use crate::Sources;
use crate::error::AuthorError;
use crate::files::Files;
use crate::guard_files::{GuardFiles, Selects};
use crate::header::GENERATED;
use crate::live::LiveFacts;
use assertions::Guards;
use declared::Side;
use frame::{Frame, Way};
use work::{Piece, Work};

/// Where packets lie.
pub const FOLDER: &str = "rehearsal/packages";
/// What a packet is to be known by, to those who run it.
pub const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");
/// Between the closing of the old path and the opening of the new one.
pub const BETWEEN: &str = "between";

/// Between the freeze and the note that says so.
pub const FROZEN: &str = "frozen";

/// The control plane's table of what is frozen.
const SENTINELS: &str = "legacy_sentinel";

/// The place in the middle of a packet's `apply.sql`, where it has one.
pub(crate) fn checkpoint_of(work: &PacketWork) -> &'static str {
    match work {
        PacketWork::Repoint(_) => BETWEEN,
        PacketWork::OwnerCutover(_) => "",
        PacketWork::Freeze => FROZEN,
    }
}

/// Somebody of #02, with the slots that #03 gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Somebody {
    /// The principal.
    pub principal: String,
    /// The human behind it.
    pub human: String,
    /// The login role.
    pub login: String,
    /// Slots of #03, in any scope.
    pub slots: Vec<String>,
}

/// The listed rows of #02, in order.
pub fn people(plane: &ControlPlane) -> Vec<Somebody> {
    let bindings = rows(plane, "slot_binding_manifest", ["principal_id", "slot", "slot"]);
    rows(
        plane,
        "principal_manifest",
        ["principal_id", "human", "login_role"],
    )
    .into_iter()
    .map(|[principal, human, login]| Somebody {
        slots: bindings
            .iter()
            .filter(|[bound, ..]| *bound == principal)
            .map(|[_, slot, _]| (*slot).to_owned())
            .collect(),
        principal: principal.to_owned(),
        human: human.to_owned(),
        login: login.to_owned(),
    })
    .collect()
}

/// Three text columns of a surface's listed rows.
fn rows(plane: &ControlPlane, table: &str, columns: [&str; 3]) -> Vec<[&'static str; 3]> {
    let Some(surface) = plane.surfaces.iter().find(|surface| surface.table == table) else {
        return Vec::new();
    };
    let RowSource::Listed(items) = surface.rows else {
        return Vec::new();
    };
    let at = |name: &str| surface.columns.iter().position(|column| column.name == name);
    let text = |values: &[V], name: &str| match at(name).and_then(|at| values.get(at)) {
        Some(V::T(text)) => *text,
        _ => "",
    };
    let row = |values| columns.map(|name| text(values, name));
    items.iter().map(|item| row(item.values)).collect()
}

/// Who holds a slot, the first of them.
pub fn holder<'a>(people: &'a [Somebody], slot: &str) -> Option<&'a Somebody> {
    people
        .iter()
        .find(|one| one.slots.iter().any(|held| held == slot))
}

/// The folder of every packet; `files` has the inputs of guards.
pub fn folders(
    files: &Files,
    sources: &Sources<'_>,
    live: &LiveFacts,
    root: &Path,
    guards: (&GuardFiles, &Selects),
) -> Result<Files, AuthorError> {
    let mut added = Files::default();
    for packet in sources.packets {
        let folder = render(files, sources, live, root, guards, packet)?;
        for (name, text) in folder {
            added.add(format!("{FOLDER}/{}/{name}", packet.package), text);
        }
    }
    Ok(added)
}

/// The files of one packet, by name.
fn render(
    files: &Files,
    sources: &Sources<'_>,
    live: &LiveFacts,
    root: &Path,
    guards: (&GuardFiles, &Selects),
    packet: &OperatorPacket,
) -> Result<BTreeMap<String, String>, AuthorError> {
    let operator = holder(&people(sources.plane), "operator")
        .map(|one| one.login.clone())
        .unwrap_or_default();
    let work: Box<dyn Work + '_> = match &packet.work {
        PacketWork::Repoint(repoint) => Box::new(repoint::Plan::new(sources, live, packet, repoint)?),
        PacketWork::OwnerCutover(cutover) => Box::new(owner::Plan::new(sources, live, cutover, &operator)?),
        PacketWork::Freeze => Box::new(freeze::Plan::new(sources, live, packet.step)?),
    };
    let work = work.as_ref();
    let declared = work.declared().to_vec();
    let frame = Frame {
        plane: sources.plane,
        packet,
        window: sources.window,
        objects: declared.iter().map(|object| object.identity.clone()).collect(),
        declared,
        sealed_tables: sources
            .estate
            .legacy
            .iter()
            .filter(|member| {
                member.kind == MemberKind::Table && !sources.do_not_open.contains(&member.identity)
            })
            .map(|member| member.identity.to_owned())
            .collect(),
        packets: sources.packets.iter().map(|one| one.package).collect(),
        application: live.reader.clone(),
        operator: operator.clone(),
        roles: work.acts_as(),
        own_role: work.own_role().map(str::to_owned),
        mover: work.window(),
        server_major: live.server_major,
        tool_version: TOOL_VERSION,
    };
    let mover = work.window().map(|mover| mover.role);
    let mut guards = Guards::new(
        sources.plane,
        root,
        files,
        guards,
        &operator,
        mover,
        work.measures(),
    );
    let mut folder = BTreeMap::from([
        ("apply.sql".to_owned(), apply(&frame, work, &mut guards)?),
        ("rollback.sql".to_owned(), rollback(&frame, work, &mut guards)?),
        (
            "preflight.sql".to_owned(),
            text::preflight(&frame, &asked(work, &guards)?),
        ),
        ("verify.sql".to_owned(), text::verify(&frame)),
        ("dba_before.sql".to_owned(), frame.dba_before(GENERATED)),
        ("dba_after.sql".to_owned(), frame.dba_after(GENERATED)),
        ("run.psql".to_owned(), text::run("apply.sql")),
        ("run-rollback.psql".to_owned(), text::run("rollback.sql")),
        (
            "packet.toml".to_owned(),
            text::packet_toml(&frame, &live.capture_sha256),
        ),
        ("README.txt".to_owned(), text::readme(&frame, &work.told())),
    ]);
    folder.insert("inputs.sql".to_owned(), guards.inputs()?);
    let bytes = folder
        .iter()
        .map(|(name, text)| (name.clone(), text.clone().into_bytes()))
        .collect();
    folder.insert(form::LIST.to_owned(), form::list(&bytes));
    Ok(folder)
}

/// What a preflight asks besides the frame: what the packet asks, and what its guards would find whatever it did.
fn asked(work: &dyn Work, guards: &Guards<'_>) -> Result<String, AuthorError> {
    let foreseen = work.foreseen().iter();
    let foreseen: Result<String, AuthorError> = foreseen
        .map(|(guard, probe)| guards.foreseen(guard, probe))
        .collect();
    Ok(work.asks() + &foreseen?)
}

fn apply(frame: &Frame<'_>, work: &dyn Work, guards: &mut Guards<'_>) -> Result<String, AuthorError> {
    let step = frame.packet.step;
    let mut sql = format!(
        "-- {GENERATED}\n-- {package}, {step}: {title}.\n-- One transaction's content; run.psql is what is run.\n\n",
        package = frame.packet.package,
        step = step.label(),
        title = frame.packet.title,
    );
    sql.push_str(&frame.prologue(Way::Apply));
    sql.push_str(&work.asks());
    sql.push('\n');
    sql.push_str(&guards.measure()?);
    for (guard, at) in frame.packet.also_before {
        sql.push_str(&guards.assert(guard, *at, Moment::Before)?);
    }
    sql.push_str(&guards.due(step, Moment::Before)?);
    sql.push_str(sql::ACT_AS_ONESELF);
    sql.push('\n');
    for piece in work.apply() {
        match piece {
            Piece::Sql(text) => sql.push_str(&text),
            Piece::Guards(step, moment) => {
                sql.push('\n');
                sql.push_str(&sql::act_as(frame.window.reader));
                sql.push_str(&guards.due(step, moment)?);
                sql.push_str(sql::ACT_AS_ONESELF);
            }
        }
    }
    sql.push_str("\n-- What this leads to, object by object; then every guard of the step.\n");
    sql.push_str(&sql::act_as(frame.window.reader));
    sql.push_str(&frame.state(Side::After, codes::STATE_NOT_REACHED));
    sql.push('\n');
    let last = frame.packet.last_step;
    sql.push_str(&guards.due(last, Moment::After)?);
    for guard in frame.packet.also_after {
        sql.push_str(&guards.assert(guard, last, Moment::After)?);
    }
    sql.push_str(sql::ACT_AS_ONESELF);
    sql.push('\n');
    sql.push_str(&frame.record(Way::Apply));
    Ok(sql)
}

fn rollback(frame: &Frame<'_>, work: &dyn Work, guards: &mut Guards<'_>) -> Result<String, AuthorError> {
    let step = frame.packet.step;
    let told = work.told();
    let mut sql = format!(
        "-- {GENERATED}\n-- {package}, {step}, taken back: {back}.\n-- One transaction's content; run-rollback.psql is what is run.\n\n",
        package = frame.packet.package,
        step = step.label(),
        back = told.back,
    );
    sql.push_str(&frame.prologue(Way::Rollback));
    sql.push('\n');
    sql.push_str(&guards.measure()?);
    sql.push_str(sql::ACT_AS_ONESELF);
    sql.push('\n');
    sql.push_str(&work.back(frame.window.reader));
    sql.push_str("\n-- Every object as it was before; then the guards of a way back.\n");
    sql.push_str(&sql::act_as(frame.window.reader));
    sql.push_str(&frame.state(Side::Before, codes::STATE_NOT_REACHED));
    sql.push('\n');
    for guard in told.back_guards {
        sql.push_str(&guards.assert(guard, step, Moment::Rollback)?);
    }
    sql.push_str(sql::ACT_AS_ONESELF);
    sql.push('\n');
    sql.push_str(&frame.record(Way::Rollback));
    Ok(sql)
}
