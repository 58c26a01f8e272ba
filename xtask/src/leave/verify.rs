//! `cargo xtask authorization verify`: whether an authorization holds here and now, and its nonce used up.
//!
//! Not for: whether the package may start (`status`). The one fact to know: a nonce is used up only by an
//! authorization that verified, and only for the instant that it is.

use crate::cli::Format;
use crate::exit::{Code, CommandError};
use crate::leave::authorization::{WhereArgs, with_expected};
use crate::leave::files::{PacketArgs, read};
use crate::leave::trust::{SignatureArgs, Signatures, keys, use_nonce, used_nonces};
use crate::leave::{moment, now, plane};
use operator_authorization::{Authorized, Moment, Purpose, Refused, Trust, verify};
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The authorization
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    signatures: SignatureArgs,
    #[command(flatten)]
    packet: PacketArgs,
    /// With a packet's digest: package that it runs
    #[arg(long, value_name = "PKG")]
    package: Option<String>,
    #[command(flatten)]
    place: WhereArgs,
    /// Folder of used nonces, a file each
    #[arg(long, value_name = "DIR")]
    ledger: PathBuf,
    /// Use the nonce up, if it verifies
    #[arg(long)]
    consume: bool,
    /// Ask for another instant than now
    #[arg(long, value_name = "INSTANT", value_parser = moment, conflicts_with = "consume")]
    at: Option<Moment>,
    /// How to print the verdict
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub(crate) fn run(args: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let at = args.at.clone().map_or_else(now, Ok)?;
    let mut verified = judge(args, &at)?;
    if args.consume
        && let Ok(authorized) = &verified
    {
        let artifact = authorized.authorization();
        let digest = artifact.digest().map_err(Refused::from);
        let used = match digest {
            Ok(digest) => use_nonce(&args.ledger, &artifact.nonce, &format!("authorization {digest}"))?,
            Err(refused) => Err(refused),
        };
        if let Err(refused) = used {
            verified = Err(refused);
        }
    }
    match args.format {
        Format::Human => print_human(args, &at, &verified, out)?,
        Format::Json => print_json(args, &at, &verified, out)?,
    }
    Ok(if verified.is_ok() {
        Code::Pass
    } else {
        Code::Finding
    })
}

fn judge(args: &Arguments, at: &Moment) -> Result<Result<Authorized, Refused>, CommandError> {
    let bytes = read(&args.file)?;
    let signatures = Signatures::read(&args.signatures.signatures)?;
    let used = used_nonces(&args.ledger)?;
    let packet = match args.packet.load(args.package.as_deref())? {
        Ok(packet) => packet,
        Err(refused) => return Ok(Err(refused)),
    };
    let (signers, revoked) = match keys(
        &args.signatures.allowed_signers,
        args.signatures.revoked.as_deref(),
    )? {
        Ok(keys) => keys,
        Err(refused) => return Ok(Err(refused)),
    };
    let people = plane::people();
    let trust = Trust {
        signers: &signers,
        revoked: &revoked,
        people: &people,
        namespaces: plane::NAMESPACES,
        purpose: Purpose::Production,
        now: at,
    };
    with_expected(&packet, &args.place, &used, |expected| {
        verify(&bytes, &signatures.files(), &trust, expected)
    })
}

fn print_human(
    args: &Arguments,
    at: &Moment,
    verified: &Result<Authorized, Refused>,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    match verified {
        Ok(authorized) => {
            writeln!(out, "{}", authorized.authorization().to_toml())?;
            writeln!(
                out,
                "VERIFIED at {at}: `{}` may run `{}` on `{}` until {}",
                authorized.authorization().operator.principal,
                authorized.authorization().package,
                authorized.authorization().target,
                authorized.authorization().expiry
            )?;
            if args.consume {
                writeln!(out, "its nonce is used up")?;
            }
        }
        Err(refused) => {
            for refusal in refused.refusals() {
                writeln!(out, "  {refusal}")?;
            }
            writeln!(out, "REFUSED at {at}: `{}`", args.file.display())?;
        }
    }
    Ok(())
}

fn print_json(
    args: &Arguments,
    at: &Moment,
    verified: &Result<Authorized, Refused>,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let json = serde_json::json!({
        "format_version": 1,
        "verdict": if verified.is_ok() { "pass" } else { "fail" },
        "at": at.as_str(),
        "authorization": verified.as_ref().ok().map(Authorized::authorization),
        "consumed": args.consume && verified.is_ok(),
        "refused": verified.as_ref().err().map_or(&[][..], Refused::refusals),
    });
    writeln!(out, "{json:#}")?;
    Ok(())
}
