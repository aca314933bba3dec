/* The header needs nothing before it, may be included twice, declares the version it belongs to, and reads as C99 and as C++.
 * Takes no arguments and needs no service. */
#include <tencent_chat.h>
#include <tencent_chat.h>

#include <stdio.h>
#include <string.h>

int main(void) {
    char parts[32];
    snprintf(parts, sizeof parts, "%d.%d.%d", CHAT_VERSION_MAJOR, CHAT_VERSION_MINOR, CHAT_VERSION_PATCH);
    if (strcmp(parts, CHAT_VERSION) != 0 || strcmp(chat_version(), CHAT_VERSION) != 0) {
        fprintf(stderr, "header %s (%s), library %s\n", CHAT_VERSION, parts, chat_version());
        return 1;
    }
    return 0;
}
