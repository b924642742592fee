CREATE TABLE "device_forecasts" (
	"device_id" text NOT NULL,
	"finding" text NOT NULL,
	"day" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"sample_at" timestamp (3) with time zone NOT NULL,
	"quantity" text NOT NULL,
	"level" double precision NOT NULL,
	"level_limit" double precision NOT NULL,
	"days" real,
	"low_days" real,
	"high_days" real,
	"refused" text,
	CONSTRAINT "device_forecasts_device_id_finding_day_pk" PRIMARY KEY("device_id","finding","day")
);
--> statement-breakpoint
CREATE INDEX "device_forecasts_day" ON "device_forecasts" USING btree ("day");