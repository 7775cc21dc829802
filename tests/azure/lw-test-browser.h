/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-test.h"

G_BEGIN_DECLS

/* A browser: goes where it is sent, as the test says. */
typedef struct
{
  SoupSession *session;
  char *url; /* what Leeway opened */
  char *state;
  char *nonce;
  char *redirect_uri;
  char *challenge;
  char *claims;
  char *persona;   /* (nullable): whom the tenant's page is told to sign in */
  gboolean follow; /* goes there by itself */
  guint status;    /* of the page it ended on; 0 while under way, 599 where there was none */
  char *page;
  SoupMessageHeaders *headers; /* of that page */
} LwTestBrowser;

/* @ca_file: (nullable): certificates to trust */
LwTestBrowser *lw_test_browser_new (const char *persona, gboolean follow, const char *ca_file);
void lw_test_browser_free (LwTestBrowser *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTestBrowser, lw_test_browser_free)

/* The hook that opens an address; its data is the browser. */
void lw_test_browser_open (const char *url, gpointer self);
/* lw_identity_sign_in() with it. */
DexFuture *lw_test_browser_sign_in (LwTestBrowser *self, LwIdentity *identity);
/* Conditions to wait for. */
gboolean lw_test_browser_was_opened (gpointer self);
gboolean lw_test_browser_has_page (gpointer self);
/* @host: (nullable): another "Host" to send */
void
lw_test_browser_visit (LwTestBrowser *self, const char *method, const char *url, const char *host);
/* The same, and waits for the page; its status. */
guint
lw_test_browser_go (LwTestBrowser *self, const char *method, const char *url, const char *host);
/* The address to return to, with @query and the right state. (transfer full) */
char *lw_test_browser_way_back (LwTestBrowser *self, const char *query);

G_END_DECLS
