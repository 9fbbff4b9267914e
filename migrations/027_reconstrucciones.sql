-- Read models that somebody asked to have made anew, or put back as they were: who carries it
-- out is another process than the one that was asked, and everybody may look how far it is.
create table eventos.reconstrucciones (
  id         uuid        primary key, -- of the order
  projection text        not null,
  clase      text        not null check (clase in ('reconstruir', 'volver')),
  aceptar    boolean     not null,    -- take the place even of rows that differ
  estado     text        not null check (estado in ('pedida', 'en_curso', 'reemplazada', 'distinta', 'fallida', 'interrumpida')),
  hechos     bigint      not null default 0, -- folded
  total      bigint      not null default 0, -- to fold; 0: not known yet
  distintas  text[]      not null default '{}', -- tables whose digest differs
  detalle    text        not null default '',
  pedida     timestamptz not null default now(),
  latido     timestamptz not null default now(), -- of whoever carries it out
  terminada  timestamptz
);
create unique index reconstrucciones_una on eventos.reconstrucciones (projection) where terminada is null;
create index reconstrucciones_ultima on eventos.reconstrucciones (projection, pedida desc);
grant select, insert, update on eventos.reconstrucciones to gad_aplicacion;

---- create above / drop below ----

drop table eventos.reconstrucciones;
