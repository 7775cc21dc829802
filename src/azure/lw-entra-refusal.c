/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What Microsoft Entra says when it refuses, in sentences with a next step. The numbers only choose the
 * words, since Microsoft may change them at any time; what is done depends on "error" alone. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-clock.h"
#include "lw-entra.h"
#include "lw-json.h"
#include "lw-trace.h"

#define MAX_TEXT    500
#define MAX_NUMBERS 8

static const char second_factor[] =
    N_ ("A second factor is asked for. Sign in again in the browser and confirm it there.");
static const char no_consent[] =
    N_ ("The app registration lacks consent. Ask an administrator of the tenant to grant it (Entra "
        "admin "
        "center, App registrations, API permissions, Grant admin consent).");
static const char consent_declined[] =
    N_ ("The consent that the app asks for was declined. Sign in again and accept it, or ask an "
        "administrator of the tenant to grant it.");
static const char missing_permission[] =
    N_ ("The app registration lacks a permission that Leeway needs. Ask its owner to add it (Entra "
        "admin "
        "center, App registrations, API permissions) and to grant consent.");
static const char device_blocked[] =
    N_ ("A Conditional Access policy asks for a managed device, and this one is not. Sign in on a "
        "device "
        "that your organisation manages, or show the administrator the details of this message.");
static const char app_blocked[] = N_ (
    "A Conditional Access policy does not approve this app. Show the administrator the details of "
    "this message.");
static const char access_blocked[] = N_ ("A Conditional Access policy blocks this sign-in. Use the "
                                         "network or the device that it asks for, "
                                         "or show the administrator the details of this message.");
static const char at_risk[] = N_ ("The sign-in was blocked because the account or the network "
                                  "looks unsafe. Ask an administrator of "
                                  "the tenant to look at the sign-in.");
static const char register_factor[] =
    N_ ("A second factor has to be registered first, and not from here. Register it at "
        "https://aka.ms/mysecurityinfo where your organisation allows it, then sign in again.");
static const char not_assigned[] =
    N_ ("The account is not assigned to the app. Ask an administrator to assign you (Enterprise "
        "applications, Users and groups).");
static const char wrong_tenant[] = N_ (
    "This account is not in that tenant. Sign in with an account of the tenant, or have it invited "
    "as a guest.");
static const char tenant_barred[] =
    N_ ("Your organisation or the other one does not allow this account in that tenant. Ask your "
        "administrator about cross-tenant access.");
static const char user_disabled[] =
    N_ ("This account is disabled. Ask an administrator of the tenant to enable it.");
static const char user_locked[] = N_ ("This account is locked after too many attempts, or the "
                                      "network looks unsafe. Wait some minutes, "
                                      "then sign in again, or ask an administrator.");
static const char password_expired[] = N_ (
    "The password has expired or must be changed. Change it in the browser, then sign in again.");
static const char wrong_password[] =
    N_ ("User name or password were wrong. Sign in again in the browser.");
static const char no_app[] =
    N_ ("There is no app with this client id in the tenant. Check tenant and client id of the "
        "connection.");
static const char app_disabled[] = N_ ("The app is disabled in this tenant. Ask an administrator "
                                       "to enable it (Enterprise applications, "
                                       "Properties).");
static const char no_tenant[] = N_ ("There is no such tenant. Check the tenant of the connection.");
static const char wrong_secret[] = N_ (
    "The app's client secret is wrong. Enter the secret's value, not its id, or make a new one.");
static const char expired_secret[] = N_ (
    "The app's client secret has expired. Make a new one (Entra admin center, App registrations, "
    "Certificates & secrets) and enter it.");
static const char wrong_certificate[] =
    N_ ("The app registration does not know this certificate, or it has expired there. Upload the "
        "certificate (Entra admin center, App registrations, Certificates & secrets).");
static const char assertion_time[] = N_ (
    "The proof made with the certificate was too early or too late. Check this machine's clock.");
