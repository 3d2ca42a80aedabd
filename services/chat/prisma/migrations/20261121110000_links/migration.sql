-- AlterTable
ALTER TABLE "chat"."room" ADD COLUMN "owner" INTEGER,
ADD COLUMN "forwarded" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "chat"."message" ADD COLUMN "via" TEXT;

-- CreateTable
CREATE TABLE "chat"."link" (
    "id" UUID NOT NULL,
    "room_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "shown" TEXT NOT NULL,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "link_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "link_room_id_kind_target_key" ON "chat"."link"("room_id", "kind", "target");

-- AddForeignKey
ALTER TABLE "chat"."link" ADD CONSTRAINT "link_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "chat"."room"("id") ON DELETE CASCADE ON UPDATE CASCADE;
