//! `cargo xtask reaudit new|verify`: the record that somebody independent looked at a package's bytes.
//!
//! Not for: the audit. The one fact to know: a record binds the evidence of the package before it, so one made
//! before that package was done again lets nothing start.

use crate::cli::Format;
use crate::exit::{Code, CommandError};
use crate::leave::authorization::refuse;
use crate::leave::files::{read, write_new};
use crate::leave::trust::{SignatureArgs, Signatures, keys};
use crate::leave::{TOOL_VERSION, moment, now, plane};
use canonical::{ArtifactDigest, PackageDigest};
use operator_authorization::{
    AllowedSigners, Audited, Evidence, Moment, PackageRule, Person, Purpose, Reaudit, Reaudited, Refused,
    RevokedKeys, Trust, judge_unsigned_reaudit, verify_reaudit,
};
use std::io::Write;
use std::path::PathBuf;

/// A record is written, or verified.
#[derive(Debug, clap::Subcommand)]
#[command(disable_help_subcommand = true)]
pub(crate) enum Verb {
    /// Write one for the auditor to sign
    New(NewArgs),
    /// Verify one: bytes, freshness, independence and signature
    Verify(VerifyArgs),
}

/// What was audited.
#[derive(Debug, clap::Args)]
struct SubjectArgs {
    /// Package that it lets start
    #[arg(long, value_name = "PKG")]
    package: String,
    /// Digest of the package's bytes, as `status` shows it
    #[arg(long, value_name = "SHA256", value_parser = package_digest)]
    package_sha256: PackageDigest,
    /// Evidence that the package before it is done
    #[arg(long, value_name = "FILE")]
    predecessor_evidence: PathBuf,
    /// Principal who wrote the package
    #[arg(long, value_name = "PRINCIPAL")]
    author: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    #[command(flatten)]
    subject: SubjectArgs,
    /// Principal who audited, and is to sign
    #[arg(long, value_name = "PRINCIPAL")]
    auditor: String,
    /// Principal who is to run the package
    #[arg(long, value_name = "PRINCIPAL")]
    operator: String,
    /// What the audit came to
    #[arg(long, value_name = "VERDICT", value_parser = ["pass", "fail", "not_measured"])]
    verdict: String,
    /// When it ended, if not now
    #[arg(long, value_name = "INSTANT", value_parser = moment)]
    audited_at: Option<Moment>,
    /// File to write
    #[arg(long, value_name = "FILE", default_value = "reaudit.json")]
    out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The record
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    signatures: SignatureArgs,
    #[command(flatten)]
    subject: SubjectArgs,
    /// Ask for another instant than now
    #[arg(long, value_name = "INSTANT", value_parser = moment)]
    at: Option<Moment>,
    /// How to print the verdict
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

fn package_digest(text: &str) -> Result<PackageDigest, String> {
    text.parse()
        .map_err(|error: canonical::ParseDigestError| error.to_string())
}

pub(crate) fn run(verb: &Verb, out: &mut dyn Write) -> Result<Code, CommandError> {
    match verb {
        Verb::New(args) => new(args, out),
        Verb::Verify(args) => run_verify(args, out),
    }
}

/// What a record is judged by, as files and arguments say it.
struct Subject {
    rule: PackageRule,
    evidence: Evidence,
    digest: ArtifactDigest,
}

impl Subject {
    fn load(args: &SubjectArgs) -> Result<Result<Self, Refused>, CommandError> {
        let rules = plane::rules();
        let Some(rule) = rules
            .iter()
            .find(|rule| rule.id == args.package && rule.needs_reaudit)
        else {
            let known: Vec<&str> = rules
                .iter()
                .filter(|rule| rule.needs_reaudit)
                .map(|rule| rule.id.as_str())
                .collect();
            return Err(CommandError::Usage(format!(
                "`{}` needs no re-audit: expected one of {}",
                args.package,
                known.join(", ")
            )));
        };
        let evidence = Evidence::read(&read(&args.predecessor_evidence)?);
        Ok(evidence.and_then(|evidence| {
            if Some(&evidence.package) != rule.predecessor.as_ref() {
                return Err(Refused::from(operator_authorization::Refusal {
                    code: operator_authorization::Code::OtherPackage,
                    message: format!(
                        "the evidence is of `{}`, before `{}` comes {:?}",
                        evidence.package, rule.id, rule.predecessor
                    ),
                }));
            }
            let digest = evidence.digest().map_err(Refused::from)?;
            Ok(Self {
                rule: rule.clone(),
                evidence,
                digest,
            })
        }))
    }

