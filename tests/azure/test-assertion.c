/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Client assertions, and the files that they are made with. */

#include <string.h>

#include "lw-azure-error.h"
#include "lw-entra-assertion.h"
#include "lw-json.h"
#include "lw-jwt.h"
#include "lw-pkce.h"
#include "lw-test-keys.h"
#include "lw-test.h"

#define AUDIENCE "https://login.example/t/oauth2/v2.0/token"
#define LONG_AGO "20200101000000Z"
#define LATER    "20991231000000Z"

typedef struct
{
  LwTestKeys *keys;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->keys = lw_test_keys_new ();
  if (self->keys == NULL)
    g_test_skip ("The openssl command is not here");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->keys, lw_test_keys_free);
}

/* A block wakes the main loop, which a promise that a thread settles does not. */
static DexFuture *
pass (DexFuture *future, gpointer data)
{
  return dex_ref (future);
}

static char *
assertion_of (const char *path, const char *passphrase, GError **error)
{
  const LwAssertionAsk ask = { .path = path,
                               .passphrase = passphrase,
                               .audience = AUDIENCE,
                               .client_id = LW_TEST_CLIENT,
                               .now = g_get_real_time () / G_USEC_PER_SEC };

  return lw_test_string (dex_future_finally (lw_entra_assertion (&ask), pass, NULL, NULL), error);
}

static JsonObject *
part_of (const char *assertion, guint part)
{
  g_auto (GStrv) parts = g_strsplit (assertion, ".", 4);
  g_autoptr (GBytes) bytes = lw_base64url_decode (parts[part]);
  g_autoptr (JsonNode) node = lw_json_parse (bytes, 4096, NULL);

  return json_object_ref (json_node_get_object (node));
}

/* openssl says whether the signature is one of this certificate's key. */
static void
check_signature (Fixture *self, const char *assertion, const char *certificate)
{
  g_auto (GStrv) parts = g_strsplit (assertion, ".", 4);
  g_autofree char *text = g_strconcat (parts[0], ".", parts[1], NULL);
  g_autofree char *text_path = lw_test_keys_path (self->keys, "text");
  g_autofree char *signature_path = lw_test_keys_path (self->keys, "signature");
  g_autofree char *key_path = lw_test_keys_path (self->keys, "public");
  g_autoptr (GBytes) signature = lw_base64url_decode (parts[2]);
  g_autofree char *verified = NULL;

  g_assert_true (g_file_set_contents (text_path, text, -1, NULL));
  g_assert_true (g_file_set_contents (signature_path, g_bytes_get_data (signature, NULL),
                                      (gssize) g_bytes_get_size (signature), NULL));
  g_free (lw_test_keys_openssl (self->keys, "x509", "-in", certificate, "-noout", "-pubkey", "-out",
                                "public", NULL));
  verified = lw_test_keys_openssl (self->keys, "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss",
                                   "-sigopt", "rsa_pss_saltlen:32", "-verify", "public",
                                   "-signature", "signature", "text", NULL);
  g_assert_nonnull (strstr (verified, "Verified OK"));
}

static char *
thumbprint_of (Fixture *self, const char *certificate)
{
  g_autofree char *der_path = lw_test_keys_path (self->keys, "der");
  g_autofree char *der = NULL;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guchar digest[32];
  gsize length, size = sizeof digest;

  g_free (lw_test_keys_openssl (self->keys, "x509", "-in", certificate, "-outform", "DER", "-out",
                                "der", NULL));
  g_assert_true (g_file_get_contents (der_path, &der, &length, NULL));
  g_checksum_update (sum, (guchar *) der, (gssize) length);
  g_checksum_get_digest (sum, digest, &size);
  return lw_base64url_encode (digest, size);
}