static const char confidential_app[] = N_ (
    "The app registration is not set up for desktop apps. Under Authentication, add the platform "
    "“Mobile and desktop applications” and allow public client flows.");
static const char public_app[] = N_ ("The app registration is one for people on a desktop, which "
                                     "takes no secret and no certificate. "
                                     "Use an app registration of its own for this connection.");
static const char too_old[] = N_ ("The sign-in is too old. Sign in again.");
static const char revoked[] =
    N_ ("The sign-in was revoked, for instance since the password changed. Sign in again.");
static const char redirect_mismatch[] =
    N_ ("The app registration does not allow the address that the browser must return to. Under "
        "Authentication, add http://localhost to “Mobile and desktop applications”.");
static const char no_service[] = N_ (
    "The tenant does not know the service that was asked for. Check the cloud of the connection.");
static const char nobody[] = N_ ("Nobody is signed in in the browser. Sign in again.");
static const char code_expired[] = N_ ("The code has expired. Begin again to get a new one.");
static const char code_wrong[] =
    N_ ("The code was not the right one. Begin again to get a new one.");
static const char code_used[] = N_ ("This sign-in was used already. Begin again.");
static const char loop[] = N_ (
    "Microsoft Entra saw too many of the same requests. Wait five minutes, then sign in again.");

/* Sources: https://learn.microsoft.com/entra/identity-platform/reference-error-codes and
 * https://login.microsoftonline.com/error */
static const struct
{
  guint number;
  const char *sentence;
} known_numbers[] = {
  { 16000, wrong_tenant },
  { 50002, tenant_barred },
  { 50005, device_blocked },
  { 50011, redirect_mismatch },
  { 50012, wrong_certificate },
  { 50014, wrong_tenant },
  { 50020, wrong_tenant },
  { 50034, wrong_tenant },
  { 50053, user_locked },
  { 50055, password_expired },
  { 50057, user_disabled },
  { 50058, nobody },
  { 50072, second_factor },
  { 50074, second_factor },
  { 50076, second_factor },
  { 50078, second_factor },
  { 50079, second_factor },
  { 50089, too_old },
  { 50097, device_blocked },
  { 50105, not_assigned },
  { 50125, password_expired },
  { 50126, wrong_password },
  { 50128, no_tenant },
  { 50129, device_blocked },
  { 50131, access_blocked },
  { 50132, revoked },
  { 50133, revoked },
  { 50135, password_expired },
  { 50140, nobody },
  { 50144, password_expired },
  { 50155, device_blocked },
  { 50158, second_factor },
  { 50173, revoked },
  { 50187, device_blocked },
  { 50196, loop },
  { 51004, wrong_tenant },
  { 53000, device_blocked },
  { 53001, device_blocked },
  { 53002, app_blocked },
  { 53003, access_blocked },
  { 53004, register_factor },
  { 53009, app_blocked },
  { 53010, register_factor },
  { 53011, at_risk },
  { 54005, code_used },
  { 65001, no_consent },
  { 65004, consent_declined },
  { 65005, missing_permission },
  { 70001, app_disabled },
  { 70002, wrong_secret },
  { 70008, too_old },
  { 70018, code_wrong },
  { 70019, code_expired },
  { 70020, code_expired },
  { 70043, too_old },
  { 70044, too_old },
  { 90002, no_tenant },
  { 90072, wrong_tenant },
  { 90094, no_consent },
  { 90095, no_consent },
  { 500011, no_service },
  { 500014, no_service },
  { 500021, tenant_barred },
  { 500022, tenant_barred },
  { 500208, wrong_tenant },
  { 500212, tenant_barred },
  { 500213, tenant_barred },
  { 530003, device_blocked },
  { 530032, at_risk },
  { 530034, at_risk },
  { 530035, access_blocked },
  { 650052, no_service },
  { 650056, missing_permission },
  { 650057, missing_permission },
  { 700011, no_app },
  { 700016, no_app },
  { 700024, assertion_time },
  { 700025, public_app },
  { 700027, wrong_certificate },
  { 700030, wrong_certificate },
  { 700081, too_old },
  { 700082, too_old },
  { 700084, too_old },
  { 7000112, app_disabled },
  { 7000114, confidential_app },
  { 7000215, wrong_secret },
  { 7000218, confidential_app },
  { 7000222, expired_secret },
};

