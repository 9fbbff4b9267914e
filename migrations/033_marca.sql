-- What a map shows of a position, in one column: a city is thousands of rows, and what reading
-- them costs is their columns. projections/mapa reads these bytes, all big endian: the id, lat,
-- lon, the microseconds since 2000, precision_m, rumbo, velocidad.
alter table lectura.posiciones add column marca bytea not null
  generated always as (uuid_send(efectivo) || float8send(lat) || float8send(lon) || timestamptz_send(en)
    || float4send(precision_m) || float4send(rumbo) || float4send(velocidad)) stored;

---- create above / drop below ----

alter table lectura.posiciones drop column marca;
