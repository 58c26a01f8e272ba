//! The 35 guards: what always holds, why, and where each is due [doc 06; packages: doc 07].
//!
//! Not for: their SQL (`rehearsal/guards/`). PKG-I runs every guard at S19 and is therefore not
//! listed again for those that doc 06 itself lists at S19.

use manifest_model::{GuardEntry, Step};

macro_rules! steps {
    ($($number:literal),* $(,)?) => { &[$(Step::new($number)),*] };
}

/// In the order of doc 06.
pub const GUARDS: &[GuardEntry] = &[
    GuardEntry {
        id: "G-NOHARDCODE",
        invariant: "No number or text in a body of the control plane decides anything; thresholds are sealed rows",
        why: "a threshold in code changes without a seal",
        steps: steps![11, 19],
        packages: &[("PKG-C", Step::new(11))],
    },
    GuardEntry {
        id: "G-NODISGUISE",
        invariant: "No CASE, CHECK or default stands in for a sealed threshold, interval or capacity",
        why: "a hidden threshold is a threshold",
        steps: steps![10, 11, 19],
        packages: &[("PKG-C", Step::new(11))],
    },
    GuardEntry {
        id: "G-PGNATIVE",
        invariant: "Operational sets come from sealed rows and the catalog, never from a name pattern, an owner filter or a count in prose",
        why: "a name proves nothing about an object",
        steps: steps![0, 11, 13, 15, 19],
        packages: &[("PKG-C", Step::new(11))],
    },
    GuardEntry {
        id: "G-AUTH-27",
        invariant: "The authority surfaces are exactly the 27 of the closed set",
        why: "an unsealed surface is unsealed authority",
        steps: steps![11, 19],
        packages: &[("PKG-C", Step::new(11)), ("PKG-E", Step::new(12))],
    },
    GuardEntry {
        id: "G-RUNTIME-NONAUTH",
        invariant: "The runtime-evidence tables are exactly 11 and none is classed as authority",
        why: "evidence that is authority can vouch for itself",
        steps: steps![7, 11, 19],
        packages: &[("PKG-C", Step::new(11)), ("PKG-E", Step::new(12))],
    },
    GuardEntry {
        id: "G-GATES-14",
        invariant: "There are exactly 14 readiness gates, all rows of #09",
        why: "a gate outside the set is a gate nobody counts",
        steps: steps![10, 19],
        packages: &[("PKG-B", Step::new(10))],
    },
    GuardEntry {
        id: "G-HASH-7",
        invariant: "There are exactly 7 hash contracts, H01 to H07",
        why: "a digest outside a contract can't be recomputed",
        steps: steps![10, 19],
        packages: &[("PKG-B", Step::new(10))],
    },
    GuardEntry {
        id: "G-HASHDET",
        invariant: "Digests recompute byte for byte, on two independent roads",
        why: "a digest that drifts proves nothing",
        steps: steps![10, 11, 19],
        packages: &[("PKG-B", Step::new(10)), ("PKG-C", Step::new(11))],
    },
    GuardEntry {
        id: "G-H04-SCOPE",
        invariant: "A signoff binds exactly the 8 keys of H04_SCOPE_V1, evidence by digest",
        why: "a signature that binds less can be moved",
        steps: steps![10, 11],
        packages: &[("PKG-C", Step::new(11)), ("PKG-I", Step::new(19))],
    },
    GuardEntry {
        id: "G-EXACTSET-20",
        invariant: "Expected and realized constraints and indexes are equal, in both directions",
        why: "a dropped deferred key is a silent hole",
        steps: steps![8, 11, 19],
        packages: &[
            ("PKG-B", Step::new(10)),
            ("PKG-C", Step::new(8)),
            ("PKG-C", Step::new(11)),
            ("PKG-E", Step::new(12)),
        ],
    },
    GuardEntry {
        id: "G-CATALOG-SEAL",
        invariant: "The catalog root is sealed and owner-only, its families exact",
        why: "every code hangs from this root",
        steps: steps![2, 19],
        packages: &[],
    },
    GuardEntry {
        id: "G-DIRECTUS-READ",
        invariant: "The application role keeps exactly the captured reads",
        why: "a cutover that breaks reads breaks the CMS",
        steps: steps![0, 9, 16, 19],
        packages: &[("PKG-G", Step::new(16))],
    },
    GuardEntry {
        id: "G-OWNER-CUTOVER",
        invariant: "Control objects belong to the owner role, and the application role and PUBLIC have no effective right on them",
        why: "a grant that nobody sees undoes the cutover",
        steps: steps![16, 19],
        packages: &[("PKG-G", Step::new(16))],
    },
    GuardEntry {
        id: "G-ITEMPAYLOAD",
        invariant: "Adapters read exactly their allowed inputs, and never item_payload",
        why: "a descriptive field that is read is authority",
        steps: steps![15, 19],
        packages: &[],
    },
    GuardEntry {
        id: "G-CATFAMILY",
        invariant: "The three catalog families have exactly their members",
        why: "a missing code is a refusal nobody can raise",
        steps: steps![2, 11],
        packages: &[("PKG-C", Step::new(11)), ("PKG-I", Step::new(19))],
    },
    GuardEntry {
        id: "G-SAMEHUMAN",
        invariant: "Separated slots are held by different humans, per scope",
        why: "one human with two names is one signature",
        steps: steps![11, 19],
        packages: &[("PKG-C", Step::new(11))],
    },
    GuardEntry {
        id: "G-EVIDENCE-FK",
        invariant: "Evidence keys restrict on delete and update and are not deferrable",
        why: "evidence that can be orphaned can be forged",
        steps: steps![8, 19],
        packages: &[("PKG-C", Step::new(8))],
    },
    GuardEntry {
        id: "G-RETENTION-SEAL",
        invariant: "Required archives are present, immutable and versioned",
        why: "evidence that expires proves nothing later",
        steps: steps![10, 19],
        packages: &[],
    },
    GuardEntry {
        id: "G-EPOCH-TOCTOU",
        invariant: "An activation reads and binds the epoch in one step",
        why: "a decision on an old epoch is a decision on other rows",
        steps: steps![14, 19],
        packages: &[("PKG-E", Step::new(14))],
    },
    GuardEntry {
        id: "G-LEVELB-NOSQL",
        invariant: "Every Level-B mutation left its packet execution, and nobody but the owner holds DML",
        why: "manual SQL leaves no trace",
        steps: steps![15, 19],
        packages: &[],
    },
    GuardEntry {
        id: "G-REPOINT-SRC",
        invariant: "Live sources are the pinned old ones before and the pinned new ones after",
        why: "an unpinned repoint can't be undone",
        steps: steps![13, 15],
        packages: &[("PKG-D", Step::new(13)), ("PKG-I", Step::new(19))],
    },
    GuardEntry {
        id: "G-NOLEGACY-PRE",
        invariant: "No legacy object is reachable from the new entry points, proven from present roots over a non-empty closure",
        why: "the fifth attempt proved this over an empty closure",
        steps: steps![13, 15],
        packages: &[
            ("PKG-D", Step::new(13)),
            ("PKG-F", Step::new(15)),
            ("PKG-I", Step::new(19)),
        ],
    },
    GuardEntry {
        id: "G-NOLEGACY-POST",
        invariant: "Nobody but the owner may execute a member of the sealed legacy set",
        why: "unreachable is not blocked",
        steps: steps![15, 19],
        packages: &[("PKG-F", Step::new(15))],
    },
    GuardEntry {
        id: "G-OPERAND-TYPED",
        invariant: "Every operand type is compatible with its operator",
        why: "a comparison of unlike things is always something",
        steps: steps![5, 11, 19],
        packages: &[("PKG-C", Step::new(11))],
    },
    GuardEntry {
        id: "G-DIRECTUS-APP-INTACT",
        invariant: "The application role's authority over its own and business tables is unchanged",
        why: "over-revoking breaks a live CMS",
        steps: steps![16, 19],
        packages: &[("PKG-G", Step::new(16))],
    },
    GuardEntry {
        id: "G-BIRTH-NEUTRAL",
        invariant: "Packages write no birth row and change neither the birth gateway nor its 166 triggers",
        why: "births must not notice a cutover",
        steps: steps![15, 16, 17, 19],
        packages: &[
            ("PKG-D", Step::new(13)),
            ("PKG-E", Step::new(14)),
            ("PKG-F", Step::new(15)),
            ("PKG-H", Step::new(17)),
        ],
    },
    GuardEntry {
        id: "G-ROLLBACK-SAFE",
        invariant: "After a rollback everything is blocked or restored as it was",
        why: "a way back that leaves a door open is a way in",
        steps: steps![],
        packages: &[("PKG-I", Step::new(19))],
    },
    GuardEntry {
        id: "G-DOT-FROZEN",
        invariant: "DOT-118 and DOT-119 stay frozen",
        why: "a frozen script that runs overwrites a gateway",
        steps: steps![0, 19],
        packages: &[("PKG-D", Step::new(13))],
    },
    GuardEntry {
        id: "G-DOT-NOOVERWRITE",
        invariant: "Nobody but the owner can overwrite a control object; unreadable scripts block",
        why: "an overwrite by an old script undoes everything",
        steps: steps![0, 15, 19],
        packages: &[("PKG-E", Step::new(12))],
    },
    GuardEntry {
        id: "G-LEGACY-FROZEN",
        invariant: "Legacy objects refuse writes and carry their sentinel, and nothing live depends on them",
        why: "a freeze that breaks a live table is an outage",
        steps: steps![17, 19],
        packages: &[("PKG-H", Step::new(17))],
    },
    GuardEntry {
        id: "G-UNKNOWN-ZERO",
        invariant: "Every live object is classified",
        why: "what is unknown is in the way",
        steps: steps![0, 13],
        packages: &[("PKG-D", Step::new(13)), ("PKG-I", Step::new(19))],
    },
    GuardEntry {
        id: "G-LEGACY-TARGET-SEALED",
        invariant: "The operational target set is the sealed set, equal to the catalog in both directions",
        why: "a set found by name is another set tomorrow",
        steps: steps![0, 9, 15, 17, 19],
        packages: &[("PKG-D", Step::new(13)), ("PKG-F", Step::new(15))],
    },
    GuardEntry {
        id: "G-NOMIXED-AUTHORITY",
        invariant: "The new path and any legacy path are never both executable",
        why: "two writers is none that one can trust",
        steps: steps![15, 16, 19],
        packages: &[("PKG-F", Step::new(15))],
    },
    GuardEntry {
        id: "G-WRITER-GATEWAY-IDENTITY",
        invariant: "The active writer is the pinned gateway, and it is not the birth gateway",
        why: "a gateway known by name can be replaced",
        steps: steps![13, 15, 16, 19],
        packages: &[("PKG-D", Step::new(13)), ("PKG-F", Step::new(15))],
    },
    GuardEntry {
        id: "G-NO-QT001-PERMIT-DURING-FIX7",
        invariant: "No package opens, consumes or depends on a permit, on run authority or on apply authority",
        why: "package authority is not admission",
        steps: steps![14, 15, 16, 17, 19],
        packages: &[
            ("PKG-E", Step::new(14)),
            ("PKG-F", Step::new(15)),
            ("PKG-G", Step::new(16)),
        ],
    },
];

const _: () = assert!(GUARDS.len() == 35, "FIX7 has exactly 35 guards");
