/* Creates the conversation group 設計会議 and deletes it; shows how a refused delete and a refused signature read.
 * Usage: delete_group BASE_URL [CA_FILE]. Any other outcome is printed to stderr and ends the program with 1. */
#include <inttypes.h>
#include <stdio.h>
#include <tencent_chat.h>

#define USER "user_0001"
#define GROUP "設計会議"
#define CREATE "{\"From_Account\":\"" USER "\",\"GroupContactItem\":[{\"GroupName\":\"" GROUP "\"}]}"
/* The emulator's key; a real one comes from your secret store. */
#define KEY "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
#define WRONG_KEY "0000000000000000000000000000000000000000000000000000000000000000"

/* Prints one line of the story and frees the response; 0 unless the outcome is the expected one. */
static int tell(const char *what, chat_response *response, int expected, const char *id_pointer) {
    const int code = chat_response_code(response);
    int64_t id = 0;
    int told = code == expected;
    if (!told || code != CHAT_OK) {
        fprintf(told ? stdout : stderr, "%s: %d %s\n", what, code, chat_response_message(response, NULL));
    } else {
        told = chat_response_int(response, id_pointer, &id) == CHAT_OK;
        if (told) printf("%s " GROUP " (GroupId %" PRId64 ")\n", what, id);
    }
    chat_response_free(response);
    return told;
}

/* A refused setter is remembered and chat_client_new reports it, so one check is enough. */
static chat_client *client_with(const char *key, const char *url, const char *ca_file) {
    chat_client *client = NULL;
    chat_response *error = NULL;
    chat_config *config = chat_config_new();
    chat_config_set_base_url(config, url);
    chat_config_set_sdk_app_id(config, 1400000000);
    chat_config_set_identifier(config, "administrator");
    chat_config_set_secret_key(config, key);
    if (ca_file[0] != '\0') chat_config_set_ca_file(config, ca_file);
    if (chat_client_new(config, &client, &error) != CHAT_OK) tell("client", error, CHAT_OK, "");
    chat_config_free(config);
    return client;
}

static chat_response *create_group(const chat_client *client) {
    chat_response *response = NULL;
    chat_call(client, "v4/recentcontact/create_contact_group", CREATE, sizeof CREATE - 1, NULL, &response);
    return response;
}

static chat_response *delete_group(const chat_client *client) {
    chat_response *response = NULL;
    chat_del_contact_group(client, USER, GROUP, NULL, &response);
    return response;
}

int main(int argc, char **argv) {
    const char *url = argc > 1 ? argv[1] : "", *ca_file = argc > 2 ? argv[2] : "";
    chat_client *client = client_with(KEY, url, ca_file);
    chat_client *wrong = client_with(WRONG_KEY, url, ca_file);
    const int ok = client != NULL && wrong != NULL
        && tell("created", create_group(client), CHAT_OK, "/GroupResultItem/0/GroupItem/GroupId")
        && tell("deleted", delete_group(client), CHAT_OK, "/GroupItem/0/GroupId")
        && tell("again", delete_group(client), CHAT_SERVICE_GROUP_NOT_FOUND, "")
        && tell("wrong key", delete_group(wrong), CHAT_SERVICE_USER_SIG_WRONG_KEY, "");
    chat_client_free(wrong);
    chat_client_free(client);
    return ok ? 0 : 1;
}
