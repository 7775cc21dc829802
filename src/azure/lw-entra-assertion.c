/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-entra-assertion.h"

#include <glib/gi18n-lib.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <string.h>

#include "lw-azure-error.h"
#include "lw-identity.h"
#include "lw-json.h"
#include "lw-pkce.h"

#define MAX_FILE_SIZE    (1024 * 1024)
#define MAX_CERTIFICATES 32
#define MIN_BITS         2048
/* Ten minutes in all, the most that is accepted, and room for a clock that is ahead. */
#define SECONDS_BEFORE 120
#define SECONDS_AFTER  480

typedef struct
{
  char *path;
  char *passphrase;
  char *audience;
  char *client_id;
  gint64 now;
  DexPromise *promise;
} Making;

static void
making_free (Making *self)
{
  g_free (self->path);
  if (self->passphrase != NULL)
    explicit_bzero (self->passphrase, strlen (self->passphrase));
  g_free (self->passphrase);
  g_free (self->audience);
  g_free (self->client_id);
  dex_unref (self->promise);
  g_free (self);
}

/* What is read from the file. */
typedef struct
{
  gnutls_datum_t text;
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t *certificates;
  guint n_certificates;
  gnutls_x509_crt_t own; /* the key's: one of them */
} Material;

static void
material_clear (Material *self)
{
  if (self->text.data != NULL)
    explicit_bzero (self->text.data, self->text.size);
  g_free (self->text.data);
  if (self->key != NULL)
    gnutls_x509_privkey_deinit (self->key);
  for (guint i = 0; i < self->n_certificates; i++)
    gnutls_x509_crt_deinit (self->certificates[i]);
  gnutls_free (self->certificates);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Material, material_clear)

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE, text);
  return FALSE;
}

static gboolean
ask_passphrase (GError **error, const char *text)
{
  const LwAzureErrorDetails details = { .code = (char *) LW_SIGN_IN_NEEDS_PASSPHRASE };

  g_propagate_error (error, lw_azure_error_new (LW_AZURE_ERROR_SIGN_IN, &details, text));
  return FALSE;
}

static gboolean
has_text (const Material *self, const char *text)
{
  return g_strstr_len ((const char *) self->text.data, self->text.size, text) != NULL;
}

static gboolean
read_file (Material *self, const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = NULL;
  g_autoptr (GError) local = NULL;
  gsize length = 0;

  stream = g_file_read (file, NULL, &local);
  self->text.data = g_malloc0 (MAX_FILE_SIZE + 1);
  if (stream == NULL || !g_input_stream_read_all (G_INPUT_STREAM (stream), self->text.data,
                                                  MAX_FILE_SIZE + 1, &length, NULL, &local))
    return refuse (error, _ ("The certificate's file “%s” cannot be read: %s"), path,
                   local->message);
  if (length > MAX_FILE_SIZE)
    return refuse (error, _ ("“%s” is too large for a certificate with its key."), path);
  self->text.size = (unsigned int) length;
  if (!has_text (self, "-----BEGIN "))
    return refuse (
        error,
        _ ("“%s” is no PEM file. Where it is a PKCS #12 file (.pfx, .p12), make one of it "
           "with “openssl pkcs12 -in FILE -out FILE.pem”."),
        path);
  return TRUE;
}

static gboolean
read_key (Material *self, const char *path, const char *passphrase, GError **error)
{
  gboolean encrypted =
      has_text (self, "BEGIN ENCRYPTED PRIVATE KEY") || has_text (self, "Proc-Type: 4,ENCRYPTED");
  int status;

  if (!has_text (self, "PRIVATE KEY-----"))
    return refuse (error,
                   _ ("“%s” holds no private key. Put the certificate and its key into one PEM "
                      "file."),
                   path);
  if (encrypted && (passphrase == NULL || passphrase[0] == '\0'))
    return ask_passphrase (
        error, _ ("The private key of the certificate has a passphrase. Enter it to sign in."));
  gnutls_x509_privkey_init (&self->key);
  status = gnutls_x509_privkey_import2 (self->key, &self->text, GNUTLS_X509_FMT_PEM,
                                        encrypted ? passphrase : NULL, 0);
  if (status < 0 && encrypted)
    return ask_passphrase (error,
                           _ ("The passphrase does not fit the private key of the certificate. Try "
                              "again."));
  if (status < 0)
    return refuse (error, _ ("The private key in “%s” cannot be read: %s"), path,
                   gnutls_strerror (status));
  return TRUE;
}

