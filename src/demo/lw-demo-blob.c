/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Blob Storage, as the ledger needs it: containers, Put Blob, Get Blob, List Blobs. Containers named
 * "<ledger>-<shelf>" have rights by shelf: everyone reads; everyone adds to requests, evidence and
 * log, but readers, who add nothing; approvers add to seals, administrators to rules; nobody
 * overwrites or deletes.
 */

#include "lw-demo-call.h"

#include "lw-demo-json.h"

#include <string.h>

typedef struct
{
  char *name;
  GBytes *bytes;
  char *type;
  char *md5;
  char *etag;
  GDateTime *modified;
} Blob;

typedef struct
{
  char *name;
  GTree *blobs; /* name → Blob, owned by the tree */
} LwDemoContainer;

static guint etags;

static void
blob_free (gpointer data)
{
  Blob *self = data;

  g_free (self->name);
  g_bytes_unref (self->bytes);
  g_free (self->type);
  g_free (self->md5);
  g_free (self->etag);
  g_date_time_unref (self->modified);
  g_free (self);
}

static void
container_free (gpointer data)
{
  LwDemoContainer *self = data;

  g_free (self->name);
  g_tree_unref (self->blobs);
  g_free (self);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static LwDemoContainer *
add_container (LwDemo *demo, const char *name)
{
  LwDemoContainer *container = g_new0 (LwDemoContainer, 1);

  container->name = g_strdup (name);
  container->blobs = g_tree_new_full (compare_names, NULL, NULL, blob_free);
  g_hash_table_replace (demo->containers, container->name, container);

  return container;
}

static char *
md5_of (GBytes *bytes)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_MD5);
  guint8 digest[16];
  gsize length = sizeof digest;

  g_checksum_update (checksum, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_checksum_get_digest (checksum, digest, &length);

  return g_base64_encode (digest, length);
}

static Blob *
add_blob (LwDemo *demo,
          LwDemoContainer *container,
          const char *name,
          GBytes *bytes,
          const char *type)
{
  Blob *blob = g_new0 (Blob, 1);

  blob->name = g_strdup (name);
  blob->bytes = g_bytes_ref (bytes);
  blob->type = g_strdup (type != NULL ? type : "application/octet-stream");
  blob->md5 = md5_of (bytes);
  blob->etag = g_strdup_printf ("0x8DE%012X", ++etags);
  blob->modified =
      g_date_time_new_from_unix_utc (lw_demo_tenant_now (demo->tenant) / G_USEC_PER_SEC);
  g_tree_replace (container->blobs, blob->name, blob);

  return blob;
}

/* The ledger's first rules, as the event that a ledger keeps. */
static GBytes *
rules_event (LwDemoTenant *tenant)
{
  g_autoptr (JsonObject) event = json_object_new ();
  JsonObject *by = json_object_new ();
  JsonObject *body = json_object_new ();
  LwDemoPerson *person =
      tenant->rules_by != NULL ? lw_demo_tenant_find_person (tenant, tenant->rules_by) : NULL;
  char *text;

  json_object_set_string_member (event, "at", tenant->rules_at);
  lw_demo_json_set_object (body, "rules", json_object_ref (tenant->rules));
  json_object_set_object_member (event, "body", body);
  if (person != NULL)
    {
      json_object_set_string_member (by, "id", person->oid);
      json_object_set_string_member (by, "name", person->name);
      json_object_set_string_member (by, "tenant", tenant->id);
      json_object_set_string_member (by, "upn", person->upn);
    }
  json_object_set_object_member (event, "by", by);
  json_object_set_string_member (event, "kind", "rules-changed");
  json_object_set_string_member (event, "prev", "");
  json_object_set_int_member (event, "seq", 1);
  json_object_set_int_member (event, "version", 1);
  text = lw_demo_json_object_text (event);

  return g_bytes_new_take (text, strlen (text));
}

