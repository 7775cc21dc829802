/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-test-tenant.h"

G_BEGIN_DECLS

/**
 * LwTestFaulty:
 *
 * The simulated tenant over TLS, ready to be told what to get wrong, with certificates of its own: a
 * good one, one for another name and one that has expired. All three are trusted, so that nothing but
 * the name or the date is wrong with them.
 */
typedef struct
{
  LwTestTenant *tenant;
  char *folder;
  char *ca_file;
  GTlsCertificate *good;
} LwTestFaulty;

/* @arguments: (nullable): further ones for the tenant. %NULL where the tenant or openssl is not here. */
LwTestFaulty *lw_test_faulty_new (const char *const *arguments);
void lw_test_faulty_free (LwTestFaulty *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTestFaulty, lw_test_faulty_free)

/* The path of "good.pem", "other.key", "expired.pem"… (transfer full) */
char *lw_test_faulty_file (LwTestFaulty *self, const char *name);
/* Replaces what the tenant gets wrong by @rules: JSON objects with commas between, "" for nothing.
 * Counts begin anew. */
void lw_test_faulty_set (LwTestFaulty *self, const char *rules);
/* How many requests came since, and how often @write ("PUT /path") was done. */
guint lw_test_faulty_requests (LwTestFaulty *self);
guint lw_test_faulty_writes (LwTestFaulty *self, const char *write);

/* A client with the token of the persona @upn, which gives up after @deadline_ms. */
LwClient *lw_test_faulty_client (LwTestFaulty *self, const char *upn, guint deadline_ms);
/* Signs @identity in through a browser that goes where it is sent and chooses @upn. Nothing is kept in a
 * keyring. */
gboolean
lw_test_faulty_sign_in (LwTestFaulty *self, LwIdentity *identity, const char *upn, GError **error);

G_END_DECLS
