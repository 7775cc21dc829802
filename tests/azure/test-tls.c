/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Certificates, and clocks that are not the same here and there. */

#include "config.h"

#include <libsoup/soup.h>

#include "lw-clock.h"
#include "lw-test-certificate.h"
#include "lw-test-wire.h"

#define FINE "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"value\":[]}"

/* Clocks */

static char *
date_in (gint64 seconds)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = g_date_time_add_seconds (now, (double) seconds);

  return soup_date_time_to_string (then, SOUP_DATE_HTTP);
}

static void
check_clock (gint64 seconds, const char *expected)
{
  g_autofree char *date = date_in (seconds);
  g_autofree char *text =
      g_strdup_printf ("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer "
                       "error=\"invalid_token\"\r\nDate: %s\r\nContent-Length: 0\r\n\r\n",
                       date);
  g_autoptr (LwTestRaw) raw = lw_test_raw_new (text, FALSE);
  g_autoptr (LwClient) client = lw_test_client (raw->base, 20000);
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_test_call (client, raw->base, "GET", TRUE, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  if (expected != NULL)
    lw_test_says (error, expected);
  else
    lw_test_keeps_quiet (error, "clock");
  g_assert_cmpint (ABS (lw_clock_get_skew () + seconds), <, 30);
}

static void
test_clock (void)
{
  check_clock (720 + 20, "clock is 12 minutes behind");
  check_clock (-6 * 3600 - 20, "clock is 6 hours ahead");
  check_clock (9 * 24 * 3600 + 20, "clock is 9 days behind");
  check_clock (-120, NULL);
  lw_clock_note ("no date");
  lw_clock_note (NULL);
  check_clock (0, NULL);
}

/* Certificates */

typedef struct
{
  const char *name;
  const char *names;
  const char *begin;
  const char *end;
  const char *issuer;
  const char *trusted; /* nullable */
  const char *says[4];
} BadCertificate;

static const BadCertificate bad_certificates[] = {
  { "expired",
    "IP:127.0.0.1",
    "20200101000000Z",
    "20200201120000Z",
    "Test-CA",
    "Test-CA",
    { "127.0.0.1 expired on 2020-02-01 12:00 UTC", "issued by Test-CA", "clock" } },
  { "early",
    "IP:127.0.0.1",
    "20980101000000Z",
    "20990101000000Z",
    "Test-CA",
    "Test-CA",
    { "not valid before 2098-01-01 00:00 UTC", "issued by Test-CA", "clock" } },
  { "other",
    "DNS:portal.example,DNS:www.example",
    NULL,
    NULL,
    "Test-CA",
    "Test-CA",
    { "another name", "portal.example, www.example", "issued by Test-CA" } },
  { "stranger",
    "IP:127.0.0.1",
    NULL,
    NULL,
    "Test-CA",
    NULL,
    { "authority that this machine does not trust", "(Test-CA)", "caFile" } },
  { "selfmade",
    "IP:127.0.0.1",
    NULL,
    NULL,
    NULL,
    NULL,
    { "signed by itself", "(selfmade)", "caFile" } },
  { "stranger2",
    "IP:127.0.0.1",
    NULL,
    NULL,
    "Test-CA",
    "Other-CA",
    { "authority that this machine does not trust", "(Test-CA)", "caFile" } },
};

static void
check_certificate (const char *folder, const BadCertificate *bad)
{
  g_autoptr (GTlsCertificate) certificate =
      lw_test_certificate (folder, bad->name, bad->names, bad->begin, bad->end, bad->issuer);
  g_autofree char *ca_file =
      bad->trusted != NULL ? lw_test_certificate_file (folder, bad->trusted) : NULL;
  g_autoptr (LwTestRaw) server = lw_test_raw_new_tls (FINE, FALSE, certificate);
  g_autoptr (LwWire) wire = lw_wire_new (ca_file);
  g_autoptr (GError) error = lw_test_wire_expect (wire, server->base, 20000, LW_AZURE_ERROR_TLS);

  g_test_message ("%s", error->message);
  for (guint i = 0; i < G_N_ELEMENTS (bad->says) && bad->says[i] != NULL; i++)
    lw_test_says (error, bad->says[i]);
  g_assert_false (lw_azure_error_get_details (error)->lost);
  g_assert_cmpint (g_atomic_int_get (&server->connections), ==, 0);
}

static void
test_certificates (void)
{
  g_autofree char *folder = g_dir_make_tmp ("leeway-wire-XXXXXX", NULL);
  g_autoptr (GTlsCertificate) ca =
      lw_test_certificate (folder, "Test-CA", "DNS:ca.example", NULL, NULL, NULL);
  g_autoptr (GTlsCertificate) other =
      lw_test_certificate (folder, "Other-CA", "DNS:ca.example", NULL, NULL, NULL);

  if (ca == NULL || other == NULL)
    g_test_skip ("The openssl command is not here");
  else
    {
      for (guint i = 0; i < G_N_ELEMENTS (bad_certificates); i++)
        check_certificate (folder, &bad_certificates[i]);
    }
  lw_test_remove_folder (folder);
}

/* A server that is to be trusted by its authority, and something that is no TLS at all. */
static void
test_good_certificate (void)
{
  g_autofree char *folder = g_dir_make_tmp ("leeway-wire-XXXXXX", NULL);
  g_autoptr (GTlsCertificate) ca =
      lw_test_certificate (folder, "Test-CA", "DNS:ca.example", NULL, NULL, NULL);
  g_autoptr (GTlsCertificate) good =
      ca != NULL ? lw_test_certificate (folder, "good", "IP:127.0.0.1", NULL, NULL, "Test-CA")
                 : NULL;
  g_autofree char *ca_file = lw_test_certificate_file (folder, "Test-CA");

  if (good == NULL)
    g_test_skip ("The openssl command is not here");
  else
    {
      g_autoptr (LwTestRaw) server = lw_test_raw_new_tls (FINE, FALSE, good);
      g_autoptr (LwTestRaw) plain = lw_test_raw_new ("220 mail.example ESMTP\r\n", FALSE);
      g_autofree char *wrong = g_strconcat ("https", plain->base + 4, NULL);
      g_autoptr (LwWire) wire = lw_wire_new (ca_file);
      g_autoptr (LwAnswer) answer = lw_test_wire_get (wire, server->base, 20000, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (answer->status, ==, 200);
      error = lw_test_wire_expect (wire, wrong, 20000, LW_AZURE_ERROR_TLS);
      lw_test_says (error, "No secure connection to 127.0.0.1");
    }
  lw_test_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tls/clock", test_clock);
  g_test_add_func ("/tls/certificates/bad", test_certificates);
  g_test_add_func ("/tls/certificates/good", test_good_certificate);
  return g_test_run ();
}
