/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-certificate.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-clock.h"

#define MAX_NAME  120
#define MAX_NAMES 4

/* The common name of "C=US,O=Example,CN=Example CA", or all of it. (transfer full) */
static char *
short_name (const char *name)
{
  const char *common = name != NULL ? strstr (name, "CN=") : NULL;
  g_autofree char *text = NULL;

  if (name == NULL || name[0] == '\0')
    return g_strdup ("?");
  text = common != NULL ? g_strndup (common + 3, strcspn (common + 3, ",")) : g_strdup (name);
  if (g_utf8_validate (text, -1, NULL) && g_utf8_strlen (text, -1) > MAX_NAME)
    return g_utf8_substring (text, 0, MAX_NAME);
  return g_utf8_make_valid (text, -1);
}

static char *
issuer_of (GTlsCertificate *certificate)
{
  g_autofree char *name =
      certificate != NULL ? g_tls_certificate_get_issuer_name (certificate) : NULL;

  return short_name (name);
}

static gboolean
is_self_signed (GTlsCertificate *certificate)
{
  g_autofree char *subject =
      certificate != NULL ? g_tls_certificate_get_subject_name (certificate) : NULL;
  g_autofree char *issuer =
      certificate != NULL ? g_tls_certificate_get_issuer_name (certificate) : NULL;

  return subject != NULL && g_strcmp0 (subject, issuer) == 0 &&
         g_tls_certificate_get_issuer (certificate) == NULL;
}

/* "2026-01-31 12:00 UTC"; takes @date. */
static char *
when (GDateTime *date)
{
  g_autoptr (GDateTime) taken = date;
  g_autoptr (GDateTime) utc = date != NULL ? g_date_time_to_utc (date) : NULL;
  char *text = utc != NULL ? g_date_time_format (utc, "%Y-%m-%d %H:%M UTC") : NULL;

  return text != NULL ? text : g_strdup ("?");
}

static void
add_name (GString *names, const char *name)
{
  g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
}

/* The names that the certificate is for. */
static char *
names_of (GTlsCertificate *certificate)
{
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GPtrArray) hosts =
      certificate != NULL ? g_tls_certificate_get_dns_names (certificate) : NULL;
  g_autoptr (GPtrArray) addresses =
      certificate != NULL ? g_tls_certificate_get_ip_addresses (certificate) : NULL;
  g_autofree char *valid = NULL;

  for (guint i = 0; hosts != NULL && i < MIN (hosts->len, MAX_NAMES); i++)
    {
      GBytes *bytes = g_ptr_array_index (hosts, i);
      g_autofree char *name =
          g_strndup (g_bytes_get_data (bytes, NULL), MIN (g_bytes_get_size (bytes), MAX_NAME));

      add_name (names, name);
    }
  for (guint i = 0; addresses != NULL && i < MIN (addresses->len, MAX_NAMES); i++)
    {
      g_autofree char *name = g_inet_address_to_string (g_ptr_array_index (addresses, i));

      add_name (names, name);
    }
  if (names->len == 0)
    {
      g_autofree char *subject =
          certificate != NULL ? g_tls_certificate_get_subject_name (certificate) : NULL;
      g_autofree char *name = short_name (subject);

      g_string_append (names, name);
    }
  return g_utf8_make_valid (names->str, -1);
}

static char *
describe_name (GTlsCertificate *certificate, const char *host)
{
  g_autofree char *names = names_of (certificate);
  g_autofree char *issuer = issuer_of (certificate);

  return g_strdup_printf (
      /* Translators: a host, the names in its certificate, and who issued it. */
      _ ("The certificate of %s is for another name (%s; issued by %s). Something between you and "
         "Azure answers in its place, or the address is wrong."),
      host, names, issuer);
}

static char *
describe_expired (GTlsCertificate *certificate, const char *host)
{
  g_autofree char *date =
      when (certificate != NULL ? g_tls_certificate_get_not_valid_after (certificate) : NULL);
  g_autofree char *issuer = issuer_of (certificate);
  g_autofree char *text = g_strdup_printf (
      _ ("The certificate of %s expired on %s (issued by %s). Check this machine's clock; if it is "
         "right, tell whoever runs that host."),
      host, date, issuer);

  return lw_clock_with_complaint (text);
}

static char *
describe_early (GTlsCertificate *certificate, const char *host)
{
  g_autofree char *date =
      when (certificate != NULL ? g_tls_certificate_get_not_valid_before (certificate) : NULL);
  g_autofree char *issuer = issuer_of (certificate);
  g_autofree char *text = g_strdup_printf (_ ("The certificate of %s is not valid before %s "
                                              "(issued by %s). Check this machine's clock."),
                                           host, date, issuer);

  return lw_clock_with_complaint (text);
}

static char *
describe_stranger (GTlsCertificate *certificate, const char *host)
{
  g_autofree char *issuer = issuer_of (certificate);

  if (is_self_signed (certificate))
    return g_strdup_printf (
        _ ("The certificate of %s is signed by itself (%s), which this machine does not trust. If "
           "that is how it should be, name the certificate in the profile's “caFile”."),
        host, issuer);
  return g_strdup_printf (
      _ ("The certificate of %s was issued by an authority that this machine does not trust (%s). "
         "Behind a company proxy, name its certificates in the profile's “caFile”."),
      host, issuer);
}

char *
lw_certificate_problem (GTlsCertificate *certificate, GTlsCertificateFlags flags, const char *host)
{
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return describe_name (certificate, host);
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return describe_expired (certificate, host);
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return describe_early (certificate, host);
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    return g_strdup_printf (_ ("The certificate of %s was revoked."), host);
  if (flags & G_TLS_CERTIFICATE_INSECURE)
    return g_strdup_printf (_ ("The certificate of %s uses a method that is no longer secure."),
                            host);
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return describe_stranger (certificate, host);
  return g_strdup_printf (_ ("The certificate of %s was not accepted."), host);
}
