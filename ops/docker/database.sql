-- Run once by the PostGIS image, as superuser, after ops/local/roles.sql.
CREATE DATABASE gad OWNER gad_owner TEMPLATE template0 ENCODING 'UTF8';
\connect gad
CREATE EXTENSION postgis;
