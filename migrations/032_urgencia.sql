-- A call for help does not wait behind news: of the messages on their way to Telegram the most
-- urgent one goes first, also within a chat.
alter table buzon.salida add column urgencia smallint not null default 0;
drop index buzon.salida_pendiente;
create index salida_pendiente on buzon.salida (chat, urgencia desc, id) where hecho is null;
create index salida_turno on buzon.salida (urgencia desc, id) where hecho is null;

---- create above / drop below ----

drop index buzon.salida_turno;
drop index buzon.salida_pendiente;
create index salida_pendiente on buzon.salida (chat, id) where hecho is null;
alter table buzon.salida drop column urgencia;
