-- telemetry log: every stored position, apart from the facts.
--
--   lotes   the ledger: one row per commit, numbered 1..N without gaps, chained
--   hojas   the leaf hashes of a batch, apart from the rows they speak of, so that
--           proofs survive the erasure of the rows
--   fixes   the rows, partitioned by the UTC day of the server; retention drops partitions
--
-- All three are append-only for everybody: by grants for the application, by triggers for
-- the owner. sellador is the lease of the sealer; the seals themselves are facts.
create schema telemetria;
comment on schema telemetria is 'positions, append-only; retention drops whole days';
revoke all on schema telemetria from public;
grant usage on schema telemetria to gad_aplicacion, gad_notario;

create function telemetria.solo_agregar() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '% refused: %.% is append-only', tg_op, tg_table_schema, tg_table_name
    using errcode = 'GAD02', hint = 'retention drops whole days: telemetria.purgar(day)';
end $$;

create table telemetria.lotes (
  lote     bigint      primary key check (lote > 0),
  dia      date        not null, -- UTC day of grabado: the partition of its rows
  fixes    integer     not null check (fixes > 0),
  grabado  timestamptz not null,
  raiz     bytea       not null check (length(raiz) = 32),   -- RFC 6962 root of its leaves
  previa   bytea       not null check (length(previa) = 32), -- cadena of the batch before; zeros for the first
  cadena   bytea       not null check (length(cadena) = 32), -- over previa and this row
  intento  uuid        not null, -- what the writer asks for after a commit without an answer
  escritor text        not null collate "C"
);

-- encadenar refuses a batch that does not follow the last one, whoever writes it.
create function telemetria.encadenar() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.lote > 1 and not exists (select from telemetria.lotes where lote = new.lote - 1 and cadena = new.previa) then
    raise exception 'batch % does not follow the ledger', new.lote using errcode = 'GAD01';
  end if;
  return new;
end $$;
create trigger encadenar before insert on telemetria.lotes for each row execute function telemetria.encadenar();

create table telemetria.hojas (
  dia   date   not null,
  lote  bigint not null,
  hojas bytea  not null check (length(hojas) % 32 = 0), -- in the order of fila, 32 bytes each
  primary key (lote, dia)
) partition by range (dia);

create table telemetria.fixes (
  dia         date        not null,
  lote        bigint      not null,
  fila        integer     not null, -- place in the batch, from 0
  efectivo    uuid        not null,
  turno       uuid        not null,
  en          timestamptz not null, -- device
  recibido    timestamptz not null, -- server
  lat         float8      not null,
  lon         float8      not null,
  precision_m real        not null,
  velocidad   real        not null,
  rumbo       real        not null,
  fuente      text        not null collate "C",
  marcas      smallint    not null,
  simulado    boolean     not null,
  sal         bytea       not null check (length(sal) = 16),
  primary key (lote, fila, dia)
) partition by range (dia);
create index fixes_efectivo_en on telemetria.fixes (efectivo, en);

-- proteger gives a table its own triggers: those of a partitioned parent do not fire for
-- statements sent to a partition.
create function telemetria.proteger(tabla regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  execute format('create trigger solo_agregar before update or delete or truncate on %s
                  for each statement execute function telemetria.solo_agregar()', tabla);
end $$;

-- preparar makes the partitions of the days from today up to hasta that do not exist yet. It
-- attaches finished tables: creating them in place would lock out writers and readers.
create function telemetria.preparar(hasta date) returns void
language plpgsql security definer set search_path = pg_catalog, telemetria, pg_temp as $$
declare
  hoy    date := (clock_timestamp() at time zone 'UTC')::date;
  dia    date;
  madre  text;
  nombre text;
begin
  -- One at a time: every process asks at start-up.
  perform pg_advisory_xact_lock(hashtextextended('telemetria.preparar', 0));
  for dia in select d::date from generate_series(hoy - 1, least(hasta, hoy + 30), interval '1 day') d loop
    foreach madre in array array['hojas', 'fixes'] loop
      nombre := madre || to_char(dia, '_YYYYMMDD');
      continue when to_regclass('telemetria.' || nombre) is not null;
      execute format('create table telemetria.%I (like telemetria.%I including all, check (dia = %L))', nombre, madre, dia);
      perform telemetria.proteger(('telemetria.' || nombre)::regclass);
      execute format('alter table telemetria.%I attach partition telemetria.%I for values from (%L) to (%L)',
                     madre, nombre, dia, dia + 1);
    end loop;
  end loop;
end $$;

-- purgar drops the positions of the days before antes and says how many days went. Ledger and
-- leaves stay: what is left can still be proved. For the owner only.
create function telemetria.purgar(antes date) returns integer
language plpgsql set search_path = pg_catalog, telemetria, pg_temp as $$
declare
  r record;
  n integer := 0;
begin
  for r in select c.oid::regclass as tabla from pg_inherits i join pg_class c on c.oid = i.inhrelid
           where i.inhparent = 'telemetria.fixes'::regclass
             and c.relname < 'fixes' || to_char(antes, '_YYYYMMDD') loop
    execute format('drop table %s', r.tabla);
    n := n + 1;
  end loop;
  return n;
end $$;

select telemetria.proteger('telemetria.lotes'), telemetria.proteger('telemetria.hojas'), telemetria.proteger('telemetria.fixes');

-- The lease of the sealer. ultimo only spares it from asking the log.
create table telemetria.sellador (
  uno     boolean     primary key default true check (uno),
  titular uuid,
  hasta   timestamptz not null default '-infinity',
  cerca   bigint      not null default 0, -- fence
  ultimo  bigint      not null default 0
);
insert into telemetria.sellador default values;

revoke all on function telemetria.preparar(date), telemetria.purgar(date), telemetria.proteger(regclass) from public;
grant execute on function telemetria.preparar(date) to gad_aplicacion;
grant select, insert on telemetria.lotes, telemetria.hojas, telemetria.fixes to gad_aplicacion;
grant select, update on telemetria.sellador to gad_aplicacion;
grant select on telemetria.lotes, telemetria.hojas, telemetria.fixes to gad_notario;
