//! The nine packages, PKG-A … PKG-I, and the steps that they author, rehearse or apply [doc 07].

use crate::{estate, states};
use manifest_model::{Layer, Package, RehearsalScope, RunnerClass, SigningNamespaces, Step};

macro_rules! steps {
    ($($number:literal),* $(,)?) => { &[$(Step::new($number)),*] };
}

/// In sequence; a package starts only after its predecessor has passed.
pub const PACKAGES: &[Package] = &[
    Package {
        id: "PKG-A",
        title: "Foundation, 27 surfaces and runtime evidence, as reviewable SQL",
        steps: steps![1, 2, 3, 4, 5, 6, 7, 8],
        layer: Layer::Ddl,
        runner: RunnerClass::T1,
        source: Some("migrations"),
        predecessor: None,
        bytes: &["migrations"],
        needs_reaudit: false,
        needs_authorization: false,
    },
    Package {
        id: "PKG-B",
        title: "Sealed data: catalog, items, authority scope, read contract, gates, hash contracts",
        steps: steps![9, 10],
        layer: Layer::Data,
        runner: RunnerClass::T1,
        source: Some("seeds"),
        predecessor: Some("PKG-A"),
        bytes: &["seeds"],
        needs_reaudit: false,
        needs_authorization: false,
    },
    Package {
        id: "PKG-C",
        title: "Rehearsal: exact sets, negative suite, seal, rolled back",
        steps: steps![11, 12],
        layer: Layer::Proof,
        runner: RunnerClass::T1,
        source: None,
        predecessor: Some("PKG-B"),
        bytes: &[
            "rehearsal/plan.toml",
            "rehearsal/steps",
            "rehearsal/guards",
            "rehearsal/attacks",
            "rehearsal/inputs",
            "rehearsal/access.toml",
            "rehearsal/operator",
            "rehearsal/estate",
        ],
        needs_reaudit: false,
        needs_authorization: false,
    },
    Package {
        id: "PKG-D",
        title: "Read-only repoint proof",
        steps: steps![0, 13],
        layer: Layer::ReadOnly,
        runner: RunnerClass::T1,
        source: None,
        predecessor: Some("PKG-C"),
        bytes: &["rehearsal/captures", "rehearsal/guards"],
        needs_reaudit: true,
        needs_authorization: false,
    },
    Package {
        id: "PKG-E",
        title: "Production apply: create, seal, activate",
        steps: steps![14],
        layer: Layer::Data,
        runner: RunnerClass::Operator,
        source: None,
        predecessor: Some("PKG-D"),
        bytes: &["rehearsal/packages/PKG-E"],
        needs_reaudit: true,
        needs_authorization: true,
    },
    Package {
        id: "PKG-F",
        title: "Repoint the live writer and neutralize the sealed legacy set",
        steps: steps![15],
        layer: Layer::Cutover,
        runner: RunnerClass::Operator,
        source: None,
        predecessor: Some("PKG-E"),
        bytes: &["rehearsal/packages/PKG-F"],
        needs_reaudit: true,
        needs_authorization: true,
    },
    Package {
        id: "PKG-G",
        title: "Owner and ACL cutover",
        steps: steps![16],
        layer: Layer::Cutover,
        runner: RunnerClass::Operator,
        source: None,
        predecessor: Some("PKG-F"),
        bytes: &["rehearsal/packages/PKG-G"],
        needs_reaudit: true,
        needs_authorization: true,
    },
    Package {
        id: "PKG-H",
        title: "Freeze and deprecate the legacy set",
        steps: steps![17, 18],
        layer: Layer::Freeze,
        runner: RunnerClass::Operator,
        source: None,
        predecessor: Some("PKG-G"),
        bytes: &["rehearsal/packages/PKG-H"],
        needs_reaudit: false,
        needs_authorization: true,
    },
    Package {
        id: "PKG-I",
        title: "Post-cutover verification",
        steps: steps![19],
        layer: Layer::Proof,
        runner: RunnerClass::T1,
        source: None,
        predecessor: Some("PKG-H"),
        bytes: &["rehearsal/guards"],
        needs_reaudit: false,
        needs_authorization: false,
    },
];

const _: () = assert!(PACKAGES.len() == 9, "the cutover has nine packages");

/// What people sign for: no signature of one kind counts as one of another [ruling B18].
pub const SIGNING_NAMESPACES: SigningNamespaces = SigningNamespaces {
    authorization: "fix7-operator-authorization",
    reaudit: "fix7-reaudit",
    rehearsal: "fix7-rehearsal",
};

/// PKG-A to PKG-C: what needs neither a live database nor an operator.
pub const REHEARSAL: RehearsalScope = RehearsalScope {
    packages: &["PKG-A", "PKG-B", "PKG-C"],
    fixtures: &[
        ("PKG-B", "G-GATES-14"),
        ("PKG-B", "G-HASH-7"),
        ("PKG-B", "G-HASHDET"),
        ("PKG-B", "G-EXACTSET-20"),
    ],
    population: &[("PKG-A", "PKG-B")],
    again: &[(Step::new(12), Step::new(11)), (Step::new(18), Step::new(17))],
    states: states::STATES,
    moments: states::MOMENTS,
    at_rollback: states::AT_ROLLBACK,
    waits: states::WAITS,
    frozen_tools: &["DOT-118", "DOT-119"],
    permit: estate::repoint::PERMIT,
    tried_reads: Some(("directus", "reads.sql")),
    sentinel: "LEGACY_FROZEN",
    deprecated: "; deprecated: kept as read-only history, nothing new may use it",
    operator_login: "fix7_applier",
    protected_rows: &["public.birth_registry", "public.dot_tools"],
};
