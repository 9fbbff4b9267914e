-- The markers that people share on the map, as the fold of their facts. Whether one is over is
-- computed when it is read.
create table lectura.marcas (
  id       uuid        primary key,
  clase    text        not null,
  titulo   text        not null,
  lat      float8      not null,
  lon      float8      not null,
  zona     uuid,                 -- null: everybody's
  autor    uuid,
  puesta   timestamptz not null,
  caduca   timestamptz,          -- null: until it is taken away
  retirada timestamptz,
  retiro   uuid,                 -- who took it away
  version  bigint      not null,
  posicion bigint      not null
);
create index marcas_autor on lectura.marcas (autor);
create index marcas_puestas on lectura.marcas (puesta, id) where retirada is null;
grant select, insert, update, delete on lectura.marcas to gad_aplicacion;
select eventos.muro('marcas', 'autor = any(eventos.propio())');
select eventos.muro_jurisdiccion('marcas', $$(select eventos.mis_zonas()) is not null and (zona is null or (select eventos.mis_zonas()) = '{}'
  or zona = any((select eventos.mis_zonas())::uuid[]) or autor = any(eventos.propio()))$$);

---- create above / drop below ----

drop table lectura.marcas;
