DROP INDEX "incidents_external";--> statement-breakpoint
CREATE INDEX "incidents_external_all" ON "incidents" USING btree ("source","external_id");--> statement-breakpoint
CREATE UNIQUE INDEX "incidents_external" ON "incidents" USING btree ("source","external_id") WHERE state <> 'cleared' or source in ('liftwatt', 'manual', 'import');