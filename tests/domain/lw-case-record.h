/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-case.h"

G_BEGIN_DECLS

/* A record under construction: events that follow from each other, and seals. */
typedef struct
{
  GPtrArray *events;
  GHashTable *seals; /* "digest-oid" */
  LwRules *rules;
  guint minutes;
} Record;

/* @rules as in fixture_rules(). */
void record_init (Record *self, const char *rules);
void record_clear (Record *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Record, record_clear)

LwCase *fold (Record *self);
/* An #LwSealLookup over the record. */
gboolean has_seal (const char *request, const char *digest, const char *oid, gpointer user_data);
void seal (Record *self, const char *digest, const char *who);
/* Adds the next event. */
void append (Record *self, LwEventKind kind, const char *who, JsonObject *body);
/* The body of a submitted event. (transfer full) */
JsonObject *submission (const LwRequest *request, guint revision);
void submit (Record *self, const LwRequest *request, guint revision);
/* {"digest", "grants": JSON with single quotes, where given} (transfer full) */
JsonObject *decision (const char *digest, const char *grants);
void
decide (Record *self, LwEventKind kind, const char *who, const char *digest, const char *grants);
/* With its seal. */
void approve (Record *self, const char *who, const char *digest);
gboolean has_flag (LwCase *item, const char *id, guint seq);
/* An end some weeks earlier. */
void tighten_expiry (LwRequest *terms);

/* What Azure may answer for the first grant. */
#define APPLIED "[{'n':1,'exemption':{'id':'x'}}]"
#define FAILED  "[{'n':1,'error':{'code':'Forbidden'}}]"

G_END_DECLS
