/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "config/settings.h"
#include "config/settings_parts.h"

#define OPENAI_URL "https://api.openai.com/v1"
#define OPENAI_MODEL "gpt-4o-mini" /* where nothing else was asked for */

static const char *variable(const char *name)
{
    const char *text = getenv(name);
    return text && text[0] ? text : NULL;
}

static enum status read_endpoint(struct settings *settings, struct err *err)
{
    const char *key = variable("OPENAI_API_KEY");
    const char *url = variable("OPENAI_BASE_URL");
    if (!url && !key)
        return STATUS_OK;
    struct endpoint *endpoint = setting_add_endpoint(settings, "env");
    enum status status = endpoint_set_url(endpoint, url ? url : OPENAI_URL, err);
    if (status != STATUS_OK) {
        err_prefix(err, "OPENAI_BASE_URL");
        return status;
    }
    secret_set(&endpoint->key, key);
    const char *model = variable("OPENAI_MODEL");
    setting_text(&endpoint->defaults.model, model ? model : url ? NULL : OPENAI_MODEL);
    if (url) /* said outright: it wins over the file's choice */
        setting_text(&settings->endpoint, "env");
    return STATUS_OK;
}

static enum status read_server(struct settings *settings, struct err *err)
{
    const char *url = variable("ARGILLA_API_URL");
    const char *key = variable("ARGILLA_API_KEY");
    const char *workspace = variable("ARGILLA_WORKSPACE");
    if (!url) {
        secret_set(&settings->spare_server_key, key);
        if (workspace)
            setting_text(&settings->workspace, workspace);
        return STATUS_OK;
    }
    struct server_settings *server = setting_add_server(settings, "env");
    enum status status = setting_server_url(server, url, err);
    if (status != STATUS_OK) {
        err_prefix(err, "ARGILLA_API_URL");
        return status;
    }
    secret_set(&server->key, key);
    setting_text(&server->workspace, workspace);
    setting_text(&settings->server, "env");
    if (workspace) /* the file's was meant for the file's server */
        setting_text(&settings->workspace, NULL);
    return STATUS_OK;
}

enum status settings_read_environment(struct settings *settings, struct err *err)
{
    enum status status = read_endpoint(settings, err);
    if (status == STATUS_OK)
        status = read_server(settings, err);
    if (variable("NO_COLOR"))
        settings->colour = COLOUR_NEVER;
    return status;
}