void
lw_demo_blob_start (LwDemo *demo)
{
  static const char *const shelves[] = { "requests", "evidence", "seals", "rules", "log" };

  demo->containers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, container_free);
  for (guint i = 0; demo->tenant->ledger != NULL && i < G_N_ELEMENTS (shelves); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s-%s", demo->tenant->ledger, shelves[i]);
      LwDemoContainer *container = add_container (demo, name);

      if (g_str_equal (shelves[i], "rules") && demo->tenant->rules != NULL)
        {
          g_autoptr (GBytes) bytes = rules_event (demo->tenant);

          add_blob (demo, container, "000001.json", bytes, "application/json");
        }
    }
}

static void
fail (LwDemoCall *self, guint status, const char *code, const char *message)
{
  g_autofree char *text = g_markup_printf_escaped (
      "\357\273\277<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s</Code><Message>%s\n"
      "RequestId:%s</Message></Error>",
      code, message, self->request_id);

  lw_demo_call_set_header (self, "x-ms-error-code", code);
  if (lw_demo_call_is (self, "HEAD"))
    lw_demo_call_reply_empty (self, status);
  else
    lw_demo_call_reply (self, status, "application/xml", g_steal_pointer (&text));
}

static gboolean
authenticate (LwDemoCall *self)
{
  g_autofree char *problem = NULL;
  g_autofree char *challenge = NULL;
  gboolean sent = lw_demo_call_header (self, "Authorization") != NULL;

  if (lw_demo_call_authenticate (self, LW_DEMO_AUDIENCE_STORAGE, &problem))
    return TRUE;
  challenge = g_strdup_printf ("Bearer authorization_uri=%s/%s/oauth2/authorize "
                               "resource_id=https://storage.azure.com",
                               self->base, self->tenant->id);
  lw_demo_call_set_header (self, "WWW-Authenticate", challenge);
  fail (self, 401, sent ? "InvalidAuthenticationInfo" : "NoAuthenticationInformation",
        sent ? "Server failed to authenticate the request. Please refer to the information in the "
               "www-authenticate header."
             : "Server failed to authenticate the request. Please refer to the information in the "
               "www-authenticate header.");

  return FALSE;
}

static gboolean
may_add (LwDemoCall *self, const char *container)
{
  g_autofree char *prefix =
      self->tenant->ledger != NULL ? g_strconcat (self->tenant->ledger, "-", NULL) : NULL;
  const char *shelf =
      prefix != NULL && g_str_has_prefix (container, prefix) ? container + strlen (prefix) : "";

  if (lw_demo_person_in_group (self->caller->person, "readers"))
    return FALSE;
  if (g_str_equal (shelf, "seals"))
    return lw_demo_person_in_group (self->caller->person, "approvers");
  if (g_str_equal (shelf, "rules"))
    return lw_demo_person_in_group (self->caller->person, "administrators");

  return TRUE;
}

static void
fail_right (LwDemoCall *self)
{
  fail (self, 403, "AuthorizationPermissionMismatch",
        "This request is not authorized to perform this operation using this permission.");
}

static char *
http_date (GDateTime *time)
{
  return soup_date_time_to_string (time, SOUP_DATE_HTTP);
}

static void
blob_headers (LwDemoCall *self, const Blob *blob)
{
  g_autofree char *modified = http_date (blob->modified);
  g_autofree char *etag = g_strdup_printf ("\"%s\"", blob->etag);

  lw_demo_call_set_header (self, "ETag", etag);
  lw_demo_call_set_header (self, "Last-Modified", modified);
}

