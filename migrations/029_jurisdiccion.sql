-- Whoever answers for some Zonas and unidades asks as a third role: it sees those, beside what is
-- its own. What belongs to nobody (a Tarea without Zona, an Efectivo without unidad) and whoever
-- calls for help is in every jurisdiction.

do $$
begin
  if not exists (select from pg_roles where rolname = 'gad_lectura_jurisdiccion') then
    begin
      create role gad_lectura_jurisdiccion nologin;
    exception
      when duplicate_object or unique_violation then
        null;
      when insufficient_privilege then
        raise exception 'the role gad_lectura_jurisdiccion is missing: a superuser must run ops/local/roles.sql first' using errcode = '42501';
    end;
  end if;
end $$;

grant usage on schema lectura, eventos to gad_lectura_jurisdiccion;
grant select on eventos.checkpoints to gad_lectura_jurisdiccion;
grant execute on function eventos.propio() to gad_lectura_jurisdiccion;

-- What an account is narrowed to. The defaults are what older facts make of these columns.
alter table lectura.usuarios
  add column zonas    uuid[] not null default '{}',
  add column unidades text[] not null default '{}';

-- The jurisdiction of who asks: null when nobody said it, which finds nothing, and empty when it
-- narrows nothing. The names of unidades travel as the hexadecimal of their bytes.
create function eventos.mis_zonas() returns uuid[]
language sql stable as $$ select nullif(pg_catalog.current_setting('gad.zonas', true), '')::uuid[] $$;
create function eventos.mis_unidades() returns text[]
language sql stable as $$
  select case when u is not null then array(select pg_catalog.convert_from(pg_catalog.decode(x, 'hex'), 'UTF8') from unnest(u) x) end
  from (select nullif(pg_catalog.current_setting('gad.unidades', true), '')::text[] as u) s
$$;

-- The next ones look into other tables, whose names they look up when they are asked: a rebuild
-- replaces those. They run as the owner, so that no policy asks another one.

-- mis_efectivos are the Efectivos in it: of its unidades, himself, those who call for help, and
-- whoever is bound to a Tarea in it.
create function eventos.mis_efectivos() returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  z uuid[] := eventos.mis_zonas();
  u text[] := eventos.mis_unidades();
  p uuid[] := eventos.propio();
begin
  if z is null or u is null then
    return;
  end if;
  return query
    select e.id from lectura.efectivos e where u = '{}' or e.unidad = '' or e.unidad = any(u) or e.sos or e.usuario = any(p)
    union
    select unnest(t.alcanza) from lectura.tareas t
    where t.estado in ('programada', 'en_curso', 'pausada') and t.alcanza <> '{}'
      and (t.zona is null or z = '{}' or t.zona = any(z) or t.ven && p);
end $$;

-- mis_personas are the Usuarios they are.
create function eventos.mis_personas() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select e.usuario from lectura.efectivos e where e.id in (select eventos.mis_efectivos()) $$;

