CREATE TABLE "gateway_mappings" (
	"gateway_id" text NOT NULL,
	"version" integer NOT NULL,
	"mapping" jsonb,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "gateway_mappings_gateway_id_version_pk" PRIMARY KEY("gateway_id","version")
);
--> statement-breakpoint
ALTER TABLE "quarantine" ADD COLUMN "topic" text;--> statement-breakpoint
ALTER TABLE "gateway_mappings" ADD CONSTRAINT "gateway_mappings_gateway_id_gateways_id_fk" FOREIGN KEY ("gateway_id") REFERENCES "public"."gateways"("id") ON DELETE no action ON UPDATE no action;