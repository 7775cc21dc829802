/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a call through Leeway's transport (sign-in, queue, pace, retries, cap, stall, trace) costs
 * compared with libsoup alone, against one TLS server on this machine, a number of calls at once. Nothing
 * is asserted: the figures are ratios of one run on one machine. */

#include "config.h"

#include <stdlib.h>

#include "lw-test-certificate.h"
#include "lw-test-crowd.h"
#include "lw-test.h"
#include "lw-wire.h"

#define ROUNDS  7
#define AT_ONCE LW_WIRE_CONNS

typedef struct
{
  char *url;
  guint calls; /* in a round */
  gsize size;
  LwTransport *transport;
  SoupSession *session;
  guint begun;
  guint ended;
} Run;

/* Plain libsoup */

static void begin_soup (Run *self);

static void
soup_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body =
      soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (body), ==, self->size);
  self->ended++;
  if (self->begun < self->calls)
    begin_soup (self);
}

static void
begin_soup (Run *self)
{
  g_autoptr (SoupMessage) message = soup_message_new ("GET", self->url);

  soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization",
                                "Bearer " LW_TEST_TOKEN);
  self->begun++;
  soup_session_send_and_read_async (self->session, message, G_PRIORITY_DEFAULT, NULL, soup_ended,
                                    self);
}

/* Ours */

static void begin_ours (Run *self);

static DexFuture *
ours_ended (DexFuture *future, gpointer data)
{
  Run *self = data;
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (future, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (((LwAnswer *) g_value_get_boxed (value))->body), ==,
                    self->size);
  self->ended++;
  if (self->begun < self->calls)
    begin_ours (self);
  return dex_future_new_for_boolean (TRUE);
}

static void
begin_ours (Run *self)
{
  self->begun++;
  dex_future_disown (dex_future_finally (lw_transport_send (self->transport, LW_AUDIENCE_ARM, "GET",
                                                            self->url, NULL, NULL, NULL, TRUE),
                                         ours_ended, self, NULL));
}

/* Calls a second. */
static double
measure (Run *self, void (*begin) (Run *))
{
  gint64 start = g_get_monotonic_time ();

  self->begun = self->ended = 0;
  for (guint i = 0; i < AT_ONCE; i++)
    begin (self);
  while (self->ended < self->calls)
    g_main_context_iteration (NULL, TRUE);
  return self->calls / ((double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* By turns, so that whatever else the machine does meets both. */
static void
race (const char *what, Run *self)
{
  double ours[ROUNDS];
  double theirs[ROUNDS];
  double ratios[ROUNDS];

  measure (self, begin_soup);
  measure (self, begin_ours);
  for (guint i = 0; i < ROUNDS; i++)
    {
      theirs[i] = measure (self, begin_soup);
      ours[i] = measure (self, begin_ours);
      ratios[i] = ours[i] / theirs[i];
    }
  qsort (ours, ROUNDS, sizeof *ours, compare);
  qsort (theirs, ROUNDS, sizeof *theirs, compare);
  qsort (ratios, ROUNDS, sizeof *ratios, compare);
  g_print ("%-26s %8.0f calls/s   libsoup alone %8.0f calls/s   ratio %.2f\n", what,
           ours[ROUNDS / 2], theirs[ROUNDS / 2], ratios[ROUNDS / 2]);
}

static void
bench (LwTestCrowd *crowd, const char *ca_file)
{
  static const struct
  {
    const char *name;
    gsize size;
    guint calls;
  } sizes[] = { { "1 KiB", 1024, 500 }, { "64 KiB", 65536, 300 }, { "1 MiB", 1024 * 1024, 60 } };
  g_autoptr (LwProfile) profile = lw_test_profile (crowd->base, ca_file);
  g_autoptr (LwIdentity) identity = lw_identity_new_for_token (profile, LW_TEST_TOKEN);
  g_autoptr (LwTransport) transport = lw_transport_new (profile, identity);
  g_autoptr (GTlsDatabase) database = g_tls_file_database_new (ca_file, NULL);
  g_autoptr (SoupSession) session = soup_session_new_with_options (
      "max-conns-per-host", LW_WIRE_CONNS, "tls-database", database, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *url =
          g_strdup_printf ("%s/%" G_GSIZE_FORMAT "/x", crowd->base, sizes[i].size);
      g_autofree char *what = g_strdup_printf ("answers of %s", sizes[i].name);
      Run run = { .url = url,
                  .calls = sizes[i].calls,
                  .size = sizes[i].size,
                  .transport = transport,
                  .session = session };

      race (what, &run);
    }
}

int
main (void)
{
  g_autofree char *folder = g_dir_make_tmp ("leeway-bench-XXXXXX", NULL);
  g_autofree char *file = lw_test_certificate_file (folder, "good");
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (LwTestCrowd) crowd = NULL;

  dex_init ();
  certificate = lw_test_certificate (folder, "good", "IP:127.0.0.1", NULL, NULL, NULL);
  if (certificate == NULL)
    {
      g_print ("The openssl command is not here, so there is no server to ask.\n");
      return 77;
    }
  g_print ("%d calls at once over TLS; medians of %d rounds\n", AT_ONCE, ROUNDS);
  crowd = lw_test_crowd_new (certificate);
  bench (crowd, file);
  lw_test_remove_folder (folder);
  return 0;
}
