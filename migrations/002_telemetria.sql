-- telemetry log.
select 1;
