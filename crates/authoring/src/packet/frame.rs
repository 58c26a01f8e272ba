//! What every file of a packet begins with: harmless when run bare, one operator at a time, on the right server,
//! by the right person, under leave that holds, over the state that was reviewed.
//!
//! Not for: what a packet does, or whether a signature is good, which no database can tell. The one fact to know:
//! everything here refuses by a code before anything is changed [rulings A5, A6, A11, B15, B18, B19].

mod conditions;
mod leave;
mod window;

use manifest_model::{ControlPlane, OperatorPacket, PacketWindow};

use super::codes;
use super::common;
use super::declared::{Declared, Side, differences};
use super::sql::{act_as, refuse_if_any};
use super::work::Mover;

/// Which way a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Apply,
    Rollback,
}

impl Way {
    const fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Rollback => "rollback",
        }
    }
}

/// What all files of a packet share.
pub(crate) struct Frame<'a> {
    pub(crate) plane: &'a ControlPlane,
    pub(crate) packet: &'a OperatorPacket,
    pub(crate) window: PacketWindow,
    /// Identities of the scope, in the order of their bytes.
    pub(crate) objects: Vec<String>,
    pub(crate) declared: Vec<Declared>,
    /// Tables of the sealed set, but for those that no package opens.
    pub(crate) sealed_tables: Vec<String>,
    /// Packages that have a packet.
    pub(crate) packets: Vec<&'a str>,
    /// The role that must be no superuser, whoever owns what.
    pub(crate) application: String,
    /// The login that runs it.
    pub(crate) operator: String,
    /// Roles that it acts as, each once.
    pub(crate) roles: Vec<String>,
    /// The one of them that is the operator's at all times.
    pub(crate) own_role: Option<String>,
    /// A role that lives as long as the window.
    pub(crate) mover: Option<Mover>,
    pub(crate) server_major: u32,
    pub(crate) tool_version: &'a str,
}

impl Frame<'_> {
    /// Everything that must hold before a file acts.
    pub(crate) fn prologue(&self, way: Way) -> String {
        let limits = self.packet.limits;
        let mut sql = common::guard_against_bare_run();
        sql.push_str(&format!(
            "
set local search_path = '';
set local lock_timeout = '{}ms';
set local statement_timeout = '{}ms';

-- One operator at a time, whatever the packet.
{}
-- What a DBA gives for the window, and no more.
{}
{}
",
            limits.lock_timeout_ms,
            limits.statement_timeout_ms,
            common::one_operator(self.window),
            self.prepared(),
            act_as(self.window.reader),
        ));
        sql.push_str("-- The server, its lock table, and who could undo all this.\n");
        sql.push_str(&common::major(self.server_major));
        sql.push_str(&common::lock_table(self.locks()));
        sql.push_str(&self.isolation());
        sql.push_str("\n-- The authorization: what it says, against this target, these bytes, these people, this instant.\n");
        sql.push_str(&self.leave(way));
        if way == Way::Rollback {
            sql.push_str(&self.applied());
        }
        sql.push_str(&self.order(way));
        sql.push_str("\n-- A call that is under way would finish after this, on the old path; and whoever holds a lock would be waited for.\n");
        sql.push_str(&self.in_flight());
        sql.push_str("\n-- Every object is in the state that was reviewed.\n");
        let side = if way == Way::Apply {
            Side::Before
        } else {
            Side::After
        };
        sql.push_str(&self.state(side, codes::STATE_MOVED));
        sql
    }

    /// What a preflight asks with the packet's own statements, once the login is known to be prepared.
    pub(crate) fn checks(&self) -> String {
        [
            common::major(self.server_major),
            common::lock_table(self.locks()),
            self.isolation(),
            self.order(Way::Apply),
            self.in_flight(),
            self.state(Side::Before, codes::STATE_MOVED),
        ]
        .concat()
    }

    pub(crate) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &str> {
        let declared = self.declared.iter();
        declared
            .filter(move |object| object.kind.ends_with(kind))
            .map(|object| object.identity.as_str())
    }

    /// Every object against a side of its declaration.
    pub(crate) fn state(&self, side: Side, refusal: codes::Refusal) -> String {
        refuse_if_any(
            "state",
            refusal,
            &differences(self.plane.schema, &self.declared, side),
        )
    }

    /// The last statements: what was run, by whom, under which leave.
    pub(crate) fn record(&self, way: Way) -> String {
        common::record_run(self.plane, self.packet.package, way.word())
    }
}
