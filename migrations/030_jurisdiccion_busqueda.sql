-- Whoever answers for some Zonas and unidades searches by the same index as whoever sees
-- everything, and his heat map counts the positions of his unidades.

-- No policy lets the operators of a search near an index, since they are not leakproof: for one who
-- sees a part the wall is a function. It finds by the index of all texts and hands on what is his.
create function eventos.textos_mios(consulta tsquery) returns setof uuid
language plpgsql stable rows 1000 security definer set search_path = pg_catalog, pg_temp as $$
declare
  z uuid[] := eventos.mis_zonas();
  p uuid[] := eventos.propio();
begin
  if z is null then
    return;
  end if;
  return query
    select x.id from lectura.tareas_textos x join lectura.tareas t on t.id = x.id
    where to_tsvector('simple', x.busqueda) @@ consulta and (t.zona is null or z = '{}' or t.zona = any(z) or t.ven && p);
end $$;

-- palabras_mias are the words most like one that stand in the texts in his part: nobody else's
-- correct his. Words are letters only, so nothing in them is escaped. like is set by the caller.
create function eventos.palabras_mias(parecida text, cuantas integer) returns setof text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  w text;
begin
  for w in
    select palabra from lectura.tareas_palabras where palabra operator(public.%) parecida
    order by palabra operator(public.<->) parecida, palabra limit cuantas
  loop
    if exists (select from eventos.textos_mios(('''' || w || '''')::tsquery)) then
      return next w;
    end if;
  end loop;
end $$;

revoke all on function eventos.textos_mios(tsquery), eventos.palabras_mias(text, integer) from public;
grant execute on function eventos.textos_mios(tsquery), eventos.palabras_mias(text, integer) to gad_lectura_jurisdiccion;

-- How many positions of each unidad fell into each cell, as lectura.celdas counts those of
-- everybody: by the unidad that whoever was there had when it was counted.
create table lectura.celdas_unidad (
  clave  bigint  not null,
  unidad text    not null,
  x      integer not null,
  y      integer not null,
  fixes  bigint  not null,
  primary key (clave, unidad)
);
grant select, insert, update, delete on lectura.celdas_unidad to gad_aplicacion;
select eventos.muro('celdas_unidad', 'false');
select eventos.muro_jurisdiccion('celdas_unidad', $$unidad = '' or unidad = any((select eventos.mis_unidades())::text[])$$);
-- Who is not narrowed in unidades sees everybody, and so every cell.
drop policy jurisdiccion on lectura.celdas;
create policy jurisdiccion on lectura.celdas for select to gad_lectura_jurisdiccion using ((select eventos.mis_unidades()) = '{}');

-- A generation from before has no such table, and cannot come back.
delete from eventos.checkpoints where projection = 'estadisticas.celdas' and target <> 'lectura';
select eventos.generacion_borrar('lectura_estadisticas_celdas_anterior');

---- create above / drop below ----

drop policy jurisdiccion on lectura.celdas;
create policy jurisdiccion on lectura.celdas for select to gad_lectura_jurisdiccion using (false);
drop table lectura.celdas_unidad;
delete from eventos.checkpoints where projection = 'estadisticas.celdas' and target <> 'lectura';
select eventos.generacion_borrar('lectura_estadisticas_celdas_anterior');
drop function eventos.palabras_mias(text, integer);
drop function eventos.textos_mios(tsquery);