    fn audited<'a>(&'a self, args: &'a SubjectArgs) -> Audited<'a> {
        Audited {
            rule: &self.rule,
            package_sha256: args.package_sha256,
            predecessor_evidence_sha256: self.digest,
            newer_than: &self.evidence.ended_at,
            author: &args.author,
            tool_version: TOOL_VERSION,
            target: None,
        }
    }
}

fn new(args: &NewArgs, out: &mut dyn Write) -> Result<Code, CommandError> {
    let subject = match Subject::load(&args.subject)? {
        Ok(subject) => subject,
        Err(refused) => return refuse(&refused),
    };
    let people = plane::people();
    let person = |principal: &str| {
        people.person(principal).unwrap_or_else(|| Person {
            principal: principal.to_owned(),
            human: "nobody".to_owned(),
        })
    };
    let now = now()?;
    let record = Reaudit {
        package: args.subject.package.clone(),
        audited_package_sha256: args.subject.package_sha256,
        predecessor_evidence_sha256: subject.digest,
        tool_version: TOOL_VERSION.to_owned(),
        auditor: person(&args.auditor),
        author: person(&args.subject.author),
        operator: person(&args.operator),
        audited_at: args.audited_at.clone().unwrap_or_else(|| now.clone()),
        verdict: args.verdict.clone(),
    };
    let trust = Trust {
        signers: &AllowedSigners::default(),
        revoked: &RevokedKeys::default(),
        people: &people,
        namespaces: plane::NAMESPACES,
        purpose: Purpose::Production,
        now: &now,
    };
    let judged = judge_unsigned_reaudit(&record, &trust, &subject.audited(&args.subject));
    match judged.and_then(|()| record.to_file().map_err(Refused::from)) {
        Err(refused) => refuse(&refused),
        Ok(text) => {
            write_new(&args.out, &text)?;
            writeln!(out, "{}", record.to_toml())?;
            writeln!(
                out,
                "# written to {0}; the auditor signs the file:\nssh-keygen -Y sign -n {1} -f KEY < {0} > {0}.{2}.sig",
                args.out.display(),
                plane::NAMESPACES.reaudit,
                record.auditor.principal
            )?;
            Ok(Code::Pass)
        }
    }
}

fn run_verify(args: &VerifyArgs, out: &mut dyn Write) -> Result<Code, CommandError> {
    let at = args.at.clone().map_or_else(now, Ok)?;
    let verified = judge(args, &at)?;
    match args.format {
        Format::Human => print_human(args, &at, &verified, out)?,
        Format::Json => {
            let json = serde_json::json!({
                "format_version": 1,
                "verdict": if verified.is_ok() { "pass" } else { "fail" },
                "at": at.as_str(),
                "reaudit": verified.as_ref().ok().map(Reaudited::reaudit),
                "keys": verified.as_ref().map_or(&[][..], Reaudited::keys),
                "refused": verified.as_ref().err().map_or(&[][..], Refused::refusals),
            });
            writeln!(out, "{json:#}")?;
        }
    }
    Ok(if verified.is_ok() {
        Code::Pass
    } else {
        Code::Finding
    })
}

fn judge(args: &VerifyArgs, at: &Moment) -> Result<Result<Reaudited, Refused>, CommandError> {
    let bytes = read(&args.file)?;
    let signatures = Signatures::read(&args.signatures.signatures)?;
    let subject = match Subject::load(&args.subject)? {
        Ok(subject) => subject,
        Err(refused) => return Ok(Err(refused)),
    };
    let (signers, revoked) = match keys(
        &args.signatures.allowed_signers,
        args.signatures.revoked.as_deref(),
    )? {
        Ok(keys) => keys,
        Err(refused) => return Ok(Err(refused)),
    };
    let trust = Trust {
        signers: &signers,
        revoked: &revoked,
        people: &plane::people(),
        namespaces: plane::NAMESPACES,
        purpose: Purpose::Production,
        now: at,
    };
    Ok(verify_reaudit(
        &bytes,
        &signatures.files(),
        &trust,
        &subject.audited(&args.subject),
    ))
}

fn print_human(
    args: &VerifyArgs,
    at: &Moment,
    verified: &Result<Reaudited, Refused>,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    match verified {
        Ok(reaudited) => {
            writeln!(out, "{}", reaudited.reaudit().to_toml())?;
            writeln!(
                out,
                "VERIFIED at {at}: `{}`, with the key {}, found nothing in `{}`",
                reaudited.reaudit().auditor.principal,
                reaudited.keys().join(", "),
                reaudited.reaudit().package
            )?;
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
