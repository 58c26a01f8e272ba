//! What the server refused, apart from what the environment broke.

use crate::error::RehearseError;
use sqlx::postgres::PgDatabaseError;

/// A savepoint that is gone, or no transaction at all.
pub(super) fn is_escape(error: &PgDatabaseError) -> bool {
    matches!(
        (error.code(), error.routine()),
        ("3B001", Some("RollbackToSavepoint" | "ReleaseSavepoint"))
            | (
                "25P01",
                Some(
                    "CheckTransactionBlock"
                        | "RequireTransactionBlock"
                        | "DefineSavepoint"
                        | "RollbackToSavepoint"
                        | "ReleaseSavepoint"
                )
            )
    )
}

pub(crate) fn harness_error(during: &str, error: &PgDatabaseError) -> RehearseError {
    RehearseError::Harness {
        during: during.to_owned(),
        sqlstate: error.code().to_owned(),
        message: error.message().to_owned(),
    }
}

/// An error of the driver as ours.
pub(crate) fn classify(during: &str, error: sqlx::Error) -> RehearseError {
    match lost_or_database(during, error) {
        Ok(error) => harness_error(during, &error),
        Err(error) => error,
    }
}

/// Splits what the server refused from what the environment broke.
pub(crate) fn lost_or_database(
    during: &str,
    error: sqlx::Error,
) -> Result<Box<PgDatabaseError>, RehearseError> {
    let message = error.to_string();
    let sqlx::Error::Database(database) = error else {
        return Err(RehearseError::ConnectionLost {
            during: during.to_owned(),
            message,
        });
    };
    let error = database.downcast::<PgDatabaseError>();
    let sqlstate = error.code();
    if matches!(sqlstate, "57P01" | "57P02" | "57P03" | "57P05") || sqlstate.starts_with("08") {
        return Err(RehearseError::ConnectionLost {
            during: during.to_owned(),
            message: error.message().to_owned(),
        });
    }
    if sqlstate.starts_with("53") || sqlstate.starts_with("58") {
        return Err(RehearseError::OutOfResources {
            during: during.to_owned(),
            sqlstate: sqlstate.to_owned(),
            message: error.message().to_owned(),
        });
    }
    Ok(error)
}
