//! What a creation leads to: every object, and every fact about the rows, at each stage.
//!
//! Not for: asking a database (`state`). The one fact to know: all of it is computed from the manifests, owner, source
//! and privileges of each object among it, so that a stage has a digest before anything was run [ruling B19].

use canonical::{AclItem, ObjectClass, SourceDigest};
use manifest_model::{ControlPlane, Privilege};
use serde::Serialize;
use sql_render::routine;

use super::stage::Stage;
use crate::acts;
use crate::error::AuthorError;
use crate::header::sha256_hex;
use crate::item::Version;
use crate::packet::declared::{line, privileges};
use crate::seeds::catalog_digest;
use crate::surface_rows::{generated_digest, routine_digest};

/// From here on an owner's full privileges on a relation hold MAINTAIN.
const MAINTAIN: u32 = 17;

/// An object that is made.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Object(pub(crate) &'static str, pub(crate) String, pub(crate) String);

/// A fact about rows, at each stage.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Fact(pub(crate) String, pub(crate) Vec<String>);

/// All that is declared.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Declared {
    /// Kind, identity, and the line of its state once it is there.
    pub(crate) objects: Vec<Object>,
    /// Identity, and its text at each stage.
    pub(crate) facts: Vec<Fact>,
}

/// What there is of an object that is not there.
pub(crate) const ABSENT: &str = "absent";
/// A slot in which nobody has signed.
pub(crate) const OPEN: &str = "open";

/// The fact of a slot's signoffs on a version.
pub(crate) fn signoffs(slot: &str, version: i32) -> String {
    format!("signoffs {slot} on version {version}")
}

impl Declared {
    pub(crate) fn new(
        plane: &ControlPlane,
        versions: &[Version],
        slots: &[&str],
        server_major: u32,
    ) -> Result<Self, AuthorError> {
        Ok(Self {
            objects: objects(plane, server_major)?,
            facts: facts(plane, versions, slots)?,
        })
    }

    /// Identities of the objects, in the order of their bytes.
    pub(crate) fn identities(&self) -> Vec<String> {
        let mut all: Vec<String> = self.objects.iter().map(|object| object.1.clone()).collect();
        all.sort();
        all
    }

    /// Digest of a stage: what `packet.toml` declares and `verify.sql` prints.
    pub(crate) fn digest(&self, stage: Stage) -> String {
        let text = |Object(kind, identity, line): &Object| match stage {
            Stage::Absent => format!("{kind} {identity} {ABSENT}"),
            _ => format!("{kind} {identity} {line}"),
        };
        let mut lines: Vec<String> = self.objects.iter().map(text).collect();
        lines.extend(
            self.facts
                .iter()
                .map(|Fact(identity, at)| format!("fact {identity} {}", at[stage.at()])),
        );
        lines.sort();
        sha256_hex(lines.join("\n").as_bytes())
    }

    /// As the files carry it: a line an object and a fact.
    pub(crate) fn json(&self) -> String {
        let list = |lines: Vec<String>| lines.join(",\n");
        format!(
            "{{\"objects\": [\n{}\n], \"facts\": [\n{}\n]}}",
            list(self.objects.iter().map(text_of).collect()),
            list(self.facts.iter().map(text_of).collect())
        )
    }
}

/// One line. Names and digests always serialise.
fn text_of<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Every object of #20 that the packages make, and the schema.
fn objects(plane: &ControlPlane, server_major: u32) -> Result<Vec<Object>, AuthorError> {
    let mut all = Vec::new();
    for table in plane.table_definitions() {
        all.push(relation(plane, table.name, server_major)?);
    }
    for name in ["surface_table", "surface_item"]
        .into_iter()
        .chain(plane.views.iter().map(|view| view.name))
    {
        all.push(relation(plane, name, server_major)?);
    }
    for routine in plane.routines {
        let identity = routine::identity(plane, routine);
        all.push(function(
            plane,
            routine.name,
            identity,
            routine_digest(plane, routine)?,
        )?);
    }
    for generated in routine::generated(plane) {
        let identity = generated.identity(plane);
        all.push(function(
            plane,
            generated.name,
            identity,
            generated_digest(&generated)?,
        )?);
    }
    let mut items = owners(plane, &["CREATE", "USAGE"]);
    for grant in plane.grants {
        if matches!(grant.privilege, Privilege::SchemaUsage) {
            items.push(item(plane, grant.role, "USAGE"));
        }
    }
    let digest = privileges(ObjectClass::Schema, plane.owner, &items, plane.schema)?;
    let schema = line(plane.owner, None, digest);
    all.push(Object("schema", plane.schema.to_owned(), schema));
    all.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(all)
}

