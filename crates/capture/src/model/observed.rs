//! What is read across objects: edges, reads, declared rows, comments.

use serde::{Deserialize, Serialize};

record! {
    /// An edge that `pg_depend` knows.
    Dependency {
        /// Relation, routine, type or operator that depends.
        from: String,
        /// `rule`, `default`, `constraint`, `trigger`, `policy`, `index`, `relation`, `routine`, `type`, `operator`.
        via: String,
        /// Name of the rule (none for a view's own), constraint, trigger or policy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// What it depends on.
        to: String,
        /// `relation`, `routine`, `type` or `operator`.
        to_class: String,
        /// Columns of the relation, sorted.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        columns: Vec<String>,
    }
}

record! {
    /// A relation that the reader can read.
    Select {
        /// As `regclass` prints it.
        identity: String,
        /// As in [`Relation::kind`].
        kind: String,
        /// Whether the whole relation; else only `columns`.
        whole: bool,
        /// Columns that it can read, in order.
        columns: Vec<String>,
        /// Whether it has USAGE on the schema, without which no read works.
        schema_usage: bool,
        /// What gives the right: `superuser`, `owner R`, `grant to R`, `column grant to R`,
        /// `member of pg_read_all_data`. Empty: nothing in the catalogs explains it [ruling B3].
        because: Vec<String>,
    }
}

record! {
    /// One declared row, the only kind of table row that a capture reads.
    Flag {
        /// Table.
        relation: String,
        /// Key of the row.
        key: String,
        /// Whether it is there.
        found: bool,
        /// Declared columns with their values as text; NULL is left out.
        values: std::collections::BTreeMap<String, String>,
    }
}

record! {
    /// A comment.
    Comment {
        /// Class of the object, as `pg_identify_object` names it.
        class: String,
        /// Identity of the object.
        identity: String,
        /// The text.
        text: String,
    }
}
