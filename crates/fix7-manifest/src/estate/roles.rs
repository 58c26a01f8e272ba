//! The cluster's roles in the reference estate, but for those of the control plane.
//!
//! For: who owns, reads, grants and schedules before any package has run. Not for: `qt001_cp_*`
//! roles, which the packages create. The fact to know: names here never begin with `qt001_cp_`, since
//! roles are the cluster's and a second `create role` of one name waits for the first transaction.

use manifest_model::estate::{Membership, Role};

/// Every role of the estate.
pub const ROLES: &[Role] = &[
    Role {
        name: "directus",
        login: true,
        inherit: true,
        why: "The CMS connects as this role; it owns its tables, the birth system and the legacy path.",
    },
    Role {
        name: "public_schema_owner",
        login: false,
        inherit: true,
        why: "Neutral owner of schema public: no role can act as it, so a database owner cannot drop what others own there.",
    },
    Role {
        name: "reporting",
        login: true,
        inherit: true,
        why: "Reads every table and writes a few; how it reads is a membership in a predefined role, so no ACL shows it.",
    },
    Role {
        name: "analyst",
        login: true,
        inherit: false,
        why: "NOINHERIT member of reporting: no right of its own by membership, but it may SET ROLE.",
    },
    Role {
        name: "importer",
        login: true,
        inherit: true,
        why: "Owns two of the tables, with a default ACL and a row policy of its own.",
    },
    Role {
        name: "access_manager",
        login: false,
        inherit: true,
        why: "Holds rights with grant option and granted them on: a REVOKE by the owner leaves those grants.",
    },
    Role {
        name: "job_scheduler",
        login: true,
        inherit: true,
        why: "Runs the jobs of public.scheduled_jobs every ten minutes.",
    },
    Role {
        name: "object_keeper",
        login: false,
        inherit: true,
        why: "Stands for an isolated owner when the worlds try to replace a foreign object.",
    },
];

/// Every membership of the estate.
pub const MEMBERSHIPS: &[Membership] = &[
    Membership {
        role: "pg_read_all_data",
        member: "reporting",
    },
    Membership {
        role: "reporting",
        member: "analyst",
    },
];
