//! `cargo xtask capture diff A B`: what moved between two captures, fact by fact.
//!
//! Not for: which facts differ (`capture::Difference`). The one fact to know: a capture's names and bodies are
//! other people's text, so nothing of them reaches a terminal unescaped.

use std::io::Write;
use std::path::Path;

use capture::{Capture, Change, Difference, FieldChange};
use evidence::escaped;
use serde_json::{Value, json};
use similar::TextDiff;

use crate::capture::{MissingCapture, named_capture};
use crate::cli::Format;
use crate::exit::{Code, CommandError};
use crate::rehearse::root;

/// Digests over other fields of the same fact: they say nothing beside those.
const DERIVED: &str = "_sha256";

/// What the command line said.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The earlier capture: a name under `rehearsal/captures/`, or a folder
    #[arg(value_name = "A")]
    before: String,
    /// The later one
    #[arg(value_name = "B")]
    after: String,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let (before, after) = (loaded(&arguments.before)?, loaded(&arguments.after)?);
    let differences = before.differences(&after);
    match arguments.format {
        Format::Human => human(out, arguments, (&before, &after), &differences)?,
        Format::Json => {
            let object = json!({
                "format_version": 1,
                "before": head(&before),
                "after": head(&after),
                "differences": differences,
            });
            writeln!(out, "{object:#}")?;
        }
    }
    Ok(if differences.is_empty() {
        Code::Pass
    } else {
        Code::Finding
    })
}

/// A committed capture by its name, or one that lies elsewhere.
fn loaded(given: &str) -> Result<Capture, CommandError> {
    let folder = Path::new(given);
    let elsewhere = folder.components().count() > 1 || folder.is_absolute();
    if elsewhere && !folder.join("capture.toml").is_file() {
        return Err(CommandError::Usage(format!(
            "`{given}` holds no capture: expected a folder with a `capture.toml`, or a name under `rehearsal/captures/`"
        )));
    }
    if elsewhere {
        return Ok(Capture::load(folder).map_err(MissingCapture::Load)?);
    }
    Ok(named_capture(&root(), given)?)
}

fn head(capture: &Capture) -> Value {
    json!({
        "database": capture.database(),
        "server_major": capture.server_major(),
        "system_identifier": capture.system_identifier(),
        "capture_sha256": capture.digest().to_string(),
    })
}

fn human(
    out: &mut dyn Write,
    arguments: &Arguments,
    (before, after): (&Capture, &Capture),
    differences: &[Difference],
) -> std::io::Result<()> {
    for (sign, given, capture) in [("-", &arguments.before, before), ("+", &arguments.after, after)] {
        writeln!(
            out,
            "{sign} {}: database {}, PostgreSQL {}, capture {}",
            escaped(given),
            escaped(capture.database()),
            capture.server_major(),
            capture.digest()
        )?;
    }
    if before.server_major() != after.server_major() {
        writeln!(
            out,
            "two majors: queries of views and digests over privileges are not compared"
        )?;
    }
    for line in differences.iter().flat_map(told) {
        writeln!(out, "{line}")?;
    }
    let count = |change: Change| differences.iter().filter(|one| one.change == change).count();
    writeln!(
        out,
        "{} added, {} removed, {} changed",
        count(Change::Added),
        count(Change::Removed),
        count(Change::Changed)
    )
}

/// A fact that differs, and below it what of it does.
pub(crate) fn told(difference: &Difference) -> Vec<String> {
    let sign = match difference.change {
        Change::Added => "+",
        Change::Removed => "-",
        Change::Changed => "~",
    };
    let mut lines = vec![format!(
        "{sign} {} {}",
        difference.kind,
        escaped(&difference.name)
    )];
    let derived = |field: &&FieldChange| field.field.ends_with(DERIVED);
    let all_derived = difference.fields.iter().all(|field| derived(&field));
    let fields = difference.fields.iter();
    let fields = fields.filter(|field| all_derived || !derived(field));
    lines.extend(fields.map(|field| format!("    {}", changed(field))));
    lines
}

/// A field's line, or the lines of a text of several.
fn changed(field: &FieldChange) -> String {
    let name = escaped(&field.field);
    if let (Some(Value::String(before)), Some(Value::String(after))) = (&field.before, &field.after)
        && before.lines().count().max(after.lines().count()) > 1
    {
        let diff = TextDiff::from_lines(before.as_str(), after.as_str());
        let hunks = diff
            .unified_diff()
            .context_radius(2)
            .missing_newline_hint(false)
            .to_string();
        let lines = hunks.lines().map(|line| format!("\n        {}", escaped(line)));
        return format!("{name}:{}", lines.collect::<String>());
    }
    format!(
        "{name}: {} -> {}",
        shown(field.before.as_ref()),
        shown(field.after.as_ref())
    )
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => format!("`{}`", escaped(text)),
        Some(Value::Array(list)) => format!("[{}]", texts(list)),
        // A grant: whose it is stands in the field's name.
        Some(Value::Object(grant)) if grant.contains_key("grantee") => {
            let list = |key: &str| grant.get(key).and_then(Value::as_array).map(|list| texts(list));
            match list("grantable").filter(|grantable| !grantable.is_empty()) {
                None => list("privileges").unwrap_or_default(),
                Some(grantable) => format!(
                    "{} (with grant option: {grantable})",
                    list("privileges").unwrap_or_default()
                ),
            }
        }
        Some(other) => escaped(&other.to_string()),
    }
}

fn texts(list: &[Value]) -> String {
    let texts = list.iter().map(|one| match one {
        Value::String(text) => escaped(text),
        other => escaped(&other.to_string()),
    });
    texts.collect::<Vec<_>>().join(", ")
}
