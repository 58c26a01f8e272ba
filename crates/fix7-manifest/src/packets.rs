//! The packets that operators run, and the window in which they run them.
//!
//! Not for: SQL. The one fact to know: limits are the operator's patience, and no authority: nothing that a
//! packet decides rests on them but when to give up.

use manifest_model::{
    CreationPacket, OperatorPacket, OwnerCutover, PacketLimits, PacketWindow, PacketWork, PartRunner,
    PathCall, Repoint, Step,
};

use crate::estate::repoint::WRITER_TYPE;

/// The reader sees all rows and all sessions for as long as the window is open, and changes nothing.
pub const WINDOW: PacketWindow = PacketWindow {
    reader: "fix7_packet_reader",
    reads_by: &["pg_read_all_data", "pg_read_all_stats", "qt001_cp_auditor"],
    mover: "fix7_packet_mover",
    lock_key: 7_000_701_519,
};

const LIMITS: PacketLimits = PacketLimits {
    lock_timeout_ms: 5_000,
    statement_timeout_ms: 120_000,
    open_transaction_seconds: 2,
    drain_seconds: 30,
};

/// PKG-E, whose parts several people run.
pub const CREATION: CreationPacket = CreationPacket {
    package: "PKG-E",
    title: "Create the control plane, seal it, and activate it under quorum",
    author: "p_author",
    before: Step::new(0),
    sealed: Step::new(12),
    activated: Step::new(14),
    operator: PartRunner {
        slot: "operator",
        role: "qt001_cp_operator",
    },
    verifier: PartRunner {
        slot: "verifier",
        role: "qt001_cp_verifier",
    },
    signer_role: "qt001_cp_signer",
    artifact_uri: "urn:packet:PKG-E",
    limits: LIMITS,
};

/// The others, in the order of their packages.
pub const PACKETS: &[OperatorPacket] = &[
    OperatorPacket {
        package: "PKG-F",
        step: Step::new(15),
        last_step: Step::new(15),
        title: "Repoint the live writer through the gateway and close the sealed legacy set, in one transaction",
        author: "p_author",
        work: PacketWork::Repoint(Repoint {
            writer_type: WRITER_TYPE,
            writer_role: "qt001_cp_writer",
            operator_role: "qt001_cp_operator",
            writer_slot: "writer",
            legacy_call: PathCall {
                role: "directus",
                routine: "public.qt001_count_rows(text)",
                sql: "select public.qt001_count_rows('none')",
            },
            gateway_call: PathCall {
                role: "qt001_cp_writer",
                routine: "qt001_cp.qt001_writer_gateway(text,jsonb,boolean)",
                sql: "select g.decision from qt001_cp.qt001_writer_gateway('birth_writer', '{}'::jsonb, false) as g",
            },
        }),
        also_before: &[("G-UNKNOWN-ZERO", Step::new(15))],
        also_after: &[],
        limits: LIMITS,
    },
    OperatorPacket {
        package: "PKG-G",
        step: Step::new(16),
        last_step: Step::new(16),
        title: "Give the sealed legacy set to the owner of the control plane, and leave the application exactly its sealed reads",
        author: "p_author",
        work: PacketWork::OwnerCutover(OwnerCutover {
            snapshot: "before_S16",
        }),
        also_before: &[
            ("G-UNKNOWN-ZERO", Step::new(16)),
            ("G-LEGACY-TARGET-SEALED", Step::new(15)),
            ("G-NOLEGACY-POST", Step::new(15)),
        ],
        also_after: &["G-NOLEGACY-POST"],
        limits: LIMITS,
    },
    OperatorPacket {
        package: "PKG-H",
        step: Step::new(17),
        last_step: Step::new(18),
        title: "Freeze the sealed legacy set, which refuses every write from then on, and mark it as deprecated",
        author: "p_author",
        work: PacketWork::Freeze,
        also_before: &[
            ("G-UNKNOWN-ZERO", Step::new(17)),
            ("G-LEGACY-TARGET-SEALED", Step::new(16)),
            ("G-NOLEGACY-POST", Step::new(16)),
        ],
        also_after: &["G-DIRECTUS-READ"],
        limits: LIMITS,
    },
];