static void
put_blob (LwDemoCall *self, LwDemoContainer *container, const char *name)
{
  g_autoptr (GBytes) bytes =
      soup_message_body_flatten (soup_server_message_get_request_body (self->message));
  const char *none_match = lw_demo_call_header (self, "If-None-Match");
  const char *md5 = lw_demo_call_header (self, "Content-MD5");
  const char *type = lw_demo_call_header (self, "Content-Type");
  const char *kind = lw_demo_call_header (self, "x-ms-blob-type");
  Blob *blob = g_tree_lookup (container->blobs, name);
  g_autofree char *actual = md5_of (bytes);

  if (kind == NULL)
    fail (self, 400, "MissingRequiredHeader",
          "An HTTP header that's mandatory for this request is not specified: x-ms-blob-type.");
  else if (!g_str_equal (kind, "BlockBlob"))
    fail (self, 400, "InvalidHeaderValue", "Only block blobs are served here.");
  else if (!may_add (self, container->name))
    fail_right (self);
  else if (md5 != NULL && !g_str_equal (md5, actual))
    fail (
        self, 400, "Md5Mismatch",
        "The MD5 value specified in the request did not match with the MD5 value calculated by the "
        "server.");
  else if (blob != NULL && g_strcmp0 (none_match, "*") == 0)
    fail (self, 409, "BlobAlreadyExists", "The specified blob already exists.");
  else if (blob != NULL)
    fail (self, 403, "UnauthorizedBlobOverwrite",
          "This request is not authorized to perform blob overwrites.");
  else
    {
      blob = add_blob (self->demo, container, name, bytes, type);
      blob_headers (self, blob);
      lw_demo_call_set_header (self, "Content-MD5", blob->md5);
      lw_demo_call_set_header (self, "x-ms-request-server-encrypted", "true");
      lw_demo_call_reply_empty (self, 201);
    }
}

static void
not_found (LwDemoCall *self)
{
  fail (self, 404, "BlobNotFound", "The specified blob does not exist.");
}

