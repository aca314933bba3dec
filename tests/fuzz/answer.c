/* Any bytes as the answer to a call: no crash, no panic, no success that the answer does not say, no accessor that reads past its text.
 * Input: a byte of choices, the length and bytes of a JSON Pointer, then the answer (its body, or with choice 1 the whole of it). */
#include "shown.h"

#define CHOICE_WHOLE 1
#define CHOICE_ERROR 2

/* {"Answer":"<hex>"}, to be freed; at most what the mirror has room for. */
static char *asking_for(const char *head, const uint8_t *data, size_t size) {
    const size_t head_size = strlen(head);
    char *json = (char *)malloc(2 * (head_size + size) + 32);
    char *end = json + sprintf(json, "{\"Answer\":\"");
    size_t i;
    for (i = 0; i < head_size; ++i) end += sprintf(end, "%02x", (unsigned char)head[i]);
    for (i = 0; i < size; ++i) end += sprintf(end, "%02x", data[i]);
    strcpy(end, "\"}");
    return json;
}

/* A success is one in the answer, too, and every member of it can be read. */
static void check_success(const chat_response *response) {
    int64_t code = -1;
    MUST(chat_response_int(response, "/ErrorCode", &code) == CHAT_OK && code == 0);
    /* The generic call takes answers without one. */
    MUST(!chat_response_has(response, "/ActionStatus") || strcmp(chat_response_str(response, "/ActionStatus", NULL), "OK") == 0);
    MUST(chat_response_http_status(response) == 200);
    MUST(!chat_response_is_in_doubt(response));
}

/* A whole answer was read, so its body is here byte for byte, but for a piece of the signature, and the service has spoken. */
static void check_framed(const chat_response *response, int code, const uint8_t *data, size_t size) {
    size_t length = 0;
    const char *body = chat_response_body(response, &length);
    MUST(code >= 0 || code == CHAT_ERR_PROTOCOL || code == CHAT_ERR_SERVICE || code == CHAT_ERR_PARTIAL || code == CHAT_ERR_HTTP_STATUS);
    MUST((length == size && memcmp(body, data, size) == 0) || holds(body, length, "(redacted UserSig)"));
    MUST(chat_response_attempts(response) == 1);
}

void chat_fuzz_answer(const uint8_t *data, size_t size) {
    static chat_client *client;
    chat_response *response = NULL;
    char pointer[256], head[128] = "";
    size_t pointer_length;
    char *json;
    int code, choices;
    if (client == NULL) client = mirror_client();
    /* An input that names the canary itself proves nothing: what is given is shown. */
    if (size < 2 || holds(data, size, CANARY)) return;
    choices = data[0];
    pointer_length = data[1] < size - 2 ? data[1] : size - 2;
    memcpy(pointer, data + 2, pointer_length);
    pointer[pointer_length] = '\0';
    data += 2 + pointer_length;
    size -= 2 + pointer_length;
    if (size > 60000) return;
    if (!(choices & CHOICE_WHOLE)) {
        snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %lu\r\n\r\n", choices & CHOICE_ERROR ? "503 Busy" : "200 OK",
                 (unsigned long)size);
    }
    json = asking_for(head, data, size);
    code = chat_call(client, choices & CHOICE_WHOLE ? MIRROR_CLOSE : MIRROR_KEEP, json, strlen(json), NULL, &response);
    free(json);
    check_response(response, code, pointer);
    if (code == CHAT_OK) check_success(response);
    if (!(choices & CHOICE_WHOLE)) check_framed(response, code, data, size);
    chat_response_free(response);
}
