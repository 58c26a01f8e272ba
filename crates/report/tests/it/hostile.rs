//! Names that would be markup, links, mentions or orders to a terminal, in every place where a name stands.
//!
//! The one fact to know: the same packet with a plain name gives the same structure, so a hostile name adds
//! no tag, no line and no cell anywhere.

use crate::Rig;
use report::{compare, html, json, junit, markdown, sarif, terminal};

const NAMES: [&str; 9] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "]]></details></summary></table><h1>owned</h1>",
    "|`</code>` [x](javascript:alert(1)) ![x](https://example.test/x) @somebody #1",
    "a` [x](javascript:alert(1)) @somebody <img>",
    "a\nb\r\n## owned\n| x | y |",
    "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m",
    "\u{202e}\u{2066}\u{200b}fdp.exe",
];

fn tags(page: &str) -> usize {
    page.matches('<').count()
}

#[test]
fn no_name_becomes_markup_on_the_page() {
    let plain = html(&Rig::of("plain").contents());
    for name in NAMES {
        let page = html(&Rig::of(name).contents());
        assert_eq!(tags(&page), tags(&plain), "{name:?}");
        for bad in ["<script", "<img", "<h1>owned", "\u{1b}", "\u{202e}", "\u{9b}"] {
            assert!(!page.contains(bad), "{bad:?} of {name:?}");
        }
    }
}

#[test]
fn no_name_ends_an_attribute_on_the_page() {
    for name in NAMES {
        let page = html(&Rig::of(name).contents());
        for tag in page.split('<').filter_map(|part| part.split('>').next()) {
            let lower = tag.to_ascii_lowercase();
            // An attribute of the kind that runs something, outside of a value.
            let outside: String = lower.split('"').step_by(2).collect();
            assert!(
                !outside.contains("onerror") && !outside.contains("onmouseover"),
                "{tag}"
            );
        }
    }
}

#[test]
fn the_page_fetches_nothing_and_runs_nothing() {
    let page = html(&Rig::of("plain").contents());
    for bad in [
        "http:",
        "https:",
        "src=",
        "<link",
        "<script",
        "@import",
        "url(",
        "javascript",
    ] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
    assert!(page.contains("width=device-width"));
}

#[test]
fn no_name_leaves_its_cell_in_markdown() {
    let base = Rig::of("base").contents();
    let shape = |name: &str| {
        let contents = Rig::of(name).contents();
        let comparison = compare(&contents, &base);
        let text = markdown(&contents, Some(&comparison));
        let lines: Vec<String> = text
            .lines()
            .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
            .collect();
        (text, lines)
    };
    let (_, plain) = shape("plain");
    for name in NAMES {
        let (text, lines) = shape(name);
        assert_eq!(lines.len(), plain.len(), "{name:?}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{name:?}");
        for line in text.lines() {
            let outside = outside_code(line);
            for bad in ["<script", "<img", "](", "@somebody", "<h1>"] {
                assert!(!outside.contains(bad), "{bad} in {line}");
            }
        }
    }
}

/// What of a line of Markdown is no code: spans end at a run of backticks as long as their first.
fn outside_code(line: &str) -> String {
    let mut rest = line;
    let mut outside = String::new();
    while let Some(at) = rest.find('`') {
        outside.push_str(&rest[..at]);
        let run = rest[at..].chars().take_while(|one| *one == '`').count();
        let after = &rest[at + run..];
        let mut end = None;
        let mut from = 0;
        while let Some(next) = after[from..].find('`') {
            let length = after[from + next..].chars().take_while(|one| *one == '`').count();
            if length == run {
                end = Some(from + next + length);
                break;
            }
            from += next + length;
        }
        let Some(end) = end else {
            outside.push_str(&rest[at..]);
            return outside;
        };
        rest = &after[end..];
    }
    outside + rest
}

#[test]
fn the_reader_of_code_spans_sees_what_is_outside_of_them() {
    assert_eq!(outside_code("a `b` c ``d`e`` f"), "a  c  f");
    assert_eq!(outside_code("a `b"), "a `b");
}

#[test]
fn a_terminal_obeys_no_name() {
    let base = Rig::of("base").contents();
    for name in NAMES {
        let contents = Rig::of(name).contents();
        let comparison = compare(&contents, &base);
        let text = terminal(&contents, Some(&comparison));
        assert!(
            text.chars().all(|one| one == '\n' || !one.is_control()),
            "{name:?}: {text:?}"
        );
        assert!(!text.contains('\u{202e}'), "{name:?}");
    }
}

#[test]
fn machines_read_every_name_as_text() {
    let base = Rig::of("base").contents();
    for name in NAMES {
        let contents = Rig::of(name).contents();
        let comparison = compare(&contents, &base);
        let xml = junit(&contents).unwrap();
        let read = quick_junit::Report::deserialize_from_str(&xml);
        assert!(read.is_ok(), "{name:?}: {read:?}");
        for text in [
            sarif(&contents, Some(&comparison)).unwrap(),
            json(&contents, Some(&comparison)).unwrap(),
        ] {
            serde_json::from_str::<serde_json::Value>(&text).unwrap();
        }
    }
}
