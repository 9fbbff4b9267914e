-- Those on duty, in few columns: the map of a city joins all of them with their positions, and
-- finding them in lectura.efectivos, whose rows are wide and often written anew, took a quarter
-- of its time.
create table lectura.efectivos_en_turno (
  id             uuid    primary key,
  usuario        uuid    not null,
  codigo_interno text    not null,
  unidad         text    not null,
  disponibilidad text    not null,
  simulado       boolean not null,
  sos            boolean not null,
  posicion       bigint  not null -- of the last event that changed one of these
);
insert into lectura.efectivos_en_turno
  select id, usuario, codigo_interno, unidad, disponibilidad, simulado, sos, posicion from lectura.efectivos where turno is not null;
create index efectivos_en_turno_usuario on lectura.efectivos_en_turno (usuario);
grant select, insert, update, delete on lectura.efectivos_en_turno to gad_aplicacion;
select eventos.muro('efectivos_en_turno', 'usuario = any(eventos.propio())');
select eventos.muro_jurisdiccion('efectivos_en_turno', $$(select eventos.mis_unidades()) = '{}' or id in (select eventos.mis_efectivos())$$);

---- create above / drop below ----

drop table lectura.efectivos_en_turno;
