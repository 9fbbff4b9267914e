-- The log of facts and everything that stands or falls with it: the ledger of its batches,
-- the ids of the commands, the versions of its streams and what they hold.
--
-- log, batches and commands are append-only for everybody: by grants for the application, by
-- triggers for the owner. streams and claims are derived from the log; `gad audit verify`
-- computes them again.

create extension if not exists btree_gist;

-- The environment makes these groups (ops/local/roles.sql). Where it has not, they are made
-- here; another database of the same server may be doing so at this moment.
do $$
declare
  r text;
begin
  foreach r in array array['gad_aplicacion', 'gad_notario'] loop
    if not exists (select from pg_roles where rolname = r) then
      begin
        execute format('create role %I nologin', r);
      exception when duplicate_object or unique_violation then
        null;
      end;
    end if;
  end loop;
end $$;

create schema eventos;
comment on schema eventos is 'the log of facts, append-only';
revoke all on schema eventos from public;
grant usage on schema eventos to gad_aplicacion, gad_notario;

-- solo_agregar refuses whatever would change or remove what was written.
create function eventos.solo_agregar() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '% refused: %.% is append-only', tg_op, tg_table_schema, tg_table_name
    using errcode = 'GAD02', hint = 'corrections are new facts';
end $$;

-- exigir ends the transaction when an append's guard does not hold: the appender decides again.
create function eventos.exigir(hay bigint, hacen_falta bigint, que text) returns void
language plpgsql as $$ -- without a search_path of its own, which would cost more than the rest
begin
  if hay is distinct from hacen_falta then
    raise exception 'guard of %: % of %', que, hay, hacen_falta using errcode = 'GAD01';
  end if;
end $$;

-- One row per event. payload holds the exact bytes that were hashed into leaf; how, byte by
-- byte, is in the package comment of eventstore/codec.
create table eventos.log (
  position    bigint      not null,
  version     bigint      not null,
  recorded_at timestamptz not null,
  command     uuid        not null,
  schema      integer     not null,
  leaf        bytea       not null,
  stream      text        not null collate "C",
  type        text        not null collate "C",
  actor       text        not null collate "C",
  correlation text        not null collate "C",
  causation   text        not null collate "C",
  payload     bytea       not null,
  primary key (position)
) partition by range (position);

create unique index log_stream_version on eventos.log (stream, version, position);

-- One row per commit of the appender, from batch 0, which is the empty log. A batch may hold
-- no event: then first = last + 1.
create table eventos.batches (
  batch       bigint      primary key,
  first       bigint      not null,
  last        bigint      not null,
  recorded_at timestamptz not null,
  root        bytea       not null,
  previous    bytea       not null, -- chain of the batch before
  chain       bytea       not null, -- sha256(previous || root)
  writer      text        not null collate "C",
  check (last >= first - 1),
  check (length(root) = 32 and length(previous) = 32 and length(chain) = 32)
);

insert into eventos.batches (batch, first, last, recorded_at, root, previous, chain, writer)
values (0, 1, 0, '1970-01-01T00:00:00Z', sha256(''),
        decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), 'migration');

-- One row per accepted command, for ever. Its events are (head - events, head].
create table eventos.commands (
  id          uuid    not null primary key,
  batch       bigint  not null,
  head        bigint  not null,
  events      integer not null,
  fingerprint bytea,
  answer      bytea
) partition by hash (id);

do $$
begin
  for i in 0..7 loop
    execute format('create table eventos.commands_%s partition of eventos.commands
                    for values with (modulus 8, remainder %s)', i, i);
  end loop;
end $$;

create table eventos.streams (
  stream  text   not null collate "C" primary key,
  version bigint not null check (version > 0)
) with (fillfactor = 80); -- room for the next version on the same page

-- What streams hold that only one may: a key, or a key for a span of time. A space is of one
-- kind or the other.
create table eventos.claims (
  space  text not null collate "C",
  key    text not null collate "C",
  stream text not null collate "C",
  during tstzrange,
  constraint claims_overlap exclude using gist (space with =, key with =, stream with <>, during with &&)
    where (during is not null)
);
create unique index claims_unique on eventos.claims (space, key) where during is null;
create unique index claims_same on eventos.claims (space, key, stream, during) where during is not null;
create index claims_stream on eventos.claims (stream, space);

create sequence eventos.numeracion_tarea;

-- For people with psql.
create view eventos.legible as
  select position, stream, version, type, schema, recorded_at, actor, correlation, causation, command,
         convert_from(payload, 'UTF8')::jsonb as payload, encode(leaf, 'hex') as leaf
  from eventos.log;

-- Statement triggers of a partitioned table do not fire for statements sent to a partition:
-- each partition carries its own. "Always" holds against session_replication_role too.
create function eventos.sellar(tabla regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  execute format('create trigger solo_agregar before update or delete or truncate on %s
                  for each statement execute function eventos.solo_agregar()', tabla);
  execute format('alter table %s enable always trigger solo_agregar', tabla);
end $$;

-- particion_log is how many positions a partition of the log holds.
create function eventos.particion_log() returns bigint
language sql immutable as 'select 10000000::bigint';

-- preparar_log makes the partitions of the log up to the one that holds a position, and
-- returns the last position there is room for. The table is attached, not created in place:
-- appends go on meanwhile.
create function eventos.preparar_log(hasta bigint) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  tamano constant bigint := eventos.particion_log();
  n      bigint;
  tabla  text;
begin
  perform pg_advisory_xact_lock(x'67616405'::bigint);
  select count(*) into n from pg_inherits where inhparent = 'eventos.log'::regclass;
  while n * tamano < hasta loop
    tabla := format('log_%s', lpad(n::text, 6, '0'));
    execute format('create table eventos.%I (like eventos.log including all,
                    check (position > %s and position <= %s))', tabla, n * tamano, (n + 1) * tamano);
    perform eventos.sellar(format('eventos.%I', tabla)::regclass);
    execute format('alter table eventos.log attach partition eventos.%I for values from (%s) to (%s)',
                   tabla, n * tamano + 1, (n + 1) * tamano + 1);
    n := n + 1;
  end loop;
  return n * tamano;
end $$;

do $$
declare
  t regclass;
begin
  perform eventos.sellar('eventos.log');
  perform eventos.sellar('eventos.batches');
  perform eventos.sellar('eventos.commands');
  for t in select inhrelid from pg_inherits where inhparent = 'eventos.commands'::regclass loop
    perform eventos.sellar(t);
  end loop;
  perform eventos.preparar_log(eventos.particion_log() + 1);
end $$;

revoke all on all functions in schema eventos from public;
grant execute on function eventos.exigir(bigint, bigint, text), eventos.preparar_log(bigint),
  eventos.particion_log() to gad_aplicacion;
grant select, insert on eventos.log, eventos.batches, eventos.commands to gad_aplicacion;
grant select, insert, update on eventos.streams to gad_aplicacion;
grant select, insert, delete on eventos.claims to gad_aplicacion;
grant usage on sequence eventos.numeracion_tarea to gad_aplicacion;
grant select on eventos.legible to gad_aplicacion;
grant select on eventos.log, eventos.batches, eventos.commands, eventos.streams, eventos.claims,
  eventos.legible to gad_notario;
