CREATE TABLE "duty_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"type" text NOT NULL,
	"site_id" text,
	"text" text NOT NULL,
	"name" text NOT NULL,
	"written_by" text NOT NULL,
	"taken_over_at" timestamp (3) with time zone,
	"taken_over_name" text,
	"taken_over_by" text
);
--> statement-breakpoint
CREATE UNIQUE INDEX "duty_log_seq" ON "duty_log" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "duty_log_at" ON "duty_log" USING btree ("at");--> statement-breakpoint
CREATE INDEX "duty_log_waiting" ON "duty_log" USING btree ("seq") WHERE type = 'handover' and taken_over_at is null;--> statement-breakpoint
-- What was written stays as it is; a handover is taken over once.
CREATE FUNCTION guard_duty_log() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	was jsonb := to_jsonb(OLD);
	becomes jsonb := to_jsonb(NEW);
BEGIN
	IF TG_OP = 'DELETE' OR OLD.type <> 'handover' OR OLD.taken_over_at IS NOT NULL
		OR (was - 'taken_over_at' - 'taken_over_name' - 'taken_over_by')
			<> (becomes - 'taken_over_at' - 'taken_over_name' - 'taken_over_by') THEN
		RAISE EXCEPTION 'what stands in the duty log is not changed' USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER guard_duty_log BEFORE UPDATE OR DELETE ON "duty_log" FOR EACH ROW EXECUTE FUNCTION guard_duty_log();
