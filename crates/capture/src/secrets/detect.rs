//! What a credential looks like in a text.
//!
//! Not for: where the text stands. The one fact to know: each form is a function of its own with its
//! examples in the tests below; a new form is added there first.

use super::SecretKind;

/// What the text gives away, if anything.
pub(super) fn secret_in(text: &str) -> Option<SecretKind> {
    if text.starts_with("redacted:sha256:") {
        return None;
    }
    if private_key(text) {
        return Some(SecretKind::PrivateKey);
    }
    if url_password(text) {
        return Some(SecretKind::Url);
    }
    if access_key(text) {
        return Some(SecretKind::AccessKey);
    }
    if token(text) {
        return Some(SecretKind::Token);
    }
    if assignment(text) {
        return Some(SecretKind::Password);
    }
    if text.lines().any(random_near_word) {
        return Some(SecretKind::HighEntropy);
    }
    None
}

fn private_key(text: &str) -> bool {
    text.match_indices("-----BEGIN ").any(|(at, _)| {
        text[at..]
            .lines()
            .next()
            .is_some_and(|line| line.contains("PRIVATE KEY"))
    })
}

/// `scheme://user:password@host`.
fn url_password(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let authority = text[at + 3..]
            .split(|c: char| c.is_whitespace() || "/?#\"'`<>,;()".contains(c))
            .next();
        authority
            .and_then(|authority| authority.rsplit_once('@'))
            .and_then(|(user, _)| user.split_once(':'))
            .is_some_and(|(_, password)| is_literal(password))
    })
}

/// Whether it may be a secret, and is no placeholder or parameter.
fn is_literal(value: &str) -> bool {
    let placeholder = value.is_empty()
        || value.starts_with(['$', '%', '{', '<', ':', '?'])
        || value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '•'))
        || ["null", "none", "redacted", "default"].contains(&value.to_ascii_lowercase().as_str());
    !placeholder
}

fn access_key(text: &str) -> bool {
    let prefixes: [(&str, usize); 10] = [
        ("AKIA", 16),
        ("ASIA", 16),
        ("ghp_", 30),
        ("gho_", 30),
        ("ghs_", 30),
        ("github_pat_", 30),
        ("glpat-", 16),
        ("xoxb-", 16),
        ("xoxp-", 16),
        ("sk_live_", 16),
    ];
    prefixes.iter().any(|(prefix, length)| {
        text.match_indices(prefix).any(|(at, _)| {
            let starts = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            let upper = prefix.len() == 4 && prefix.ends_with("IA");
            let rest = text[at + prefix.len()..]
                .chars()
                .take_while(|c| {
                    if upper {
                        c.is_ascii_uppercase() || c.is_ascii_digit()
                    } else {
                        c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
                    }
                })
                .count();
            starts && rest >= *length
        })
    })
}

fn token(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let schemes = ["bearer ", "basic "].iter().any(|scheme| {
        lower.match_indices(scheme).any(|(at, _)| {
            let value: String = text[at + scheme.len()..]
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || "-._~+/=".contains(*c))
                .collect();
            value.len() >= 16
                && value
                    .chars()
                    .any(|c| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '=')
        })
    });
    let jwt = text.match_indices("eyJ").any(|(at, _)| {
        let value: Vec<char> = text[at..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
            .collect();
        value.len() >= 30 && value.iter().filter(|c| **c == '.').count() >= 1
    });
    schemes || jwt
}

/// Words that a secret is assigned to; each may be the end of a longer name.
const WORDS: [&str; 15] = [
    "password",
    "passwd",
    "passwort",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "access_key",
    "secret_key",
    "private_key",
    "credential",
    "credentials",
    "mật khẩu",
];

/// `password = 'x'`, `password := 'x'`, `"password": "x"`, `password 'x'`, `password=x` in a connection string.
fn assignment(text: &str) -> bool {
    let lower = text.to_lowercase();
    WORDS.iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let before = &lower[..at];
            let after = &lower[at + word.len()..];
            if after.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
                return false;
            }
            assigned(before, after)
        })
    })
}

fn assigned(before: &str, after: &str) -> bool {
    // The name may be quoted, doubly so inside a literal.
    let rest = after.trim_start_matches(['"', '\'', '\\', '`']);
    let spaced = rest.trim_start();
    let (operator, value) = [":=", "=>", "=", ":"]
        .iter()
        .find_map(|operator| Some((*operator, spaced.strip_prefix(operator)?)))
        .unwrap_or(("", spaced));
    let bare_operator = rest.starts_with('=') && operator == "=";
    let value_start = value.trim_start();
    let literal = value_start.trim_start_matches(['e', 'n', 'u', '&']);
    let quote = [value_start, literal]
        .into_iter()
        .find_map(|text| text.chars().next().filter(|c| "'\"\\$".contains(*c)));
    match quote {
        Some(opening) if opening != '$' => {
            let start = if value_start.starts_with(['\'', '"', '\\']) {
                value_start
            } else {
                literal
            };
            let inner = start.trim_start_matches(['\'', '"', '\\']);
            let closing = if start.starts_with('"') { '"' } else { '\'' };
            let given: String = inner
                .chars()
                .take_while(|c| !matches!(c, '\'' | '\\' | '\n') && *c != closing)
                .collect();
            // `password ''` alone is prose unless it assigns; an empty literal hides nothing.
            let empty = start.len() - inner.len() > 1 && !start.starts_with("''") && !start.starts_with('\\');
            !empty && is_literal(given.trim()) && !(operator.is_empty() && given.contains(' '))
        }
        _ if bare_operator => {
            let given: String = value
                .chars()
                .take_while(|c| !c.is_whitespace() && !"'\",;)&".contains(*c))
                .collect();
            let connection = ["host=", "user=", "dbname=", "port=", "://", "?"]
                .iter()
                .any(|word| before.contains(word) || after.contains(word));
            let in_literal = before.matches('\'').count() % 2 == 1;
            let name = given
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
                && !given.starts_with(|c: char| c.is_ascii_digit());
            is_literal(&given)
                && !given.contains('(')
                && (connection || in_literal || !name || !before.contains('\n') && !sql(before))
        }
        _ if operator == ":" => {
            let given: String = value_start
                .chars()
                .take_while(|c| !c.is_whitespace() && !"'\",;)".contains(*c))
                .collect();
            let mixed = given.chars().any(|c| c.is_ascii_digit()) && given.chars().any(char::is_alphabetic);
            given.len() >= 6 && mixed && is_literal(&given)
        }
        _ => false,
    }
}

