-- vault of personal data and free text.
--
-- A fact holds a commitment; the text behind it is here, encrypted under a data key that
-- stands beside it wrapped by a key outside the database. Destroying the key and the rows
-- erases the text; the log does not notice. Unlike the log these rows may be deleted.
create schema boveda;

-- A data key is born in the transaction of an append and protects only what that append
-- says of one owner; an owner has as many keys as appends that said something of him.
create table boveda.claves (
  id      uuid primary key,
  titular text not null check (titular <> ''),
  kek     text not null,
  clave   bytea not null, -- nonce, data key under the KEK, tag
  creada  timestamptz not null default clock_timestamp()
);
create index claves_titular on boveda.claves (titular);
create index claves_kek on boveda.claves (kek);

create table boveda.textos (
  compromiso bytea primary key check (octet_length(compromiso) = 32),
  titular    text not null check (titular <> ''),
  campo      text not null check (campo <> ''),
  clave      uuid not null references boveda.claves,
  sellado    bytea not null -- nonce, salt and value under the data key, tag
);
create index textos_clave on boveda.textos (clave);
create index textos_titular on boveda.textos (titular);

-- The key of the blind indexes: one row, for as long as claims by secret must be found.
create table boveda.indice (
  uno   boolean primary key default true check (uno),
  kek   text not null,
  clave bytea not null
);

grant usage on schema boveda to gad_aplicacion;
grant select, insert, delete on boveda.claves, boveda.textos to gad_aplicacion;
grant update (kek, clave) on boveda.claves, boveda.indice to gad_aplicacion;
grant select, insert on boveda.indice to gad_aplicacion;
