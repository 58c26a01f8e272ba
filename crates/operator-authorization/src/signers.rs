//! Whose key may sign what, and when: `allowed_signers` as ssh-keygen(1) writes it, and a list of revoked keys.
//!
//! Not for: signatures themselves (`signature`). The one fact to know: what `ssh-keygen -Y verify` refuses is
//! refused here, and more: patterns, certificates, local times and a key without a purpose would make the
//! answer depend on more than this file.

use crate::code::{Code, Refusal};
use crate::document::is_name;
use crate::moment::Moment;
use ssh_key::PublicKey;
use ssh_key::public::KeyData;
use std::collections::BTreeSet;

/// The lines of an `allowed_signers` file.
#[derive(Debug, Clone, Default)]
pub struct AllowedSigners {
    pub(crate) lines: Vec<Line>,
}

/// One line: a principal, and a key of theirs.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) principal: String,
    pub(crate) key: KeyData,
    pub(crate) namespaces: BTreeSet<String>,
    pub(crate) valid_after: Option<Moment>,
    pub(crate) valid_before: Option<Moment>,
}

/// Keys that count no more.
#[derive(Debug, Clone, Default)]
pub struct RevokedKeys {
    keys: Vec<KeyData>,
}

impl AllowedSigners {
    /// Reads a file, and refuses all of it if a line can't be relied on.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let mut lines: Vec<Line> = Vec::new();
        for (at, line) in significant(text) {
            let refused = |why: String| Code::AllowedSignersRefused.because(format!("line {at}: {why}"));
            let line = parse_line(line).map_err(&refused)?;
            if let Some(other) = lines
                .iter()
                .find(|other| other.key == line.key && other.principal != line.principal)
            {
                return Err(refused(format!(
                    "the key of `{}` is `{}`'s too: expected a key to be one principal's",
                    line.principal, other.principal
                )));
            }
            lines.push(line);
        }
        if lines.is_empty() {
            return Err(
                Code::AllowedSignersRefused.because("the file allows nobody: expected a line a signer")
            );
        }
        Ok(Self { lines })
    }

    /// Lines of this key.
    pub(crate) fn of<'a>(&'a self, key: &'a KeyData) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.key == *key)
    }
}

impl Line {
    /// Why this line does not allow a signature of this purpose now.
    pub(crate) fn refuses(&self, namespace: &str, now: &Moment) -> Option<Refusal> {
        let name = &self.principal;
        if !self.namespaces.contains(namespace) {
            let allowed: Vec<&str> = self.namespaces.iter().map(String::as_str).collect();
            return Some(Code::KeyNamespace.because(format!(
                "the key of `{name}` may sign for {}: expected `{namespace}` among it",
                allowed.join(", ")
            )));
        }
        if let Some(after) = self.valid_after.as_ref().filter(|after| now < after) {
            return Some(
                Code::KeyNotYetValid
                    .because(format!("the key of `{name}` is valid from {after}, now is {now}")),
            );
        }
        if let Some(before) = self.valid_before.as_ref().filter(|before| now > before) {
            return Some(
                Code::KeyExpired.because(format!("the key of `{name}` was valid to {before}, now is {now}")),
            );
        }
        None
    }
}

impl RevokedKeys {
    /// Reads a list of public keys, a line each.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let refused = |why: String| Code::RevocationListRefused.because(why);
        if bytes.starts_with(b"SSHKRL\n\0") {
            return Err(refused(
                "it is a binary key revocation list: expected the public keys themselves, a line each"
                    .to_owned(),
            ));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| refused(format!("it is no text: {error}")))?;
        let mut keys = Vec::new();
        for (at, line) in significant(text) {
            let key = PublicKey::from_openssh(line).map_err(|error| {
                refused(format!(
                    "line {at}: `{line}` is no public key ({error}): expected `ssh-ed25519 BASE64 COMMENT`"
                ))
            })?;
            keys.push(key.key_data().clone());
        }
        Ok(Self { keys })
    }

    /// Whether this key was revoked.
    pub(crate) fn holds(&self, key: &KeyData) -> bool {
        self.keys.contains(key)
    }
}

