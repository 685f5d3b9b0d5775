-- Of clients of the interface for programs. What is kept of a token is its digest.
create table tokens (
  digest text primary key,
  owner bigint not null references users on delete cascade,
  created_at timestamptz not null default now()
);