fn relation(plane: &ControlPlane, name: &str, server_major: u32) -> Result<Object, AuthorError> {
    let identity = format!("{}.{name}", plane.schema);
    let mut full = vec![
        "DELETE",
        "INSERT",
        "REFERENCES",
        "SELECT",
        "TRIGGER",
        "TRUNCATE",
        "UPDATE",
    ];
    if server_major >= MAINTAIN {
        full.push("MAINTAIN");
    }
    let mut items = owners(plane, &full);
    for grant in plane.grants {
        if matches!(grant.privilege, Privilege::SelectAll) {
            items.push(item(plane, grant.role, "SELECT"));
        }
    }
    let digest = privileges(ObjectClass::Relation, plane.owner, &items, &identity)?;
    Ok(Object("relation", identity, line(plane.owner, None, digest)))
}

fn function(
    plane: &ControlPlane,
    name: &str,
    identity: String,
    source: SourceDigest,
) -> Result<Object, AuthorError> {
    let mut items = owners(plane, &["EXECUTE"]);
    for grant in plane.grants {
        if matches!(grant.privilege, Privilege::Execute(granted) if granted == name) {
            items.push(item(plane, grant.role, "EXECUTE"));
        }
    }
    let digest = privileges(ObjectClass::Routine, plane.owner, &items, &identity)?;
    let line = line(plane.owner, Some(source), digest);
    Ok(Object("routine", identity, line))
}

fn owners(plane: &ControlPlane, all: &[&str]) -> Vec<AclItem> {
    all.iter().map(|one| item(plane, plane.owner, one)).collect()
}

fn item(plane: &ControlPlane, to: &str, privilege: &str) -> AclItem {
    AclItem {
        grantee: to.to_owned(),
        grantor: plane.owner.to_owned(),
        privilege: privilege.to_owned(),
        column: None,
        grantable: false,
    }
}

/// What the rows say, stage by stage; `signed_at` is where a slot's fact changes.
fn facts(plane: &ControlPlane, versions: &[Version], slots: &[&str]) -> Result<Vec<Fact>, AuthorError> {
    let at = |text: &dyn Fn(Stage) -> String| -> Vec<String> {
        let of = |stage: &Stage| match stage {
            Stage::Absent => ABSENT.to_owned(),
            stage => text(*stage),
        };
        Stage::ALL.iter().map(of).collect()
    };
    let since = |from: Stage, before: &str, after: &str| {
        at(&|stage| if stage < from { before } else { after }.to_owned())
    };
    let catalog = catalog_digest(plane)?;
    let writer = plane.first_activation.writer_type;
    let first = format!("{writer} activate at 2 {}", acts::set_digest(versions)?);
    let next = next_set_digest(versions)?;
    let second = format!("{first}, {writer} activate at 3 {next}");
    let withdrawn = format!("{first}, {writer} supersede at 3");
    let third = format!("{withdrawn}, {writer} activate at 4 {next}");
    let mut all = vec![
        Fact(
            "epoch".to_owned(),
            at(&|stage| {
                match stage {
                    Stage::Activated | Stage::Candidate | Stage::SignedAgain => "2",
                    Stage::Returned
                    | Stage::Withdrawn
                    | Stage::WithdrawnCandidate
                    | Stage::WithdrawnSigned => "3",
                    Stage::WithdrawnReturned => "4",
                    _ => "1",
                }
                .to_owned()
            }),
        ),
        Fact("catalog".to_owned(), at(&|_| format!("sealed {catalog}"))),
        Fact("drafts".to_owned(), at(&|_| "0".to_owned())),
        Fact("run".to_owned(), at(&|_| "recorded".to_owned())),
        Fact("undeclared".to_owned(), at(&|_| "none".to_owned())),
        Fact("evidence".to_owned(), since(Stage::Evidenced, "none", "recorded")),
        Fact("signoffs beside".to_owned(), at(&|_| "0".to_owned())),
        Fact(
            "activations".to_owned(),
            at(&|stage| match stage {
                stage if stage < Stage::Activated => "none".to_owned(),
                Stage::Returned => second.clone(),
                Stage::Withdrawn | Stage::WithdrawnCandidate | Stage::WithdrawnSigned => withdrawn.clone(),
                Stage::WithdrawnReturned => third.clone(),
                _ => first.clone(),
            }),
        ),
    ];
    for version in versions {
        let (one, two) = (version.envelope, version.envelope_at(version.version + 1)?);
        all.push(Fact(
            format!("surface {:02}", version.surface.number),
            since(
                Stage::Candidate,
                &format!("version {} {one}", version.version),
                &format!("version {} {two}", version.version + 1),
            ),
        ));
    }
    for slot in slots {
        for (version, from) in [(1, Stage::Signed), (2, Stage::SignedAgain)] {
            all.push(Fact(signoffs(slot, version), since(from, OPEN, "signed")));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

/// Digest of the set of next versions with the same payloads.
pub(crate) fn next_set_digest(versions: &[Version]) -> Result<canonical::ObjectSetDigest, AuthorError> {
    let next = versions
        .iter()
        .map(|version| {
            Ok(Version {
                version: version.version + 1,
                envelope: version.envelope_at(version.version + 1)?,
                ..version.clone()
            })
        })
        .collect::<Result<Vec<_>, AuthorError>>()?;
    acts::set_digest(&next)
}
