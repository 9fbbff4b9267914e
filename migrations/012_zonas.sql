-- What a Zona says besides its shape, and whether it stands empty.
alter table lectura.zonas
  add column reglas text    not null default '{"reglas":{}}', -- JSON: circulo, reglas, horarios
  add column vacia  boolean not null default false;
-- A Zona waits there too.
alter table eventos.observaciones rename column efectivo to objeto;

---- create above / drop below ----

alter table eventos.observaciones rename column objeto to efectivo;
alter table lectura.zonas drop column vacia, drop column reglas;
