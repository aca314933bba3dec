/* Organises a user's conversations: imports users, makes groups, moves conversations, marks them, looks them up, pages through them,
 * renames and deletes; at the end a call of which a part fails.
 * Usage: organise_groups BASE_URL [CA_FILE]. An error is printed to stderr and ends the program with 1. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <tencent_chat.h>

#define USER "user_1001"
#define COLLEAGUES "同僚"
#define FAMILY "家族"
#define RELATIVES "親族"
/* The emulator's key; a real one comes from your secret store. */
#define KEY "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"

/* Ends the program unless the call succeeded. A program that goes on would free what it made. */
static void require(int code, chat_response *response) {
    if (code == CHAT_OK) return;
    fprintf(stderr, "%d: %s\n", code, chat_response_message(response, NULL));
    chat_response_free(response);
    exit(1);
}

/* A refused setter is remembered and chat_client_new reports it, so one check is enough. */
static chat_client *client_of(const char *url, const char *ca_file) {
    chat_client *client = NULL;
    chat_response *error = NULL;
    chat_config *config = chat_config_new();
    chat_config_set_base_url(config, url);
    chat_config_set_sdk_app_id(config, 1400000000);
    chat_config_set_identifier(config, "administrator");
    chat_config_set_secret_key(config, KEY);
    if (ca_file[0] != '\0') chat_config_set_ca_file(config, ca_file);
    require(chat_client_new(config, &client, &error), error);
    chat_config_free(config);
    return client;
}

static void import_users(const chat_client *client) {
    chat_response *response = NULL;
    chat_accounts *accounts = chat_accounts_new(); /* a refused item is remembered as well: the call reports it */
    chat_accounts_add(accounts, "user_1001", NULL, NULL);
    chat_accounts_add(accounts, "user_1002", NULL, NULL);
    chat_accounts_add(accounts, "user_1003", NULL, NULL);
    require(chat_multiaccount_import(client, accounts, NULL, &response), response);
    printf("imported 3 users\n");
    chat_response_free(response);
    chat_accounts_free(accounts);
}

/* "同僚 (GroupId 1)": the group at a JSON Pointer. */
static void print_group(const chat_response *response, const char *at) {
    char name[64], id[64];
    int64_t number = 0;
    snprintf(name, sizeof name, "%s/GroupName", at);
    snprintf(id, sizeof id, "%s/GroupId", at);
    chat_response_int(response, id, &number);
    printf("%s (GroupId %" PRId64 ")", chat_response_str(response, name, NULL), number);
}

static void create(const chat_client *client, const char *group, const chat_contacts *contacts) {
    chat_response *response = NULL;
    require(chat_create_contact_group(client, USER, group, contacts, NULL, &response), response);
    printf("created ");
    print_group(response, "/GroupResultItem/0/GroupItem");
    printf(", conversations: %lu\n", (unsigned long)chat_response_count(response, "/GroupResultItem/0/ResultItem"));
    chat_response_free(response);
}

static void make_groups(const chat_client *client) {
    chat_contacts *first = chat_contacts_new(), *second = chat_contacts_new();
    chat_contacts_add(first, CHAT_ONE_TO_ONE, "user_1002");
    chat_contacts_add(first, CHAT_GROUP_CHAT, "@TGS#1B2AUI7RZ");
    chat_contacts_add(second, CHAT_ONE_TO_ONE, "user_1003");
    create(client, COLLEAGUES, first);
    create(client, FAMILY, second);
    chat_contacts_free(first);
    chat_contacts_free(second);
}

static void move_and_mark(const chat_client *client) {
    chat_response *response = NULL;
    chat_contacts *moved = chat_contacts_new();
    chat_marks *marks = chat_marks_new();
    chat_contacts_add(moved, CHAT_ONE_TO_ONE, "user_1002");
    require(chat_update_contact_group_contacts(client, USER, COLLEAGUES, NULL, moved, NULL, &response), response);
    chat_response_free(response);
    require(chat_update_contact_group_contacts(client, USER, FAMILY, moved, NULL, NULL, &response), response);
    chat_response_free(response);
    printf("moved user_1002 from " COLLEAGUES " to " FAMILY "\n");
    chat_marks_add(marks, CHAT_ONE_TO_ONE, "user_1003", UINT64_C(1) << 32, 0, "vip");
    require(chat_mark_contact(client, USER, marks, NULL, &response), response);
    chat_response_free(response);
    printf("marked user_1003\n");
    chat_contacts_free(moved);
    chat_marks_free(marks);
}

