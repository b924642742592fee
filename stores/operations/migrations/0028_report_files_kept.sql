ALTER TABLE "report_files" ALTER COLUMN "content" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "report_files" ADD COLUMN "removed_at" timestamp (3) with time zone;