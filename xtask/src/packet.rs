//! `cargo xtask packet PKG`: the packet that operators run, as a folder that stands alone, with its digest.
//!
//! Not for: authoring one (`author`), or running one, which takes psql. The one fact to know: what is written out is
//! what was committed and rehearsed, byte for byte, and its digest is what people approve.

use std::io::Write;
use std::path::{Path, PathBuf};

use fix7_manifest::FIX7;
use manifest_model::RunnerClass;
use operator_authorization::Packet;
use serde_json::json;

use crate::cli::Format;
use crate::exit::{Code, CommandError};
use crate::leave::files::folder_files;
use crate::rehearse::root;

/// What the command line said.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// PKG-E, PKG-F, PKG-G or PKG-H
    #[arg(value_name = "PKG")]
    package: String,
    /// Where to write it; the folder must be new or empty
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How to print what it is
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    write(&root(), arguments, out)
}

fn write(root: &Path, arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let id = arguments.package.to_uppercase();
    let by_operators = FIX7
        .packages
        .iter()
        .filter(|package| package.runner == RunnerClass::Operator);
    let known: Vec<&str> = by_operators.clone().map(|package| package.id).collect();
    let Some(package) = by_operators.into_iter().find(|package| package.id == id) else {
        return Err(CommandError::Usage(format!(
            "`{}` is no package that operators run: expected one of {}",
            arguments.package,
            known.join(", ")
        )));
    };
    let [folder] = package.bytes else {
        return Err(CommandError::Usage(format!("`{id}` has no folder of its own")));
    };
    let folder = root.join(folder);
    if !folder.exists() {
        return Err(CommandError::Usage(format!(
            "`{id}` has no packet yet: expected `{}`, which `cargo xtask author` writes",
            folder.display()
        )));
    }
    let files = folder_files(&folder)?;
    let packet = match Packet::read(&files) {
        Ok(packet) => packet,
        Err(refused) if arguments.format == Format::Json => {
            let refusals: Vec<_> = refused.refusals().iter().map(ToString::to_string).collect();
            let said = json!({ "format_version": 1, "package": id, "verdict": "fail", "refused": refusals });
            writeln!(out, "{said:#}")?;
            return Ok(Code::Finding);
        }
        Err(refused) => {
            writeln!(
                out,
                "{refused}\n\nhint: run `cargo xtask author` and look at the difference"
            )?;
            return Ok(Code::Finding);
        }
    };
    let shown = match &arguments.out {
        Some(to) => {
            copy(&folder, &files.keys().map(String::as_str).collect::<Vec<_>>(), to)?;
            to.clone()
        }
        None => folder,
    };
    if arguments.format == Format::Json {
        let said = json!({
            "format_version": 1,
            "package": id,
            "verdict": "pass",
            "packet_sha256": packet.digest.to_string(),
            "folder": shown,
            "files": files.keys().collect::<Vec<_>>(),
            "objects": packet.objects,
        });
        writeln!(out, "{said:#}")?;
        return Ok(Code::Pass);
    }
    writeln!(
        out,
        "{id}: {} files, {} objects, in {}\npacket_sha256 {}\n\nnext: rehearse it (`cargo xtask rehearse`), have it approved (`cargo xtask authorization new --package {id} --packet {}`), and hand it on; README.txt says the rest",
        files.len(),
        packet.objects.len(),
        shown.display(),
        packet.digest,
        shown.display()
    )?;
    Ok(Code::Pass)
}

fn copy(from: &Path, names: &[&str], to: &Path) -> Result<(), CommandError> {
    let failed = |path: &Path, error: std::io::Error| {
        CommandError::Environment(format!("can't write `{}`: {error}", path.display()))
    };
    if to.exists() {
        let mut entries = std::fs::read_dir(to).map_err(|error| failed(to, error))?;
        if entries.next().is_some() {
            return Err(CommandError::Usage(format!(
                "`{}` is not empty: name a new folder, so that nothing stands beside the packet",
                to.display()
            )));
        }
    }
    footprint::files::create_dir_all(to).map_err(|error| failed(to, error))?;
    for name in names {
        let target = to.join(name);
        footprint::files::copy(&from.join(name), &target).map_err(|error| failed(&target, error))?;
    }
    Ok(())
}
