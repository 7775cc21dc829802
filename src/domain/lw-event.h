/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-request.h"

G_BEGIN_DECLS

typedef enum
{
  LW_EVENT_SUBMITTED,
  LW_EVENT_WITHDRAWN,
  LW_EVENT_CHANGES_REQUESTED,
  LW_EVENT_REJECTED,
  LW_EVENT_APPROVED,
  LW_EVENT_APPLYING,
  LW_EVENT_APPLIED,
  LW_EVENT_APPLY_FAILED,
  LW_EVENT_RETIRING,
  LW_EVENT_RETIRED,
  LW_EVENT_RESTORED,
  LW_EVENT_CONTROL_CHECKED,
  LW_EVENT_COMMENTED,
  LW_EVENT_UNKNOWN, /* of a newer version: kept, shown, changes nothing */
} LwEventKind;

const char *lw_event_kind_to_string (LwEventKind kind);
LwEventKind lw_event_kind_from_string (const char *text);

/**
 * LwEvent:
 *
 * One entry of the ledger; a boxed, reference counted, immutable value.
 */
typedef struct
{
  char *request; /* request id */
  guint seq;     /* from 1, no gaps */
  LwEventKind kind;
  char *kind_name; /* as written */
  GDateTime *at;
  LwPerson *by;
  char *by_tenant;
  char *prev;       /* sha256 of the bytes of event seq-1; "" for the first */
  JsonObject *body; /* never NULL */
  GBytes *bytes;    /* as stored */
  char *sha256;     /* of @bytes */
} LwEvent;

#define LW_TYPE_EVENT (lw_event_get_type ())
GType lw_event_get_type (void);

/* Makes an event and its bytes (canonical JSON). @body is copied. (transfer full) */
LwEvent *lw_event_new (const char *request,
                       guint seq,
                       LwEventKind kind,
                       GDateTime *at,
                       const LwPerson *by,
                       const char *by_tenant,
                       const char *prev,
                       JsonObject *body);
LwEvent *lw_event_from_bytes (GBytes *bytes, GError **error);
/* The same where the SHA-256 of @bytes is known, in lower-case hex. */
LwEvent *lw_event_from_hashed_bytes (GBytes *bytes, const char *sha256, GError **error);
LwEvent *lw_event_ref (LwEvent *self);
void lw_event_unref (LwEvent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwEvent, lw_event_unref)

/* A seal: {"version":1,"request","digest","at","by":{…},"tenant"}: the approver's own object that makes
 * an approval count. Named "<digest>-<approver oid>". */
GBytes *lw_seal_to_bytes (const char *request,
                          const char *digest,
                          GDateTime *at,
                          const LwPerson *by,
                          const char *tenant);
char *lw_seal_name (const char *digest, const char *oid);
/* Whether @bytes is the seal of that person for that digest of that request. */
gboolean lw_seal_matches (GBytes *bytes, const char *request, const char *digest, const char *oid);

G_END_DECLS
