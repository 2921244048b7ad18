-- one row per record kind whose indicators were not computed again after its rows changed
select record from meta.stale;
