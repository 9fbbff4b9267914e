-- What takes two administrators, as the fold of its facts.
create table lectura.aprobaciones (
  id          uuid        primary key,
  clase       text        not null,
  estado      text        not null,
  pedido      jsonb       not null, -- what exactly is asked for
  solicitante uuid,
  resolvio    uuid,                 -- who approved or refused it
  motivo      text        not null,
  respuesta   text        not null, -- why it was refused
  solicitada  timestamptz not null,
  vence       timestamptz not null,
  version     bigint      not null,
  posicion    bigint      not null
);
create index aprobaciones_solicitante on lectura.aprobaciones (solicitante);
create index aprobaciones_pendientes on lectura.aprobaciones (vence) where estado in ('solicitada', 'aprobada');
grant select, insert, update, delete on lectura.aprobaciones to gad_aplicacion;
select eventos.muro('aprobaciones', 'solicitante = any(eventos.propio())');

---- create above / drop below ----

drop table lectura.aprobaciones;
