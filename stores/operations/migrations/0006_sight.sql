ALTER TABLE "gateways" ADD COLUMN "site_id" text;--> statement-breakpoint
CREATE INDEX "incidents_site" ON "incidents" USING btree ("site_id","seq");