-- Processes that do not have a key-encryption key that was offered to them: it must not be
-- put to use while one of them is there (eventstore/vault, Offer).
create table boveda.objeciones (
  kek     text        not null,
  proceso text        not null,
  en      timestamptz not null default clock_timestamp(),
  primary key (kek, proceso)
);
grant select, insert, update, delete on boveda.objeciones to gad_aplicacion;

---- create above / drop below ----

drop table boveda.objeciones;
