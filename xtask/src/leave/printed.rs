//! Results as psql prints them, read back: columns, and rows by them.
//!
//! Not for: what they must say. The one fact to know: a row that can't be read is refused, since what was left out could be
//! the one that matters.

use operator_authorization::{Code, Refusal, Refused};

/// A result as psql prints it: columns, and rows by them.
struct Table<'a> {
    columns: Vec<&'a str>,
    rows: Vec<Vec<&'a str>>,
}

/// All results of a file.
pub(super) struct Printed<'a>(Vec<Table<'a>>);

impl<'a> Printed<'a> {
    /// Tables stand between other lines; a line of `-` and `+` is under the columns of each.
    pub(super) fn read(text: &'a str) -> Self {
        let cells = |line: &'a str| line.split('|').map(str::trim).collect::<Vec<_>>();
        let is_rule = |line: &str| line.contains("--") && line.chars().all(|letter| "-+ ".contains(letter));
        let lines: Vec<&str> = text.lines().collect();
        let mut tables = Vec::new();
        for (at, _) in lines
            .iter()
            .enumerate()
            .filter(|(at, line)| *at > 0 && is_rule(line))
        {
            let columns = cells(lines[at - 1]);
            let rows = lines[at + 1..]
                .iter()
                .take_while(|line| !line.starts_with('(') && !line.is_empty())
                .map(|line| cells(line))
                .collect();
            tables.push(Table { columns, rows });
        }
        Self(tables)
    }

    /// Values of these columns, of every result that has them all; a row of another length is none that can be read.
    pub(super) fn of<const N: usize>(&self, wanted: [&str; N]) -> Result<Vec<[&'a str; N]>, Refused> {
        let mut found = Vec::new();
        for table in &self.0 {
            let places = wanted.map(|name| table.columns.iter().position(|column| *column == name));
            if !places.iter().all(Option::is_some) {
                continue;
            }
            for row in &table.rows {
                if row.len() != table.columns.len() {
                    let message = format!(
                        "a row under `{}` has {} values, expected {}",
                        table.columns.join(" | "),
                        row.len(),
                        table.columns.len()
                    );
                    return Err(Refused::from(Refusal {
                        code: Code::Malformed,
                        message,
                    }));
                }
                found.push(places.map(|place| place.map_or("", |at| row[at])));
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::Printed;

    /// As psql 15 printed it, cut short.
    const PRINTED: &str = "\
SET
 looks_as
----------
(0 rows)

DO
                                   state
----------------------------------------------------------------------------
 activated 05bbd5be930d57b9f06be88b277e852030692437447dff6c549e4296be85e451
(1 row)

 object | stage | expected | found
--------+-------+----------+-------
(0 rows)

 action |              nonce               |   actor       |           recorded_at
--------+----------------------------------+---------------+----------------------------------
 apply  | 89bcbcf91d4529c27c01ab662769ec95 | fix7_operator | 2026-11-29T00:15:44.984583+00:00
(1 row)
";

    #[test]
    fn results_are_read_as_psql_prints_them() {
        let printed = Printed::read(PRINTED);
        let state = "activated 05bbd5be930d57b9f06be88b277e852030692437447dff6c549e4296be85e451";
        assert_eq!(printed.of(["state"]).unwrap(), [[state]]);
        assert_eq!(
            printed.of(["recorded_at", "action"]).unwrap(),
            [["2026-11-29T00:15:44.984583+00:00", "apply"]]
        );
        assert!(printed.of(["found"]).unwrap().is_empty());
        let nothing = Printed::read("nothing of the kind\n");
        assert!(nothing.of(["state"]).unwrap().is_empty());
        let text = [PRINTED, PRINTED].concat();
        let twice = Printed::read(&text);
        assert_eq!(twice.of(["state"]).unwrap().len(), 2);
        let text = PRINTED.replace("apply  | 89", "apply 89");
        let short = Printed::read(&text);
        assert!(short.of(["action"]).is_err());
    }
}
