-- Who made a token, for those who must not decide on what its robot asks. Null: the owner tokens of data folders,
-- which nobody made, and tokens from before this was kept.
alter table api_tokens add column made_by jsonb;