/* Answers part of the blob where the request names one. */
static void
reply_bytes (LwDemoCall *self, const Blob *blob)
{
  const char *given = lw_demo_call_header (self, "x-ms-range");
  const char *range = given != NULL ? given : lw_demo_call_header (self, "Range");
  gsize size = g_bytes_get_size (blob->bytes);
  const char *data = g_bytes_get_data (blob->bytes, NULL);
  guint64 first = 0, last = size > 0 ? size - 1 : 0;
  gboolean part = FALSE;

  if (range != NULL && g_str_has_prefix (range, "bytes="))
    {
      g_auto (GStrv) ends = g_strsplit (range + strlen ("bytes="), "-", 2);

      part = g_strv_length (ends) == 2 &&
             g_ascii_string_to_unsigned (ends[0], 10, 0, G_MAXSIZE, &first, NULL);
      if (part && *ends[1] != '\0')
        part = g_ascii_string_to_unsigned (ends[1], 10, first, G_MAXSIZE, &last, NULL);
      last = MIN (last, size > 0 ? size - 1 : 0);
      if (part && first >= size)
        {
          fail (self, 416, "InvalidRange",
                "The range specified is invalid for the current size of the resource.");
          return;
        }
    }
  if (part)
    {
      g_autofree char *content = g_strdup_printf (
          "bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GSIZE_FORMAT, first, last, size);

      lw_demo_call_set_header (self, "Content-Range", content);
    }
  soup_server_message_set_status (self->message, part ? 206 : 200, NULL);
  soup_server_message_set_response (self->message, blob->type, SOUP_MEMORY_COPY, data + first,
                                    size > 0 ? last - first + 1 : 0);
}

static void
get_blob (LwDemoCall *self, LwDemoContainer *container, const char *name)
{
  const Blob *blob = g_tree_lookup (container->blobs, name);
  const char *none_match = lw_demo_call_header (self, "If-None-Match");
  g_autofree char *etag = NULL;
  g_autofree char *size = NULL;

  if (blob == NULL)
    {
      not_found (self);
      return;
    }
  etag = g_strdup_printf ("\"%s\"", blob->etag);
  blob_headers (self, blob);
  lw_demo_call_set_header (self, "x-ms-blob-type", "BlockBlob");
  lw_demo_call_set_header (self, "Accept-Ranges", "bytes");
  if (none_match != NULL &&
      (g_str_equal (none_match, etag) || g_str_equal (none_match, blob->etag)))
    {
      lw_demo_call_reply_empty (self, 304);
      return;
    }
  lw_demo_call_set_header (self, "Content-MD5", blob->md5);
  if (!lw_demo_call_is (self, "HEAD"))
    {
      reply_bytes (self, blob);
      return;
    }
  size = g_strdup_printf ("%" G_GSIZE_FORMAT, g_bytes_get_size (blob->bytes));
  lw_demo_call_set_header (self, "Content-Type", blob->type);
  lw_demo_call_set_header (self, "Content-Length", size);
  lw_demo_call_reply_empty (self, 200);
}

static void
append_element (GString *xml, const char *name, const char *value)
{
  g_autofree char *text = g_markup_printf_escaped ("%s", value);

  g_string_append_printf (xml, "<%s>%s</%s>", name, text, name);
}

static void
append_blob (GString *xml, const Blob *blob)
{
  g_autofree char *modified = http_date (blob->modified);
  g_autofree char *size = g_strdup_printf ("%" G_GSIZE_FORMAT, g_bytes_get_size (blob->bytes));

  g_string_append (xml, "<Blob>");
  append_element (xml, "Name", blob->name);
  g_string_append (xml, "<Properties>");
  append_element (xml, "Creation-Time", modified);
  append_element (xml, "Last-Modified", modified);
  append_element (xml, "Etag", blob->etag);
  append_element (xml, "Content-Length", size);
  append_element (xml, "Content-Type", blob->type);
  append_element (xml, "Content-MD5", blob->md5);
  append_element (xml, "BlobType", "BlockBlob");
  g_string_append (xml, "</Properties></Blob>");
}

/* The name the listing goes on from; the marker is opaque to clients. */
static char *
marker_name (const char *marker)
{
  gsize length;
  g_autofree guchar *data = NULL;

  if (marker == NULL || *marker == '\0')
    return NULL;
  data = g_base64_decode (marker, &length);

  return g_strndup ((const char *) data, length);
}

static void
list_blobs (LwDemoCall *self, LwDemoContainer *container)
{
  const char *prefix = lw_demo_call_query (self, "prefix");
  const char *delimiter = lw_demo_call_query (self, "delimiter");
  const char *marker = lw_demo_call_query (self, "marker");
  guint most = CLAMP (lw_demo_call_query_uint (self, "maxresults", 5000), 1, 5000);
  g_autofree char *from = marker_name (marker);
  g_autofree char *last_group = NULL;
  GString *xml = g_string_new ("\357\273\277<?xml version=\"1.0\" encoding=\"utf-8\"?>");
  g_autofree char *endpoint = g_strdup_printf ("%s/%s/", self->base, self->tenant->account);
  g_autofree char *head =
      g_markup_printf_escaped ("<EnumerationResults ServiceEndpoint=\"%s\" ContainerName=\"%s\">",
                               endpoint, container->name);
  g_autofree char *most_text = g_strdup_printf ("%u", most);
  GTreeNode *node;
  guint n = 0;

  prefix = prefix != NULL ? prefix : "";
  g_string_append (xml, head);
  append_element (xml, "Prefix", prefix);
  append_element (xml, "Marker", marker != NULL ? marker : "");
  append_element (xml, "MaxResults", most_text);
  g_string_append (xml, "<Blobs>");
  node = g_tree_lower_bound (container->blobs,
                             from != NULL && strcmp (from, prefix) > 0 ? from : prefix);
  for (; node != NULL; node = g_tree_node_next (node))
    {
      const Blob *blob = g_tree_node_value (node);
      const char *cut;

      if (!g_str_has_prefix (blob->name, prefix))
        {
          node = NULL;
          break;
        }
      cut = delimiter != NULL && *delimiter != '\0'
                ? strstr (blob->name + strlen (prefix), delimiter)
                : NULL;
      if (cut != NULL)
        {
          g_autofree char *group = g_strndup (blob->name, cut - blob->name + strlen (delimiter));

          if (g_strcmp0 (group, last_group) == 0)
            continue;
          if (n >= most)
            break;
          g_string_append (xml, "<BlobPrefix>");
          append_element (xml, "Name", group);
          g_string_append (xml, "</BlobPrefix>");
          g_free (last_group);
          last_group = g_steal_pointer (&group);
        }
      else
        {
          if (n >= most)
            break;
          append_blob (xml, blob);
        }
      n++;
    }
  g_string_append (xml, "</Blobs>");
  if (node != NULL)
    {
      const Blob *next = g_tree_node_value (node);
      g_autofree char *token = g_base64_encode ((const guchar *) next->name, strlen (next->name));

      append_element (xml, "NextMarker", token);
    }
  else
    g_string_append (xml, "<NextMarker />");
  g_string_append (xml, "</EnumerationResults>");
  lw_demo_call_reply (self, 200, "application/xml", g_string_free (xml, FALSE));
}

static void
on_container (LwDemoCall *self, const char *name)
{
  LwDemoContainer *container = g_hash_table_lookup (self->demo->containers, name);
  const char *comp = lw_demo_call_query (self, "comp");

  if (lw_demo_call_is (self, "PUT") && container != NULL)
    fail (self, 409, "ContainerAlreadyExists", "The specified container already exists.");
  else if (lw_demo_call_is (self, "PUT"))
    {
      add_container (self->demo, name);
      lw_demo_call_set_header (self, "ETag", "\"0x8DE000000000000\"");
      lw_demo_call_reply_empty (self, 201);
    }
  else if (container == NULL)
    fail (self, 404, "ContainerNotFound", "The specified container does not exist.");
  else if (lw_demo_call_is (self, "DELETE"))
    fail_right (self);
  else if (lw_demo_call_is (self, "GET") && g_strcmp0 (comp, "list") == 0)
    list_blobs (self, container);
  else if (lw_demo_call_is (self, "GET") || lw_demo_call_is (self, "HEAD"))
    lw_demo_call_reply_empty (self, 200);
  else
    fail (self, 405, "UnsupportedHttpVerb",
          "The resource doesn't support the specified HTTP verb.");
}

void
lw_demo_blob_handle (LwDemoCall *self)
{
  const char *version = lw_demo_call_header (self, "x-ms-version");
  const char *restype = lw_demo_call_query (self, "restype");
  g_autoptr (GString) name = g_string_new (NULL);
  LwDemoContainer *container;

  if (version != NULL)
    lw_demo_call_set_header (self, "x-ms-version", version);
  if (!authenticate (self))
    return;
  if (version == NULL || strcmp (version, "2017-11-09") < 0)
    {
      fail (self, 400, version == NULL ? "MissingRequiredHeader" : "InvalidHeaderValue",
            "The header x-ms-version must be given, and at least 2017-11-09 with a bearer token.");
      return;
    }
  if (self->n_path == 2 && g_strcmp0 (restype, "container") == 0)
    {
      on_container (self, self->path[1]);
      return;
    }

  container =
      self->n_path >= 2 ? g_hash_table_lookup (self->demo->containers, self->path[1]) : NULL;
  for (guint i = 2; i < self->n_path; i++)
    g_string_append_printf (name, "%s%s", i > 2 ? "/" : "", self->path[i]);
  if (container == NULL)
    fail (self, 404, "ContainerNotFound", "The specified container does not exist.");
  else if (name->len == 0)
    fail (self, 400, "InvalidUri",
          "The requested URI does not represent any resource on the server.");
  else if (lw_demo_call_is (self, "PUT"))
    put_blob (self, container, name->str);
  else if (lw_demo_call_is (self, "GET") || lw_demo_call_is (self, "HEAD"))
    get_blob (self, container, name->str);
  else if (lw_demo_call_is (self, "DELETE"))
    fail_right (self);
  else
    fail (self, 405, "UnsupportedHttpVerb",
          "The resource doesn't support the specified HTTP verb.");
}
