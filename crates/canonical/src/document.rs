//! The canonical text of an artifact: what people sign, written as CP-06 writes everything.
//!
//! Not for: what an artifact must hold, and reading one (`operator-authorization`). The one fact to know:
//! it has no objects, so a name can't stand twice with two values, one for each reader.

use crate::error::EncodeError;
use crate::json::Json;
use crate::value::without_nul;

/// A part of an artifact. Numbers, times and digests are text, as in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Node>),
}

impl Node {
    /// The pair `["name",value]`.
    pub fn pair(name: &str, value: Self) -> Self {
        Self::List(vec![name.into(), value])
    }

    fn write(&self, json: &mut Json) -> Result<(), EncodeError> {
        match self {
            Self::Text(text) => json.string(without_nul("artifact", text)?),
            Self::List(nodes) => {
                json.open();
                for node in nodes {
                    node.write(json)?;
                }
                json.close();
            }
        }
        Ok(())
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The text of an artifact of this kind: `["kind","v1",body]`.
pub fn artifact(kind: &str, body: &Node) -> Result<String, EncodeError> {
    let mut json = Json::contract(without_nul("kind", kind)?);
    body.write(&mut json)?;
    Ok(json.finish())
}

#[cfg(test)]
mod tests {
    use super::{Node, artifact};

    #[test]
    fn an_artifact_is_its_kind_its_version_and_its_pairs() {
        let body = Node::List(vec![
            Node::pair("package", "PKG-E".into()),
            Node::pair("objects", Node::List(vec!["a".into(), "b\"".into()])),
            Node::pair("none", Node::List(vec![])),
        ]);
        assert_eq!(
            artifact("leave", &body).unwrap(),
            r#"["leave","v1",[["package","PKG-E"],["objects",["a","b\""]],["none",[]]]]"#
        );
    }

    #[test]
    fn a_text_that_no_server_could_hold_is_refused() {
        assert!(artifact("leave", &"a\0".into()).is_err());
    }
}
