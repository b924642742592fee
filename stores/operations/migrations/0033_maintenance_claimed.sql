ALTER TABLE "kpi_months" ADD COLUMN "maintenance_claimed" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "kpi_months" ALTER COLUMN "maintenance_claimed" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "kpi_totals" ADD COLUMN "maintenance_claimed" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "kpi_totals" ALTER COLUMN "maintenance_claimed" DROP DEFAULT;--> statement-breakpoint
-- Of what was done in time it is counted now what nothing proves: months of elevators with a regime are counted anew.
INSERT INTO kpi_stale (device_id, from_month) SELECT DISTINCT device_id, '' FROM regimes;
