-- Whose leaves are whose, so that their reasons go with the person's other texts.
create table lectura.licencias_personas (
  efectivo uuid   primary key,
  usuario  uuid   not null,
  posicion bigint not null
);
create index licencias_personas_usuario on lectura.licencias_personas (usuario);
grant select, insert, update, delete on lectura.licencias_personas to gad_aplicacion;
select eventos.muro('licencias_personas', 'usuario = any(eventos.propio())');

-- What the facts up to the checkpoint of the read model say.
insert into lectura.licencias_personas (efectivo, usuario, posicion)
select substr(l.stream, length('efectivo-') + 1)::uuid, (convert_from(l.payload, 'UTF8')::jsonb ->> 'usuario')::uuid, l.position
from eventos.log l
where l.type = 'efectivo.registrado'
  and l.position <= (select coalesce(max(position), 0) from eventos.checkpoints where projection = 'licencias' and target = 'lectura');

update lectura.licencias l set motivo = '', respuesta = ''
from lectura.licencias_personas p join eventos.log b on b.stream = 'usuario-' || p.usuario::text and b.type = 'usuario.datos_personales_eliminados'
where p.efectivo = l.efectivo
  and b.position <= (select coalesce(max(position), 0) from eventos.checkpoints where projection = 'licencias' and target = 'lectura');

---- create above / drop below ----

drop table lectura.licencias_personas;