static gboolean
is_own (Material *self, gnutls_x509_crt_t certificate)
{
  guchar of_key[64], of_certificate[64];
  gsize key_size = sizeof of_key;
  gsize certificate_size = sizeof of_certificate;

  return gnutls_x509_privkey_get_key_id (self->key, GNUTLS_KEYID_USE_SHA256, of_key, &key_size) ==
             0 &&
         gnutls_x509_crt_get_key_id (certificate, GNUTLS_KEYID_USE_SHA256, of_certificate,
                                     &certificate_size) == 0 &&
         key_size == certificate_size && memcmp (of_key, of_certificate, key_size) == 0;
}

static gboolean
read_certificate (Material *self, const char *path, GError **error)
{
  int status;

  if (!has_text (self, "CERTIFICATE-----"))
    return refuse (error,
                   _ ("“%s” holds no certificate. Put the certificate and its key into one PEM "
                      "file."),
                   path);
  status = gnutls_x509_crt_list_import2 (&self->certificates, &self->n_certificates, &self->text,
                                         GNUTLS_X509_FMT_PEM, 0);
  if (status < 0)
    {
      self->n_certificates = 0;
      return refuse (error, _ ("The certificate in “%s” cannot be read: %s"), path,
                     gnutls_strerror (status));
    }
  for (guint i = 0; i < self->n_certificates && self->own == NULL; i++)
    {
      if (is_own (self, self->certificates[i]))
        self->own = self->certificates[i];
    }
  if (self->own == NULL)
    return refuse (error,
                   _ ("The certificate and the private key in “%s” do not belong together. Put the "
                      "key that the certificate was made for into the file."),
                   path);
  return TRUE;
}

static char *
day_of (time_t seconds)
{
  g_autoptr (GDateTime) at = g_date_time_new_from_unix_utc (seconds);

  return at != NULL ? g_date_time_format (at, "%Y-%m-%d %H:%M UTC") : g_strdup ("?");
}

static gboolean
check_material (Material *self, const char *path, gint64 now, GError **error)
{
  time_t begins = gnutls_x509_crt_get_activation_time (self->own);
  time_t ends = gnutls_x509_crt_get_expiration_time (self->own);
  unsigned int bits = 0;
  int algorithm = gnutls_x509_privkey_get_pk_algorithm2 (self->key, &bits);
  g_autofree char *when = NULL;

  if (algorithm != GNUTLS_PK_RSA && algorithm != GNUTLS_PK_RSA_PSS)
    return refuse (
        error,
        _ ("The private key in “%s” is no RSA key. Microsoft Entra accepts only RSA keys "
           "here: make a certificate with one, and register it."),
        path);
  if (bits < MIN_BITS)
    return refuse (error,
                   _ ("The RSA key in “%s” has only %u bits. Make a certificate with 2048 bits or "
                      "more, and register it."),
                   path, bits);
  if (ends <= now)
    {
      when = day_of (ends);
      return refuse (
          error,
          _ ("The certificate in “%s” expired on %s. Make a new one, and register it with "
             "the app registration."),
          path, when);
    }
  if (begins > now + SECONDS_AFTER)
    {
      when = day_of (begins);
      return refuse (
          error, _ ("The certificate in “%s” is valid only from %s. Check this machine's clock."),
          path, when);
    }
  return TRUE;
}

static char *
encode_object (JsonObject *object)
{
  g_autoptr (JsonNode) node = lw_json_object_to_node (object);
  g_autofree char *text = json_to_string (node, FALSE);

  return lw_base64url_encode ((const guchar *) text, strlen (text));
}

