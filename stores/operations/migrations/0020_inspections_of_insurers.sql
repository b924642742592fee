DROP INDEX "inspections_planned";--> statement-breakpoint
ALTER TABLE "inspection_samples" ADD COLUMN "population_size" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "inspections_planned" ON "inspections" USING btree ("device_id","kind","period","insurer_id");