static const struct
{
  const char *code; /* "error", or "suberror" */
  const char *sentence;
} known_codes[] = {
  { "access_denied", N_ ("The sign-in was cancelled or refused in the browser. Begin again to sign "
                         "in.") },
  { "authorization_declined",
    N_ ("The sign-in was cancelled or refused in the browser. Begin again "
        "to sign in.") },
  { "bad_verification_code", code_wrong },
  { "code_expired", code_expired },
  { "expired_token", code_expired },
  { "consent_required",
    N_ ("The app registration lacks consent. Sign in again to give it, or ask an "
        "administrator of the tenant.") },
  { "user_password_expired", password_expired },
  { "token_expired", too_old },
  { "bad_token", N_ ("The sign-in is no longer accepted. Sign in again.") },
  { "protection_policy_required", app_blocked },
  { "device_authentication_failed", device_blocked },
  { "interaction_required", N_ ("Microsoft Entra asks you to sign in again.") },
  { "login_required", N_ ("Microsoft Entra asks you to sign in again.") },
  { "account_selection_required", N_ ("Microsoft Entra asks you to choose an account. Sign in "
                                      "again.") },
  { "invalid_grant", N_ ("The sign-in is no longer accepted. Sign in again.") },
  { "unauthorized_client",
    N_ ("The app registration does not allow this way to sign in. Check it with "
        "your administrator.") },
  { "invalid_client",
    N_ ("The app registration does not allow this way to sign in. Check it with your "
        "administrator.") },
  { "invalid_resource", no_service },
  { "invalid_scope", missing_permission },
};

static const char *
sentence_for_number (guint number)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_numbers); i++)
    {
      if (known_numbers[i].number == number)
        return _ (known_numbers[i].sentence);
    }
  return NULL;
}

static const char *
sentence_for_code (const char *code)
{
  for (guint i = 0; code != NULL && i < G_N_ELEMENTS (known_codes); i++)
    {
      if (strcmp (known_codes[i].code, code) == 0)
        return _ (known_codes[i].sentence);
    }
  return NULL;
}

