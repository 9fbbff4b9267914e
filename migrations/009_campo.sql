-- What the policies say of an Efectivo, and the leaves. The defaults are what older facts make
-- of these columns, so nothing needs to be built anew.
alter table lectura.efectivos
  add column zonas         uuid[]  not null default '{}', -- inside, in the order of entering
  add column senal_perdida boolean not null default false,
  add column sos           boolean not null default false,
  add column de_baja       boolean not null default false;
create index efectivos_zonas on lectura.efectivos using gin (zonas);
create index efectivos_sos   on lectura.efectivos (id) where sos;

create table lectura.licencias (
  id       uuid        primary key,
  efectivo uuid        not null,
  desde    timestamptz not null,
  hasta    timestamptz not null,
  estado   text        not null,
  motivo   text        not null,
  respuesta text       not null, -- why it was refused
  pedida   timestamptz not null,
  resuelta timestamptz,
  vigente  boolean     not null, -- he is on it
  posicion bigint      not null
);
create index licencias_efectivo on lectura.licencias (efectivo, desde);
create index licencias_estado   on lectura.licencias (estado, desde, id);

grant select, insert, update, delete on lectura.licencias to gad_aplicacion;
select eventos.muro('licencias', 'efectivo = any(eventos.propio())');

---- create above / drop below ----

drop table lectura.licencias;
drop index lectura.efectivos_sos;
drop index lectura.efectivos_zonas;
alter table lectura.efectivos drop column zonas, drop column senal_perdida, drop column sos, drop column de_baja;
