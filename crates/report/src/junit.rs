//! JUnit: guards, rejections, attacks and survivors as a CI server counts tests.
//!
//! The one fact to know: what was not measured is an error and not skipped, since a skipped test is green
//! everywhere.

use crate::Failed;
use crate::compare::how;
use crate::summary::findings;
use crate::ways;
use evidence::{Contents, Exhibits, escaped, is_code};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The report as XML.
pub fn junit(contents: &Contents) -> Result<String, Failed> {
    let mut report = Report::new("migration rehearsal");
    let empty = Exhibits::default();
    let exhibits = contents.exhibits.as_ref().unwrap_or(&empty);
    report.add_test_suite(guards(exhibits));
    for suite in rejections(exhibits) {
        report.add_test_suite(suite);
    }
    report.add_test_suite(attacks(exhibits));
    report.add_test_suite(pairs(contents));
    report.add_test_suite(ways(contents));
    report.add_test_suite(mutants(exhibits));
    report.add_test_suite(accepted(exhibits));
    report.add_test_suite(verdict(contents));
    report.to_string().map_err(|error| Failed(error.to_string()))
}

fn case(name: &str, class: &str, wrong: Option<(NonSuccessKind, String)>) -> TestCase {
    let status = match wrong {
        None => TestCaseStatus::success(),
        Some((kind, why)) => {
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(escaped(&why));
            status
        }
    };
    let mut case = TestCase::new(escaped(name), status);
    case.set_classname(escaped(class));
    case
}

fn guards(exhibits: &Exhibits) -> TestSuite {
    let mut suite = TestSuite::new("guards");
    for cell in &exhibits.guards {
        let wrong = match cell.verdict.as_str() {
            "pass" => None,
            "fail" => Some((NonSuccessKind::Failure, cell.reasons.join("; "))),
            other => Some((
                NonSuccessKind::Error,
                format!("{other}: {}", cell.reasons.join("; ")),
            )),
        };
        let name = format!("{} {}", cell.step, cell.moment);
        suite.add_test_case(case(&name, &cell.guard, wrong));
    }
    suite
}

/// A suite a table.
fn rejections(exhibits: &Exhibits) -> Vec<TestSuite> {
    let mut suites: Vec<TestSuite> = Vec::new();
    for line in &exhibits.rejections {
        let wrong = if line.fingerprint.is_none() || !line.twin_accepted || !line.rejected || !line.sole_cause
        {
            Some((
                NonSuccessKind::Failure,
                format!("{}: {}", how(line), line.reasons.join("; ")),
            ))
        } else {
            None
        };
        let name = format!("rejections of {}", escaped(&line.table));
        if suites.last().is_none_or(|suite| suite.name.as_str() != name) {
            suites.push(TestSuite::new(name));
        }
        if let Some(suite) = suites.last_mut() {
            suite.add_test_case(case(&line.id, &line.table, wrong));
        }
    }
    suites
}

fn attacks(exhibits: &Exhibits) -> TestSuite {
    let mut suite = TestSuite::new("attacks");
    for line in &exhibits.attacks {
        let wrong = is_code(&line.ended).then(|| (NonSuccessKind::Failure, line.ended.clone()));
        suite.add_test_case(case(&line.id, &line.family, wrong));
    }
    suite
}

/// A case each pair whose entry point was called: of one that was not, nothing is claimed.
fn pairs(contents: &Contents) -> TestSuite {
    let mut suite = TestSuite::new("pairs");
    for pair in ways::pairs(contents).unwrap_or_default().of {
        let told = format!("{} of {} executions are verified", pair.verified, pair.executed);
        let wrong = match pair.verdict() {
            "pass" => None,
            "fail" => Some((NonSuccessKind::Failure, told)),
            _ => continue,
        };
        suite.add_test_case(case(&pair.entrypoint, &pair.verifier, wrong));
    }
    suite
}

fn ways(contents: &Contents) -> TestSuite {
    let mut suite = TestSuite::new("ways around");
    for way in ways::ways(contents).unwrap_or_default() {
        let wrong = if !way.is_shut() {
            Some((NonSuccessKind::Failure, way.ended.clone()))
        } else if !way.seen {
            let why = format!("{} {} did not see it", way.guard, way.probe);
            Some((NonSuccessKind::Failure, why))
        } else {
            None
        };
        suite.add_test_case(case(&way.id, &way.vector, wrong));
    }
    suite
}

fn accepted(exhibits: &Exhibits) -> TestSuite {
    let mut suite = TestSuite::new("rows that must be accepted");
    for row in &exhibits.accepted {
        let refused = || row.why.clone().unwrap_or_else(|| "it was refused".to_owned());
        let wrong = (!row.accepted).then(|| (NonSuccessKind::Failure, refused()));
        suite.add_test_case(case(&row.id, &row.table, wrong));
    }
    suite
}

fn mutants(exhibits: &Exhibits) -> TestSuite {
    let mut suite = TestSuite::new("mutants");
    for of in ["guards", "manifest", "schema", "weakened"] {
        let lines: Vec<_> = exhibits.mutants.iter().filter(|line| line.of == of).collect();
        let survivors: Vec<_> = lines.iter().filter(|line| line.is_missed()).collect();
        let wrong = if lines.is_empty() {
            Some((NonSuccessKind::Error, "not measured: none was made".to_owned()))
        } else if let Some(first) = survivors.first() {
            let why = format!(
                "{} of {} survived, the first: {}",
                survivors.len(),
                lines.len(),
                first.id
            );
            Some((NonSuccessKind::Failure, why))
        } else {
            None
        };
        suite.add_test_case(case(&format!("{of}: none survives"), "mutants", wrong));
    }
    suite
}

fn verdict(contents: &Contents) -> TestSuite {
    let mut suite = TestSuite::new("verdict");
    let said = &contents.packet.verdict.value;
    let first = findings(contents).into_iter().next();
    let why = first.map_or_else(
        || said.clone(),
        |finding| format!("{}: {}", finding.code, finding.message),
    );
    let wrong = match said.as_str() {
        "pass" => None,
        "fail" => Some((NonSuccessKind::Failure, why)),
        _ => Some((NonSuccessKind::Error, why)),
    };
    suite.add_test_case(case("the rehearsal passes", "verdict", wrong));
    suite
}
