/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Client assertions: whether one was signed with a certificate that is registered for the application. */

#include "lw-demo-entra.h"

#include "lw-demo-json.h"

#include <gio/gio.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <string.h>

#define MAX_SECONDS  600
#define SKEW_SECONDS 300

/* A certificate that somebody uploaded for an application. */
typedef struct
{
  char *app_id;
  char *sha256; /* base64url of its fingerprint */
  char *sha1;
  gint64 begins, ends; /* seconds since 1970 */
  gnutls_pubkey_t key;
} Registered;

static void
registered_free (gpointer data)
{
  Registered *self = data;

  g_free (self->app_id);
  g_free (self->sha256);
  g_free (self->sha1);
  if (self->key != NULL)
    gnutls_pubkey_deinit (self->key);
  g_free (self);
}

static char *
fingerprint (gnutls_x509_crt_t certificate, gnutls_digest_algorithm_t algorithm)
{
  guint8 digest[64];
  gsize length = sizeof digest;

  if (gnutls_x509_crt_get_fingerprint (certificate, algorithm, digest, &length) < 0)
    return NULL;

  return lw_demo_base64url (digest, length);
}

static Registered *
registered_new (const char *app_id, gnutls_x509_crt_t certificate)
{
  Registered *self = g_new0 (Registered, 1);

  self->app_id = g_strdup (app_id);
  self->sha256 = fingerprint (certificate, GNUTLS_DIG_SHA256);
  self->sha1 = fingerprint (certificate, GNUTLS_DIG_SHA1);
  self->begins = gnutls_x509_crt_get_activation_time (certificate);
  self->ends = gnutls_x509_crt_get_expiration_time (certificate);
  gnutls_pubkey_init (&self->key);
  gnutls_pubkey_import_x509 (self->key, certificate, 0);

  return self;
}

/* "APPID=FILE" */
gboolean
lw_demo_assertion_register (LwDemo *demo, const char *text, GError **error)
{
  const char *path = strchr (text, '=');
  g_autofree char *app_id = path != NULL ? g_strndup (text, path - text) : NULL;
  g_autofree char *contents = NULL;
  gnutls_datum_t data;
  gnutls_x509_crt_t certificate;
  gsize length;
  int status;

  if (path == NULL || lw_demo_tenant_find_app (demo->tenant, app_id) == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--app-certificate: “%s” is not APPID=FILE of an application in the tenant",
                   text);
      return FALSE;
    }
  if (!g_file_get_contents (path + 1, &contents, &length, error))
    return FALSE;

  data = (gnutls_datum_t) { (unsigned char *) contents, (unsigned int) length };
  gnutls_x509_crt_init (&certificate);
  status = gnutls_x509_crt_import (certificate, &data, GNUTLS_X509_FMT_PEM);
  if (status >= 0)
    {
      if (demo->certificates == NULL)
        demo->certificates = g_ptr_array_new_with_free_func (registered_free);
      g_ptr_array_add (demo->certificates, registered_new (app_id, certificate));
    }
  else
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--app-certificate: %s: %s",
                 path + 1, gnutls_strerror (status));
  gnutls_x509_crt_deinit (certificate);

  return status >= 0;
}

static guint8 *
decode (const char *text, gsize *length)
{
  g_autoptr (GString) padded = g_string_new (text);

  g_strdelimit (padded->str, "-", '+');
  g_strdelimit (padded->str, "_", '/');
  while (padded->len % 4 != 0)
    g_string_append_c (padded, '=');

  return g_base64_decode (padded->str, length);
}

static JsonObject *
decode_object (const char *text)
{
  gsize length;
  g_autofree guint8 *data = decode (text, &length);

  return lw_demo_json_parse ((const char *) data, length, NULL);
}

static Registered *
find_certificate (LwDemo *demo, const char *app_id, JsonObject *header)
{
  const char *sha256 = lw_demo_json_string (header, "x5t#S256");
  const char *sha1 = lw_demo_json_string (header, "x5t");

  for (guint i = 0; demo->certificates != NULL && i < demo->certificates->len; i++)
    {
      Registered *registered = g_ptr_array_index (demo->certificates, i);

      if (g_ascii_strcasecmp (registered->app_id, app_id) == 0 &&
          (g_strcmp0 (registered->sha256, sha256) == 0 || g_strcmp0 (registered->sha1, sha1) == 0))
        return registered;
    }

  return NULL;
}

