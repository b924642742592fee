ALTER TABLE "notices" ADD COLUMN "looked_after_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "notices_waiting_to_give" ON "notices" USING btree ("created_at") WHERE state = 'waiting' and critical and looked_after_at is null
  and reason in ('raised', 'upgraded', 'reassigned', 'on-shift');--> statement-breakpoint
-- What happened goes by no other way either: a row at a time is refused already.
CREATE TRIGGER not_truncated BEFORE TRUNCATE ON "work_order_events" FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER not_truncated BEFORE TRUNCATE ON "record_events" FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER not_truncated BEFORE TRUNCATE ON "seals" FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER not_truncated BEFORE TRUNCATE ON "audit" FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER not_truncated BEFORE TRUNCATE ON "evidence_files" FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER not_truncated BEFORE TRUNCATE ON "evidence_links" FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER not_truncated BEFORE TRUNCATE ON "visit_evidence" FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER not_truncated BEFORE TRUNCATE ON "erasures" FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER not_truncated BEFORE TRUNCATE ON "redacted_files" FOR EACH STATEMENT EXECUTE FUNCTION append_only();
