-- API tokens are for robots; people have sessions. What a token may do and its budgets go with it.
alter table api_tokens drop column kind;
alter table api_tokens
  -- [{"role": ..., "group": path or null for everywhere}]
  add column grants jsonb not null default '[]',
  -- As the policy's budgets of robots; null: none.
  add column budgets jsonb;
-- Only the token of a data folder's file lasts until it is revoked.
update api_tokens set expires_at = now() + interval '90 days'
 where owner_place is null and (expires_at is null or expires_at > now() + interval '1 year');
update api_tokens set name = 'local' where owner_place is not null;
alter table api_tokens add constraint api_tokens_expire check (owner_place is not null or expires_at is not null);