static void
test_good (Fixture *self, gconstpointer data)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *path = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *thumbprint = NULL;
  g_autoptr (JsonObject) header = NULL;
  g_autoptr (JsonObject) claims = NULL;
  g_autoptr (JsonObject) other = NULL;

  if (self->keys == NULL)
    return;
  lw_test_keys_make (self->keys, "app", "rsa:2048", LONG_AGO, LATER);
  lw_test_keys_make (self->keys, "ca", "rsa:2048", LONG_AGO, LATER);
  /* The key in the middle, and another certificate first: that of the key counts. */
  path = lw_test_keys_join (self->keys, "app.pem", "ca.crt", "app.key", "app.crt", NULL);
  first = assertion_of (path, NULL, NULL);
  second = assertion_of (path, "a passphrase that is not needed", NULL);
  check_signature (self, first, "app.crt");
  check_signature (self, second, "app.crt");
  header = part_of (first, 0);
  claims = part_of (first, 1);
  other = part_of (second, 1);
  thumbprint = thumbprint_of (self, "app.crt");
  g_assert_cmpstr (lw_json_get_string (header, "alg"), ==, "PS256");
  g_assert_cmpstr (lw_json_get_string (header, "typ"), ==, "JWT");
  g_assert_cmpstr (lw_json_get_string (header, "x5t#S256"), ==, thumbprint);
  g_assert_cmpstr (lw_json_get_string (claims, "aud"), ==, AUDIENCE);
  g_assert_cmpstr (lw_json_get_string (claims, "iss"), ==, LW_TEST_CLIENT);
  g_assert_cmpstr (lw_json_get_string (claims, "sub"), ==, LW_TEST_CLIENT);
  g_assert_cmpuint (strlen (lw_json_get_string (claims, "jti")), ==, 22);
  g_assert_cmpstr (lw_json_get_string (claims, "jti"), !=, lw_json_get_string (other, "jti"));
  g_assert_cmpint (lw_json_get_int (claims, "exp", 0), >, now + 300);
  g_assert_cmpint (lw_json_get_int (claims, "exp", 0) - lw_json_get_int (claims, "nbf", 0), <=,
                   600);
  g_assert_cmpint (lw_json_get_int (claims, "nbf", now), <=, now - 60);
}

static void
expect_refusal (const char *path, const char *passphrase, LwAzureError code, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *assertion = assertion_of (path, passphrase, &error);

  g_assert_null (assertion);
  g_assert_error (error, LW_AZURE_ERROR, (int) code);
  g_test_message ("%s", error->message);
  if (strstr (error->message, says) == NULL)
    g_error ("“%s” does not say “%s”", error->message, says);
  if (code == LW_AZURE_ERROR_SIGN_IN)
    g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==, LW_SIGN_IN_NEEDS_PASSPHRASE);
}

static void
test_passphrases (Fixture *self, gconstpointer data)
{
  if (self->keys == NULL)
    return;
  lw_test_keys_make (self->keys, "app", "rsa:2048", LONG_AGO, LATER);
  /* PKCS #8, and what older versions of openssl wrote */
  g_free (lw_test_keys_openssl (self->keys, "pkcs8", "-topk8", "-in", "app.key", "-out", "new.key",
                                "-v2", "aes-256-cbc", "-passout", "pass:correct horse", NULL));
  g_free (lw_test_keys_openssl (self->keys, "rsa", "-in", "app.key", "-out", "old.key", "-aes256",
                                "-traditional", "-passout", "pass:correct horse", NULL));
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *path = lw_test_keys_join (self->keys, "app.pem",
                                                 i == 0 ? "new.key" : "old.key", "app.crt", NULL);
      g_autofree char *assertion = assertion_of (path, "correct horse", NULL);

      check_signature (self, assertion, "app.crt");
      expect_refusal (path, NULL, LW_AZURE_ERROR_SIGN_IN, "has a passphrase");
      expect_refusal (path, "", LW_AZURE_ERROR_SIGN_IN, "has a passphrase");
      expect_refusal (path, "battery staple", LW_AZURE_ERROR_SIGN_IN, "does not fit");
    }
}

