-- Where a request reaches, so that lists show what lies in somebody's scope: paths of groups, and a null for
-- what lies in none.
alter table approval_request add column groups text[] not null default '{}';
