//! A guard as a statement that operators run with psql alone: nothing if it is green, an error if not.
//!
//! Not for: judging in rehearsals (`guards::judge`). The one fact to know: the table of conditions stands
//! twice, there in Rust and here in SQL, and a test asks both over the same answers [ruling A4].

use squawk_syntax::ast::AstNode as _;
use squawk_syntax::{Parse, SourceFile, SyntaxKind};

use crate::error::AuthorError;
use crate::packet::sql::{literal, quoted};

/// SQLSTATE of a guard that is not green, of the class that the control plane's own refusals have.
pub const NOT_GREEN: &str = "Q7900";

/// How many offenders an error names.
const NAMED: usize = 20;

/// What is asserted.
#[derive(Debug, Clone, Copy)]
pub struct Assertion<'a> {
    /// Id of the guard.
    pub guard: &'a str,
    /// The step and moment that the error names, like `S15 before`.
    pub due: &'a str,
    /// Names of the probes that must all come back.
    pub probes: &'a [&'a str],
    /// The guard's SELECT as [`asserted`] gives it, with a variable in place of `$1`.
    pub select: &'a str,
    /// The inputs document.
    pub inputs: Given<'a>,
    /// Probe and offender: what is there for as long as the statement's transaction lasts, and must be.
    pub transient: &'a [(&'a str, &'a str)],
}

/// Where the inputs document comes from.
#[derive(Debug, Clone, Copy)]
pub enum Given<'a> {
    /// It is this one.
    Document(&'a str),
    /// It has these keys of a JSON object that an expression answers; one that is not there is refused.
    Keys {
        /// The expression.
        document: &'a str,
        /// Declared keys of the guard, at the stage that is asked.
        keys: &'a [&'a str],
    },
}

