-- inbox and outbox of the bot, and what it hands out for a short while.
create schema buzon;
revoke all on schema buzon from public;
grant usage on schema buzon to gad_aplicacion;

-- Updates as Telegram sent them. The body goes when the update is done; the number stays, so
-- that it is never taken twice. Order is that of receipt: Telegram starts its numbers anew
-- after a quiet week.
create table buzon.entrada (
  update_id bigint      primary key,
  orden     bigint      not null generated always as identity,
  chat      bigint      not null,
  cuerpo    bytea,
  recibido  timestamptz not null default clock_timestamp(),
  hecho     timestamptz,
  intentos  integer     not null default 0,
  libre     timestamptz not null default '-infinity', -- when it may be taken: end of a lease or of a wait
  cerca     bigint      not null default 0,           -- fence: raised by every lease
  error     text        not null default ''
);
create index entrada_pendiente on buzon.entrada (chat, orden) where hecho is null;
create index entrada_hecho on buzon.entrada (hecho) where hecho is not null;

-- Messages on their way to Telegram, in order within a chat.
create table buzon.salida (
  id        bigint      generated always as identity primary key,
  clave     text        not null unique, -- the same message is queued once
  chat      bigint      not null,
  cuerpo    bytea,
  creado    timestamptz not null default clock_timestamp(),
  hecho     timestamptz,
  rechazado boolean     not null default false, -- Telegram never will take it
  intentos  integer     not null default 0,
  libre     timestamptz not null default '-infinity',
  cerca     bigint      not null default 0,
  error     text        not null default ''
);
create index salida_pendiente on buzon.salida (chat, id) where hecho is null;
create index salida_hecho on buzon.salida (hecho) where hecho is not null;

-- How far a consumer has turned the log of facts into messages.
create table buzon.posiciones (
  consumidor text   primary key,
  posicion   bigint not null
);

-- One-time codes that tie a Telegram account to a Usuario; HMACs only.
create table buzon.vinculos (
  codigo    bytea       primary key, -- typed by a person
  enlace    bytea       not null unique, -- of the deep link
  usuario   uuid        not null,
  vence     timestamptz not null,
  usado_por bigint -- Telegram account
);
create index vinculos_usuario on buzon.vinculos (usuario);

-- Wrong codes per Telegram account.
create table buzon.fallos (
  cuenta bigint      primary key,
  fallos integer     not null,
  desde  timestamptz not null
);

-- What a button of a message means; the button itself carries only an opaque id.
create table buzon.botones (
  id        bytea       primary key, -- SHA-256 of the id
  chat      bigint      not null,
  cuenta    bigint      not null, -- of who may press it
  accion    text        not null,
  vence     timestamptz not null,
  usado_por bigint -- update that used it
);
create index botones_vence on buzon.botones (vence);

grant select, insert, update, delete on all tables in schema buzon to gad_aplicacion;
