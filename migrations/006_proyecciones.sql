-- Checkpoints, leases and parked keys of the projections, and the functions that build a read
-- model beside the living one.

create schema if not exists eventos;
grant usage on schema eventos to gad_aplicacion;

-- One row per projection and per place it writes to ("lectura" is the living one). Rows of the
-- read model and this position change in one transaction, or neither does.
create table eventos.checkpoints (
  projection  text        not null,
  target      text        not null,
  version     int         not null,
  position    bigint      not null default 0 check (position >= 0),
  -- Raised by every new holder: whoever holds an older number cannot write.
  fence       bigint      not null default 0,
  holder      text        not null default '',
  lease_until timestamptz not null default '-infinity',
  primary key (projection, target)
) with (fillfactor = 10);

-- Keys whose next event a projection could not apply. Their later events wait in the log, from
-- version on; the other keys go on.
create table eventos.parked (
  projection text        not null,
  target     text        not null,
  key        text        not null,
  position   bigint      not null,
  version    bigint      not null,
  reason     text        not null,
  attempts   int         not null default 1,
  queued     bigint      not null default 0,
  since      timestamptz not null default now(),
  primary key (projection, target, key),
  foreign key (projection, target) references eventos.checkpoints on update cascade on delete cascade
);

grant select, insert, update, delete on eventos.checkpoints, eventos.parked to gad_aplicacion;

-- The application owns nothing, and a rebuild needs tables: these functions run as the owner
-- and touch only schemas that they made themselves, told by their comment.

create function eventos.generacion_es_nuestra(esquema text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select from pg_namespace n
                 where n.nspname = esquema and obj_description(n.oid, 'pg_namespace') = 'generacion de lectura')
$$;

create function eventos.generacion_borrar(esquema text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if to_regnamespace(quote_ident(esquema)) is null then
    return;
  end if;
  if not eventos.generacion_es_nuestra(esquema) then
    raise exception 'the schema % is no generation of a read model', esquema using errcode = '42501';
  end if;
  execute format('drop schema %I cascade', esquema);
end $$;

create function eventos.generacion_esquema(esquema text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if esquema !~ '^[a-z][a-z0-9_]{2,50}$' then
    raise exception 'the schema name % is not 3 to 51 of a-z 0-9 _', esquema using errcode = '22023';
  end if;
  if to_regnamespace(quote_ident(esquema)) is not null then
    if not eventos.generacion_es_nuestra(esquema) then
      raise exception 'the schema % exists and is no generation of a read model', esquema using errcode = '42P06';
    end if;
    return;
  end if;
  execute format('create schema %I', esquema);
  execute format('comment on schema %I is %L', esquema, 'generacion de lectura');
  execute format('grant usage on schema %I to gad_aplicacion', esquema);
end $$;

-- Tables like the living ones, without indexes: COPY is faster into them.
create function eventos.generacion_crear(esquema text, tablas text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  tabla text;
begin
  perform eventos.generacion_esquema(esquema);
  foreach tabla in array tablas loop
    execute format('drop table if exists %I.%I', esquema, tabla);
    execute format('create table %I.%I (like lectura.%I including defaults including generated including constraints including storage)',
                   esquema, tabla, tabla);
    execute format('grant select, insert, update, delete on %I.%I to gad_aplicacion', esquema, tabla);
  end loop;
end $$;

create function eventos.generacion_indices(esquema text, tablas text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  tabla text;
  i     record;
begin
  if not eventos.generacion_es_nuestra(esquema) then
    raise exception 'the schema % is no generation of a read model', esquema using errcode = '42501';
  end if;
  foreach tabla in array tablas loop
    for i in
      select c.relname as name, x.indisprimary as is_primary,
             regexp_replace(pg_get_indexdef(x.indexrelid), ' ON lectura\.', ' ON ' || quote_ident(esquema) || '.') as def
      from pg_index x join pg_class c on c.oid = x.indexrelid
      where x.indrelid = format('lectura.%I', tabla)::regclass
      order by not x.indisprimary, c.relname
    loop
      execute i.def;
      if i.is_primary then
        execute format('alter table %I.%I add primary key using index %I', esquema, tabla, i.name);
      end if;
    end loop;
    execute format('analyze %I.%I', esquema, tabla);
  end loop;
end $$;

-- The new tables take the place of the living ones, which move to the schema anterior. The
-- caller holds both checkpoints and moves them in the same transaction.
create function eventos.generacion_cambiar(esquema text, anterior text, tablas text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  tabla text;
begin
  if not eventos.generacion_es_nuestra(esquema) then
    raise exception 'the schema % is no generation of a read model', esquema using errcode = '42501';
  end if;
  perform eventos.generacion_esquema(anterior);
  foreach tabla in array tablas loop
    execute format('drop table if exists %I.%I', anterior, tabla);
    execute format('alter table lectura.%I set schema %I', tabla, anterior);
    execute format('alter table %I.%I set schema lectura', esquema, tabla);
  end loop;
end $$;

revoke all on function eventos.generacion_es_nuestra(text), eventos.generacion_borrar(text),
  eventos.generacion_esquema(text), eventos.generacion_crear(text, text[]),
  eventos.generacion_indices(text, text[]), eventos.generacion_cambiar(text, text, text[]) from public;
grant execute on function eventos.generacion_borrar(text), eventos.generacion_crear(text, text[]),
  eventos.generacion_indices(text, text[]), eventos.generacion_cambiar(text, text, text[]) to gad_aplicacion;

---- create above / drop below ----

drop function eventos.generacion_cambiar(text, text, text[]);
drop function eventos.generacion_indices(text, text[]);
drop function eventos.generacion_crear(text, text[]);
drop function eventos.generacion_esquema(text);
drop function eventos.generacion_borrar(text);
drop function eventos.generacion_es_nuestra(text);
drop table eventos.parked;
drop table eventos.checkpoints;
