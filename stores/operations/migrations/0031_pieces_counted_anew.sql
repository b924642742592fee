-- Which pieces of maintenance fell due is counted otherwise: months of elevators with a regime are counted anew.
INSERT INTO kpi_stale (device_id, from_month) SELECT DISTINCT device_id, '' FROM regimes;
