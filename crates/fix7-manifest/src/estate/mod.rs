//! The reference estate: the live-like database that every rehearsal starts from.
//!
//! For: definitions, from which `rehearsal/estate/` is generated. Not for: SQL rendering. The fact to
//! know: names that look legacy may be live and the reverse; the set is [`LEGACY`], nothing else.

pub mod access;
pub mod birth;
pub mod business;
pub mod collections;
pub mod directus;
pub mod dot;
pub mod figures;
pub mod legacy;
pub mod repoint;
pub mod roles;
pub mod worlds;

use manifest_model::estate::{Estate, LegacyMember, Part, RunsIn, Script};

/// The members of the sealed legacy set.
pub static LEGACY: &[LegacyMember] = &legacy::MEMBERS;

/// What no package owns, moves or changes: the birth system. Directus' own tables are as untouchable,
/// and listed in [`directus::TABLES`].
pub const DO_NOT_TOUCH: &[&str] = &[
    "public.birth_registry",
    "public.collection_registry",
    "public.entity_species",
    "public.species_collection_map",
    "public.fn_attach_birth_trigger()",
    "public.fn_birth_auto_certify()",
    "public.fn_birth_registry_auto()",
    "public.fn_detach_birth_trigger()",
    "public.fn_normalize_code(text)",
    "public.fn_species_of_collection(text)",
];

/// Helpers and paths that share code with the legacy path and must survive its freeze.
pub const SURVIVORS: &[&str] = &[
    "public.fn_log_issue(text,text)",
    "public.fn_normalize_code(text)",
    "public.fn_qt002_ready(integer)",
    "public.fn_species_of_collection(text)",
    "public.qt002_apply(integer)",
    "public.qt002_plan",
    "public.qt002_plan_build(text)",
    "public.qt002_run",
    "public.v_qt002_status",
];

const DIRECTUS: Option<&str> = Some("directus");

