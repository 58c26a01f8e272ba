//! What authoring takes from a capture: identities, digests, the bodies that a repoint replaces, reads.
//!
//! Not for: reading a database or a capture's files (`capture`). The one fact to know: identities are in
//! the form of `regprocedure` and `regclass` under an empty search path, without spaces after commas.

use std::collections::{BTreeMap, BTreeSet};

use canonical::{AclItem, PrivilegeDigest, SourceDigest, h05};
use capture::Capture;

use crate::decisions::Decisions;
use crate::error::AuthorError;

/// A live routine.
#[derive(Debug, Clone)]
pub struct LiveRoutine {
    /// Everything that H06 covers, the body included.
    pub source: canonical::Routine,
    /// Owner.
    pub owner: String,
    /// H07.
    pub privileges: PrivilegeDigest,
    /// Its privileges item by item.
    pub acl: Vec<AclItem>,
    /// Whether its body is BEGIN ATOMIC.
    pub atomic: bool,
}

impl LiveRoutine {
    /// What statements call it.
    pub fn word(&self) -> &'static str {
        if self.source.kind == 'p' {
            "procedure"
        } else {
            "function"
        }
    }
}

/// A live table or view.
#[derive(Debug, Clone)]
pub struct LiveRelation {
    /// `table` or `view`.
    pub kind: String,
    /// Owner.
    pub owner: String,
    /// H06 of a view; H05 over the columns of a table.
    pub source: SourceDigest,
    /// A line a column: `name|type|not null`.
    pub columns: Vec<String>,
    /// What fires on it, the server's own triggers apart.
    pub triggers: Vec<LiveTrigger>,
    /// H07.
    pub privileges: PrivilegeDigest,
    /// Its privileges item by item, those on its columns among them.
    pub acl: Vec<AclItem>,
    /// Options, `security_invoker=true` among them.
    pub options: Vec<String>,
}

/// A trigger of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveTrigger {
    /// Name.
    pub name: String,
    /// As the server prints it.
    pub definition: String,
    /// `O`, `D`, `R` or `A`.
    pub enabled: String,
}

/// One read that the application role holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LiveRead {
    /// Relation.
    pub relation: String,
    /// Column, or empty for the whole relation.
    pub column: String,
    /// What the relation is: `table`, `view`, `sequence` and so on.
    pub kind: String,
    /// `owner`, `grant`, `PUBLIC` or a membership.
    pub held_through: String,
}

/// What the live database is.
#[derive(Debug, Clone, Default)]
pub struct LiveFacts {
    /// Digest of the capture.
    pub capture_sha256: String,
    /// The role whose reads were captured.
    pub reader: String,
    /// Major of the captured server: digests of views hold only there.
    pub server_major: u32,
    /// Routines by identity.
    pub routines: BTreeMap<String, LiveRoutine>,
    /// Tables and views by identity.
    pub relations: BTreeMap<String, LiveRelation>,
    /// The SELECT set that the cutover keeps, sorted: all that was captured but for what a decision drops.
    pub reads: Vec<LiveRead>,
    /// Captured reads that a decision drops.
    pub dropped_reads: Vec<LiveRead>,
    /// Views that may run with their reader's rights once they have another owner, by decision.
    pub invoker_views: BTreeSet<String>,
    /// What each view reads, by its rule.
    pub view_reads: BTreeMap<String, BTreeSet<String>>,
    /// Sequences that a table's columns own.
    pub own_sequences: BTreeMap<String, BTreeSet<String>>,
    /// Comments on relations and routines.
    pub comments: BTreeMap<String, String>,
    /// Memberships, as role and member.
    pub memberships: Vec<(String, String)>,
    /// Roles that are asked for no privilege.
    pub superusers: BTreeSet<String>,
    /// Owners of schemas.
    pub schema_owners: BTreeMap<String, String>,
}

