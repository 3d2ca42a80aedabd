CREATE SCHEMA IF NOT EXISTS "nemesis";

CREATE TABLE "nemesis"."person" (
    "account_id" INTEGER NOT NULL,
    "first_name" TEXT NOT NULL,
    "surname" TEXT NOT NULL,
    "roles" TEXT[] NOT NULL,

    CONSTRAINT "person_pkey" PRIMARY KEY ("account_id"),
    CONSTRAINT "person_roles_check" CHECK ("roles" <@ ARRAY['team-leader', 'blueshirt', 'administrator'])
);

CREATE TABLE "nemesis"."college" (
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL,

    CONSTRAINT "college_pkey" PRIMARY KEY ("name")
);

CREATE TABLE "nemesis"."team" (
    "name" TEXT NOT NULL,

    CONSTRAINT "team_pkey" PRIMARY KEY ("name")
);

CREATE TABLE "nemesis"."college_member" (
    "college" TEXT NOT NULL,
    "account_id" INTEGER NOT NULL,

    CONSTRAINT "college_member_pkey" PRIMARY KEY ("college", "account_id"),
    CONSTRAINT "college_member_college_fkey" FOREIGN KEY ("college")
        REFERENCES "nemesis"."college" ("name") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "college_member_account_id_fkey" FOREIGN KEY ("account_id")
        REFERENCES "nemesis"."person" ("account_id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "nemesis"."team_member" (
    "team" TEXT NOT NULL,
    "account_id" INTEGER NOT NULL,

    CONSTRAINT "team_member_pkey" PRIMARY KEY ("team", "account_id"),
    CONSTRAINT "team_member_team_fkey" FOREIGN KEY ("team")
        REFERENCES "nemesis"."team" ("name") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "team_member_account_id_fkey" FOREIGN KEY ("account_id")
        REFERENCES "nemesis"."person" ("account_id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "nemesis"."registration" (
    "id" SERIAL NOT NULL,
    "first_name" TEXT NOT NULL,
    "last_name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "team" TEXT NOT NULL,
    "team_known" BOOLEAN NOT NULL,
    "leader" TEXT NOT NULL,
    "college" TEXT NOT NULL,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "registration_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "nemesis"."seed" (
    "name" TEXT NOT NULL,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "seed_pkey" PRIMARY KEY ("name")
);

CREATE INDEX "college_member_account_id_idx" ON "nemesis"."college_member" ("account_id");

CREATE INDEX "team_member_account_id_idx" ON "nemesis"."team_member" ("account_id");

CREATE INDEX "registration_college_idx" ON "nemesis"."registration" ("college");
