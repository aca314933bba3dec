/* Key, UserSig and proxy password are in nothing that a program could log: messages, bodies, traces and counters, under every kind of
 * failure, also where the peer sends back what it was told. And no redirect is followed: the UserSig stands in the address.
 * What memory holds afterwards is in canary.c. */
#include "calls.h"

#define CANARY_KEY "canaryKey5d41402abc4b2a76b9719d911017c592ae41e4649b934ca495991b78"
#define CANARY_SIG "eJwcanarySig-8ViZn0QmS4uZcV5yYXKRsYGSspWOoZmJqZm5ubGxkZGBqZGxoYmZqYGRkZGxkaG5oZGhuZmJmZGR*uZG_kYmBoZGwAAjZkcQ__"
#define CANARY_PASSWORD "canaryPassword2fd4e1c67a2d28fced849"
#define CANARY_LOGIN_BASE64 "Y2FuYXJ5UGFzc3dvcmQy" /* the beginning of the password in any Basic login whose user has 8 bytes */

/* A signature that the library made from a key, where a test knows it. */
static char made_signature[1024];

static void holds_no_secret(int line, const char *what, const char *text) {
    static const char *const secrets[] = {CANARY_KEY, CANARY_SIG, "canaryKey", "canarySig", "canaryPassword", CANARY_LOGIN_BASE64,
                                          "eJw", "eAEB" /* how a given one begins, and those that are made */};
    size_t i;
    if (made_signature[0] != '\0') check_lacks(__FILE__, line, what, text, made_signature);
    for (i = 0; i < sizeof secrets / sizeof *secrets; ++i) check_lacks(__FILE__, line, what, text, secrets[i]);
}

/* Everything that a response says; frees it. */
static void says_no_secret(int line, chat_response *response) {
    size_t length = 0, at;
    const char *body = chat_response_body(response, &length);
    holds_no_secret(line, "the message", chat_response_message(response, NULL));
    holds_no_secret(line, "the trace", chat_response_trace(response));
    for (at = 0; at <= length; at += strlen(body + at) + 1) holds_no_secret(line, "the body", body + at);
    holds_no_secret(line, "a member", chat_response_str(response, "/ErrorInfo", NULL));
    holds_no_secret(line, "a member", chat_response_str(response, "/Echo", NULL));
    chat_response_free(response);
}

static chat_config *config_of(const char *key, const char *sig) {
    chat_config *config = chat_config_new();
    CHECK_INT(chat_config_set_base_url(config, place.base_url), CHAT_OK);
    CHECK_INT(chat_config_set_ca_file(config, place.ca_file), CHAT_OK);
    CHECK_INT(chat_config_set_sdk_app_id(config, SDK_APP_ID), CHAT_OK);
    CHECK_INT(chat_config_set_identifier(config, ADMIN), CHAT_OK);
    if (key != NULL) CHECK_INT(chat_config_set_secret_key(config, key), CHAT_OK);
    if (sig != NULL) CHECK_INT(chat_config_set_user_sig(config, sig), CHAT_OK);
    chat_config_set_timeout_ms(config, 60000);
    chat_config_set_connect_timeout_ms(config, 30000);
    return config;
}

/* A call of a client with the key to a service that answers `before`, the whole request, `after`. */
struct echoed {
    chat_client *client;
    chat_response *response;
};

static void *delete_to_be_echoed(void *echoed) {
    struct echoed *self = (struct echoed *)echoed;
    chat_del_contact_group(self->client, USER, GROUP, NULL, &self->response);
    return NULL;
}

static void echo_the_request(const char *before, const char *after) {
    chat_config *config = config_of(CANARY_KEY, NULL);
    struct echoed call = {NULL, NULL};
    pthread_t thread;
    char url[64], heard[8192], *signature;
    ssize_t length;
    int accepted;
    const int listener = listener_at("http", url, sizeof url);
    CHECK_INT(chat_config_set_base_url(config, url), CHAT_OK);
    CHECK_INT(chat_config_set_max_attempts(config, 1), CHAT_OK);
    call.client = client_from(config);
    if (pthread_create(&thread, NULL, delete_to_be_echoed, &call) != 0) give_up("no thread");
    accepted = accept(listener, NULL, NULL);
    length = recv(accepted, heard, sizeof heard - 1, 0);
    if (length <= 0) give_up("nothing came");
    heard[strcspn(heard, "\r")] = '\0'; /* the request line is enough, and is no broken JSON */
    send_all(accepted, before, strlen(before));
    send_all(accepted, heard, strlen(heard));
    send_all(accepted, after, strlen(after));
    close(accepted);
    pthread_join(thread, NULL);
    signature = strstr(heard, "usersig=");
    if (signature == NULL) give_up("the request carries no signature");
    signature += strlen("usersig=");
    snprintf(made_signature, sizeof made_signature, "%.*s", (int)strcspn(signature, "& "), signature);
    CHECK(strlen(made_signature) > 100);
    CHECK_HAS(chat_response_body(call.response, NULL), "sdkappid="); /* the echo is there */
    says_no_secret(__LINE__, call.response);
    made_signature[0] = '\0';
    chat_client_free(call.client);
    close(listener);
}

static void a_signature_that_was_made_here_and_comes_back_is_taken_out(void) {
    echo_the_request("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n<html>", "</html>");
    echo_the_request("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "");
    echo_the_request("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"ActionStatus\":\"FAIL\",\"ErrorCode\":70003,\"ErrorInfo\":\"", "\"}");
    echo_the_request("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"Echo\":\"", "\"}");
    echo_the_request("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", ""); /* cut short */
}

static void settings_that_are_refused_do_not_repeat_the_secret(void) {
    chat_config *config = chat_config_new();
    chat_client *client = NULL;
    chat_response *error = NULL;
    CHECK_INT(chat_config_set_secret_key(config, CANARY_KEY " with spaces"), CHAT_ERR_INVALID_ARGUMENT);
    holds_no_secret(__LINE__, "the message", chat_config_message(config));
    CHECK_INT(chat_config_set_user_sig(config, CANARY_SIG " with spaces"), CHAT_ERR_INVALID_ARGUMENT);
    holds_no_secret(__LINE__, "the message", chat_config_message(config));
    CHECK_INT(chat_config_set_proxy(config, "socks5://somebody:" CANARY_PASSWORD "@127.0.0.1:1"), CHAT_ERR_INVALID_ARGUMENT);
    holds_no_secret(__LINE__, "the message", chat_config_message(config));
    CHECK_INT(chat_config_set_proxy(config, "http://somebody:" CANARY_PASSWORD "@127.0.0.1:port"), CHAT_ERR_INVALID_ARGUMENT);
    holds_no_secret(__LINE__, "the message", chat_config_message(config));
    CHECK_INT(chat_config_set_base_url(config, "https://somebody:" CANARY_PASSWORD "@host"), CHAT_ERR_INVALID_ARGUMENT);
    holds_no_secret(__LINE__, "the message", chat_config_message(config));
    CHECK_INT(chat_config_set_standby_url(config, "https://somebody:" CANARY_PASSWORD "@host"), CHAT_ERR_INVALID_ARGUMENT);
    holds_no_secret(__LINE__, "the message", chat_config_message(config));
    CHECK(chat_client_new(config, &client, &error) < 0);
    says_no_secret(__LINE__, error);
    chat_config_free(config);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(a_signature_that_was_made_here_and_comes_back_is_taken_out);
    KEEP(settings_that_are_refused_do_not_repeat_the_secret);
    return broken_promises != 0;
}
