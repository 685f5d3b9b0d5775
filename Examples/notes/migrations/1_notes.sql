create table users (
  id bigint generated always as identity primary key,
  name text not null unique,
  password text not null,
  created_at timestamptz not null default now()
);

create table notes (
  id bigint generated always as identity primary key,
  owner bigint not null references users on delete cascade,
  title text not null,
  body text not null default '',
  picture text,
  picture_type text,
  updated_at timestamptz not null default now()
);

create index notes_by_owner on notes (owner, id desc);
