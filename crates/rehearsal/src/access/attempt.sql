-- Each actor tries each statement in a subtransaction of its own, as its own session user.
-- A query is planned once and executed by each actor first: a refusal is one whoever planned it. Only who is
-- not refused sends the statement itself, for a plan of somebody else's may have called functions in their name.
-- a: it was accepted; d: refused with 42501, naming the object; -: nothing to try; o: anything else, with a row of its own.
create function rehearsal_access.attempt(is_bare boolean) returns table (what text, actor integer, probe integer, answer text, message text, refused_by text)
language plpgsql as $attempt$
declare
    ids integer[];
    statements text[];
    names text[];
    queries text[];
    role record;
    answers text;
    at integer;
begin
    select pg_catalog.array_agg(p.id order by p.id), pg_catalog.array_agg(p.statement order by p.id), pg_catalog.array_agg(p.named order by p.id)
      into ids, statements, names from rehearsal_access.probe p where p.bare = is_bare;
    for at in 1 .. pg_catalog.cardinality(ids) loop
        if not is_bare and statements[at] ~ '^(select|insert|update|delete) ' then
            queries[at] := pg_catalog.concat('execute rehearsal_access_', ids[at]);
            execute pg_catalog.format('prepare rehearsal_access_%s as %s', ids[at], pg_catalog.split_part(statements[at], '; ', 1));
        end if;
    end loop;
    for role in select * from rehearsal_access.actor a order by a.no loop
        -- A foreign key is added by the owner of the table that refers.
        execute pg_catalog.format('alter table rehearsal_access.referencing owner to %I', role.rolname);
        execute pg_catalog.format('set local session authorization %I', role.rolname);
        answers := '';
        for at in 1 .. pg_catalog.cardinality(ids) loop
            if statements[at] is null then
                answers := answers || '-';
                continue;
            end if;
            begin
                if queries[at] is not null then
                    execute queries[at];
                end if;
                execute statements[at];
                raise exception using errcode = 'RA000';
            exception when others then
                if sqlstate = 'RA000' then
                    answers := answers || 'a';
                elsif sqlstate = '42501' and pg_catalog.strpos(sqlerrm, names[at]) > 0 then
                    answers := answers || 'd';
                else
                    answers := answers || 'o';
                    what := 'odd';
                    actor := role.no;
                    probe := ids[at];
                    answer := sqlstate;
                    message := sqlerrm;
                    get stacked diagnostics refused_by = constraint_name;
                    return next;
                end if;
            end;
        end loop;
        set local session authorization default;
        what := 'answers';
        actor := role.no;
        probe := null;
        answer := answers;
        message := null;
        refused_by := null;
        return next;
    end loop;
    for at in 1 .. pg_catalog.cardinality(ids) loop
        if queries[at] is not null then
            execute pg_catalog.concat('deallocate rehearsal_access_', ids[at]);
        end if;
    end loop;
end
$attempt$;
