//! H06: the source of a routine or a view.
//!
//! Not for: reading catalogs (`capture`, and `h06` in the database). The one fact to know: a body
//! changes in one way only before it is hashed, CRLF becomes LF [ruling B11].

use crate::digest::SourceDigest;
use crate::error::EncodeError;
use crate::json::Json;
use crate::value::without_nul;

/// What H06 covers of a routine, each in the server's own words under an empty `search_path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routine {
    /// `pg_language.lanname`.
    pub language: String,
    /// `prokind`: `f`, `p`, `a` or `w`.
    pub kind: char,
    /// `pg_get_function_arguments`: names, modes, types and defaults.
    pub arguments: String,
    /// `pg_get_function_result`; none for a procedure.
    pub result: Option<String>,
    /// `prosecdef`.
    pub security_definer: bool,
    /// `provolatile`: `i`, `s` or `v`.
    pub volatility: char,
    /// `proisstrict`.
    pub strict: bool,
    /// `proleakproof`.
    pub leakproof: bool,
    /// `proparallel`: `s`, `r` or `u`.
    pub parallel: char,
    /// `proconfig`, in its own order; none is NULL.
    pub config: Option<Vec<String>>,
    /// `probin`: the library of a C routine.
    pub binary: Option<String>,
    /// `prosrc`; for a `begin atomic` body `pg_get_function_sqlbody`, since `prosqlbody` holds oids;
    /// for an aggregate its definition as `capture` words it.
    pub body: String,
}

/// H06 of a routine.
pub fn h06_routine(routine: &Routine) -> Result<SourceDigest, EncodeError> {
    h06_routine_preimage(routine).map(|text| SourceDigest::of(&text))
}

/// The text that [`h06_routine`] hashes.
pub fn h06_routine_preimage(routine: &Routine) -> Result<String, EncodeError> {
    let mut json = Json::contract("H06");
    json.string("routine");
    json.open();
    text(&mut json, "language", Some(&routine.language))?;
    text(&mut json, "kind", Some(&routine.kind.to_string()))?;
    text(&mut json, "arguments", Some(&routine.arguments))?;
    text(&mut json, "result", routine.result.as_deref())?;
    flag(&mut json, "security_definer", routine.security_definer);
    text(&mut json, "volatility", Some(&routine.volatility.to_string()))?;
    flag(&mut json, "strict", routine.strict);
    flag(&mut json, "leakproof", routine.leakproof);
    text(&mut json, "parallel", Some(&routine.parallel.to_string()))?;
    json.open();
    json.string("config");
    match &routine.config {
        None => json.null(),
        Some(settings) => {
            json.open();
            for setting in settings {
                json.string(without_nul("config", setting)?);
            }
            json.close();
        }
    }
    json.close();
    text(&mut json, "binary", routine.binary.as_deref())?;
    text(&mut json, "body", Some(&routine.body.replace("\r\n", "\n")))?;
    json.close();
    Ok(json.finish())
}

/// H06 of a view or materialised view: `pg_get_viewdef(oid)` under an empty `search_path`, with the
/// server's major, since majors print one view differently.
pub fn h06_view(major: i32, definition: &str) -> Result<SourceDigest, EncodeError> {
    h06_view_preimage(major, definition).map(|text| SourceDigest::of(&text))
}

/// The text that [`h06_view`] hashes.
pub fn h06_view_preimage(major: i32, definition: &str) -> Result<String, EncodeError> {
    let mut json = Json::contract("H06");
    json.string("view");
    json.number(major);
    json.string(without_nul("definition", definition)?);
    Ok(json.finish())
}

fn text(json: &mut Json, name: &str, value: Option<&str>) -> Result<(), EncodeError> {
    json.open();
    json.string(name);
    match value {
        Some(value) => json.string(without_nul(name, value)?),
        None => json.null(),
    }
    json.close();
    Ok(())
}

fn flag(json: &mut Json, name: &str, value: bool) {
    json.open();
    json.string(name);
    json.bool(value);
    json.close();
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Routine, h06_routine, h06_view};

    fn routine() -> Routine {
        Routine {
            language: "sql".to_owned(),
            kind: 'f',
            arguments: "a integer".to_owned(),
            result: Some("integer".to_owned()),
            security_definer: false,
            volatility: 'v',
            strict: false,
            leakproof: false,
            parallel: 'u',
            config: None,
            binary: None,
            body: "select 1\n".to_owned(),
        }
    }

    #[test]
    fn every_field_changes_the_digest() {
        let changes: [fn(&mut Routine); 15] = [
            |_| (),
            |r| r.language.push('x'),
            |r| r.kind = 'p',
            |r| r.arguments.push_str(", b integer"),
            |r| r.result = None,
            |r| r.result = Some("bigint".to_owned()),
            |r| r.security_definer = true,
            |r| r.volatility = 's',
            |r| r.strict = true,
            |r| r.leakproof = true,
            |r| r.parallel = 's',
            |r| r.config = Some(vec![]),
            |r| r.config = Some(vec!["role=x".to_owned()]),
            |r| r.binary = Some("$libdir/x".to_owned()),
            |r| r.body.push(' '),
        ];
        let digests: BTreeSet<_> = changes
            .iter()
            .map(|change| {
                let mut routine = routine();
                change(&mut routine);
                h06_routine(&routine).expect("a digest")
            })
            .collect();
        assert_eq!(digests.len(), changes.len());
    }

    #[test]
    fn crlf_is_lf_and_a_lone_cr_is_kept() {
        let with = |body: &str| {
            h06_routine(&Routine {
                body: body.to_owned(),
                ..routine()
            })
            .expect("a digest")
        };
        assert_eq!(with("a\r\nb"), with("a\nb"));
        assert_ne!(with("a\rb"), with("a\nb"));
    }

    #[test]
    fn major_and_definition_change_a_views_digest() {
        assert_ne!(h06_view(15, "select 1"), h06_view(16, "select 1"));
        assert_ne!(h06_view(15, "select 1"), h06_view(15, "select 2"));
    }
}
