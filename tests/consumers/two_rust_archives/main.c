/* Two Rust archives in one program: the other one catches a panic, before and after tencent-chat deletes the conversation group
 * `colleagues` of user_0001. Usage: two BASE_URL. */
#include <stdio.h>
#include <tencent_chat.h>

int other_catches_a_panic(void);

int main(int argc, char **argv) {
    chat_config *config = chat_config_new();
    chat_config_set_base_url(config, argc > 1 ? argv[1] : "");
    chat_config_set_sdk_app_id(config, 1400000000);
    chat_config_set_identifier(config, "administrator");
    chat_config_set_secret_key(config, "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e");
    chat_client *client = NULL;
    chat_response *response = NULL;
    int ok = other_catches_a_panic() && chat_client_new(config, &client, &response) == CHAT_OK;
    ok = ok && chat_del_contact_group(client, "user_0001", "colleagues", NULL, &response) == CHAT_OK;
    if (ok) printf("deleted %s with tencent-chat %s\n", chat_response_str(response, "/GroupItem/0/GroupName", NULL), chat_version());
    ok = ok && other_catches_a_panic();
    chat_response_free(response);
    chat_client_free(client);
    chat_config_free(config);
    return ok ? 0 : 1;
}