/// Lines that say something, with their numbers.
fn significant(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.trim_matches([' ', '\t'])))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn parse_line(line: &str) -> Result<Line, String> {
    let (principal, rest) = line
        .split_once([' ', '\t'])
        .ok_or("expected `PRINCIPAL namespaces=\"…\" ssh-ed25519 BASE64`")?;
    if principal.contains(['*', '?', '!', ',', '"']) || !is_name(principal) {
        return Err(format!(
            "`{principal}` is a pattern or a list: expected exactly one principal"
        ));
    }
    let rest = rest.trim_start_matches([' ', '\t']);
    let (options, key) = split_options(rest)?;
    if options.is_empty() {
        return Err(format!(
            "the key of `{principal}` may sign for any purpose: expected `namespaces=\"…\"`"
        ));
    }
    let key = PublicKey::from_openssh(key)
        .map_err(|error| format!("the key of `{principal}` can't be read: {error}"))?;
    let mut line = Line {
        principal: principal.to_owned(),
        key: key.key_data().clone(),
        namespaces: BTreeSet::new(),
        valid_after: None,
        valid_before: None,
    };
    let mut seen = BTreeSet::new();
    for option in options {
        let (name, value) = option.split_once('=').unwrap_or((&option, "\"\""));
        let value = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'))
            .ok_or_else(|| format!("`{name}` has a value without quotes, which ssh-keygen does not read"))?;
        if !seen.insert(name.to_owned()) {
            return Err(format!("`{name}` stands twice"));
        }
        match name {
            "namespaces" => line.namespaces = namespaces(value)?,
            "valid-after" => line.valid_after = Some(moment(name, value)?),
            "valid-before" => line.valid_before = Some(moment(name, value)?),
            "cert-authority" => {
                return Err(format!(
                    "`{principal}` is an authority that certifies others: expected the key of each signer"
                ));
            }
            _ => {
                return Err(format!(
                    "`{name}` is no option: expected namespaces, valid-after or valid-before"
                ));
            }
        }
    }
    if line.namespaces.is_empty() {
        return Err(format!(
            "the key of `{principal}` may sign for any purpose: expected `namespaces=\"…\"`"
        ));
    }
    Ok(line)
}

fn namespaces(value: &str) -> Result<BTreeSet<String>, String> {
    value
        .split(',')
        .map(|namespace| {
            if namespace.contains(['*', '?', '!']) || !is_name(namespace) {
                Err(format!("`{namespace}` is a pattern: expected exact namespaces"))
            } else {
                Ok(namespace.to_owned())
            }
        })
        .collect()
}

fn moment(name: &str, value: &str) -> Result<Moment, String> {
    Moment::parse_compact(value).ok_or_else(|| {
        format!("`{name}` is `{value}`: expected an instant in UTC, `YYYYMMDDHHMMSSZ`, since local time is each machine's own")
    })
}

