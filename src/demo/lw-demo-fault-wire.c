/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Connections that break, stall or never end. */

#include "lw-demo-faults.h"

#include <string.h>
#include <sys/socket.h>

#define CHUNK (64U * 1024)

typedef enum
{
  END_RESET, /* as when a machine on the way drops the connection */
  END_STALL,
  END_CLOSE,
} End;

/* What is written to the connection once it is taken from the server. */
typedef struct
{
  SoupServerMessage *message;
  GByteArray *bytes;
  End end;
  goffset filler; /* bytes that follow */
  gboolean chunked;
} Act;

static void
act_free (Act *self)
{
  g_object_unref (self->message);
  g_byte_array_unref (self->bytes);
  g_free (self);
}

static GSocket *
stream_socket (GIOStream *stream)
{
  g_autoptr (GIOStream) inner = g_object_ref (stream);

  while (!G_IS_SOCKET_CONNECTION (inner))
    {
      const char *property = G_IS_TLS_CONNECTION (inner) ? "base-io-stream" : "base-iostream";
      GIOStream *next = NULL;

      if (g_object_class_find_property (G_OBJECT_GET_CLASS (inner), property) == NULL)
        return NULL;
      g_object_get (inner, property, &next, NULL);
      if (next == NULL)
        return NULL;
      g_object_unref (inner);
      inner = next;
    }

  return g_object_ref (g_socket_connection_get_socket (G_SOCKET_CONNECTION (inner)));
}

static void
finish (GIOStream *stream, End end)
{
  g_autoptr (GSocket) socket = stream_socket (stream);
  struct linger hard = { .l_onoff = 1 };

  switch (end)
    {
    case END_STALL:
      /* Until this program ends; there are not many. */
      g_object_ref (stream);
      break;
    case END_RESET:
      if (socket == NULL)
        break;
      setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
      g_socket_close (socket, NULL);
      break;
    case END_CLOSE:
    default:
      g_io_stream_close (stream, NULL, NULL);
      break;
    }
}

typedef struct
{
  GIOStream *stream;
  goffset left;
  char *piece;
  gsize length;
} Filling;

static void fill (Filling *self);

static void
filled (GObject *source, GAsyncResult *result, gpointer data)
{
  Filling *self = data;

  self->left -= CHUNK;
  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL) &&
      self->left > 0)
    {
      fill (self);
      return;
    }
  g_io_stream_close (self->stream, NULL, NULL);
  g_object_unref (self->stream);
  g_free (self->piece);
  g_free (self);
}

static void
fill (Filling *self)
{
  g_output_stream_write_all_async (g_io_stream_get_output_stream (self->stream), self->piece,
                                   self->length, G_PRIORITY_DEFAULT, NULL, filled, self);
}

static void
start_filling (GIOStream *stream, const Act *act)
{
  Filling *filling = g_new0 (Filling, 1);
  GString *piece = g_string_new (NULL);

  if (act->chunked)
    g_string_append_printf (piece, "%x\r\n", CHUNK);
  for (gsize i = 0; i < CHUNK; i++)
    g_string_append_c (piece, 'x');
  if (act->chunked)
    g_string_append (piece, "\r\n");
  filling->stream = g_object_ref (stream);
  filling->left = act->filler;
  filling->length = piece->len;
  filling->piece = g_string_free (piece, FALSE);
  fill (filling);
}

/* Not from the handler itself: the server is still at work on the message there. */
static gboolean
perform (gpointer data)
{
  Act *act = data;
  g_autoptr (GIOStream) stream = soup_server_message_steal_connection (act->message);

  if (stream != NULL &&
      (act->bytes->len == 0 ||
       g_output_stream_write_all (g_io_stream_get_output_stream (stream), act->bytes->data,
                                  act->bytes->len, NULL, NULL, NULL)))
    {
      if (act->filler > 0)
        start_filling (stream, act);
      else
        finish (stream, act->end);
    }
  act_free (act);

  return G_SOURCE_REMOVE;
}

static Act *
act_new (LwDemoCall *call, End end)
{
  Act *act = g_new0 (Act, 1);

  act->message = g_object_ref (call->message);
  act->bytes = g_byte_array_new ();
  act->end = end;
  soup_server_message_pause (call->message);
  g_idle_add (perform, act);

  return act;
}

static void
append_header (const char *name, const char *value, gpointer text)
{
  if (g_ascii_strcasecmp (name, "Content-Length") != 0)
    g_string_append_printf (text, "%s: %s\r\n", name, value);
}

/* The head of the answer that the call has got. (transfer full) */
static GString *
head_of (LwDemoCall *call, const char *length)
{
  guint status = soup_server_message_get_status (call->message);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "HTTP/1.1 %u %s\r\n", status, soup_status_get_phrase (status));
  soup_message_headers_foreach (soup_server_message_get_response_headers (call->message),
                                append_header, text);
  g_string_append_printf (text, "%s\r\n\r\n", length);

  return text;
}

static GBytes *
body_of (LwDemoCall *call)
{
  return soup_message_body_flatten (soup_server_message_get_response_body (call->message));
}

