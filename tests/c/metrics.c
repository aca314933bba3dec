/* What the README's lines about metrics need around them: a client, a call that succeeds and one that finds no group. */
#include "client.h"

/* The README's. */
void write_metrics(const chat_client *client, FILE *page);

int main(int argc, char **argv) {
    chat_client *client;
    find_emulator(argc, argv);
    client = emulator_client();
    create_group(client, "other");
    if (code_of(delete_group(client, GROUP)) != CHAT_SERVICE_GROUP_NOT_FOUND) give_up("the group is there");
    write_metrics(client, stdout);
    chat_client_free(client);
    return 0;
}