/// Comma-separated options, values with their quotes, and what follows the blank after them.
fn split_options(text: &str) -> Result<(Vec<String>, &str), String> {
    let mut options = vec![String::new()];
    let mut is_quoted = false;
    for (at, character) in text.char_indices() {
        is_quoted ^= character == '"';
        match character {
            '\\' => return Err("a backslash in an option is not understood".to_owned()),
            ' ' | '\t' if !is_quoted => {
                let rest = text[at..].trim_start_matches([' ', '\t']);
                // Without options the first word is the key's type.
                if options.len() == 1 && !options[0].contains('=') && options[0] != "cert-authority" {
                    return Ok((Vec::new(), text));
                }
                return Ok((options, rest));
            }
            ',' if !is_quoted => options.push(String::new()),
            other => {
                if let Some(option) = options.last_mut() {
                    option.push(other);
                }
            }
        }
    }
    Err("the key is missing".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{AllowedSigners, RevokedKeys};
    use crate::code::Code;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";
    const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6rWI3G1sz07DnfFlrouTcysQlj2P+jpNSOEWD9OJ3X";

    #[track_caller]
    fn refused(text: &str, words: &str) {
        let refusal = AllowedSigners::parse(text).expect_err("refused");
        assert_eq!(refusal.code, Code::AllowedSignersRefused);
        assert!(refusal.message.contains(words), "{refusal}");
    }

    #[test]
    fn a_line_is_a_principal_a_purpose_a_time_and_a_key() {
        let text = format!(
            "# people\n\n  a namespaces=\"one,two\",valid-after=\"20260101Z\",valid-before=\"20270101Z\" {KEY} a comment\n\
             b\tnamespaces=\"one\"\t{OTHER}\n"
        );
        let signers = AllowedSigners::parse(&text).unwrap();
        let line = &signers.lines[0];
        assert_eq!(line.principal, "a");
        assert!(line.namespaces.contains("one") && line.namespaces.contains("two"));
        assert!(line.valid_after < line.valid_before);
        assert_eq!(signers.lines[1].principal, "b");
    }

    #[test]
    fn a_key_of_one_principal_may_stand_twice() {
        let text = format!("a namespaces=\"one\" {KEY}\na namespaces=\"two\" {KEY}\n");
        assert_eq!(AllowedSigners::parse(&text).unwrap().lines.len(), 2);
    }

    #[test]
    fn what_would_allow_more_than_it_says_is_refused() {
        refused(&format!("a {KEY}"), "any purpose");
        refused(&format!("a valid-after=\"20260101Z\" {KEY}"), "any purpose");
        refused(&format!("* namespaces=\"one\" {KEY}"), "pattern");
        refused(&format!("a,b namespaces=\"one\" {KEY}"), "pattern");
        refused(&format!("a namespaces=\"o*\" {KEY}"), "pattern");
        refused(&format!("a namespaces=\"\" {KEY}"), "pattern");
        refused(&format!("a cert-authority {KEY}"), "authority");
        refused(&format!("a cert-authority,namespaces=\"one\" {KEY}"), "authority");
        refused(
            &format!("a namespaces=\"one\",valid-after=\"20260101\" {KEY}"),
            "UTC",
        );
        refused(&format!("a namespaces=one {KEY}"), "quotes");
        refused(&format!("a namespaces=\"one {KEY}"), "missing");
        refused(&format!("a namespaces=\"o\\\"ne\" {KEY}"), "backslash");
        refused(&format!("a namespaces=\"one\",namespaces=\"two\" {KEY}"), "twice");
        refused(
            &format!("a namespaces=\"one\",verify-required {KEY}"),
            "no option",
        );
        refused(
            &format!("a namespaces=\"one\" {KEY}\nb namespaces=\"two\" {KEY}"),
            "one principal's",
        );
        refused("a namespaces=\"one\" ssh-ed25519 AAAA", "can't be read");
        refused("a namespaces=\"one\"", "missing");
        refused("a", "expected");
        refused("# nobody\n", "nobody");
    }

    #[test]
    fn a_list_of_revoked_keys_is_plain_keys() {
        let signers = AllowedSigners::parse(&format!("a namespaces=\"one\" {KEY}")).unwrap();
        let key = &signers.lines[0].key;
        let holds = |text: &str| RevokedKeys::parse(text.as_bytes()).unwrap().holds(key);
        assert!(holds(&format!("# lost\n{OTHER}\n{KEY} a comment\n")));
        assert!(!holds(&format!("{OTHER}\n")) && !holds(""));
        for bad in [&b"SSHKRL\n\0\0\0\0\x01"[..], b"ssh-ed25519 AAAA\n", b"\xff\n"] {
            let refusal = RevokedKeys::parse(bad).expect_err("refused");
            assert_eq!(refusal.code, Code::RevocationListRefused);
        }
    }
}
