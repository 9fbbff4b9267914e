-- The map shows a position of the turno that is under way, never where somebody was in an earlier one.
alter table lectura.efectivos_en_turno add column turno uuid;
update lectura.efectivos_en_turno t set turno = e.turno from lectura.efectivos e where e.id = t.id;
alter table lectura.efectivos_en_turno alter column turno set not null;

---- create above / drop below ----

alter table lectura.efectivos_en_turno drop column turno;