/* @call's own answer up to the middle of its head. */
static void
half_a_head (LwDemoCall *call, End end)
{
  g_autoptr (GBytes) body = body_of (call);
  g_autofree char *length =
      g_strdup_printf ("Content-Length: %" G_GSIZE_FORMAT, g_bytes_get_size (body));
  GString *head = head_of (call, length);
  Act *act = act_new (call, end);

  g_byte_array_append (act->bytes, (const guint8 *) head->str, head->len / 2);
  g_string_free (head, TRUE);
}

/* @size bytes of @call's own answer, which is said to have @announced. */
static void
some_of_a_body (LwDemoCall *call, End end, gsize size, gsize announced)
{
  g_autoptr (GBytes) body = body_of (call);
  g_autofree char *length = g_strdup_printf ("Content-Length: %" G_GSIZE_FORMAT, announced);
  GString *head = head_of (call, length);
  Act *act = act_new (call, end);

  g_byte_array_append (act->bytes, (const guint8 *) head->str, head->len);
  if (size > 0)
    g_byte_array_append (act->bytes, g_bytes_get_data (body, NULL), size);
  g_string_free (head, TRUE);
}

/* Up to the middle. With @honest it says that this is all. */
static void
half_a_body (LwDemoCall *call, End end, gboolean honest)
{
  g_autoptr (GBytes) body = body_of (call);
  gsize size = g_bytes_get_size (body);

  some_of_a_body (call, end, size / 2, honest ? size / 2 : MAX (size, 2));
}

static void
strike_reset (LwDemoCall *call, const LwDemoFault *fault)
{
  act_new (call, END_RESET);
}

static void
strike_reset_headers (LwDemoCall *call, const LwDemoFault *fault)
{
  half_a_head (call, END_RESET);
}

static void
strike_reset_body (LwDemoCall *call, const LwDemoFault *fault)
{
  half_a_body (call, END_RESET, FALSE);
}

static void
strike_close (LwDemoCall *call, const LwDemoFault *fault)
{
  g_autoptr (GBytes) body = body_of (call);

  some_of_a_body (call, END_CLOSE, g_bytes_get_size (body), g_bytes_get_size (body));
}

static void
strike_stall (LwDemoCall *call, const LwDemoFault *fault)
{
  act_new (call, END_STALL);
}

static void
strike_stall_headers (LwDemoCall *call, const LwDemoFault *fault)
{
  half_a_head (call, END_STALL);
}

static void
strike_stall_body (LwDemoCall *call, const LwDemoFault *fault)
{
  half_a_body (call, END_STALL, FALSE);
}

static void
strike_cut_body (LwDemoCall *call, const LwDemoFault *fault)
{
  half_a_body (call, END_CLOSE, FALSE);
}

static void
strike_cut_json (LwDemoCall *call, const LwDemoFault *fault)
{
  half_a_body (call, END_CLOSE, TRUE);
}

static void
strike_huge (LwDemoCall *call, const LwDemoFault *fault)
{
  static const char begin[] = "{\"value\":[\"";
  g_autofree char *length =
      fault->chunked ? g_strdup ("Transfer-Encoding: chunked")
                     : g_strdup_printf ("Content-Length: %" G_GINT64_FORMAT,
                                        fault->bytes / CHUNK * CHUNK + (gint64) strlen (begin));
  GString *head = head_of (call, length);
  Act *act = act_new (call, END_CLOSE);

  if (fault->chunked)
    g_string_append_printf (head, "%x\r\n%s\r\n", (guint) strlen (begin), begin);
  else
    g_string_append (head, begin);
  g_byte_array_append (act->bytes, (const guint8 *) head->str, head->len);
  act->filler = fault->bytes / CHUNK * CHUNK;
  act->chunked = fault->chunked;
  g_string_free (head, TRUE);
}

const LwDemoFaultKind lw_demo_fault_wire_kinds[] = {
  { "reset", LW_DEMO_FAULT_BEFORE, "", NULL, strike_reset,
    "the connection is reset, and nothing was done" },
  { "lose", LW_DEMO_FAULT_AFTER, "", NULL, strike_reset,
    "it is done, but the connection is reset in place of the answer" },
  { "reset-headers", LW_DEMO_FAULT_AFTER, "", NULL, strike_reset_headers,
    "the same amid the answer's headers" },
  { "reset-body", LW_DEMO_FAULT_AFTER, "", NULL, strike_reset_body, "the same amid its body" },
  { "close", LW_DEMO_FAULT_AFTER, "", NULL, strike_close,
    "the connection is closed after the answer, which did not say so" },
  { "stall", LW_DEMO_FAULT_BEFORE, "", NULL, strike_stall, "no answer ever comes" },
  { "stall-headers", LW_DEMO_FAULT_AFTER, "", NULL, strike_stall_headers,
    "the answer stops amid its headers" },
  { "stall-body", LW_DEMO_FAULT_AFTER, "", NULL, strike_stall_body,
    "the answer stops amid its body" },
  { "cut-body", LW_DEMO_FAULT_AFTER, "", NULL, strike_cut_body,
    "the connection is closed amid the body" },
  { "cut-json", LW_DEMO_FAULT_AFTER, "", NULL, strike_cut_json,
    "half of the JSON comes, as if that were all" },
  { "huge", LW_DEMO_FAULT_AFTER, "bytes chunked", NULL, strike_huge,
    "a body of so many \"bytes\" (100 MiB), announced unless \"chunked\"" },
  { 0 },
};