/* The name of the group with this id, from the groups that stand beside the conversations. */
static const char *group_name(const chat_response *response, int64_t id) {
    const size_t groups = chat_response_count(response, "/GroupItem");
    size_t i;
    for (i = 0; i < groups; ++i) {
        char at[64];
        int64_t number = 0;
        snprintf(at, sizeof at, "/GroupItem/%lu/GroupId", (unsigned long)i);
        if (chat_response_int(response, at, &number) != CHAT_OK || number != id) continue;
        snprintf(at, sizeof at, "/GroupItem/%lu/GroupName", (unsigned long)i);
        return chat_response_str(response, at, NULL);
    }
    return "";
}

/* A member of one conversation that was found; "-" when it has none. */
static const char *member(const chat_response *response, size_t item, const char *name) {
    char at[64];
    const char *text;
    snprintf(at, sizeof at, "/ContactResultItem/%lu/%s", (unsigned long)item, name);
    text = chat_response_str(response, at, NULL);
    return text[0] == '\0' ? "-" : text;
}

static void print_found(const chat_response *response, size_t item) {
    char at[64];
    size_t i, groups;
    snprintf(at, sizeof at, "/ContactResultItem/%lu/ContactGroupId", (unsigned long)item);
    groups = chat_response_count(response, at);
    printf("%s: groups %s", member(response, item, "To_Account"), groups == 0 ? "-" : "");
    for (i = 0; i < groups; ++i) {
        int64_t id = 0;
        snprintf(at, sizeof at, "/ContactResultItem/%lu/ContactGroupId/%lu", (unsigned long)item, (unsigned long)i);
        chat_response_int(response, at, &id);
        printf("%s%s", i == 0 ? "" : ", ", group_name(response, id));
    }
    printf("; marks %s", member(response, item, "StandardMark"));
    printf("; custom %s\n", member(response, item, "CustomMark"));
}

static void look_up(const chat_client *client) {
    chat_response *response = NULL;
    chat_contacts *contacts = chat_contacts_new();
    size_t i;
    chat_contacts_add(contacts, CHAT_ONE_TO_ONE, "user_1002");
    chat_contacts_add(contacts, CHAT_ONE_TO_ONE, "user_1003");
    require(chat_search_contact_group(client, USER, contacts, NULL, &response), response);
    for (i = 0; i < chat_response_count(response, "/ContactResultItem"); ++i) print_found(response, i);
    chat_response_free(response);
    chat_contacts_free(contacts);
}

static void page_through(const chat_client *client) {
    chat_items *items = NULL;
    chat_response *item = NULL;
    int code, conversations = 0;
    require(chat_contact_group_items(client, USER, &items, &item), item);
    while ((code = chat_items_next(items, NULL, &item)) == CHAT_OK) {
        if (chat_response_count(item, "/ContactGroupId") > 0) ++conversations;
        chat_response_free(item);
    }
    if (code != CHAT_END) require(code, item);
    printf("%d conversations in groups, %s\n", conversations, chat_items_is_complete(items) ? "complete" : "not complete");
    chat_items_free(items);
}

static void rename_and_delete(const chat_client *client) {
    static const char *const names[] = {COLLEAGUES, RELATIVES};
    chat_response *response = NULL;
    size_t i;
    require(chat_update_contact_group_name(client, USER, FAMILY, RELATIVES, NULL, &response), response);
    printf("renamed %s to ", chat_response_str(response, "/UpdateGroupResult/OldGroupName", NULL));
    print_group(response, "/UpdateGroupResult");
    printf("\n");
    chat_response_free(response);
    for (i = 0; i < sizeof names / sizeof *names; ++i) {
        require(chat_del_contact_group(client, USER, names[i], NULL, &response), response);
        printf("deleted ");
        print_group(response, "/GroupItem/0");
        printf("\n");
        chat_response_free(response);
    }
}

/* One account is there, the other is not: the call succeeds in part. */
static int fail_in_part(const chat_client *client) {
    chat_response *response = NULL;
    chat_accounts *accounts = chat_accounts_new();
    int code;
    chat_accounts_add(accounts, "user_1003", NULL, NULL);
    chat_accounts_add(accounts, "nobody", NULL, NULL);
    code = chat_account_delete(client, accounts, NULL, &response);
    fprintf(code == CHAT_ERR_PARTIAL ? stdout : stderr, "partial: %d %s\n", code, chat_response_message(response, NULL));
    chat_response_free(response);
    chat_accounts_free(accounts);
    return code == CHAT_ERR_PARTIAL;
}

int main(int argc, char **argv) {
    chat_client *client = client_of(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "");
    int ok;
    import_users(client);
    make_groups(client);
    move_and_mark(client);
    look_up(client);
    page_through(client);
    rename_and_delete(client);
    ok = fail_in_part(client);
    chat_client_free(client);
    return ok ? 0 : 1;
}
