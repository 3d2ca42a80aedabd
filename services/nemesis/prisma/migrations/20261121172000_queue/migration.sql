ALTER TABLE "nemesis"."registration"
    ADD COLUMN "state" TEXT NOT NULL DEFAULT 'waiting',
    ADD COLUMN "userid" TEXT,
    ADD COLUMN "claim" TEXT,
    ADD COLUMN "leased_until" TIMESTAMPTZ(3),
    ADD COLUMN "decided_by" TEXT,
    ADD COLUMN "decided_at" TIMESTAMPTZ(3),
    ADD COLUMN "reason" TEXT,
    ADD CONSTRAINT "registration_state_check" CHECK (
        CASE "state"
            WHEN 'waiting' THEN "claim" IS NULL AND "leased_until" IS NULL AND "decided_by" IS NULL
            WHEN 'approving' THEN "claim" IS NOT NULL AND "leased_until" IS NOT NULL AND "decided_by" IS NULL
            WHEN 'approved' THEN "claim" IS NULL AND "userid" IS NOT NULL AND "decided_by" IS NOT NULL AND "decided_at" IS NOT NULL
            WHEN 'rejected' THEN "claim" IS NULL AND "reason" IS NOT NULL AND "decided_by" IS NOT NULL AND "decided_at" IS NOT NULL
            ELSE FALSE
        END
    );

-- A userid that was kept is never kept again, whatever became of its person.
CREATE UNIQUE INDEX "registration_userid_key" ON "nemesis"."registration" ("userid");

-- Two registrations of one person are not approved at once, so that the second finds the person that the first made.
CREATE UNIQUE INDEX "registration_approving_email_key" ON "nemesis"."registration" (lower("email"))
    WHERE "state" = 'approving';

CREATE INDEX "registration_state_id_idx" ON "nemesis"."registration" ("state", "id");
