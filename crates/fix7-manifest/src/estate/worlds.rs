//! The three worlds: who owns database and schema, and what `directus` can therefore do.
//!
//! For: the two traps that make owner isolation mean nothing, each tried and not only predicted. Not
//! for: verdicts, which the rehearsal gives. The fact to know: all worlds run the same attempts, and the
//! codes of those that succeed are the outcome: a prediction from catalogs is a second answer, not the
//! measure.

use manifest_model::estate::{Attempt, World};

/// The role is a superuser: isolation by ownership means nothing.
pub const SUPERUSER_TRAP: &str = "SUPERUSER_TRAP";

/// The role can drop what others own in `public`, and create its own under the same name.
pub const SCHEMA_OWNER_CAN_REPLACE: &str = "SCHEMA_OWNER_CAN_REPLACE";

const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// The worlds. The base estate is the last one, whose delta is empty but for a statement of the facts.
pub const WORLDS: [World; 3] = [
    World {
        id: "directus_superuser",
        title: "as the official container image makes it: POSTGRES_USER is a superuser, and public belongs to the database owner",
        delta: "alter role directus superuser;
alter schema public owner to pg_database_owner;
revoke usage, create on schema public from directus;",
        expected: &[SCHEMA_OWNER_CAN_REPLACE, SUPERUSER_TRAP],
    },
    World {
        id: "public_of_database_owner",
        title: "as PostgreSQL 15 and later make a database: public belongs to pg_database_owner, and directus owns the database",
        delta: "alter schema public owner to pg_database_owner;
revoke usage, create on schema public from directus;",
        expected: &[SCHEMA_OWNER_CAN_REPLACE],
    },
    World {
        id: "public_of_neutral_role",
        title: "as a DBA mends it: public belongs to a role that nobody can act as, and directus may create in it",
        delta: "alter schema public owner to public_schema_owner;
grant usage, create on schema public to directus;",
        expected: &[],
    },
];

/// What is tried in every world.
pub const ATTEMPTS: &[Attempt] = &[
    Attempt {
        id: "drop_and_recreate_function",
        code: SCHEMA_OWNER_CAN_REPLACE,
        setup: "create function public.isolated_apply() returns text language sql as 'select ''isolated''';
alter function public.isolated_apply() owner to object_keeper;
revoke all on function public.isolated_apply() from public;",
        persona: "directus",
        sql: "drop function public.isolated_apply();
create function public.isolated_apply() returns text language sql as 'select ''mine''';",
        refused_with: INSUFFICIENT_PRIVILEGE,
    },
    Attempt {
        id: "drop_table",
        code: SCHEMA_OWNER_CAN_REPLACE,
        setup: "create table public.isolated_facts (id integer);
alter table public.isolated_facts owner to object_keeper;",
        persona: "directus",
        sql: "drop table public.isolated_facts;",
        refused_with: INSUFFICIENT_PRIVILEGE,
    },
    Attempt {
        id: "take_schema_back",
        code: SCHEMA_OWNER_CAN_REPLACE,
        setup: "",
        persona: "directus",
        sql: "alter schema public owner to directus;",
        refused_with: INSUFFICIENT_PRIVILEGE,
    },
    Attempt {
        id: "call_without_execute",
        code: SUPERUSER_TRAP,
        setup: "create function public.isolated_call() returns text language sql as 'select ''isolated''';
alter function public.isolated_call() owner to object_keeper;
revoke all on function public.isolated_call() from public;",
        persona: "directus",
        sql: "select public.isolated_call();",
        refused_with: INSUFFICIENT_PRIVILEGE,
    },
    Attempt {
        id: "replace_in_foreign_schema",
        code: SUPERUSER_TRAP,
        setup: "create schema isolated_plane authorization object_keeper;
create function isolated_plane.gateway() returns text language sql as 'select ''isolated''';
alter function isolated_plane.gateway() owner to object_keeper;
grant usage on schema isolated_plane to directus;",
        persona: "directus",
        sql: "create or replace function isolated_plane.gateway() returns text language sql as 'select ''mine''';",
        refused_with: INSUFFICIENT_PRIVILEGE,
    },
    Attempt {
        id: "drop_foreign_schema",
        code: SUPERUSER_TRAP,
        setup: "create schema isolated_plane authorization object_keeper;",
        persona: "directus",
        sql: "drop schema isolated_plane;",
        refused_with: INSUFFICIENT_PRIVILEGE,
    },
];
