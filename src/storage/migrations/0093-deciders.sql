-- People who were ever able to decide on requests. Nothing is taken away here: whoever was once not the only one
-- is never again.
create table decider (
  person text primary key
);

insert into decider (person)
with deciding as (
  select unnest(array['approver', 'owner']) as role
  union
  select name from custom_role where permissions && array['approvals.decide', '*']
), given as (
  select principal as person, role from role_binding where principal_kind = 'person'
  union all
  select m.person, b.role from role_binding b
  join team_member m on b.principal_kind = 'team' and m.team = b.principal
  union all
  select l.person::text, g ->> 'role' from single_sign_on_link l, jsonb_array_elements(l.grants) g
  union all
  select content -> 'principal' ->> 'id', content ->> 'role' from (
    select document::jsonb -> 'content' as content from approval_request
    where kind = 'binding' and state = 'executed'
  ) made where content -> 'principal' ->> 'kind' = 'person'
), able as (
  select person from given where role in (select role from deciding)
  union
  select person from approval_decision
)
-- A name that was mistyped is nobody.
select person from able where person in (select id::text from person);
