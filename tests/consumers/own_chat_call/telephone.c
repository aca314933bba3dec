/* The server's own part, which has never heard of tencent_chat.h: its `chat_call` rings somebody and has nothing to do with the library's. */
int chat_call(int room, int caller);
int ring(int room);

int chat_call(int room, int caller) {
    return room * 100 + caller;
}

int ring(int room) {
    return chat_call(room, 7);
}