static void
test_bad_files (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *name, *algorithm, *begins, *ends, *says;
  } certificates[] = {
    { "expired", "rsa:2048", LONG_AGO, "20210101000000Z", "expired on 2021-01-01" },
    { "early", "rsa:2048", "20980101000000Z", LATER, "valid only from 2098-01-01" },
    { "curve", "ec", LONG_AGO, LATER, "no RSA key" },
    { "short", "rsa:1024", LONG_AGO, LATER, "only 1024 bits" },
  };
  g_autofree char *no_key = NULL;
  g_autofree char *no_certificate = NULL;
  g_autofree char *mismatch = NULL;
  g_autofree char *broken_key = NULL;
  g_autofree char *broken_certificate = NULL;
  g_autofree char *pfx = NULL;
  g_autofree char *missing = NULL;
  g_autofree char *large = NULL;
  g_autofree char *zeros = g_malloc0 (2 * 1024 * 1024);

  if (self->keys == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (certificates); i++)
    {
      g_autofree char *key = g_strconcat (certificates[i].name, ".key", NULL);
      g_autofree char *certificate = g_strconcat (certificates[i].name, ".crt", NULL);
      g_autofree char *path = NULL;

      lw_test_keys_make (self->keys, certificates[i].name, certificates[i].algorithm,
                         certificates[i].begins, certificates[i].ends);
      path = lw_test_keys_join (self->keys, "bad.pem", key, certificate, NULL);
      expect_refusal (path, NULL, LW_AZURE_ERROR_PROFILE, certificates[i].says);
    }
  lw_test_keys_make (self->keys, "app", "rsa:2048", LONG_AGO, LATER);
  no_key = lw_test_keys_path (self->keys, "app.crt");
  expect_refusal (no_key, NULL, LW_AZURE_ERROR_PROFILE, "holds no private key");
  no_certificate = lw_test_keys_path (self->keys, "app.key");
  expect_refusal (no_certificate, NULL, LW_AZURE_ERROR_PROFILE, "holds no certificate");
  mismatch = lw_test_keys_join (self->keys, "mismatch.pem", "app.key", "expired.crt", NULL);
  expect_refusal (mismatch, NULL, LW_AZURE_ERROR_PROFILE, "do not belong together");
  g_free (lw_test_keys_openssl (self->keys, "pkcs12", "-export", "-in", "app.crt", "-inkey",
                                "app.key", "-out", "app.pfx", "-passout", "pass:x", NULL));
  pfx = lw_test_keys_path (self->keys, "app.pfx");
  expect_refusal (pfx, NULL, LW_AZURE_ERROR_PROFILE, "PKCS #12");
  missing = lw_test_keys_path (self->keys, "missing.pem");
  expect_refusal (missing, NULL, LW_AZURE_ERROR_PROFILE, "cannot be read");
  expect_refusal (self->keys->folder, NULL, LW_AZURE_ERROR_PROFILE, "cannot be read");
  large = lw_test_keys_path (self->keys, "large.pem");
  g_assert_true (g_file_set_contents (large, zeros, 2 * 1024 * 1024, NULL));
  expect_refusal (large, NULL, LW_AZURE_ERROR_PROFILE, "too large");
  broken_key = lw_test_keys_path (self->keys, "broken.pem");
  g_assert_true (
      g_file_set_contents (broken_key,
                           "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
                           "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                           -1, NULL));
  expect_refusal (broken_key, NULL, LW_AZURE_ERROR_PROFILE, "key in “");
  g_assert_true (g_file_set_contents (
      large, "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", -1, NULL));
  broken_certificate = lw_test_keys_join (self->keys, "half.pem", "app.key", "large.pem", NULL);
  expect_refusal (broken_certificate, NULL, LW_AZURE_ERROR_PROFILE, "certificate in “");
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  ADD ("/assertion/good", test_good);
  ADD ("/assertion/passphrases", test_passphrases);
  ADD ("/assertion/bad-files", test_bad_files);
  return g_test_run ();
}