/* The numbers that the refusal names: of "error_codes", else the one that its description begins with. */
static guint
collect_numbers (const LwEntraRefusal *refusal, guint *numbers)
{
  const char *at = refusal->description != NULL ? strstr (refusal->description, "AADSTS") : NULL;
  guint length = refusal->numbers != NULL ? json_array_get_length (refusal->numbers) : 0;
  guint count = 0;

  if (at != NULL)
    numbers[count++] = (guint) MIN (g_ascii_strtoull (at + 6, NULL, 10), (guint64) G_MAXUINT);
  for (guint i = 0; i < length && count < MAX_NUMBERS; i++)
    {
      JsonNode *node = json_array_get_element (refusal->numbers, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
        numbers[count++] = (guint) CLAMP (json_node_get_int (node), 0, (gint64) G_MAXUINT);
    }
  return count;
}

/* @own: whether it is one of ours; else Entra's words have to say more. */
static const char *
choose_sentence (const LwEntraRefusal *refusal, const guint *numbers, guint count, gboolean *own)
{
  static const char *const plain[] = { "authorization_declined", "expired_token", NULL };
  const char *sentence = refusal->code != NULL && g_strv_contains (plain, refusal->code)
                             ? sentence_for_code (refusal->code)
                             : NULL;

  for (guint i = 0; sentence == NULL && i < count; i++)
    sentence = sentence_for_number (numbers[i]);
  *own = sentence != NULL && count > 0;
  if (sentence == NULL)
    sentence = sentence_for_code (refusal->suberror);
  if (sentence == NULL)
    sentence = sentence_for_code (refusal->code);
  return sentence != NULL
             ? sentence
             : _ ("Microsoft Entra refuses the sign-in. Show the details of this message "
                  "to your administrator.");
}

/* The description without what follows for support: trace id, correlation id and time. (transfer full) */
static char *
first_lines (const char *description)
{
  g_autofree char *valid = g_utf8_make_valid (description, -1);
  g_auto (GStrv) parts = g_regex_split_simple ("\\s*Trace ID:", valid, G_REGEX_CASELESS, 0);
  g_autofree char *masked = lw_mask_secrets (parts[0] != NULL ? parts[0] : "");

  for (char *p = masked; *p != '\0'; p++)
    {
      if (g_ascii_iscntrl (*p))
        *p = ' ';
    }
  if (g_utf8_strlen (masked, -1) > MAX_TEXT)
    {
      g_autofree char *cut = g_utf8_substring (masked, 0, MAX_TEXT);

      return g_strconcat (cut, "…", NULL);
    }
  return g_strstrip (g_steal_pointer (&masked));
}

/* What stands behind @label in the description. (transfer full) (nullable) */
static char *
described (const char *description, const char *label, const char *allowed)
{
  const char *at = description != NULL ? strstr (description, label) : NULL;
  gsize length;

  if (at == NULL)
    return NULL;
  at += strlen (label);
  at += strspn (at, " ");
  length = strspn (at, allowed);
  return length > 0 && length <= 64 ? g_strndup (at, length) : NULL;
}

static gint64
time_of (const LwEntraRefusal *refusal)
{
  g_autofree char *text = refusal->timestamp != NULL
                              ? g_strdup (refusal->timestamp)
                              : described (refusal->description, "Timestamp:", "0123456789-: TZ");
  g_autoptr (GDateTime) at =
      text != NULL ? g_date_time_new_from_iso8601 (g_strstrip (text), NULL) : NULL;

  return at != NULL ? g_date_time_to_unix (at) : g_get_real_time () / G_USEC_PER_SEC;
}

GError *
lw_entra_refusal_to_error (const LwEntraRefusal *refusal)
{
  guint numbers[MAX_NUMBERS + 1];
  guint count = collect_numbers (refusal, numbers);
  gboolean own;
  g_autoptr (GString) text = g_string_new (choose_sentence (refusal, numbers, count, &own));
  g_autofree char *lines = refusal->description != NULL ? first_lines (refusal->description) : NULL;
  g_autofree char *correlation =
      refusal->correlation_id != NULL
          ? g_strdup (refusal->correlation_id)
          : described (refusal->description, "Correlation ID:", "0123456789abcdefABCDEF-");
  g_autofree char *whole = NULL;
  g_autofree char *code = refusal->code != NULL ? first_lines (refusal->code) : NULL;
  LwAzureErrorDetails details = { .status = refusal->status,
                                  .code = code,
                                  .message = lines,
                                  .request_id = correlation,
                                  .claims = (char *) refusal->claims,
                                  .url = (char *) refusal->url,
                                  .at = time_of (refusal) };

  if (own)
    g_string_append_printf (text, " (AADSTS%u)", numbers[0]);
  else if (lines != NULL && lines[0] != '\0')
    g_string_append_printf (text, " %s", lines);
  else if (code != NULL && code[0] != '\0')
    g_string_append_printf (text, " (%s)", code);
  whole = lw_clock_with_complaint (text->str);
  return lw_azure_error_new (LW_AZURE_ERROR_SIGN_IN, &details, whole);
}

GError *
lw_entra_refusal (const char *code,
                  const char *description,
                  const char *correlation_id,
                  const char *claims)
{
  const LwEntraRefusal refusal = {
    .code = code, .description = description, .correlation_id = correlation_id, .claims = claims
  };

  return lw_entra_refusal_to_error (&refusal);
}
