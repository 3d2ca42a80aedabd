CREATE TABLE "nemesis"."link" (
    "kind" TEXT NOT NULL,
    "userid_key" TEXT NOT NULL,
    "userid" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "code_hash" BYTEA NOT NULL,
    "expires" TIMESTAMPTZ(3) NOT NULL,
    "claim" TEXT,
    "leased_until" TIMESTAMPTZ(3),

    CONSTRAINT "link_pkey" PRIMARY KEY ("kind", "userid_key"),
    CONSTRAINT "link_kind_check" CHECK ("kind" IN ('activate', 'reset', 'verify'))
);

CREATE INDEX "link_expires_idx" ON "nemesis"."link" ("expires");

CREATE TABLE "nemesis"."mail" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "userid_key" TEXT NOT NULL,
    "sealed" BYTEA,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,
    "problem" TEXT,

    CONSTRAINT "mail_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "mail_due_check" CHECK (("due" IS NULL) = ("sealed" IS NULL))
);

CREATE INDEX "mail_due_idx" ON "nemesis"."mail" ("due");

CREATE INDEX "mail_userid_key_kind_idx" ON "nemesis"."mail" ("userid_key", "kind");