/* "header.claims": what is to be signed. (transfer full) */
static char *
make_text (const Making *making, Material *material, GError **error)
{
  g_autoptr (JsonObject) header = json_object_new ();
  g_autoptr (JsonObject) claims = json_object_new ();
  g_autofree char *id = lw_random_text (16, error);
  g_autofree char *thumbprint = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  guchar digest[32];
  gsize size = sizeof digest;

  if (id == NULL)
    return NULL;
  if (gnutls_x509_crt_get_fingerprint (material->own, GNUTLS_DIG_SHA256, digest, &size) < 0)
    {
      refuse (error, _ ("The certificate in “%s” cannot be read: %s"), making->path, "SHA-256");
      return NULL;
    }
  thumbprint = lw_base64url_encode (digest, size);
  json_object_set_string_member (header, "alg", "PS256");
  json_object_set_string_member (header, "typ", "JWT");
  json_object_set_string_member (header, "x5t#S256", thumbprint);
  json_object_set_string_member (claims, "aud", making->audience);
  json_object_set_string_member (claims, "iss", making->client_id);
  json_object_set_string_member (claims, "sub", making->client_id);
  json_object_set_string_member (claims, "jti", id);
  json_object_set_int_member (claims, "iat", making->now);
  json_object_set_int_member (claims, "nbf", making->now - SECONDS_BEFORE);
  json_object_set_int_member (claims, "exp", making->now + SECONDS_AFTER);
  first = encode_object (header);
  second = encode_object (claims);
  return g_strconcat (first, ".", second, NULL);
}

/* RSASSA-PSS with SHA-256 and a salt as long (RFC 7518 section 3.5). */
static char *
sign (Material *material, const char *path, const char *text, GError **error)
{
  gnutls_privkey_t key = NULL;
  gnutls_datum_t data = { (unsigned char *) text, (unsigned int) strlen (text) };
  gnutls_datum_t signature = { NULL, 0 };
  char *encoded = NULL;
  int status;

  gnutls_privkey_init (&key);
  status = gnutls_privkey_import_x509 (key, material->key, GNUTLS_PRIVKEY_IMPORT_COPY);
  if (status >= 0)
    status =
        gnutls_privkey_sign_data2 (key,
                                   gnutls_privkey_get_pk_algorithm (key, NULL) == GNUTLS_PK_RSA_PSS
                                       ? GNUTLS_SIGN_RSA_PSS_SHA256
                                       : GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
                                   0, &data, &signature);
  if (status >= 0)
    encoded = lw_base64url_encode (signature.data, signature.size);
  else
    refuse (error, _ ("The private key in “%s” cannot sign: %s"), path, gnutls_strerror (status));
  gnutls_free (signature.data);
  gnutls_privkey_deinit (key);
  return encoded;
}

static char *
make (const Making *self, GError **error)
{
  g_auto (Material) material = { 0 };
  g_autofree char *text = NULL;
  g_autofree char *signature = NULL;

  if (!read_file (&material, self->path, error) ||
      !read_key (&material, self->path, self->passphrase, error) ||
      !read_certificate (&material, self->path, error) ||
      !check_material (&material, self->path, self->now, error))
    return NULL;
  text = make_text (self, &material, error);
  signature = text != NULL ? sign (&material, self->path, text, error) : NULL;
  return signature != NULL ? g_strconcat (text, ".", signature, NULL) : NULL;
}

static gpointer
make_thread (gpointer data)
{
  Making *self = data;
  g_autoptr (GError) error = NULL;
  char *assertion = make (self, &error);

  if (assertion != NULL)
    dex_promise_resolve_string (self->promise, assertion);
  else
    dex_promise_reject (self->promise, g_steal_pointer (&error));
  making_free (self);
  return NULL;
}

DexFuture *
lw_entra_assertion (const LwAssertionAsk *ask)
{
  DexPromise *promise = dex_promise_new ();
  Making *making = g_new0 (Making, 1);

  making->path = g_strdup (ask->path);
  making->passphrase = g_strdup (ask->passphrase);
  making->audience = g_strdup (ask->audience);
  making->client_id = g_strdup (ask->client_id);
  making->now = ask->now;
  making->promise = dex_ref (promise);
  g_thread_unref (g_thread_new ("lw-assertion", make_thread, making));
  return DEX_FUTURE (promise);
}
