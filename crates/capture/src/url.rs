//! Connection URLs without their password.
//!
//! Not for: connecting. The one fact to know: a password may stand before the `@` or in the query, and
//! a text that is no URL is not shown at all.

/// The URL as it may be printed: no password, neither before `@` nor as a parameter.
///
/// ```
/// assert_eq!(capture::without_password("postgres://me:secret@db/x?password=y&sslmode=require"),
///            "postgres://me@db/x?sslmode=require");
/// ```
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "(no URL)".to_owned();
    };
    let (rest, query) = rest
        .split_once('?')
        .map_or((rest, None), |(rest, query)| (rest, Some(query)));
    // A password that holds `/` unescaped reaches beyond the first one: cut at the last `@`.
    let shown = match rest.rsplit_once('@') {
        None => rest.to_owned(),
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
    };
    let kept: Vec<&str> = query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|pair| !pair.to_ascii_lowercase().contains("passw") && !pair.contains('@'))
        .collect();
    let query = if kept.is_empty() {
        String::new()
    } else {
        format!("?{}", kept.join("&"))
    };
    format!("{scheme}://{shown}{query}")
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn password_is_never_shown() {
        for url in [
            "postgres://u:hunter2@h/d",
            "postgres://u:hunter2@h",
            "postgres://:hunter2@h/d",
            "postgres://u:p/hunter2@h/d",
            "postgres://u:p@hunter2@h/d",
            "postgres://h/d?user=u&password=hunter2",
            "postgres://h/d?sslpassword=hunter2&x=y",
            "postgres://u:p?hunter2@h/d",
            "host=h password=hunter2",
            "hunter2",
        ] {
            assert!(
                !without_password(url).contains("hunter2"),
                "{url}: {}",
                without_password(url)
            );
        }
    }

    #[test]
    fn the_rest_is_shown() {
        assert_eq!(
            without_password("postgres://u@h:5432/d?sslmode=require"),
            "postgres://u@h:5432/d?sslmode=require"
        );
        assert_eq!(
            without_password("postgres:///d?host=/run"),
            "postgres:///d?host=/run"
        );
    }
}
