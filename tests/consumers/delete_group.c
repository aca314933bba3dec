/* What every consumer here builds, each with the ordinary commands of its kind: deletes the conversation group `colleagues` of user_0001.
 * Usage: delete_group BASE_URL. Prints what it deleted and ends with 0; prints the error and ends with 1 otherwise. */
#include <stdio.h>
#include <tencent_chat.h>

int main(int argc, char **argv) {
    chat_config *config = chat_config_new();
    chat_config_set_base_url(config, argc > 1 ? argv[1] : "");
    chat_config_set_sdk_app_id(config, 1400000000);
    chat_config_set_identifier(config, "administrator");
    /* The emulator's key; a real one comes from your secret store. */
    chat_config_set_secret_key(config, "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e");

    chat_client *client = NULL;
    chat_response *response = NULL;
    int code = chat_client_new(config, &client, &response);
    if (code == CHAT_OK) code = chat_del_contact_group(client, "user_0001", "colleagues", NULL, &response);
    if (code == CHAT_OK)
        printf("deleted %s with tencent-chat %s\n", chat_response_str(response, "/GroupItem/0/GroupName", NULL), chat_version());
    else
        fprintf(stderr, "%d %s\n", code, chat_response_message(response, NULL));

    chat_response_free(response);
    chat_client_free(client);
    chat_config_free(config);
    return code == CHAT_OK ? 0 : 1;
}
