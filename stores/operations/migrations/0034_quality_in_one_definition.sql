-- Of days that were written down before it, too, inspection mode is planned maintenance for four hours at most.
INSERT INTO kpi_stale (device_id, from_month, to_month)
	SELECT DISTINCT device_id, left(day, 7), left(day, 7) FROM device_days WHERE planned_minutes > 240;
--> statement-breakpoint
UPDATE device_days SET out_of_service_minutes = out_of_service_minutes + planned_minutes - 240, planned_minutes = 240
	WHERE planned_minutes > 240;
--> statement-breakpoint
-- What was done in time and is still to be counted anew is a claim until then: nobody has looked yet whether anything proves it.
UPDATE kpi_months k SET maintenance_claimed = maintenance_on_time
	WHERE maintenance_claimed < maintenance_on_time AND EXISTS (SELECT FROM kpi_stale s
		WHERE s.device_id = k.device_id AND s.from_month = '' AND (s.to_month IS NULL OR s.to_month >= k.month));
--> statement-breakpoint
UPDATE kpi_totals t SET maintenance_claimed = sums.claimed
	FROM (
		SELECT CASE WHEN grouping(estate_id) = 1 THEN 'company' ELSE 'estate' END AS level, month, estate_id, maintainer_id, insurer_id,
			stratum, sum(maintenance_claimed) AS claimed
		FROM kpi_months GROUP BY GROUPING SETS ((month, maintainer_id, insurer_id, stratum), (month, estate_id, insurer_id))
	) sums
	WHERE t.level = sums.level AND t.month = sums.month AND coalesce(t.estate_id, '') = coalesce(sums.estate_id, '')
		AND coalesce(t.maintainer_id, '') = coalesce(sums.maintainer_id, '') AND coalesce(t.insurer_id, '') = coalesce(sums.insurer_id, '')
		AND coalesce(t.stratum, '') = coalesce(sums.stratum, '') AND t.maintenance_claimed <> sums.claimed;
