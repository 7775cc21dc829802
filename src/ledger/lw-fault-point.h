/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "config.h"

#include <glib.h>

G_BEGIN_DECLS

/*
 * Where the tests end this process as a power cut would: by SIGKILL, at an instant of their choosing.
 * Built only with the meson option "fault_points", which is off in a release.
 *
 * All of them are listed here. One that is listed and never passed, or passed and survived by nothing,
 * fails the crash test (tests/crash), so whoever adds one adds what passes it.
 */
/* clang-format off */
#define LW_FAULT_POINTS_EACH(POINT)                                                                \
  POINT (FOLDER_SHELF, "folder.shelf")              /* a shelf of a new ledger is made */          \
  POINT (FOLDER_MADE, "folder.made")                /* a folder on a shelf is made */              \
  POINT (FOLDER_OPENED, "folder.opened")            /* the temporary file is there, empty */       \
  POINT (FOLDER_HALF, "folder.half")                /* half of it is written */                    \
  POINT (FOLDER_WRITTEN, "folder.written")          /* all of it */                                \
  POINT (FOLDER_SYNCED, "folder.synced")                                                           \
  POINT (FOLDER_LINKED, "folder.linked")            /* it has its name, and the temporary one */   \
  POINT (FOLDER_UNLINKED, "folder.unlinked")        /* it has its name only */                     \
  POINT (FOLDER_DONE, "folder.done")                /* the folder is synced */                     \
  POINT (BLOB_PUTTING, "blob.putting")              /* before Put Blob */                          \
  POINT (BLOB_PUT, "blob.put")                      /* it was answered */                          \
  POINT (EVENT_SEALED, "event.sealed")              /* the seal is there, its event is not */      \
  POINT (EVENT_WRITTEN, "event.written")            /* the event is there, its marker is not */    \
  POINT (EVENT_MARKED, "event.marked")                                                             \
  POINT (EVENT_KEPT, "event.kept")                  /* and it is in the cache */                   \
  POINT (RULES_WRITTEN, "rules.written")                                                           \
  POINT (EVIDENCE_WRITTEN, "evidence.written")                                                     \
  POINT (EVIDENCE_STAGED, "evidence.staged")        /* a draft's file is on this machine */        \
  POINT (CACHE_TABLES, "cache.tables")              /* a new cache has some of its tables */       \
  POINT (CACHE_COMMITTING, "cache.committing")                                                     \
  POINT (CACHE_COMMITTED, "cache.committed")                                                       \
  POINT (OUTBOX_TABLES, "outbox.tables")            /* a new outbox has some of its tables */      \
  POINT (OUTBOX_COMMITTING, "outbox.committing")                                                   \
  POINT (OUTBOX_COMMITTED, "outbox.committed")                                                     \
  POINT (APPLY_NOTED, "apply.noted")                /* this machine knows that it begins */        \
  POINT (APPLY_BEGUN, "apply.begun")                /* so does the ledger */                       \
  POINT (APPLY_PUTTING, "apply.putting")            /* before the PUT of a grant */                \
  POINT (APPLY_PUT, "apply.put")                    /* it was answered */                          \
  POINT (APPLY_ANSWERED, "apply.answered")          /* all grants; not yet in the ledger */        \
  POINT (APPLY_RECORDED, "apply.recorded")          /* in the ledger; still noted here */          \
  POINT (APPLY_FORGOTTEN, "apply.forgotten")                                                       \
  POINT (DRAFT_SAVING, "draft.saving")                                                             \
  POINT (DRAFT_SAVED, "draft.saved")                                                               \
  POINT (DRAFT_REMOVED, "draft.removed")            /* its evidence is still there */
/* clang-format on */

typedef enum
{
#define LW_FAULT_POINT_ID(id, name) LW_FAULT_##id,
  LW_FAULT_POINTS_EACH (LW_FAULT_POINT_ID)
#undef LW_FAULT_POINT_ID
      LW_FAULT_POINT_N
} LwFaultPoint;

/* The name of @point, for listing them. (transfer none) */
const char *lw_fault_point_get_name (LwFaultPoint point);

/**
 * lw_fault_point_pass:
 *
 * Ends the process where the environment says LEEWAY_DIE_AT=name or LEEWAY_DIE_AT=name:n and this is the
 * first (or @n-th, from 1) time that @point is passed. With LEEWAY_FAULT_LOG=file, adds a line "name:n" to
 * that file first. Any thread.
 */
void lw_fault_point_pass (LwFaultPoint point);

#ifdef LW_FAULT_POINTS
#define LW_FAULT_POINT(id) lw_fault_point_pass (LW_FAULT_##id)
#else
#define LW_FAULT_POINT(id) ((void) 0)
#endif

G_END_DECLS
