-- checkpoints, leases and parked keys of the projections.
select 1;
