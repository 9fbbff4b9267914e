-- A second wall before the read models. The first one is in every query (projections.Scope);
-- this one holds when a query forgets it.
--
-- Questions are asked as one of two roles: gad_lectura_todo, whose policies are "true", and
-- gad_lectura_propia, which sees the rows of one Usuario. Two roles and not one policy with an
-- "or": conditions that are not leakproof (places, texts) may use an index beside "true", and
-- may not beside anything else.

do $$
declare
  r text;
begin
  foreach r in array array['gad_lectura_todo', 'gad_lectura_propia'] loop
    if not exists (select from pg_roles where rolname = r) then
      begin
        execute format('create role %I nologin', r);
      exception
        when duplicate_object or unique_violation then
          null;
        when insufficient_privilege then
          raise exception 'the role % is missing: a superuser must run ops/local/roles.sql first', r using errcode = '42501';
      end;
    end if;
  end loop;
end $$;

grant usage on schema lectura, eventos to gad_lectura_todo, gad_lectura_propia;
grant select on eventos.checkpoints to gad_lectura_todo, gad_lectura_propia;

-- propio is who asks: his id as a Usuario and as an Efectivo. Null, which finds nothing, when
-- nobody said it.
create function eventos.propio() returns uuid[]
language sql stable as $$ select nullif(pg_catalog.current_setting('gad.propio', true), '')::uuid[] $$;
revoke all on function eventos.propio() from public;
grant execute on function eventos.propio() to gad_lectura_todo, gad_lectura_propia, gad_aplicacion;

-- muro puts a table of lectura behind the wall. propia is the condition under which a row is
-- eventos.propio()'s own; it must have an index, and may name no other table: a rebuild
-- replaces those.
create function eventos.muro(tabla text, propia text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  execute format('grant select on lectura.%I to gad_lectura_todo, gad_lectura_propia', tabla);
  execute format('alter table lectura.%I enable row level security', tabla);
  execute format('create policy todo on lectura.%I for select to gad_lectura_todo using (true)', tabla);
  execute format('create policy propia on lectura.%I for select to gad_lectura_propia using (%s)', tabla, propia);
end $$;
revoke all on function eventos.muro(text, text) from public;

-- Those who may see a Tarea: who ordered it, who is in charge, the Efectivos it reaches.
alter table lectura.tareas add column ven uuid[] not null
  generated always as (array_remove(array[creador, delegado] || alcanza, null)) stored;
create index tareas_ven on lectura.tareas using gin (ven);

select eventos.muro('tareas', 'ven operator(pg_catalog.&&) eventos.propio()');
select eventos.muro('efectivos', 'usuario = any(eventos.propio())');
select eventos.muro('efectivos_nombres', 'usuario = any(eventos.propio())');
select eventos.muro('usuarios', 'id = any(eventos.propio())');
select eventos.muro('usuarios_efectivos', 'usuario = any(eventos.propio())');
select eventos.muro('posiciones', 'efectivo = any(eventos.propio())');
select eventos.muro('zonas', 'true'); -- drawn for everybody who has a map

-- A new generation gets the wall of the table it will replace, after COPY and before anybody
-- can ask it.
create or replace function eventos.generacion_indices(esquema text, tablas text[]) returns void
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
    execute format('alter table %I.%I enable row level security', esquema, tabla);
    for i in
      select p.polname as name, pg_get_expr(p.polqual, p.polrelid) as condition,
             (select string_agg(quote_ident(r.rolname), ', ') from pg_roles r where r.oid = any(p.polroles)) as roles
      from pg_policy p where p.polrelid = format('lectura.%I', tabla)::regclass
    loop
      execute format('grant select on %I.%I to %s', esquema, tabla, i.roles);
      execute format('create policy %I on %I.%I for select to %s using (%s)', i.name, esquema, tabla, i.roles, i.condition);
    end loop;
    execute format('analyze %I.%I', esquema, tabla);
  end loop;
end $$;

---- create above / drop below ----

-- The roles stay: they belong to the server, and other databases of it may use them.
do $$
declare
  tabla text;
begin
  foreach tabla in array array['tareas', 'efectivos', 'efectivos_nombres', 'usuarios', 'usuarios_efectivos', 'posiciones', 'zonas'] loop
    execute format('drop policy todo on lectura.%I', tabla);
    execute format('drop policy propia on lectura.%I', tabla);
    execute format('alter table lectura.%I disable row level security', tabla);
  end loop;
end $$;
alter table lectura.tareas drop column ven;
drop function eventos.muro(text, text);
drop function eventos.propio();
revoke all on eventos.checkpoints from gad_lectura_todo, gad_lectura_propia;
