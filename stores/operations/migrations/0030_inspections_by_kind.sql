ALTER TABLE "inspection_plans" ADD COLUMN "public_source" text;--> statement-breakpoint
ALTER TABLE "inspection_samples" ADD COLUMN "public_source" text;--> statement-breakpoint
ALTER TABLE "inspection_samples" ADD COLUMN "public_value" text;--> statement-breakpoint
ALTER TABLE "kpi_months"
	ADD COLUMN "inspections_judged_quarterly" integer DEFAULT 0 NOT NULL,
	ADD COLUMN "inspections_passed_quarterly" integer DEFAULT 0 NOT NULL,
	ADD COLUMN "inspections_judged_monthly" integer DEFAULT 0 NOT NULL,
	ADD COLUMN "inspections_passed_monthly" integer DEFAULT 0 NOT NULL,
	ADD COLUMN "inspections_judged_unannounced" integer DEFAULT 0 NOT NULL,
	ADD COLUMN "inspections_passed_unannounced" integer DEFAULT 0 NOT NULL,
	DROP COLUMN "inspections_judged",
	DROP COLUMN "inspections_passed";--> statement-breakpoint
ALTER TABLE "kpi_months"
	ALTER COLUMN "inspections_judged_quarterly" DROP DEFAULT,
	ALTER COLUMN "inspections_passed_quarterly" DROP DEFAULT,
	ALTER COLUMN "inspections_judged_monthly" DROP DEFAULT,
	ALTER COLUMN "inspections_passed_monthly" DROP DEFAULT,
	ALTER COLUMN "inspections_judged_unannounced" DROP DEFAULT,
	ALTER COLUMN "inspections_passed_unannounced" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "kpi_totals"
	ADD COLUMN "inspections_judged_quarterly" bigint DEFAULT 0 NOT NULL,
	ADD COLUMN "inspections_passed_quarterly" bigint DEFAULT 0 NOT NULL,
	ADD COLUMN "inspections_judged_monthly" bigint DEFAULT 0 NOT NULL,
	ADD COLUMN "inspections_passed_monthly" bigint DEFAULT 0 NOT NULL,
	ADD COLUMN "inspections_judged_unannounced" bigint DEFAULT 0 NOT NULL,
	ADD COLUMN "inspections_passed_unannounced" bigint DEFAULT 0 NOT NULL,
	DROP COLUMN "inspections_judged",
	DROP COLUMN "inspections_passed";--> statement-breakpoint
ALTER TABLE "kpi_totals"
	ALTER COLUMN "inspections_judged_quarterly" DROP DEFAULT,
	ALTER COLUMN "inspections_passed_quarterly" DROP DEFAULT,
	ALTER COLUMN "inspections_judged_monthly" DROP DEFAULT,
	ALTER COLUMN "inspections_passed_monthly" DROP DEFAULT,
	ALTER COLUMN "inspections_judged_unannounced" DROP DEFAULT,
	ALTER COLUMN "inspections_passed_unannounced" DROP DEFAULT;--> statement-breakpoint
DROP TRIGGER committed ON "inspection_samples";--> statement-breakpoint
CREATE TRIGGER committed BEFORE UPDATE OF "insurer_id", "month", "count", "population", "population_sha256", "seed", "seed_sha256", "public_source", "committed_at" ON "inspection_samples" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER drawn BEFORE UPDATE OF "public_value" ON "inspection_samples" FOR EACH ROW
	WHEN (OLD.drawn_at IS NOT NULL OR OLD.revealed_at IS NOT NULL) EXECUTE FUNCTION append_only();
--> statement-breakpoint
-- only months with inspections have other counts now
INSERT INTO kpi_stale (device_id, from_month, to_month)
	SELECT DISTINCT device_id, kpi_month(ended_at), kpi_month(ended_at) FROM inspections WHERE ended_at IS NOT NULL;