/// Whether the text up to here reads like a statement, where a bare word is a name and no value.
fn sql(before: &str) -> bool {
    [
        "select", "where", "set ", "and ", "if ", "when ", "begin", "check", "on ", "(",
    ]
    .iter()
    .any(|word| before.contains(word))
}

/// A long text of mixed classes within a line that has a word for a secret.
fn random_near_word(line: &str) -> bool {
    let lower = line.to_lowercase();
    let words = [
        "passw",
        "secret",
        "token",
        "api_key",
        "apikey",
        "api key",
        "access_key",
        "private_key",
        "credential",
        "bearer",
        "authorization",
    ];
    if !words.iter().any(|word| lower.contains(word)) {
        return false;
    }
    line.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=-_".contains(c)))
        .any(|run| {
            let lower = run.chars().any(|c| c.is_ascii_lowercase());
            let upper = run.chars().any(|c| c.is_ascii_uppercase());
            let digit = run.chars().any(|c| c.is_ascii_digit());
            let hex =
                run.len() >= 32 && digit && (lower || upper) && run.chars().all(|c| c.is_ascii_hexdigit());
            hex || (run.len() >= 20 && lower && upper && digit && entropy(run) > 3.5)
        })
}

/// Bits a character.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 128];
    let mut total = 0_u32;
    for byte in text.bytes().filter(u8::is_ascii) {
        counts[usize::from(byte)] += 1;
        total += 1;
    }
    let total = f64::from(total);
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::secret_in;
    use crate::secrets::SecretKind;

    #[track_caller]
    fn found(kind: SecretKind, texts: &[&str]) {
        for text in texts {
            assert_eq!(secret_in(text), Some(kind), "{text}");
        }
    }

    #[test]
    fn urls_with_a_password_are_found() {
        found(
            SecretKind::Url,
            &[
                "postgres://directus:hunter2@db:5432/directus",
                "select http_get('https://svc:p%40ss@internal/x')",
                "redis://:s3cr3t@cache",
            ],
        );
    }

    #[test]
    fn assigned_passwords_are_found() {
        found(
            SecretKind::Password,
            &[
                "perform dblink('host=db user=x password=hunter2')",
                "password=hunter2",
                "v_password := 'hunter2';",
                "smtp_password = 'a'",
                r#"{"password": "hunter2"}"#,
                "create role x login password 'hunter2'",
                "execute 'alter role x password ''hunter2'''",
                "app.api_key=k-12345",
                "Login: admin, password: hunter2",
                "client_secret => E'abc'",
                "app.secret=abc",
            ],
        );
    }

    #[test]
    fn keys_and_tokens_are_found() {
        found(
            SecretKind::PrivateKey,
            &[
                "x\n-----BEGIN RSA PRIVATE KEY-----\nMII",
                "-----BEGIN PRIVATE KEY-----",
            ],
        );
        found(
            SecretKind::AccessKey,
            &[
                "use AKIAIOSFODNN7EXAMPLE here",
                "ghp_0123456789abcdefghijABCDEFGHIJ012345",
            ],
        );
        found(
            SecretKind::Token,
            &[
                "'Authorization: Bearer abcdef0123456789abcdef'",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
            ],
        );
        found(
            SecretKind::HighEntropy,
            &[
                "the webhook secret is Zx8kQ2mN7vB4cR1tY6wP here",
                "api_key (0123456789abcdef0123456789abcdef)",
            ],
        );
    }

    #[test]
    fn ordinary_sql_is_no_secret() {
        for text in [
            "password text not null",
            "where u.password = crypt($1, u.password)",
            "new.password := p_password;",
            "token varchar(255)",
            "(token)::text = v_token",
            "if v_token=p_token then",
            "where token=new.token",
            "password = $1",
            "password = ''",
            "password is null",
            "Mật khẩu được băm; password hashes are not kept",
            "postgres://directus@db/directus",
            "https://example.org/a:b@c",
            "postgres://user:${PASSWORD}@host/db",
            "postgres://user:***@host/db",
            "alter role x password null",
            "nextval('public.token_id_seq'::regclass)",
            "comment 'the token count'",
            "('DRAFT'::text)",
            "-----BEGIN CERTIFICATE-----",
            "password_min_length=12",
            "basic authentication is required for everything",
            "fn_birth_token_lookup_v2_with_a_long_name_123(token)",
            "secret text DEFAULT NULL::text",
        ] {
            assert_eq!(secret_in(text), None, "{text}");
        }
    }
}