-- es_mia is whether the Tarea of an id is in it.
create function eventos.es_mia(tarea uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  z uuid[] := eventos.mis_zonas();
begin
  return z is not null and exists (
    select from lectura.tareas t where t.id = tarea and (t.zona is null or z = '{}' or t.zona = any(z) or t.ven && eventos.propio()));
end $$;

revoke all on function eventos.mis_zonas(), eventos.mis_unidades(), eventos.mis_efectivos(), eventos.mis_personas(), eventos.es_mia(uuid) from public;
grant execute on function eventos.mis_zonas(), eventos.mis_unidades(), eventos.mis_efectivos(), eventos.mis_personas(), eventos.es_mia(uuid)
  to gad_lectura_jurisdiccion, gad_aplicacion;

-- muro_jurisdiccion says which rows of a table are in a jurisdiction.
create function eventos.muro_jurisdiccion(tabla text, condicion text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  execute format('grant select on lectura.%I to gad_lectura_jurisdiccion', tabla);
  execute format('create policy jurisdiccion on lectura.%I for select to gad_lectura_jurisdiccion using (%s)', tabla, condicion);
end $$;
revoke all on function eventos.muro_jurisdiccion(text, text) from public;

select eventos.muro_jurisdiccion('tareas', $$(select eventos.mis_zonas()) is not null and (zona is null or (select eventos.mis_zonas()) = '{}'
  or zona = any((select eventos.mis_zonas())::uuid[]) or ven operator(pg_catalog.&&) (select eventos.propio()))$$);
select eventos.muro_jurisdiccion('tiempos', $$(select eventos.mis_zonas()) is not null and (zona is null or (select eventos.mis_zonas()) = '{}'
  or zona = any((select eventos.mis_zonas())::uuid[]) or ven operator(pg_catalog.&&) (select eventos.propio()))$$);
select eventos.muro_jurisdiccion('tareas_detalle', 'eventos.es_mia(id)');
select eventos.muro_jurisdiccion('tareas_textos', 'false');   -- he searches lectura.tareas
select eventos.muro_jurisdiccion('tareas_palabras', 'false');
select eventos.muro_jurisdiccion('efectivos', $$(select eventos.mis_unidades()) = '{}' or id in (select eventos.mis_efectivos())$$);
select eventos.muro_jurisdiccion('efectivos_nombres', $$(select eventos.mis_unidades()) = '{}' or usuario in (select eventos.mis_personas())$$);
-- Those who are no Efectivo have no unidad: they may be put in charge anywhere.
select eventos.muro_jurisdiccion('usuarios', $$(select eventos.mis_unidades()) is not null and (rol <> 'efectivo' or id = any(eventos.propio()) or id in (select eventos.mis_personas()))$$);
select eventos.muro_jurisdiccion('usuarios_efectivos', $$(select eventos.mis_unidades()) = '{}' or efectivo in (select eventos.mis_efectivos())$$);
select eventos.muro_jurisdiccion('posiciones', $$(select eventos.mis_unidades()) = '{}' or efectivo in (select eventos.mis_efectivos())$$);
select eventos.muro_jurisdiccion('licencias', $$(select eventos.mis_unidades()) = '{}' or efectivo in (select eventos.mis_efectivos())$$);
select eventos.muro_jurisdiccion('licencias_personas', $$(select eventos.mis_unidades()) = '{}' or efectivo in (select eventos.mis_efectivos())$$);
select eventos.muro_jurisdiccion('turnos', $$(select eventos.mis_unidades()) = '{}' or efectivo in (select eventos.mis_efectivos())$$);
select eventos.muro_jurisdiccion('politicas', 'objeto = any(eventos.propio())');
select eventos.muro_jurisdiccion('timers', 'efectivo = any(eventos.propio())');
select eventos.muro_jurisdiccion('aprobaciones', 'solicitante = any(eventos.propio())');
select eventos.muro_jurisdiccion('alarmas', 'false'); -- of the use of the system: whoever may see any may see all
select eventos.muro_jurisdiccion('alarmas_atendidas', 'false');
select eventos.muro_jurisdiccion('celdas', 'false'); -- a cell says nothing of unidades
select eventos.muro_jurisdiccion('zonas', 'true');   -- drawn for everybody who has a map

---- create above / drop below ----

do $$
declare
  tabla text;
begin
  foreach tabla in array array['tareas', 'tiempos', 'tareas_detalle', 'tareas_textos', 'tareas_palabras', 'efectivos', 'efectivos_nombres',
    'usuarios', 'usuarios_efectivos', 'posiciones', 'licencias', 'licencias_personas', 'turnos', 'politicas', 'timers', 'aprobaciones', 'alarmas', 'alarmas_atendidas', 'celdas', 'zonas'] loop
    execute format('drop policy jurisdiccion on lectura.%I', tabla);
    execute format('revoke select on lectura.%I from gad_lectura_jurisdiccion', tabla);
  end loop;
end $$;
drop function eventos.muro_jurisdiccion(text, text);
drop function eventos.es_mia(uuid);
drop function eventos.mis_personas();
drop function eventos.mis_efectivos();
drop function eventos.mis_unidades();
drop function eventos.mis_zonas();
alter table lectura.usuarios drop column unidades, drop column zonas;
revoke execute on function eventos.propio() from gad_lectura_jurisdiccion;
revoke all on eventos.checkpoints from gad_lectura_jurisdiccion;
revoke all on schema lectura, eventos from gad_lectura_jurisdiccion;