impl Assertion<'_> {
    /// The `do` statement.
    ///
    /// Its error has [`NOT_GREEN`] as SQLSTATE, `GUARD_NOT_GREEN` and the guard in the message, and in the
    /// detail one line a condition that was met: the condition and the probe; the hint names offenders, twenty at most.
    #[must_use]
    pub fn render(&self) -> String {
        let probes: Vec<String> = self.probes.iter().map(|probe| literal(probe)).collect();
        let body = format!(
            r#"
#variable_conflict use_column
declare
  v_inputs constant jsonb := {inputs};
  v_declared constant text[] := array[{probes}]::text[];
  v_met text;
  v_named text;
begin
  with {answer}
  ), met as (
{missing}{conditions}
  ), offender as (
    select n.line from answer as a
    cross join lateral pg_catalog.jsonb_array_elements(case pg_catalog.jsonb_typeof(a.r -> 'offenders') when 'array' then a.r -> 'offenders' else '[]' end) as o
    cross join lateral (select pg_catalog.concat(a.r ->> 'probe', ': ', o.value #>> '{{}}') as line) as n
    order by n.line collate "C" limit {NAMED}
  )
  select (select pg_catalog.string_agg(m.condition || ' ' || m.probe, E'\n' order by m.condition collate "C", m.probe collate "C") from met as m),
    (select pg_catalog.string_agg(o.line, E'\n' order by o.line collate "C") from offender as o)
  into v_met, v_named;
  if v_met is not null then
    raise exception using errcode = '{NOT_GREEN}', message = {message}, detail = v_met, hint = coalesce(v_named, 'no offender is named');
  end if;
end
"#,
            inputs = self.inputs(),
            probes = probes.join(", "),
            answer = self.answer(self.select),
            missing = self.missing(),
            conditions = CONDITIONS,
            message = literal(&format!("GUARD_NOT_GREEN: {} at {}", self.guard, self.due)),
        );
        format!("do {};\n", quoted(&body, "guard"))
    }

    fn inputs(&self) -> String {
        match self.inputs {
            Given::Document(text) => format!("{}::jsonb", quoted(text, "inputs")),
            Given::Keys { document, keys } => {
                let keys: Vec<String> = keys.iter().map(|key| literal(key)).collect();
                format!(
                    "coalesce((select pg_catalog.jsonb_object_agg(i.key, i.value) from pg_catalog.jsonb_each({document}) as i where i.key = any (array[{}]::text[])), '{{}}')",
                    keys.join(", ")
                )
            }
        }
    }

    /// The guard's rows as JSON, without what is expected to be there for the time being.
    fn answer(&self, select: &str) -> String {
        let rows = format!("select pg_catalog.to_jsonb(g) as r from (\n{select}\n    ) as g");
        if self.transient.is_empty() {
            return format!("answer as materialized (\n    {rows}");
        }
        let expected: Vec<String> = self
            .transient
            .iter()
            .map(|(probe, offender)| format!("({}, {})", literal(probe), literal(offender)))
            .collect();
        format!(
            r"told as materialized (
    {rows}
  ), transient (probe, offender) as (
    values {expected}
  ), answer as materialized (
    select case when not exists (select from transient as x where x.probe = t.r ->> 'probe') then t.r
      else t.r || pg_catalog.jsonb_build_object(
        'realized', (t.r ->> 'realized')::bigint
          - (select pg_catalog.count(*) from transient as x where x.probe = t.r ->> 'probe' and pg_catalog.jsonb_exists(t.r -> 'offenders', x.offender)),
        'offenders', (
          select coalesce(pg_catalog.jsonb_agg(o.value), '[]') from pg_catalog.jsonb_array_elements(t.r -> 'offenders') as o
          where not exists (select from transient as x where x.probe = t.r ->> 'probe' and o.value = pg_catalog.to_jsonb(x.offender)))) end as r
    from told as t",
            expected = expected.join(", ")
        )
    }

    /// Conditions that only this kind of statement has.
    fn missing(&self) -> String {
        let mut sql = String::new();
        if let Given::Keys { keys, .. } = self.inputs {
            for key in keys {
                sql.push_str(&format!(
                    "    select 'input_missing' as condition, {0} as probe where pg_catalog.jsonb_exists(v_inputs, {0}) is not true\n    union all\n",
                    literal(key)
                ));
            }
        }
        if !self.transient.is_empty() {
            sql.push_str(
                "    select 'transient_missing' as condition, x.probe from transient as x\n    where not exists (select from told as t where t.r ->> 'probe' = x.probe and pg_catalog.jsonb_exists(t.r -> 'offenders', x.offender))\n    union all\n",
            );
        }
        sql
    }
}

/// The `do` statement that refuses with the offenders of one probe, before anything changed: what `select`, as
/// [`asserted`] gives it, would say of it afterwards does not rest on what is to change.
pub(crate) fn foresee(guard: &str, probe: &str, select: &str) -> String {
    let body = format!(
        r#"
#variable_conflict use_column
declare
  v_inputs constant jsonb := '{{}}';
  v_named text;
begin
  select pg_catalog.string_agg(o.name, E'\n' order by o.name collate "C") into v_named from (
{select}
    ) as g cross join lateral pg_catalog.unnest(g.offenders) as o (name)
  where g.probe = {probe};
  if v_named is not null then
    raise exception using errcode = '{NOT_GREEN}', message = {message}, detail = v_named, hint = 'a DBA takes away what is named: the packet would be refused by this guard';
  end if;
end
"#,
        probe = literal(probe),
        message = literal(&format!("GUARD_NOT_GREEN: {guard}, probe {probe}, foreseen")),
    );
    format!("do {};\n", quoted(&body, "foreseen"))
}

