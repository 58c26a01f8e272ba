//! The figures of the reference estate at 1×: which are exact because others count on them, and which
//! only give the estate the character of the databases that it stands for.
//!
//! For: the set test, which reads each from the built database. Not for: the scaled estates. The fact to
//! know: a real database of this kind has 101 user triggers, fewer than the 166 birth triggers that the
//! packages count, so its figures cannot all be this estate's. Each is asserted at the number written here.

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The plan states the number about the rehearsed estate itself: packages and guards count on it.
    Plan,
    /// The number was measured on another database, and is met here too.
    Met,
    /// The number was measured on another database; here the characteristic is present, at its own number.
    Characteristic {
        /// What was measured there.
        measured: i64,
        /// Why it is another number here.
        because: &'static str,
    },
}

/// One figure, with the query that reads it from the catalogs: a single bigint.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// What is counted.
    pub name: &'static str,
    /// The number in this estate.
    pub count: i64,
    /// Where the number comes from.
    pub standing: Standing,
    /// The query.
    pub query: &'static str,
}

/// Every figure that one number tells. Sets of names are compared whole elsewhere.
pub const FIGURES: &[Figure] = &[
    Figure {
        name: "birth triggers",
        count: 166,
        standing: Standing::Plan,
        query: "select count(*) from pg_catalog.pg_trigger t where not t.tgisinternal and t.tgfoid = 'public.fn_birth_registry_auto'::pg_catalog.regproc",
    },
    Figure {
        name: "Directus' own tables",
        count: 27,
        standing: Standing::Plan,
        query: "select count(*) from pg_catalog.pg_class c where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind = 'r' and pg_catalog.starts_with(c.relname, 'directus_')",
    },
    Figure {
        name: "frozen DOT tools",
        count: 2,
        standing: Standing::Plan,
        query: "select count(*) from public.dot_tools d where d.frozen",
    },
    Figure {
        name: "sequences",
        count: 76,
        standing: Standing::Met,
        query: "select count(*) from pg_catalog.pg_class c where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind = 'S'",
    },
    Figure {
        name: "sequences owned by no column",
        count: 17,
        standing: Standing::Met,
        query: "select count(*) from pg_catalog.pg_class c where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind = 'S' and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype in ('a', 'i'))",
    },
    Figure {
        name: "disabled user triggers",
        count: 5,
        standing: Standing::Met,
        query: "select count(*) from pg_catalog.pg_trigger t where not t.tgisinternal and t.tgenabled = 'D'",
    },
    Figure {
        name: "dropped columns",
        count: 18,
        standing: Standing::Met,
        query: "select count(*) from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid where a.attisdropped and c.relnamespace = 'public'::pg_catalog.regnamespace",
    },
    Figure {
        name: "columns named by keywords",
        count: 15,
        standing: Standing::Met,
        query: "select count(*) from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind = 'r' and not a.attisdropped and a.attname in ('user', 'group', 'timestamp', 'from', 'primary')",
    },
    Figure {
        name: "SECURITY DEFINER functions",
        count: 1,
        standing: Standing::Met,
        query: "select count(*) from pg_catalog.pg_proc p where p.pronamespace = 'public'::pg_catalog.regnamespace and p.prosecdef",
    },
    Figure {
        name: "CHECK constraints whose text changes over one dump and restore",
        count: 8,
        standing: Standing::Met,
        query: "select count(*) from pg_catalog.pg_constraint c where c.connamespace = 'public'::pg_catalog.regnamespace and c.contype = 'c' and pg_catalog.strpos(pg_catalog.pg_get_constraintdef(c.oid), '::character varying])::text[]') > 0",
    },
    Figure {
        name: "tables owned by a role beside directus",
        count: 2,
        standing: Standing::Met,
        query: "select count(*) from pg_catalog.pg_class c where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind in ('r', 'p') and c.relowner <> 'directus'::pg_catalog.regrole",
    },
    Figure {
        name: "tables",
        count: 236,
        standing: Standing::Characteristic {
            measured: 155,
            because: "the 166 birth triggers of the plan need a table each",
        },
        query: "select count(*) from pg_catalog.pg_class c where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind in ('r', 'p')",
    },
    Figure {
        name: "indexes",
        count: 262,
        standing: Standing::Characteristic {
            measured: 202,
            because: "each of the further tables has a key",
        },
        query: "select count(*) from pg_catalog.pg_class c where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind in ('i', 'I')",
    },
    Figure {
        name: "constraints",
        count: 329,
        standing: Standing::Characteristic {
            measured: 313,
            because: "each of the further tables has a key",
        },
        query: "select count(*) from pg_catalog.pg_constraint c where c.connamespace = 'public'::pg_catalog.regnamespace and c.contype in ('c', 'f', 'p', 'u', 'x')",
    },
    Figure {
        name: "routines",
        count: 68,
        standing: Standing::Characteristic {
            measured: 60,
            because: "46 of them are the legacy path of the plan",
        },
        query: "select count(*) from pg_catalog.pg_proc p where p.pronamespace = 'public'::pg_catalog.regnamespace",
    },
    Figure {
        name: "trigger functions",
        count: 9,
        standing: Standing::Characteristic {
            measured: 43,
            because: "the legacy path of the plan is apply, writers, planners and readiness",
        },
        query: "select count(*) from pg_catalog.pg_proc p where p.pronamespace = 'public'::pg_catalog.regnamespace and p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype",
    },
    Figure {
        name: "user triggers",
        count: 183,
        standing: Standing::Characteristic {
            measured: 101,
            because: "the plan counts 166 birth triggers alone",
        },
        query: "select count(*) from pg_catalog.pg_trigger t where not t.tgisinternal",
    },
    Figure {
        name: "internal triggers",
        count: 248,
        standing: Standing::Characteristic {
            measured: 1012,
            because: "four for each foreign key, and this estate has fewer",
        },
        query: "select count(*) from pg_catalog.pg_trigger t where t.tgisinternal",
    },
];
