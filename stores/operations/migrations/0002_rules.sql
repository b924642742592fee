CREATE TABLE "journal_notes" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"note" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rule_changes" (
	"version" bigserial PRIMARY KEY NOT NULL,
	"finding" text NOT NULL,
	"scope_type" text NOT NULL,
	"scope_id" text NOT NULL,
	"enabled" boolean,
	"settings" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "rule_version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "rule_changes_finding" ON "rule_changes" USING btree ("finding","scope_type","scope_id","version");