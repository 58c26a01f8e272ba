//! Routines and types.

use super::Grant;
use canonical::{PrivilegeDigest, SourceDigest};
use serde::{Deserialize, Serialize};

record! {
    /// A function, procedure, aggregate or window function.
    Routine {
        /// As `regprocedure` prints it.
        identity: String,
        /// `function`, `procedure`, `aggregate`, `window function`.
        kind: String,
        /// Schema.
        schema: String,
        /// Owner.
        owner: String,
        /// Extension that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<String>,
        /// Language.
        language: String,
        /// `pg_get_function_arguments`.
        arguments: String,
        /// `pg_get_function_result`; a procedure has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<String>,
        /// SECURITY DEFINER.
        security_definer: bool,
        /// `i`, `s` or `v`.
        volatility: String,
        /// STRICT.
        strict: bool,
        /// LEAKPROOF.
        leakproof: bool,
        /// `s`, `r` or `u`.
        parallel: String,
        /// SET clauses; none is NULL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        config: Option<Vec<String>>,
        /// Library of a C routine.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        binary: Option<String>,
        /// Whether `proacl` is NULL: everybody may then execute it.
        acl_is_null: bool,
        /// Expanded privileges.
        acl: Vec<Grant>,
        /// H07.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        privilege_sha256: Option<String>,
        /// H06.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source_sha256: Option<String>,
        /// Whether the body is BEGIN ATOMIC; `pg_depend` then knows what it reads.
        atomic: bool,
        /// The body, as H06 takes it but for CRLF; or a redaction mark.
        body: String,
    }
}

impl Routine {
    /// Everything that H06 covers; none if a part of it was redacted, for then it is not what runs.
    pub fn source(&self) -> Option<canonical::Routine> {
        let source = canonical::Routine {
            language: self.language.clone(),
            // The words begin with the server's own letters.
            kind: self.kind.chars().next()?,
            arguments: self.arguments.clone(),
            result: self.result.clone(),
            security_definer: self.security_definer,
            volatility: self.volatility.chars().next()?,
            strict: self.strict,
            leakproof: self.leakproof,
            parallel: self.parallel.chars().next()?,
            config: self.config.clone(),
            binary: self.binary.clone(),
            body: self.body.clone(),
        };
        let digest = canonical::h06_routine(&source).ok()?;
        (self.source_digest() == Some(digest)).then_some(source)
    }

    /// H06, if the capture holds it.
    pub fn source_digest(&self) -> Option<SourceDigest> {
        self.source_sha256.as_deref().and_then(|text| text.parse().ok())
    }

    /// H07, if the capture holds it.
    pub fn privilege_digest(&self) -> Option<PrivilegeDigest> {
        self.privilege_sha256
            .as_deref()
            .and_then(|text| text.parse().ok())
    }
}

record! {
    /// A type that somebody made.
    Type {
        /// As `regtype` prints it.
        identity: String,
        /// `domain`, `enum`, `range`, `multirange`, `composite`, `base`.
        kind: String,
        /// Schema.
        schema: String,
        /// Owner.
        owner: String,
        /// Extension that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<String>,
        /// Type below a domain.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<String>,
        /// NOT NULL of a domain.
        not_null: bool,
        /// Default of a domain.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
        /// Labels of an enum, in order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        labels: Option<Vec<String>>,
        /// `name type` of a composite's attributes, in order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attributes: Option<Vec<String>>,
        /// Whether `typacl` is NULL.
        acl_is_null: bool,
        /// Expanded privileges.
        acl: Vec<Grant>,
        /// H07.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        privilege_sha256: Option<String>,
    }
}
