CREATE SCHEMA IF NOT EXISTS "ide";

CREATE TABLE "ide"."repo" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "url" TEXT,
    "owner_id" INTEGER NOT NULL,
    "created" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "repo_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "ide"."member" (
    "repo_id" UUID NOT NULL,
    "account_id" INTEGER NOT NULL,
    "added" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "member_pkey" PRIMARY KEY ("repo_id", "account_id")
);

CREATE TABLE "ide"."deleted_repo" (
    "id" UUID NOT NULL,
    "deleted" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "deleted_repo_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "repo_owner_id_idx" ON "ide"."repo" ("owner_id");

CREATE INDEX "member_account_id_idx" ON "ide"."member" ("account_id");

ALTER TABLE "ide"."member" ADD CONSTRAINT "member_repo_id_fkey" FOREIGN KEY ("repo_id") REFERENCES "ide"."repo" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
