//! What artifacts are made of: people, targets, scopes, proofs.
//!
//! Not for: whole artifacts. The one fact to know: each part is read by the code beside the code that writes
//! it, field by field and in the same order.

use crate::code::{Code, Refusal};
use crate::document::{self, Fields, Reader};
use canonical::{Node, ObjectSetDigest, PackageDigest, h05};
use serde::Serialize;

/// Somebody who acts: the principal, and the human who answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Id of the principal.
    pub principal: String,
    /// The human.
    pub human: String,
}

/// One database of one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// `system_identifier` of the cluster's control file.
    pub system_identifier: String,
    /// Name of the database.
    pub database: String,
}

/// The package and the exact objects that it may touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// The package.
    pub package: String,
    /// Identities, each once, in the order of their bytes.
    pub objects: Vec<String>,
}

/// The two-way comparison of scope and packet, and the packet's digest as read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Objects that the packet declares.
    pub expected: u64,
    /// Objects of the scope.
    pub realized: u64,
    /// Objects that the packet declares and the scope lacks.
    pub missing: u64,
    /// Objects of the scope that the packet does not declare.
    pub unexpected: u64,
    /// H05 over the objects.
    #[serde(serialize_with = "shown")]
    pub object_set_sha256: ObjectSetDigest,
    /// Digest of the packet, recomputed from its files.
    #[serde(serialize_with = "shown")]
    pub read_back_sha256: PackageDigest,
}

impl Person {
    pub(crate) fn node(&self) -> Node {
        Node::List(vec![
            text("principal", &self.principal),
            text("human", &self.human),
        ])
    }

    pub(crate) fn read(reader: &mut Reader, fields: &Fields<'_>, name: &str) -> Option<Self> {
        let inner = reader.fields(&fields.at(name), fields.get(name)?, &["principal", "human"])?;
        let principal = reader.name(&inner, "principal");
        let human = reader.name(&inner, "human");
        Some(Self {
            principal: principal?,
            human: human?,
        })
    }
}

impl Target {
    pub(crate) fn node(&self) -> Node {
        Node::List(vec![
            text("system_identifier", &self.system_identifier),
            text("database", &self.database),
        ])
    }

    pub(crate) fn read(reader: &mut Reader, fields: &Fields<'_>, name: &str) -> Option<Self> {
        let names = ["system_identifier", "database"];
        let inner = reader.fields(&fields.at(name), fields.get(name)?, &names)?;
        let system_identifier = reader.number(&inner, "system_identifier");
        let database = reader.text(
            &inner,
            "database",
            "1 to 63 bytes without control characters",
            is_database,
        );
        Some(Self {
            system_identifier: system_identifier?.to_string(),
            database: database?,
        })
    }

    /// Reads `SYSTEM_IDENTIFIER/DATABASE`.
    pub fn parse(text: &str) -> Option<Self> {
        let (system_identifier, database) = text.split_once('/')?;
        let number: u64 = system_identifier.parse().ok()?;
        (number.to_string() == system_identifier && is_database(database)).then(|| Self {
            system_identifier: system_identifier.to_owned(),
            database: database.to_owned(),
        })
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.system_identifier, self.database)
    }
}

fn is_database(text: &str) -> bool {
    document::is_identity(text) && text.len() <= 63
}

impl Scope {
    pub(crate) fn node(&self) -> Node {
        let objects = self.objects.iter().map(|object| object.as_str().into());
        Node::List(vec![
            text("package", &self.package),
            Node::pair("objects", Node::List(objects.collect())),
        ])
    }

    pub(crate) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Self> {
        let inner = reader.fields("scope", fields.get("scope")?, &["package", "objects"])?;
        let package = reader.name(&inner, "package");
        let objects = reader.set(&inner, "objects");
        Some(Self {
            package: package?,
            objects: objects?,
        })
    }
}

impl Proof {
    /// The proof over a packet's objects and its digest, for the same scope.
    pub fn over(objects: &[String], packet: PackageDigest) -> Result<Self, Refusal> {
        let object_set_sha256 =
            h05(objects).map_err(|error| Code::ScopeUnknownObject.because(error.to_string()))?;
        let count = objects.len() as u64;
        Ok(Self {
            expected: count,
            realized: count,
            missing: 0,
            unexpected: 0,
            object_set_sha256,
            read_back_sha256: packet,
        })
    }

    pub(crate) fn node(&self) -> Node {
        Node::List(vec![
            text("expected", self.expected),
            text("realized", self.realized),
            text("missing", self.missing),
            text("unexpected", self.unexpected),
            text("object_set_sha256", self.object_set_sha256),
            text("read_back_sha256", self.read_back_sha256),
        ])
    }

    pub(crate) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Self> {
        let names = [
            "expected",
            "realized",
            "missing",
            "unexpected",
            "object_set_sha256",
            "read_back_sha256",
        ];
        let inner = reader.fields("proof", fields.get("proof")?, &names)?;
        let [expected, realized, missing, unexpected] =
            ["expected", "realized", "missing", "unexpected"].map(|name| reader.number(&inner, name));
        let object_set_sha256 = reader.digest(&inner, "object_set_sha256");
        let read_back_sha256 = reader.digest(&inner, "read_back_sha256");
        Some(Self {
            expected: expected?,
            realized: realized?,
            missing: missing?,
            unexpected: unexpected?,
            object_set_sha256: object_set_sha256?,
            read_back_sha256: read_back_sha256?,
        })
    }
}

/// The text of an artifact's file.
pub(crate) fn file(kind: &str, body: &Node) -> Result<String, Refusal> {
    canonical::artifact(kind, body)
        .map(|text| text + "\n")
        .map_err(|error| Code::FieldInvalid.because(error.to_string()))
}

/// A pair whose value is shown as text.
pub(crate) fn text(name: &str, value: impl std::fmt::Display) -> Node {
    Node::pair(name, Node::Text(value.to_string()))
}

pub(crate) fn shown<T: std::fmt::Display, S: serde::Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
