-- Who may do what, where. The roles that are built in stand in the code; these are further ones.
create table custom_role (
  name text primary key check (name ~ '^[a-z][a-z0-9-]{0,39}$'),
  description text not null,
  permissions text[] not null,
  operations text[] not null,
  changed_at timestamptz not null,
  changed_by jsonb not null,
  reason text not null
);

create table team (
  name text primary key,
  description text not null,
  -- Groups of single sign-on providers whose members belong to it.
  claims text[] not null,
  changed_at timestamptz not null,
  changed_by jsonb not null,
  reason text not null
);

create table team_member (
  team text not null references team (name) on delete cascade,
  person text not null,
  -- Put there by somebody, or by what the provider says at every sign-in.
  source text not null check (source in ('given', 'single-sign-on')),
  primary key (team, person, source)
);
create index team_member_person on team_member (person);

-- A group that roles are bound to cannot be removed. What a binding was stays on the record when it ends.
create table role_binding (
  id uuid primary key,
  principal_kind text not null check (principal_kind in ('person', 'team', 'robot')),
  principal text not null,
  role text not null,
  -- Null: everywhere.
  group_id uuid references fleet_group (id),
  until timestamptz,
  given_at timestamptz not null,
  given_by jsonb not null,
  reason text not null,
  -- The approved request it was given by.
  approval text
);
create unique index role_binding_once on role_binding (
  principal_kind, principal, role, coalesce(group_id, '00000000-0000-0000-0000-000000000000')
);
create index role_binding_group on role_binding (group_id) where group_id is not null;
create index role_binding_role on role_binding (role);

-- The figures of the policy, as they followed each other.
create table policy_version (
  version int primary key check (version > 0),
  rules jsonb not null,
  since timestamptz not null,
  changed_by jsonb not null,
  reason text not null,
  approval text
);

create function refuse_policy_change() returns trigger language plpgsql as $$
begin
  raise exception 'versions of the policy are append-only: % is refused', tg_op
    using errcode = 'insufficient_privilege';
end $$;

create trigger policy_version_append_only
  before update or delete on policy_version
  for each row execute function refuse_policy_change();

create trigger policy_version_no_truncate
  before truncate on policy_version
  for each statement execute function refuse_policy_change();
