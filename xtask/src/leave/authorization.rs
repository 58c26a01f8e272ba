//! `cargo xtask authorization new`: the leave for an operator to run one package is written.
//!
//! Not for: signing, which people do with `ssh-keygen`. The one fact to know: `new` refuses what `verify` would
//! refuse, so that nobody signs in vain.

use crate::exit::{Code, CommandError};
use crate::leave::files::{PacketArgs, write_new};
use crate::leave::{TOOL_VERSION, moment, now, plane, verify};
use crate::rehearse::root;
use operator_authorization::{
    AllowedSigners, Authorization, Expected, Moment, Packet, Person, Proof, Purpose, Refused, RevokedKeys,
    Scope, Target, Trust, is_nonce, judge_unsigned,
};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// An authorization is written, or verified.
#[derive(Debug, clap::Subcommand)]
#[command(disable_help_subcommand = true)]
pub(crate) enum Verb {
    /// Write one for reviewer and owner to sign
    New(NewArgs),
    /// Verify one: bytes, scope, target, window, nonce, people and signatures
    Verify(verify::Arguments),
}

/// Where and when.
#[derive(Debug, clap::Args)]
pub(crate) struct WhereArgs {
    /// System identifier of the target's cluster, and its database
    #[arg(long, value_name = "IDENTIFIER/DATABASE", value_parser = target)]
    pub(crate) target: Target,
    /// Control epoch of the target
    #[arg(long, value_name = "N")]
    pub(crate) epoch: u64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    /// Package that may be run
    #[arg(long, value_name = "PKG")]
    package: String,
    #[command(flatten)]
    packet: PacketArgs,
    #[command(flatten)]
    place: WhereArgs,
    /// Principal who reviewed the packet, and is to sign
    #[arg(long, value_name = "PRINCIPAL")]
    reviewer: String,
    /// Principal who answers for the target, and is to sign
    #[arg(long, value_name = "PRINCIPAL")]
    owner: String,
    /// Principal who may run it
    #[arg(long, value_name = "PRINCIPAL")]
    operator: String,
    /// First instant at which it is valid
    #[arg(long, value_name = "INSTANT", value_parser = moment)]
    not_before: Moment,
    /// First instant at which it is valid no more
    #[arg(long, value_name = "INSTANT", value_parser = moment)]
    expiry: Moment,
    /// 32 hex digits that no other has; drawn by lot if not given
    #[arg(long, value_name = "HEX", value_parser = nonce)]
    nonce: Option<String>,
    /// File to write
    #[arg(long, value_name = "FILE", default_value = "authorization.json")]
    out: PathBuf,
}

fn target(text: &str) -> Result<Target, String> {
    Target::parse(text).ok_or_else(|| "expected `SYSTEM_IDENTIFIER/DATABASE`".to_owned())
}

fn nonce(text: &str) -> Result<String, String> {
    if is_nonce(text) {
        Ok(text.to_owned())
    } else {
        Err("expected 32 lower-case hex digits".to_owned())
    }
}

pub(crate) fn run(verb: &Verb, out: &mut dyn Write) -> Result<Code, CommandError> {
    match verb {
        Verb::New(args) => new(args, out),
        Verb::Verify(args) => verify::run(args, out),
    }
}

fn new(args: &NewArgs, out: &mut dyn Write) -> Result<Code, CommandError> {
    let packet = match args.packet.load(Some(&args.package))? {
        Ok(packet) => packet,
        Err(refused) => return refuse(&refused),
    };
    let people = plane::people();
    let person = |principal: &str| {
        people.person(principal).unwrap_or_else(|| Person {
            principal: principal.to_owned(),
            human: "nobody".to_owned(),
        })
    };
    let proof = match Proof::over(&packet.objects, packet.digest) {
        Ok(proof) => proof,
        Err(refusal) => return refuse(&refusal.into()),
    };
    let artifact = Authorization {
        package: args.package.clone(),
        approved_package_sha256: packet.digest,
        tool_version: packet.tool_version.clone(),
        epoch: args.place.epoch,
        not_before: args.not_before.clone(),
        expiry: args.expiry.clone(),
        nonce: args.nonce.clone().map_or_else(draw_nonce, Ok)?,
        author: person(&packet.author),
        reviewer: person(&args.reviewer),
        owner: person(&args.owner),
        operator: person(&args.operator),
        target: args.place.target.clone(),
        scope: Scope {
            package: args.package.clone(),
            objects: packet.objects.clone(),
        },
        proof,
    };
    let now = now()?;
    let trust = Trust {
        signers: &AllowedSigners::default(),
        revoked: &RevokedKeys::default(),
        people: &people,
        namespaces: plane::NAMESPACES,
        purpose: Purpose::Production,
        now: &now,
    };
    let judged = with_expected(&packet, &args.place, &BTreeMap::new(), |expected| {
        judge_unsigned(&artifact, &trust, expected)
    })?;
    // What was written must be what is read.
    let written = judged.and_then(|()| {
        let text = artifact.to_file().map_err(Refused::from)?;
        Authorization::read(text.as_bytes()).map(|_| text)
    });
    match written {
        Err(refused) => refuse(&refused),
        Ok(text) => {
            write_new(&args.out, &text)?;
            writeln!(out, "{}", artifact.to_toml())?;
            writeln!(
                out,
                "# written to {}; reviewer and owner sign the file, each with their own key:",
                args.out.display()
            )?;
            for signer in [&artifact.reviewer, &artifact.owner] {
                writeln!(
                    out,
                    "ssh-keygen -Y sign -n {} -f KEY < {1} > {1}.{2}.sig",
                    plane::NAMESPACES.authorization,
                    args.out.display(),
                    signer.principal
                )?;
            }
            Ok(Code::Pass)
        }
    }
}

/// Without an artifact there is nothing on stdout.
pub(crate) fn refuse(refused: &Refused) -> Result<Code, CommandError> {
    let mut err = std::io::stderr();
    for refusal in refused.refusals() {
        writeln!(err, "refused: {refusal}")?;
    }
    Ok(Code::Finding)
}

fn draw_nonce() -> Result<String, CommandError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| CommandError::Environment(format!("can't draw a nonce by lot: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What an authorization is judged by, besides people and keys.
pub(crate) fn with_expected<T>(
    packet: &Packet,
    place: &WhereArgs,
    used_nonces: &BTreeMap<String, String>,
    judge: impl FnOnce(&Expected<'_>) -> T,
) -> Result<T, CommandError> {
    let objects = plane::objects(&root())?;
    Ok(judge(&Expected {
        packages: &plane::rules(),
        packet,
        target: &place.target,
        tool_version: TOOL_VERSION,
        epoch: place.epoch,
        used_nonces,
        known_objects: &objects.known,
        forbidden_objects: &objects.forbidden,
    }))
}