static gboolean
signature_fits (Registered *registered, JsonObject *header, const char *text, const char *third)
{
  const char *algorithm = lw_demo_json_string (header, "alg");
  gnutls_datum_t data = { (unsigned char *) text, (unsigned int) strlen (text) };
  gsize length;
  g_autofree guint8 *bytes = decode (third, &length);
  gnutls_datum_t signature = { bytes, (unsigned int) length };
  gnutls_sign_algorithm_t sign;

  if (g_strcmp0 (algorithm, "PS256") == 0)
    sign = GNUTLS_SIGN_RSA_PSS_RSAE_SHA256;
  else if (g_strcmp0 (algorithm, "RS256") == 0)
    sign = GNUTLS_SIGN_RSA_SHA256;
  else
    return FALSE;

  return gnutls_pubkey_verify_data2 (registered->key, sign, 0, &data, &signature) >= 0;
}

static gboolean
audience_fits (LwDemoCall *self, const char *audience)
{
  g_autoptr (GUri) asked = audience != NULL ? g_uri_parse (audience, G_URI_FLAGS_NONE, NULL) : NULL;
  g_autoptr (GUri) here = g_uri_parse (self->base, G_URI_FLAGS_NONE, NULL);
  g_autofree char *token = g_strdup_printf ("/%s/oauth2/v2.0/token", self->path[0]);
  g_autofree char *issuer = g_strdup_printf ("/%s/v2.0", self->path[0]);

  return asked != NULL && g_uri_get_port (asked) == g_uri_get_port (here) &&
         g_strcmp0 (g_uri_get_host (asked), g_uri_get_host (here)) == 0 &&
         (g_ascii_strcasecmp (g_uri_get_path (asked), token) == 0 ||
          g_ascii_strcasecmp (g_uri_get_path (asked), issuer) == 0);
}

/* The number of what is wrong with the claims; 0 where nothing is. */
static guint
judge_claims (LwDemoCall *self, LwDemoPerson *application, JsonObject *claims)
{
  gint64 now = lw_demo_clock (self->demo);
  gint64 begins = lw_demo_json_int (claims, "nbf", now);
  gint64 ends = lw_demo_json_int (claims, "exp", 0);
  const char *id = lw_demo_json_string (claims, "jti");

  if (g_strcmp0 (lw_demo_json_string (claims, "sub"), application->app_id) != 0 ||
      g_strcmp0 (lw_demo_json_string (claims, "iss"), application->app_id) != 0)
    return 50048;
  if (!audience_fits (self, lw_demo_json_string (claims, "aud")))
    return 700023;
  if (ends <= now - SKEW_SECONDS || begins > now + SKEW_SECONDS ||
      ends > now + MAX_SECONDS + SKEW_SECONDS || ends - begins > MAX_SECONDS)
    return 700024;
  if (id == NULL || !g_hash_table_add (self->demo->assertions, g_strdup (id)))
    return 50027;

  return 0;
}

guint
lw_demo_assertion_judge (LwDemoCall *self, LwDemoPerson *application, const char *assertion)
{
  g_auto (GStrv) parts = g_strsplit (assertion, ".", 4);
  g_autoptr (JsonObject) header = NULL;
  g_autoptr (JsonObject) claims = NULL;
  g_autofree char *text = NULL;
  gint64 now = lw_demo_clock (self->demo);
  Registered *registered;

  if (g_strv_length (parts) != 3 || (header = decode_object (parts[0])) == NULL ||
      (claims = decode_object (parts[1])) == NULL)
    return 50027;
  registered = find_certificate (self->demo, application->app_id, header);
  text = g_strdup_printf ("%s.%s", parts[0], parts[1]);
  if (registered == NULL || registered->ends <= now || registered->begins > now + SKEW_SECONDS)
    return 700027;
  if (!signature_fits (registered, header, text, parts[2]))
    return 50012;

  return judge_claims (self, application, claims);
}
