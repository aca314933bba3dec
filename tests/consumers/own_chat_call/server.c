/* Deletes the conversation group `colleagues` of user_0001 with the library, before and after the server's own `chat_call` was called.
 * Usage: server BASE_URL. */
#include <stdio.h>
#include <tencent_chat.h>

int ring(int room);

static int delete_group(const chat_client *client) {
    chat_response *response = NULL;
    const int code = chat_del_contact_group(client, "user_0001", "colleagues", NULL, &response);
    if (code == CHAT_OK) printf("deleted %s with tencent-chat %s\n", chat_response_str(response, "/GroupItem/0/GroupName", NULL), chat_version());
    chat_response_free(response);
    return code;
}

int main(int argc, char **argv) {
    chat_config *config = chat_config_new();
    chat_config_set_base_url(config, argc > 1 ? argv[1] : "");
    chat_config_set_sdk_app_id(config, 1400000000);
    chat_config_set_identifier(config, "administrator");
    chat_config_set_secret_key(config, "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e");
    chat_client *client = NULL;
    int ok = chat_client_new(config, &client, NULL) == CHAT_OK;
    ok = ok && delete_group(client) == CHAT_OK;
    ok = ok && ring(3) == 307;
    ok = ok && delete_group(client) == CHAT_SERVICE_GROUP_NOT_FOUND;
    chat_client_free(client);
    chat_config_free(config);
    return ok ? 0 : 1;
}
