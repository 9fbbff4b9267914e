-- Totals are counted in an index alone, as long as the pages of the table are known to be visible
-- to all. Two thousand changes spread over a hundred thousand Tareas made such a count twice as
-- slow; at its own pace autovacuum would come after twenty thousand.
alter table lectura.tareas set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01);

-- A new generation is stored as the table it will replace: it lost these settings, and fillfactor.
create or replace function eventos.generacion_crear(esquema text, tablas text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  tabla    text;
  opciones text;
begin
  perform eventos.generacion_esquema(esquema);
  foreach tabla in array tablas loop
    execute format('drop table if exists %I.%I', esquema, tabla);
    execute format('create table %I.%I (like lectura.%I including defaults including generated including constraints including storage)',
                   esquema, tabla, tabla);
    select string_agg(opcion, ', ') into opciones
    from pg_class c, unnest(c.reloptions) as opcion where c.oid = format('lectura.%I', tabla)::regclass;
    if opciones is not null then
      execute format('alter table %I.%I set (%s)', esquema, tabla, opciones);
    end if;
    execute format('grant select, insert, update, delete on %I.%I to gad_aplicacion', esquema, tabla);
  end loop;
end $$;

---- create above / drop below ----

create or replace function eventos.generacion_crear(esquema text, tablas text[]) returns void
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
alter table lectura.tareas reset (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor);
