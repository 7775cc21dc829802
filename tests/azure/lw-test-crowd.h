/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LwTestCrowd:
 *
 * A server on a thread of its own for a crowd of requests: it answers "/N/…" with N bytes of "x" after
 * a pause of "…?pause=milliseconds", by HTTP/2 over TLS where it has a certificate.
 */
typedef struct
{
  char *base;
  GTlsCertificate *certificate; /* nullable */
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  GHashTable *ports;
  int requests;    /* atomic */
  int by_http2;    /* atomic */
  int connections; /* atomic: from how many ports they came */
  int ended;       /* atomic: requests that were answered or given up */
} LwTestCrowd;

LwTestCrowd *lw_test_crowd_new (GTlsCertificate *certificate);
void lw_test_crowd_free (LwTestCrowd *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTestCrowd, lw_test_crowd_free)

G_END_DECLS