/// The whole estate.
pub static ESTATE: Estate = Estate {
    database: "directus",
    scripts: &[
        Script {
            file: "00_roles.sql",
            runs_in: RunsIn::Cluster,
            as_role: None,
            title: "Roles of the cluster.",
            parts: &[Part::Roles(roles::ROLES), Part::Memberships(roles::MEMBERSHIPS)],
        },
        Script {
            file: "01_database.sql",
            runs_in: RunsIn::Estate,
            as_role: None,
            title: "Who owns database and schema.",
            parts: &[Part::Sql {
                why: "directus owns the database, a neutral role owns public: the world in which isolation holds.",
                text: access::OWNERS,
            }],
        },
        Script {
            file: "02_directus.sql",
            runs_in: RunsIn::Estate,
            as_role: DIRECTUS,
            title: "Directus' own tables.",
            parts: &[
                Part::Tables(&directus::TABLES),
                Part::Sql { why: "What a running Directus holds.", text: directus::ROWS },
            ],
        },
        Script {
            file: "03_birth.sql",
            runs_in: RunsIn::Estate,
            as_role: DIRECTUS,
            title: "The birth system.",
            parts: &[
                Part::Tables(birth::TABLES),
                Part::Sql { why: "The registry is searched by what is not yet certified.", text: birth::INDEXES },
                Part::Routines(birth::ROUTINES),
                Part::Sql { why: "Certification and new collections.", text: birth::TRIGGERS },
                Part::Sql { why: "Species come before the collections that hold them.", text: birth::SPECIES },
            ],
        },
        Script {
            file: "04_collections.sql",
            runs_in: RunsIn::Estate,
            as_role: DIRECTUS,
            title: "The governed collections, each with its birth trigger.",
            parts: &[
                Part::Sql { why: "Types that collections use.", text: business::TYPES },
                Part::Collections,
                Part::Sql { why: "Known, and not governed.", text: business::UNGOVERNED },
            ],
        },
        Script {
            file: "05_business.sql",
            runs_in: RunsIn::Estate,
            as_role: DIRECTUS,
            title: "Everything else that is live.",
            parts: &[
                Part::Sequences(&business::UNOWNED_SEQUENCES),
                Part::Tables(business::tables::TABLES),
                Part::Sql { why: "Kinds of objects that tools forget.", text: business::OTHER_KINDS },
                Part::Routines(business::routines::ROUTINES),
                Part::Views(business::VIEWS),
                Part::Sql { why: "Triggers that keep a column, some of them disabled.", text: business::TOUCH_TRIGGERS },
                Part::Sql {
                    why: "A collection that is taken off the registry loses its birth trigger.",
                    text: "create trigger trg_collection_registry_detach after delete on public.collection_registry
    for each row execute function public.fn_detach_birth_trigger();",
                },
            ],
        },
        Script {
            file: "06_legacy_tables.sql",
            runs_in: RunsIn::Estate,
            as_role: DIRECTUS,
            title: "The legacy path: tables.",
            parts: &[
                Part::LegacyTables(&legacy::tables::TABLES),
                Part::Sql { why: "Loaded before the legacy triggers stand.", text: legacy::tables::ROWS },
            ],
        },
        Script {
            file: "07_legacy_routines.sql",
            runs_in: RunsIn::Estate,
            as_role: DIRECTUS,
            title: "The legacy path: routines and the triggers that run them.",
            parts: &[
                Part::LegacyRoutines(&legacy::routines::readiness::ROUTINES),
                Part::LegacyRoutines(&legacy::routines::bookkeeping::ROUTINES),
                Part::LegacyRoutines(&legacy::routines::dynamic::ROUTINES),
                Part::LegacyRoutines(&legacy::routines::writers::ROUTINES),
                Part::Sql { why: "Where legacy functions fire.", text: legacy::tables::TRIGGERS },
            ],
        },
        Script {
            file: "08_legacy_views.sql",
            runs_in: RunsIn::Estate,
            as_role: DIRECTUS,
            title: "The legacy path: views.",
            parts: &[Part::LegacyViews(&legacy::views::VIEWS)],
        },
        Script {
            file: "09_callers.sql",
            runs_in: RunsIn::Estate,
            as_role: DIRECTUS,
            title: "Who calls the live writer.",
            parts: &[Part::Routines(repoint::CALLERS)],
        },
        Script {
            file: "10_rows.sql",
            runs_in: RunsIn::Estate,
            as_role: DIRECTUS,
            title: "Entities, each born through the gateway, and what else is in the tables.",
            parts: &[
                Part::CollectionRows,
                Part::Sql { why: "Rows with a meaning.", text: business::rows::ROWS },
                Part::Sql { why: "Columns that were dropped leave a gap in the numbering.", text: business::rows::DROPPED_COLUMNS },
            ],
        },
        Script {
            file: "11_grants.sql",
            runs_in: RunsIn::Estate,
            as_role: DIRECTUS,
            title: "Grants by the owner, and comments.",
            parts: &[
                Part::Sql { why: "The few explicit ACLs.", text: access::BY_OWNER },
                Part::Sql { why: "Comments.", text: access::COMMENTS },
            ],
        },
        Script {
            file: "12_grants_by_grantor.sql",
            runs_in: RunsIn::Estate,
            as_role: Some("access_manager"),
            title: "Grants by a role that owns nothing.",
            parts: &[Part::Sql { why: "An owner's REVOKE leaves these.", text: access::BY_GRANTOR }],
        },
        Script {
            file: "13_importer.sql",
            runs_in: RunsIn::Estate,
            as_role: None,
            title: "What another role owns.",
            parts: &[Part::Sql { why: "Two tables, a policy, a default ACL, an event trigger.", text: access::IMPORTER }],
        },
    ],
    worlds: &worlds::WORLDS,
    attempts: worlds::ATTEMPTS,
    deployed_files: dot::FILES,
    legacy: &legacy::MEMBERS,
    collections: &collections::COLLECTIONS,
    collection_columns: collections::COLUMNS,
    readme: README,
};

const README: &str = include_str!("README.md");
