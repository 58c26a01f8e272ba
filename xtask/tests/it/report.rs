//! Reports by the command that people run: forms, exit codes, and that a changed packet is no report.
//!
//! Not for: what a form holds (`crates/report`). The one fact to know: the frozen packet passes, so a report of
//! it ends in 0; what it is compared with decides the rest.

use crate::evidence::tampered;
use crate::rig::Running;
use crate::tidy::root;
use serde_json::Value;
use std::fs;

fn frozen() -> String {
    root().join("crates/evidence/frozen").to_str().unwrap().to_owned()
}

#[test]
fn every_form_of_a_packet_is_printed() {
    for (form, begins) in [
        ("html", "<!DOCTYPE html>"),
        ("markdown", "## "),
        ("human", "packet "),
        ("json", "{"),
        ("junit", "<?xml"),
        ("sarif", "{"),
    ] {
        let ended = Running::start(&["report", &frozen(), "--format", form]).end();
        assert_eq!(ended.code, Some(0), "{form}: {}", ended.stderr);
        assert!(ended.stdout.starts_with(begins), "{form}: {}", ended.stdout);
    }
}

#[test]
fn a_page_is_written_where_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("a/report.html");
    let ended = Running::start(&["report", &frozen(), "--out", page.to_str().unwrap()]).end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    assert!(fs::read_to_string(page).unwrap().starts_with("<!DOCTYPE html>"));
}

#[test]
fn a_packet_is_compared_with_its_base() {
    let ended = Running::start(&["report", &frozen(), "--base", &frozen(), "--format", "json"]).end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let json: Value = ended.json();
    assert_eq!(json["comparison"]["changes"], Value::Array(vec![]));
}

#[test]
fn a_changed_packet_is_no_report_whether_here_or_on_the_base() {
    let changed = tampered("outcome.json", "\"pass\"", "\"fail\"");
    let changed = changed.path().to_str().unwrap();
    for args in [
        vec!["report", changed],
        vec!["report", &frozen(), "--base", changed],
    ] {
        let ended = Running::start(&args).end();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
        assert!(
            ended.stderr.contains("FILE_DIGEST:outcome.json"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn no_packet_is_a_usage_error() {
    Running::start(&["report", "/nowhere/packet"])
        .end()
        .failed(2, &["/nowhere/packet", "is no folder"]);
}

#[test]
fn every_command_is_completed_and_has_a_manual_page() {
    let help = Running::start(&["--help"]).end().stdout;
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() > 10, "{commands:?}");
    let folder = tempfile::tempdir().unwrap();
    let man = Running::start(&["man", folder.path().to_str().unwrap()]).end();
    assert_eq!(man.code, Some(0), "{}", man.stderr);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Running::start(&["completions", shell]).end();
        assert_eq!(script.code, Some(0), "{}", script.stderr);
        for command in &commands {
            assert!(
                script.stdout.contains(command),
                "{shell} does not complete `{command}`"
            );
        }
    }
    for command in &commands {
        let page = folder.path().join(format!("cargo-xtask-{command}.1"));
        let text = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        assert!(text.contains(".SH NAME"), "{text}");
    }
}
