/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the program that started the tenant tells and asks it while it runs. */

#include "lw-demo-faults.h"

#include "lw-demo-json.h"

#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  LwDemoFaults *faults;
  GDataInputStream *input;
  void (*quit) (gpointer);
  gpointer quit_data;
} Control;

static JsonObject *
obey (Control *self, const char *line)
{
  JsonObject *reply = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) order = lw_demo_json_parse (line, strlen (line), &error);

  if (order != NULL && json_object_has_member (order, "faults"))
    lw_demo_faults_read (self->faults, order, &error);
  else if (order != NULL && lw_demo_json_bool (order, "stats", FALSE))
    {
      json_object_unref (reply);
      return lw_demo_faults_stats (self->faults);
    }
  else if (order != NULL)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "{\"faults\": […]} or {\"stats\": true} was expected");
  if (error != NULL)
    json_object_set_string_member (reply, "error", error->message);
  else
    json_object_set_boolean_member (reply, "ok", TRUE);

  return reply;
}

static void ask_again (Control *self);

static void
line_came (GObject *source, GAsyncResult *result, gpointer data)
{
  Control *self = data;
  g_autofree char *line =
      g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  g_autoptr (JsonObject) reply = NULL;
  g_autofree char *text = NULL;

  if (line == NULL)
    {
      self->quit (self->quit_data);
      g_object_unref (self->input);
      g_free (self);
      return;
    }
  reply = obey (self, line);
  text = lw_demo_json_object_text (reply);
  printf ("%s\n", text);
  fflush (stdout);
  ask_again (self);
}

static void
ask_again (Control *self)
{
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, line_came, self);
}

void
lw_demo_control_start (LwDemoFaults *faults, void (*quit) (gpointer), gpointer data)
{
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  Control *self = g_new0 (Control, 1);

  self->faults = faults;
  self->input = g_data_input_stream_new (input);
  self->quit = quit;
  self->quit_data = data;
  ask_again (self);
}