/// The conditions of `guards::Condition`, and an answer that is outside the probe contract.
const CONDITIONS: &str = r#"    select 'probe_missing' as condition, d.probe
    from pg_catalog.unnest(v_declared) as d (probe)
    where not exists (select from answer as a where a.r ->> 'probe' = d.probe)
    union all
    select 'probe_missing', '(none)' where pg_catalog.cardinality(v_declared) = 0
    union all
    select 'probe_repeated', d.probe
    from pg_catalog.unnest(v_declared) as d (probe)
    where (select pg_catalog.count(*) from answer as a where a.r ->> 'probe' = d.probe) > 1
    union all
    select 'probe_undeclared', a.r ->> 'probe' from answer as a
    where a.r ->> 'probe' is not null and (a.r ->> 'probe' = any (v_declared)) is not true
    union all
    select 'column_null', coalesce(a.r ->> 'probe', '(null)') from answer as a
    where exists (select from pg_catalog.jsonb_each(a.r) as c where pg_catalog.jsonb_typeof(c.value) = 'null')
      or exists (select from pg_catalog.jsonb_path_query(a.r, '$.offenders[*] ? (@ == null)') as e)
    union all
    select 'population_empty', coalesce(a.r ->> 'probe', '(null)') from answer as a
    where pg_catalog.jsonb_typeof(a.r -> 'population') = 'number' and (a.r ->> 'population')::numeric <= 0
    union all
    select 'count_differs', coalesce(a.r ->> 'probe', '(null)') from answer as a
    where pg_catalog.jsonb_typeof(a.r -> 'expected') = 'number' and pg_catalog.jsonb_typeof(a.r -> 'realized') = 'number'
      and (a.r ->> 'expected')::numeric is distinct from (a.r ->> 'realized')::numeric
    union all
    select 'offenders_present', coalesce(a.r ->> 'probe', '(null)') from answer as a
    where exists (select from pg_catalog.jsonb_path_query(a.r, '$.offenders[*] ? (@ != null)') as e)
    union all
    select 'outside_contract', coalesce(a.r ->> 'probe', '(null)') from answer as a
    where (select pg_catalog.array_agg(k.key order by k.key collate "C") from pg_catalog.jsonb_object_keys(a.r) as k (key))
        is distinct from array['expected', 'offenders', 'population', 'probe', 'realized']::text[]
      or pg_catalog.jsonb_typeof(a.r -> 'probe') not in ('string', 'null')
      or exists (
        select from pg_catalog.jsonb_each(a.r) as c
        where c.key in ('expected', 'realized', 'population') and pg_catalog.jsonb_typeof(c.value) <> 'null'
          and (pg_catalog.jsonb_typeof(c.value) <> 'number' or pg_catalog.scale((c.value #>> '{}')::numeric) > 0
            or (c.value #>> '{}')::numeric not between -9223372036854775808 and 9223372036854775807))
      or pg_catalog.jsonb_typeof(a.r -> 'offenders') not in ('array', 'null')
      or exists (
        select from pg_catalog.jsonb_path_query(a.r, '$.offenders[*]') as e
        where pg_catalog.jsonb_typeof(e) not in ('string', 'null'))"#;

/// A SELECT with the inputs document as `$1`, as an assertion takes it.
///
/// # Errors
/// One that does not parse.
pub fn asserted(guard: &str, select: &str) -> Result<String, AuthorError> {
    with_inputs(&SourceFile::parse(select), || {
        format!("the SELECT of guard {guard}")
    })
}

/// The SELECT with the variable in place of its parameter; its name is asked for where it does not parse.
pub(crate) fn with_inputs(
    parsed: &Parse<SourceFile>,
    name: impl FnOnce() -> String,
) -> Result<String, AuthorError> {
    let errors = parsed.errors();
    if !errors.is_empty() {
        return Err(AuthorError::Unparsed {
            path: name(),
            errors: errors.iter().map(ToString::to_string).collect(),
        });
    }
    let tree = parsed.tree();
    let mut sql = String::new();
    let tokens = tree
        .syntax()
        .descendants_with_tokens()
        .filter_map(squawk_syntax::SyntaxElement::into_token);
    for token in tokens {
        if token.kind() == SyntaxKind::POSITIONAL_PARAM {
            sql.push_str("v_inputs");
        } else {
            sql.push_str(token.text());
        }
    }
    Ok(sql)
}