impl LiveFacts {
    /// What a committed capture says.
    ///
    /// # Errors
    /// An object whose digests the capture does not hold (a redacted one): nothing is authored from it.
    pub fn from_capture(capture: &Capture) -> Result<Self, AuthorError> {
        let facts = capture.facts();
        let undigested = |kind: &'static str, identity: &str| AuthorError::NotInCapture {
            kind,
            identity: identity.to_owned(),
            wanted_by: "authoring, with its digests,".to_owned(),
            hint: "capture it again with a login that may read it".to_owned(),
        };
        let mut live = Self {
            capture_sha256: capture.digest().to_string(),
            reader: facts.select_set.reader.clone(),
            server_major: capture.server_major(),
            ..Self::default()
        };
        for routine in &facts.routines.routine {
            let privileges = routine
                .privilege_digest()
                .ok_or_else(|| undigested("routine", &routine.identity))?;
            live.routines.insert(
                routine.identity.clone(),
                LiveRoutine {
                    source: routine
                        .source()
                        .ok_or_else(|| undigested("routine", &routine.identity))?,
                    owner: routine.owner.clone(),
                    privileges,
                    acl: routine.acl.iter().flat_map(|grant| grant.items(None)).collect(),
                    atomic: routine.atomic,
                },
            );
        }
        let views: BTreeMap<&str, &capture::View> = facts
            .views
            .view
            .iter()
            .map(|view| (view.identity.as_str(), view))
            .collect();
        let mut triggers: BTreeMap<&str, Vec<LiveTrigger>> = BTreeMap::new();
        for trigger in &facts.triggers.trigger {
            triggers.entry(&trigger.on).or_default().push(LiveTrigger {
                name: trigger.name.clone(),
                definition: trigger.definition.clone(),
                enabled: trigger.enabled.clone(),
            });
        }
        for relation in &facts.relations.relation {
            let privileges = relation
                .privilege_digest()
                .ok_or_else(|| undigested("relation", &relation.identity))?;
            let source = match views.get(relation.identity.as_str()) {
                Some(view) => view
                    .source_digest()
                    .ok_or_else(|| undigested("view", &relation.identity))?,
                None => table_source(relation)?,
            };
            let (kind, owner) = (relation.kind.clone(), relation.owner.clone());
            live.relations.insert(
                relation.identity.clone(),
                LiveRelation {
                    kind,
                    owner,
                    source,
                    columns: column_lines(relation),
                    triggers: triggers.remove(relation.identity.as_str()).unwrap_or_default(),
                    privileges,
                    acl: acl_items(relation),
                    options: relation.options.clone(),
                },
            );
        }
        live.add_ties(capture);
        for read in &facts.select_set.select {
            let held_through = read.because.join(", ");
            let columns = if read.whole {
                vec![String::new()]
            } else {
                read.columns.clone()
            };
            live.reads.extend(columns.into_iter().map(|column| LiveRead {
                relation: read.identity.clone(),
                column,
                kind: read.kind.clone(),
                held_through: held_through.clone(),
            }));
        }
        live.reads.sort();
        Ok(live)
    }

    /// What hangs from what, who is a member of what, and what is said of it.
    fn add_ties(&mut self, capture: &Capture) {
        let facts = capture.facts();
        for edge in &facts.dependencies.dependency {
            if edge.via == "rule" && edge.to_class == "relation" {
                self.view_reads
                    .entry(edge.from.clone())
                    .or_default()
                    .insert(edge.to.clone());
            }
        }
        for sequence in &facts.sequences.sequence {
            let column = sequence.owned_by.as_deref().unwrap_or_default();
            // A name may hold a dot, so the table is whatever stands before one and is a table.
            let owner = column.match_indices('.').find_map(|(at, _)| {
                let (table, relation) = self.relations.get_key_value(&column[..at])?;
                (relation.kind == "table").then_some(table)
            });
            if let Some(table) = owner {
                self.own_sequences
                    .entry(table.clone())
                    .or_default()
                    .insert(sequence.identity.clone());
            }
        }
        for comment in &facts.comments.comment {
            if ["table", "view", "function", "procedure"].contains(&comment.class.as_str()) {
                self.comments
                    .insert(identity(&comment.identity), comment.text.clone());
            }
        }
        let ties = facts.roles.membership.iter();
        self.memberships = ties.map(|tie| (tie.role.clone(), tie.member.clone())).collect();
        let superusers = facts.roles.role.iter().filter(|role| role.superuser);
        self.superusers = superusers.map(|role| role.name.clone()).collect();
        let schemas = facts.database.schema.iter();
        self.schema_owners = schemas
            .map(|schema| (schema.name.clone(), schema.owner.clone()))
            .collect();
    }

    /// With what people decided: a read that is dropped is kept apart. A decision about a relation that is not
    /// read here changes nothing; who demands that there is none asks [`LiveFacts::unread`].
    #[must_use]
    pub fn decided(mut self, decisions: &Decisions) -> Self {
        let dropped = decisions.dropped();
        let (dropped, reads) = self
            .reads
            .into_iter()
            .partition(|read| dropped.contains(read.relation.as_str()));
        self.reads = reads;
        self.dropped_reads = dropped;
        self.invoker_views = decisions.invoker_views().into_iter().map(str::to_owned).collect();
        self
    }

    /// The reads of one relation that the cutover keeps.
    pub fn reads_of(&self, relation: &str) -> &[LiveRead] {
        let from = self
            .reads
            .partition_point(|read| read.relation.as_str() < relation);
        let reads = &self.reads[from..];
        &reads[..reads.partition_point(|read| read.relation == relation)]
    }

    /// Decisions to drop a read that nobody captured.
    pub fn unread<'a>(&self, decisions: &'a Decisions) -> Vec<&'a str> {
        let dropped = decisions.dropped().into_iter();
        dropped
            .filter(|relation| !self.dropped_reads.iter().any(|read| read.relation == *relation))
            .collect()
    }
}

fn acl_items(relation: &capture::Relation) -> Vec<AclItem> {
    let whole = relation.acl.iter().flat_map(|grant| grant.items(None));
    let columns = relation.columns.iter().flat_map(|column| {
        let grants = column.acl.iter();
        grants.flat_map(|grant| grant.items(Some(&column.name)))
    });
    whole.chain(columns).collect()
}

fn column_lines(relation: &capture::Relation) -> Vec<String> {
    let line = |column: &capture::Column| format!("{}|{}|{}", column.name, column.r#type, column.not_null);
    relation.columns.iter().map(line).collect()
}

/// What stands for the source of a table: H05 over its columns, `name|type|not null`.
fn table_source(relation: &capture::Relation) -> Result<SourceDigest, AuthorError> {
    let lines = column_lines(relation);
    let set = h05(&lines).map_err(|source| AuthorError::Encode {
        surface: "authority_scope_manifest".to_owned(),
        item: relation.identity.clone(),
        source,
    })?;
    Ok(SourceDigest::from_bytes(*set.as_bytes()))
}

/// The form in which the server prints an identity: no space after a comma.
pub fn identity(written: &str) -> String {
    written.replace(", ", ",")
}

/// An item key made of an identity: printable ASCII without spaces, everything else as `%XX` of its bytes.
pub fn key(identity: &str) -> String {
    let mut key = String::with_capacity(identity.len());
    for byte in identity.bytes() {
        if (b'!'..=b'~').contains(&byte) && byte != b'%' {
            key.push(char::from(byte));
        } else {
            key.push_str(&format!("%{byte:02X}"));
        }
    }
    key
}
