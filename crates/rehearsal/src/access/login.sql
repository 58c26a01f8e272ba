-- As in attempt.sql, but the session is the actor's own login: nobody becomes anybody, and each statement is
-- planned by who sends it. The actor's number is given, for a login knows no harness.
create function rehearsal_access.attempt_as_login(me integer, is_bare boolean)
returns table (what text, actor integer, probe integer, answer text, message text, refused_by text)
language plpgsql as $attempt$
declare
    tried record;
    answers text := '';
begin
    actor := me;
    for tried in select p.id, p.statement, p.named from rehearsal_access.probe p where p.bare = is_bare order by p.id loop
        if tried.statement is null then
            answers := answers || '-';
            continue;
        end if;
        begin
            execute tried.statement;
            raise exception using errcode = 'RA000';
        exception when others then
            if sqlstate = 'RA000' then
                answers := answers || 'a';
            elsif sqlstate = '42501' and pg_catalog.strpos(sqlerrm, tried.named) > 0 then
                answers := answers || 'd';
            else
                answers := answers || 'o';
                what := 'odd';
                probe := tried.id;
                answer := sqlstate;
                message := sqlerrm;
                get stacked diagnostics refused_by = constraint_name;
                return next;
            end if;
        end;
    end loop;
    what := 'answers';
    probe := null;
    answer := answers;
    message := null;
    refused_by := null;
    return next;
end
$attempt$;
grant select on rehearsal_access.probe to public;
