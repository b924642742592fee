-- What a figure counts has changed, and rows of one month may stand there twice: all of them are counted again.
DELETE FROM "kpi_months";--> statement-breakpoint
DROP INDEX "kpi_months_device";--> statement-breakpoint
ALTER TABLE "kpi_months" ADD COLUMN "faults_unknown" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "kpi_months" ADD COLUMN "inspections_judged" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "kpi_months" ADD CONSTRAINT "kpi_months_once" UNIQUE NULLS NOT DISTINCT("device_id","month","maintainer_id","insurer_id");--> statement-breakpoint
INSERT INTO kpi_stale (device_id, from_month) SELECT id, '' FROM devices;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION mark_kpi_visit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- what was done moves the next date, and with it all that is missed until somebody comes
	INSERT INTO kpi_stale (device_id, from_month) VALUES (NEW.device_id, kpi_month(NEW.started_at));
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION mark_kpi_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- a warning that was a false alarm warns of nothing that follows it
	INSERT INTO kpi_stale (device_id, from_month, to_month)
		WITH RECURSIVE chain AS (
			SELECT o.id, o.device_id, o.occurred_at, o.restored_at, o.closed_at, o.follows_id FROM work_orders o WHERE o.id = NEW.order_id
			UNION SELECT o.id, o.device_id, o.occurred_at, o.restored_at, o.closed_at, o.follows_id
				FROM chain JOIN work_orders o ON o.id = chain.follows_id OR o.follows_id = chain.id
		)
		SELECT device_id, kpi_month(occurred_at), kpi_month(greatest(occurred_at, restored_at, closed_at) + interval '31 days')
		FROM chain WHERE device_id IS NOT NULL;
	RETURN NULL;
END $$;
