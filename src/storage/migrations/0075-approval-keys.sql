-- Asked again with the same key, a request is not made again. The digest is of what was asked, as it came in: with
-- the same key and something else in it, it is refused.
alter table approval_request add column idempotency_key text;
alter table approval_request add column asked_digest text;
alter table approval_request add check (idempotency_key is null or asked_digest is not null);
create unique index approval_request_key on approval_request (requester, idempotency_key)
  where idempotency_key is not null;
